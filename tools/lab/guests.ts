import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { answers, virsh } from "./libvirtd.js";
import type { Place } from "./place.js";
import type { Guest } from "./topology.js";

export interface GuestState {
  readonly name: string;
  /** libvirt's word: "running", "shut off", … */
  readonly state: string;
}

/** libvirt's name for a guest, as sdk/lab gives it. */
export function domainName(lab: Place, guest: string): string {
  return `${lab.stack}-${guest}`;
}

export async function guestStates(lab: Place): Promise<GuestState[]> {
  if (!(await answers(lab))) return [];
  const { stdout } = await virsh(lab, ["--quiet", "list", "--all"]);
  return domainStates(stdout).map(({ domain, state }) => ({ name: guestName(lab, domain), state }));
}

/** A line of `virsh --quiet list --all`: number, domain, and a state of one word or two. */
export function domainStates(listed: string): { domain: string; state: string }[] {
  return [...listed.matchAll(/^ *\S+ +(\S+) +(\S.*?) *$/gm)].map(([, domain = "", state = ""]) => ({ domain, state }));
}

function guestName(lab: Place, domain: string): string {
  return domain.startsWith(`${lab.stack}-`) ? domain.slice(lab.stack.length + 1) : domain;
}

/**
 * Returns the known guests with the addresses that the Pulumi program really gave them. The Lab component writes these
 * addresses into the domains. They are read from libvirt's own files, because every command to a guest reads them
 * first.
 */
export async function withRealAddresses(lab: Place, guests: readonly Guest[]): Promise<Guest[]> {
  return Promise.all(
    guests.map(async (guest) => {
      const file = join(lab.system, "etc", "qemu", `${domainName(lab, guest.name)}.xml`);
      const domain = await readFile(file, "utf8").catch(() => "");
      return { ...guest, address: /<description>address=(\S+?)</.exec(domain)?.[1] ?? guest.address };
    }),
  );
}

/**
 * Starts guests and pools that are defined and off. After a reboot of the machine they are off, and Pulumi's state
 * still says that they run. Returns the names of the guests that were started.
 */
export async function startGuests(lab: Place): Promise<string[]> {
  for (const kind of ["pool", "net"]) {
    const { stdout } = await virsh(lab, [`${kind}-list`, "--inactive", "--name"]);
    for (const name of String(stdout)
      .split("\n")
      .filter((line) => line.trim()))
      await virsh(lab, [`${kind}-start`, name.trim()]);
  }
  const inState = async (state: string) => {
    const { stdout } = await virsh(lab, ["list", `--state-${state}`, "--name"]);
    return String(stdout).split("\n").filter(Boolean);
  };
  // An interrupted save leaves guests paused. A guest whose memory is still being written pauses first.
  for (const domain of await inState("paused")) await virsh(lab, ["resume", domain], { reject: false });
  const off = await inState("shutoff");
  for (const domain of off) await virsh(lab, ["start", domain]);
  return off;
}

/** Ends this lab's guests, package servers and SSH connections that outlived its namespace or its libvirtd. */
export async function endStrays(lab: Place): Promise<void> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const ours = /^([^\0]*\/(qemu-system-\w+|busybox)\0|ssh: )/.test(command) && command.includes(`${lab.system}/`);
    if (ours) process.kill(Number(pid), "SIGKILL");
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
