import type { Match } from "../model";
import { digest } from "../reconcile/equality";
import { deleteDestination, destinationLine, serviceLine } from "./ipvsadm";
import { agrees, type Destination, type Service } from "./table";

// What the kernel's table shows of services whose owner is a health checker, and what of it is a difference. Who is in and
// who is out is the checker's business; how they are in is declared.

/** A service whose destinations a health checker takes out and puts in. */
export interface Checked extends Service {
  /** A destination that is out stays in the table with weight 0, instead of leaving it. */
  readonly quiescent: boolean;
  /** The address that stands in while every destination is out. */
  readonly fallback?: string | undefined;
}

export type Health = "up" | "down";

/** Whether the checker took it out; undefined where the service itself is not there, and nobody can tell. */
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

/** Its destinations as they would be without the checker: those that are out count as declared. */
export function withoutHealth(want: Checked, seen: Service): Record<string, Destination> {
  const declared = Object.entries(want.destinations).map(([key, to]) => {
    const present = seen.destinations[key];
    return [key, present && !isOut(want, key, present) ? present : to] as const;
  });
  return Object.fromEntries([...declared, ...surplus(want, seen)]);
}

/** Destinations that are neither declared nor the fallback: the checker deletes them when it is told of a change. */
export function surplus(want: Checked, seen: Service): [string, Destination][] {
  return Object.entries(seen.destinations).filter(
    ([key]) => !(key in want.destinations) && !(want.fallback !== undefined && hostOf(key) === want.fallback),
  );
}

function hostOf(key: string): string {
  return key.slice(0, key.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}

/** The edits that make what is there as declared. What is out stays out. */
export function edits(match: Match, want: Checked, seen: Service): string[] {
  return [
    ...(digest(scheduling(seen)) === digest(scheduling(want)) ? [] : [serviceLine("-E", match, want)]),
    ...Object.entries(want.destinations).flatMap(([key, to]) => {
      const present = seen.destinations[key];
      const fine = !present || isOut(want, key, present) || agrees(present, to);
      return fine ? [] : [destinationLine("-e", match, key, to)];
    }),
  ];
}

function scheduling({ scheduler, flags, persistence, onePacket }: Service) {
  return { scheduler, flags, persistence, onePacket };
}

/** The lines by which the checker puts its destinations in, as `ipvsadm -Sn` prints them. */
export function whenAllAreUp(match: Match, { destinations }: Checked): string[] {
  return Object.entries(destinations).map(([key, to]) =>
    destinationLine("-a", match, key, { ...to, upperThreshold: 0, lowerThreshold: 0 }),
  );
}

/** From what is there to exactly this, whoever was in or out. */
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
