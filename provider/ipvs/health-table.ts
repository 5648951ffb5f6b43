import type { Match } from "../model";
import { digest } from "../reconcile/equality";
import { deleteDestination, destinationLine, serviceLine } from "./ipvsadm";
import { agrees, type Destination, type Service } from "./table";

// What the kernel's table shows of services that a health checker manages, and which of it is a difference. The checker decides
// which destinations are in the table. The declaration says how a destination is in the table.

/** A service whose destinations a health checker takes out of the table and puts back. */
export interface Checked extends Service {
  /** The checker gives an unhealthy destination weight 0, instead of deleting the destination from the table. */
  readonly quiescent: boolean;
  /** The address that serves while every destination is out. */
  readonly fallback?: string | undefined;
}

export type Health = "up" | "down";

/** The health of each destination: "down" if the checker took it out. Undefined if the service is not in the table. */
export function healthOf(want: Checked, seen: Service | undefined): Record<string, Health> | undefined {
  if (!seen) return undefined;
  return Object.fromEntries(
    Object.keys(want.destinations).map((key) => [key, isOut(want, key, seen.destinations[key]) ? "down" : "up"]),
  );
}

function isOut(want: Checked, key: string, present: Destination | undefined): boolean {
  if (!present) return true;
  return want.quiescent && present.weight === 0 && want.destinations[key]?.weight !== 0;
}

/** The destinations as they would be without the checker. A destination that the checker took out counts as declared. */
export function withoutHealth(want: Checked, seen: Service): Record<string, Destination> {
  const declared = Object.entries(want.destinations).map(([key, to]) => {
    const present = seen.destinations[key];
    return [key, present && !isOut(want, key, present) ? present : to] as const;
  });
  return Object.fromEntries([...declared, ...surplus(want, seen)]);
}

/** Destinations that are neither declared nor the fallback. The checker deletes them when it reads a changed configuration. */
export function surplus(want: Checked, seen: Service): [string, Destination][] {
  return Object.entries(seen.destinations).filter(
    ([key]) => !(key in want.destinations) && !(want.fallback !== undefined && hostOf(key) === want.fallback),
  );
}

function hostOf(key: string): string {
  return key.slice(0, key.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}

/**
 * The lines of ipvsadm that make what is in the table as declared. A destination that is out stays out.
 *
 * @param out the destinations that are in maintenance: `seen` has the weights that they get back
 */
export function edits(match: Match, want: Checked, seen: Service, out: readonly string[] = []): string[] {
  return [
    ...(digest(scheduling(seen)) === digest(scheduling(want)) ? [] : [serviceLine("-E", match, want)]),
    ...Object.entries(want.destinations).flatMap(([key, to]) => {
      const present = seen.destinations[key];
      const isAsItShould = !present || isOut(want, key, present) || agrees(present, to);
      return isAsItShould ? [] : [destinationLine("-e", match, key, out.includes(key) ? { ...to, weight: 0 } : to)];
    }),
  ];
}

function scheduling({ scheduler, flags, persistence, onePacket }: Service) {
  return { scheduler, flags, persistence, onePacket };
}

/** The lines that `ipvsadm -Sn` prints when all destinations are up. That listing has no thresholds. */
export function whenAllAreUp(match: Match, { destinations }: Checked): string[] {
  return Object.entries(destinations).map(([key, to]) =>
    destinationLine("-a", match, key, { ...to, upperThreshold: 0, lowerThreshold: 0 }),
  );
}

/** The lines of ipvsadm that lead from what is in the table to exactly the target, whatever is in or out. */
export function restoring(match: Match, seen: Service | undefined, target: Service): string[] {
  const now = seen?.destinations ?? {};
  const same = seen && digest(scheduling(seen)) === digest(scheduling(target));
  return [
    ...(same ? [] : [serviceLine(seen ? "-E" : "-A", match, target)]),
    ...Object.entries(target.destinations)
      .filter(([key, to]) => !now[key] || !agrees(now[key], to))
      .map(([key, to]) => destinationLine(now[key] ? "-e" : "-a", match, key, to)),
    ...Object.keys(now)
      .filter((key) => !(key in target.destinations))
      .map((key) => deleteDestination(match, key)),
  ];
}
