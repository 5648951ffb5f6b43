import { existsSync } from "node:fs";
import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { phase } from "../progress.js";
import { clientCount, ensureClients, removeClients } from "./clients.js";
import { embeddedLab } from "./configuration.js";
import { connectionsFolder, endConnections } from "./connections.js";
import {
  describedStacks,
  formerLab,
  type Lab,
  readDescription,
  removeFolder,
  writeDescription,
} from "./description.js";
import {
  consoleLog,
  domainName,
  endStrays,
  type GuestState,
  guestStates,
  startGuests,
  withRealAddresses,
} from "./guests.js";
import type { Debian } from "./image.js";
import { ensureIngredients } from "./ingredients.js";
import { ensureUserKey } from "./keys.js";
import { answers, endLibvirtd, ensureLibvirtd } from "./libvirtd.js";
import { ensureNamespace, removeNamespace } from "./namespace.js";
import { ensurePackageServer } from "./package-server.js";
import { clientNamespace, guestPlace, labsFolder, namespaces, type Place, place, prefix } from "./place.js";
import { labRun } from "./run.js";
import { sshConfigFile, writeSshConfig } from "./ssh-config.js";
import { defaultGuests, type Guest } from "./topology.js";

export { waitForGuests } from "./boot.js";
export { clientNumber } from "./clients.js";
export type { EmbeddedLab } from "./configuration.js";
export type { Lab } from "./description.js";
export type { GuestState } from "./guests.js";
export { type Debian, debianNumber } from "./image.js";
export { ensureLabTools } from "./preflight.js";
export { labRun } from "./run.js";
export { defaultGuests, type Guest } from "./topology.js";

/** The release of a lab of which nothing was said. */
const USUAL: Debian = 12;

export interface LabOptions {
  /** The release of the guests' Debian. Default: that of the lab, at first 12. Guests of another release are replaced. */
  readonly debian?: Debian;
  /**
   * The number of client hosts on the LAN besides the lab's own namespace: 0 to 50. Default: as many as the lab has, at
   * first 2
   */
  readonly clients?: number;
  /** The guests that the Pulumi program will make. Default: the tutorial's three, on the stack's networks */
  readonly guests?: readonly Guest[];
  /**
   * The guests that are managed over their default route, and not as neighbours: a wrong default route cuts the
   * connection. Default: none
   */
  readonly routed?: readonly string[];
}

/** The release of a stack's guests: the one that was asked for, otherwise that of the lab, at first 12. */
export async function debianOf(stack: string, asked?: Debian): Promise<Debian> {
  return asked ?? (await formerLab(place(stack)))?.debian ?? USUAL;
}

/**
 * Brings a stack's lab up. Repairs a lab that crashed, or that went down with the machine. The lab is everything that
 * guests need around them. The guests themselves are made by Pulumi. Guests that exist and are off are started.
 */
export async function labUp(stack: string, options: LabOptions = {}): Promise<Lab> {
  const lab = place(stack);
  const routed = options.routed ?? [];
  const guests = (options.guests ?? defaultGuests(stack)).map((guest) => ({
    ...guest,
    routed: routed.includes(guest.name),
  }));
  const former = await formerLab(lab);
  const clients = clientCount(options.clients, former?.clients.length);
  const debian = await debianOf(stack, options.debian);
  const { image, packages, type, emulator } = await ensureIngredients(debian);
  return phase(`lab ${stack}`, async () => {
    await mkdir(connectionsFolder(lab), { recursive: true });
    if (!(await namespaces()).includes(lab.namespace)) await forgetRunning(lab);
    await ensureNamespace(lab, guests);
    await ensureClients(lab, clients);
    await ensurePackageServer(lab, image.busybox, packages);
    await ensureLibvirtd(lab, type, emulator);
    const started = await startGuests(lab);
    const known = await withRealAddresses(lab, guests);
    const anew = known.filter(({ name }) => started.includes(domainName(lab, name)));
    await endConnections(
      lab,
      anew.map(({ address }) => address),
    );
    await writeSshConfig(lab, known, await ensureUserKey(lab));
    await linkConsoles(lab);
    const description: Lab = {
      stack,
      debian,
      namespace: lab.namespace,
      libvirtUri: lab.libvirtUri,
      clients: Array.from({ length: clients }, (_, index) => clientNamespace(lab, index + 1)),
      sshConfig: sshConfigFile(lab),
      guests: known,
      embedded: await embeddedLab(lab, guests, image, type),
    };
    await writeDescription(lab, description);
    return description;
  });
}

