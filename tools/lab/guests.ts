import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { answers, virsh } from "./libvirtd.js";
import type { Place } from "./place.js";
import type { Guest } from "./topology.js";

export interface GuestState {
  readonly name: string;
  /** libvirt's word: "running", "shut off", … */
  readonly state: string;
  /** Where it is managed, if the Lab component wrote it into the domain. */
  readonly address?: string;
}

/** libvirt's name of a guest, as sdk/lab.ts gives it. */
export function domainName(lab: Place, guest: string): string {
  return `${lab.stack}-${guest}`;
}

export async function guestStates(lab: Place): Promise<GuestState[]> {
  if (!(await answers(lab))) return [];
  const { stdout } = await virsh(lab, ["list", "--all", "--name"]);
  const states: GuestState[] = [];
  for (const domain of stdout.split("\n").filter(Boolean)) {
    const [state, description] = await Promise.all([virsh(lab, ["domstate", domain]), virsh(lab, ["desc", domain])]);
    const name = domain.startsWith(`${lab.stack}-`) ? domain.slice(lab.stack.length + 1) : domain;
    const address = /\baddress=(\S+)/.exec(String(description.stdout))?.[1];
    states.push({ name, state: String(state.stdout).trim(), ...(address && { address }) });
  }
  return states;
}

/** What is known of the guests, corrected by the addresses that the Pulumi program really gave them. */
export async function withRealAddresses(lab: Place, guests: readonly Guest[]): Promise<Guest[]> {
  const states = await guestStates(lab);
  return guests.map((guest) => ({
    ...guest,
    address: states.find(({ name }) => name === guest.name)?.address ?? guest.address,
  }));
}

/**
 * Starts what is defined but off: after a reboot of the machine, Pulumi's state still says "running". Pools likewise.
 * Returns the names of the guests it started.
 */
export async function startGuests(lab: Place): Promise<string[]> {
  for (const kind of ["pool", "net"]) {
    const { stdout } = await virsh(lab, [`${kind}-list`, "--inactive", "--name"]);
    for (const name of String(stdout)
      .split("\n")
      .filter((line) => line.trim()))
      await virsh(lab, [`${kind}-start`, name.trim()]);
  }
  const { stdout } = await virsh(lab, ["list", "--state-shutoff", "--name"]);
  const off = String(stdout).split("\n").filter(Boolean);
  for (const domain of off) await virsh(lab, ["start", domain]);
  return off;
}

/** Ends guests and package servers of this lab that outlived its namespace or its libvirtd. */
export async function endStrays(lab: Place): Promise<void> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (/^[^\0]*\/(qemu-system-\w+|busybox)\0/.test(command) && command.includes(`${lab.system}/`))
      process.kill(Number(pid), "SIGKILL");
  }
}

export async function consoleTail(lab: Place, guest: string, lines = 30): Promise<string> {
  const file = consoleLog(lab, guest);
  const text = await readFile(file, "utf8").catch(() => `(no console log at ${file})`);
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

export function consoleLog(lab: Place, guest: string): string {
  return join(lab.consoles, `${guest}.log`);
}
