import { z } from "zod";
import { type Command, sh } from "../host/command";
import { switchBack, switchOn } from "../linux/switches";
import type { Match } from "../model";
import type { Step } from "../reconcile/kind";
import { activeConnections, deleteDestination, deleteService, destinationLine, editing, spelled } from "./ipvsadm";
import type { Destination, Service } from "./table";

/**
 * A connection that has ended stays in the kernel's table for minutes, and a client that comes with its port again would be
 * sent to the deleted destination. Not earlier than the delete: it resets a connection that is still in use.
 */
export const NODEST = "net.ipv4.vs.expire_nodest_conn";

/** Otherwise persistence goes on sending known clients to a destination of weight 0. */
export const QUIESCENT = "net.ipv4.vs.expire_quiescent_template";

/** How connections end when a destination is taken out: seconds to wait, and what happens when they are over. */
export const drain = z
  .object({
    timeout: z.number().min(0).max(86400).default(300),
    onTimeout: z.enum(["fail", "cut"]).default("fail"),
  })
  .prefault({});

export type Drain = z.output<typeof drain>;

/** Weight 0, wait until no connection is open, delete. */
export function takeOut(
  match: Match,
  holder: string,
  surplus: readonly [string, Destination][],
  drain: Drain | undefined,
  persistent: boolean,
): Step[] {
  const which = summary(surplus.map(([key]) => key));
  const gone = edit(
    surplus.map(([key]) => deleteDestination(match, key)),
    `virtual service ${spelled(match)}: deleting ${which}`,
  );
  if (!drain) return [gone];
  const quiet = quiesce(match, holder, surplus, drain, persistent);
  return [...quiet, gone, ...(persistent && quiet.length > 1 ? [switchBackStep(QUIESCENT, holder)] : [])];
}

/**
 * Weight 0, and wait until no connection is open; afterwards what is left of ended ones holds no client. UDP has no connections to
 * wait for. The switches stay borrowed.
 */
export function quiesce(
  match: Match,
  holder: string,
  surplus: readonly [string, Destination][],
  drain: Drain,
  persistent: boolean,
): Step[] {
  const which = summary(surplus.map(([key]) => key));
  const nodest = { run: switchOn(NODEST, holder), purpose: "letting go of connections to deleted destinations" };
  if ("protocol" in match && match.protocol === "udp") return [nodest];
  const quiet = surplus.map(([key, to]) => destinationLine("-e", match, key, { ...to, weight: 0 }));
  const wait: Step = {
    ...edit(quiet, `virtual service ${spelled(match)}: draining ${which}`),
    until: {
      look: { argv: ["ipvsadm", "-Ln", ...spelled(match).split(" ")] },
      missing({ stdout }) {
        const open = surplus.reduce((sum, [key]) => sum + activeConnections(stdout, match, key), 0);
        if (open === 0) return undefined;
        return open === 1 ? "1 connection is open" : `${open} connections are open`;
      },
      within: drain.timeout,
      ...(drain.onTimeout === "cut" ? { goOn: true } : { giveUp: undoDrain(match, holder, surplus, persistent) }),
    },
  };
  if (!persistent) return [wait, nodest];
  const known = {
    run: switchOn(QUIESCENT, holder),
    purpose: "letting known clients move to another destination",
  };
  return [known, wait, nodest];
}

/**
 * Seconds for which a service that goes waits at most. An entry whose client vanished stays "established" for 15 minutes, and in
 * direct routing the director sees only the client's half of an ending.
 */
const LAST_CALL = 60;

/**
 * A whole service goes. Open connections come to their end first: another service may have taken over their clients. At the
 * bound they are cut, for nobody wants the service any more.
 */
export function endService(match: Match, holder: string, seen: Service, drain: Drain | undefined): Step[] {
  const gone = edit([deleteService(match)], `deleting the virtual service ${spelled(match)}`);
  const present = Object.entries(seen.destinations);
  if (!drain || present.length === 0) return [gone];
  const bounded = { timeout: Math.min(drain.timeout, LAST_CALL), onTimeout: "cut" } as const;
  const drained = takeOut(match, holder, present, bounded, Boolean(seen.persistence));
  return [...drained, gone, switchBackStep(NODEST, holder)];
}

function undoDrain(
  match: Match,
  holder: string,
  surplus: readonly [string, Destination][],
  persistent: boolean,
): Command {
  const weights = surplus.map(([key, to]) => destinationLine("-e", match, key, to));
  if (!persistent) return editing(weights);
  const { argv } = switchBackStep(QUIESCENT, holder).run;
  return { ...sh(`ipvsadm -R; exec "$@"`, ...argv), stdin: `${weights.join("\n")}\n` };
}

/** Gives up what was borrowed. */
export function switchBackStep(key: string, holder: string): Step {
  return { run: switchBack(key, holder), purpose: `putting ${key} back` };
}

export function edit(lines: readonly string[], purpose: string): Step {
  return { run: editing(lines), purpose };
}

/** A list as long as a message may be. */
export function summary(changes: readonly string[]): string {
  return changes.length <= 5 ? changes.join(", ") : `${changes.length} changes`;
}
