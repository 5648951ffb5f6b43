import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { each, find } from "../host/fact";
import { withSession } from "../host/pool";
import { type Announced, announceAgain, announced, withdraw } from "../linux/bird";
import type { OperatorNote } from "../model";
import { act } from "../reconcile/steps";
import { byHost, hostOf, type Resource } from "./resource";

// A director of several that serve at the same time is given up for maintenance: the routers send nobody there any more.

/** What has become of an announcement. */
export interface Withdrawn {
  readonly announcement: string;
  /** Whether this command has changed it. */
  readonly changed: boolean;
}

/** Whether the host announces addresses of the stack. */
export function isAnnouncing(resources: readonly Resource[], name: string): boolean {
  return announcementsOf(resources, name).length > 0;
}

/**
 * Withdraws all that the stack announces from this director, where another one announces it. The sessions with the routers stay
 * up. What was withdrawn stays so, also after a reboot, and a refresh sees no difference.
 */
export async function withdrawDirector(
  name: string,
  resources: readonly Resource[],
  note: OperatorNote,
  { force }: { readonly force: boolean },
): Promise<Withdrawn[]> {
  if (!force) await othersAnnounce(name, resources);
  return change(name, resources, false, (announcement) => ({
    run: withdraw(announcement, note),
    purpose: `withdrawing ${announcement}`,
  }));
}

/** Announces again what was withdrawn. */
export async function announceDirector(name: string, resources: readonly Resource[]): Promise<Withdrawn[]> {
  return change(name, resources, true, (announcement) => ({
    run: announceAgain(announcement),
    purpose: `announcing ${announcement} again`,
  }));
}

async function change(
  name: string,
  resources: readonly Resource[],
  wasWithdrawn: boolean,
  step: (announcement: string) => Parameters<typeof act>[2][number],
): Promise<Withdrawn[]> {
  const names = announcementsOf(resources, name);
  return withSession(hostNamed(resources, name), async (session) => {
    const before = await find(session, each(names.map(announced)));
    const changed = names.map((_, at) => (before[at]?.withdrawn !== undefined) === wasWithdrawn);
    await act(session, "announcement", names.filter((_, at) => changed[at]).map(step));
    return names.map((announcement, at) => ({ announcement, changed: changed[at] === true }));
  });
}

/**
 * Sees that other directors announce what this one does: otherwise nobody would answer.
 *
 * @throws LvsError where none does
 */
export async function othersAnnounce(name: string, resources: readonly Resource[]): Promise<void> {
  for (const announcement of announcementsOf(resources, name)) await otherAnnounces(name, resources, announcement);
}

async function otherAnnounces(name: string, resources: readonly Resource[], announcement: string): Promise<void> {
  const others = byHost(resources)
    .map(({ host }) => host)
    .filter((host) => host.name !== name && announcementsOf(resources, host.name).includes(announcement));
  const reasons = await Promise.all(others.map((host) => judged(host, announcement)));
  if (reasons.includes(undefined)) return;
  throw new LvsError(
    `${name} cannot be given up, because no other director announces ${announcement}: ${reasons.join("; ") || "there is none"}. ` +
      "Mend that first, or say --force: then nobody answers",
  );
}

async function judged(host: DeclaredHost, announcement: string): Promise<string | undefined> {
  try {
    return whyNotAnnouncing(host.name, await withSession(host, (session) => find(session, announced(announcement))));
  } catch (error) {
    if (!(error instanceof LvsError)) throw error;
    return error.message;
  }
}

/** Why the routers send nobody to a director; undefined if they do. */
export function whyNotAnnouncing(name: string, { sessions, withdrawn, unfit }: Announced): string | undefined {
  if (withdrawn) return `${name} was given up as well: \`pulumi-lvs return ${name}\``;
  if (unfit) return `${name} has withdrawn by itself: ${unfit.reason ?? "it is unfit"}`;
  return isHeard({ sessions }) ? undefined : `${name} has no session with a router (birdc show protocols)`;
}

/** Whether a router hears what is announced. */
export function isHeard({ sessions }: Pick<Announced, "sessions">): boolean {
  return Object.values(sessions).some(({ state }) => state === "Established");
}

function announcementsOf(resources: readonly Resource[], name: string): string[] {
  return resources.flatMap((one) =>
    one.kind === "BgpAnnouncement" && hostOf(one)?.name === name ? [String(one.inputs.name)] : [],
  );
}

function hostNamed(resources: readonly Resource[], name: string): DeclaredHost {
  const [host] = resources.flatMap((one) => hostOf(one) ?? []).filter((one) => one.name === name);
  if (!host) throw new LvsError(`${name} is no host of the stack`);
  return host;
}