/**
 * Without its namespace nothing of a lab can be reached. Processes that still run are ended, and the notes of libvirt
 * on running guests are removed.
 */
async function forgetRunning(lab: Place): Promise<void> {
  await endLibvirtd(lab);
  await endStrays(lab);
  // The client hosts' interfaces led into the former namespace.
  await removeClients(lab);
  await rm(join(lab.system, "run"), { recursive: true, force: true });
  await endConnections(lab);
}

async function linkConsoles(lab: Place): Promise<void> {
  const link = join(lab.folder, "console");
  await rm(link, { force: true });
  await symlink(lab.consoles, link);
}

/** Takes down one stack's lab, or all labs of this checkout. Nothing of them stays on the machine. */
export async function labDown(stack?: string): Promise<void> {
  for (const name of stack ? [stack] : await labStacks()) {
    const lab = place(name);
    await phase(`lab ${name}: taking it down`, async () => {
      await endLibvirtd(lab);
      await removeClients(lab);
      await removeNamespace(lab.namespace);
      await endStrays(lab);
      await rm(lab.system, { recursive: true, force: true });
      await removeFolder(lab);
    });
  }
}

export interface LabStatus {
  readonly stack: string;
  readonly namespace: string;
  /** Whether the lab's libvirtd answers. If it does not, `npm run lab -- up` repairs the lab. */
  readonly up: boolean;
  readonly guests: GuestState[];
}

/** Every lab of this checkout that has left anything. */
export async function labStatus(): Promise<LabStatus[]> {
  const found: LabStatus[] = [];
  for (const stack of await labStacks()) {
    const lab = place(stack);
    found.push({ stack, namespace: lab.namespace, up: await answers(lab), guests: await guestStates(lab) });
  }
  return found;
}

async function labStacks(): Promise<string[]> {
  const owned = [...(await namespaces()), ...(existsSync(labsFolder) ? await readdir(labsFolder) : [])]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).replace(/\.client\d+$/, ""));
  return [...new Set([...owned, ...(await describedStacks(place("any")))])].sort();
}

/** The configuration that the stack's Pulumi program needs, by full key. */
export async function labConfiguration(stack: string): Promise<Record<string, unknown>> {
  const { libvirtUri, embedded } = await readDescription(place(stack));
  return { "libvirt:uri": libvirtUri, "pulumi-lvs:lab": embedded };
}

/** Opens SSH to a guest, "nat/rs1": a login, or one command. */
export async function labSsh(target: string, argv: readonly string[] = []): Promise<number> {
  const { place: lab, guest } = guestPlace(target);
  const { guests } = await readDescription(lab);
  // The Pulumi program may have changed a guest's address since the lab was brought up.
  await writeSshConfig(lab, await withRealAddresses(lab, guests), await ensureUserKey(lab));
  return labRun(lab.stack, ["ssh", "-F", sshConfigFile(lab), guest, ...argv]);
}

/**
 * Opens a guest's serial console. On a terminal this is a root shell, which Ctrl-] leaves. Otherwise the console's log
 * is printed as it grows.
 */
export async function labConsole(target: string): Promise<number> {
  const { place: lab, guest } = guestPlace(target);
  const argv =
    process.stdin.isTTY && process.stdout.isTTY
      ? ["virsh", "--connect", lab.libvirtUri, "console", "--force", domainName(lab, guest)]
      : ["tail", "--lines=+1", "--follow", consoleLog(lab, guest)];
  return labRun(lab.stack, argv);
}
