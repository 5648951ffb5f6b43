import { z } from "zod";
import type { Command } from "../host/command";
import { sparingOwnLogins } from "../linux/own-logins";
import { switchBack, switchOn } from "../linux/switches";
import { counted, type Match } from "../model";
import type { Step, Until } from "../reconcile/kind";
import {
  connections,
  deleteDestination,
  deleteService,
  destinationLine,
  editing,
  editingWhatIsThere,
  spelled,
} from "./ipvsadm";
import { areHeardOf, listingOf } from "./open-connections";
import type { Destination, Service } from "./table";

/**
 * The entry of an ended connection stays for minutes, and a client that uses the same port again is sent to the entry's
 * destination, even if that has weight 0 or is deleted. With this switch, the kernel gives such a client another destination.
 * The switch also ends the entries of deleted destinations when a packet arrives for them
 * (Documentation/networking/ipvs-sysctl.rst). So the switch goes on before the weight becomes 0: no new connection may begin
 * between the last look and the delete.
 */
export const NODEST = "net.ipv4.vs.expire_nodest_conn";

/** Without this switch, persistence goes on sending known clients to a destination of weight 0 (ipvs-sysctl.rst). */
export const QUIESCENT = "net.ipv4.vs.expire_quiescent_template";

/** How a destination is drained: seconds to wait for the end of its connections, and what happens after that time. */
export const drain = z
  .object({
    timeout: z.number().min(0).max(86400).default(300),
    onTimeout: z.enum(["fail", "cut"]).default("fail"),
  })
  .prefault({});

export type Drain = z.output<typeof drain>;

/** Destinations that leave a virtual service. */
export interface Leaving {
  readonly match: Match;
  /** The ledger's entry for which the kernel switches are on. */
  readonly holder: string;
  readonly destinations: readonly [string, Destination][];
  /** The service has persistence: it knows clients that have no connection. */
  readonly isPersistent: boolean;
  /** The switches that the holder needs besides. */
  readonly kept?: readonly string[];
}

/** Drains destinations and deletes them: weight 0, wait until no connection is open, delete. */
export function takeOut(leaving: Leaving, drain: Drain | undefined): Step[] {
  const { match, holder, destinations, isPersistent, kept = [] } = leaving;
  const deletion = {
    run: editingWhatIsThere(destinations.map(([key]) => deleteDestination(match, key))),
    purpose: `virtual service ${spelled(match)}: deleting ${summary(destinations.map(([key]) => key))}`,
  };
  if (!drain) return [deletion];
  const draining = quiesce(leaving, drain);
  const isOver = isPersistent && draining.length > 1 && !kept.includes(QUIESCENT);
  return [...draining, deletion, ...(isOver ? [switchBackStep(QUIESCENT, holder)] : [])];
}

/**
 * Seconds for which a client may take to open a connection after the director has seen its first packet. Until the connection is
 * open, the kernel counts it among the inactive ones.
 */
const HANDSHAKE = 1;

/**
 * Drains destinations: weight 0, and wait until no connection is open. After that, the entries of ended connections hold no
 * client. UDP has no connections to wait for. The switches stay on for the holder.
 */
export function quiesce(leaving: Leaving, drain: Drain): Step[] {
  const { match, holder, destinations, isPersistent } = leaving;
  const switches = lettingClientsGo([holder], isPersistent ? [holder] : []);
  if ("protocol" in match && match.protocol === "udp") return switches.slice(0, 1);
  const giveUp = undoDrain(leaving);
  const until = { ...untilEnded(match, destinations, drain), ...(drain.onTimeout === "fail" && { giveUp }) };
  return [...switches, { ...toWeightZero(match, destinations), until }];
}

/**
 * Turns on the switches by which known clients and reused ports leave a destination of weight 0.
 *
 * @param persistent the holders whose services have persistence
 */
export function lettingClientsGo(holders: readonly string[], persistent: readonly string[]): Step[] {
  const nodest = { run: switchOn(NODEST, ...holders), purpose: "keeping reused ports off a destination that leaves" };
  const known = {
    run: switchOn(QUIESCENT, ...persistent),
    purpose: "letting known clients move to another destination",
  };
  return persistent.length > 0 ? [nodest, known] : [nodest];
}

/** Gives destinations weight 0. */
export function toWeightZero(match: Match, leaving: readonly [string, Destination][]): Step {
  const lines = leaving.map(([key, to]) => destinationLine("-e", match, key, { ...to, weight: 0 }));
  return { run: editingWhatIsThere(lines), purpose: draining(match, leaving) };
}

/** What a drain does, in words. */
export function draining(match: Match, leaving: readonly [string, Destination][]): string {
  return `virtual service ${spelled(match)}: draining ${summary(leaving.map(([key]) => key))}`;
}

/** Waits until destinations of weight 0 have no open connection that goes through this director. */
export function untilEnded(match: Match, leaving: readonly [string, Destination][], drain: Drain): Until {
  const keys = leaving.map(([key]) => key);
  return {
    look: listingOf(match, spelled(match).split(" ")),
    missing({ stdout }, seconds) {
      if (areHeardOf(stdout)) return undefined;
      const { active, inactive } = connections(stdout, match, keys);
      if (active > 0) return `${counted(active, "connection")} ${active === 1 ? "is" : "are"} open`;
      return inactive > 0 && seconds < Math.min(HANDSHAKE, drain.timeout)
        ? "a connection may be about to open"
        : undefined;
    },
    within: drain.timeout,
    goOn: drain.onTimeout === "cut",
  };
}

/**
 * Seconds for which the deletion of a service waits at most. The entry of a client that vanished stays "established" for
 * 15 minutes, and with direct routing the director sees only the client's half of a connection's end.
 */
const SERVICE_END = 60;

/**
 * Deletes a service. Its destinations are drained first, because another service may have taken over their clients, and go with
 * the service. After SERVICE_END seconds, open connections are cut: the service is no longer wanted.
 */
export function endService(
  match: Match,
  holder: string,
  seen: Service,
  drain: Drain | undefined,
  kept: readonly string[] = [],
): Step[] {
  const deletion = {
    run: editingWhatIsThere([deleteService(match)]),
    purpose: `deleting the virtual service ${spelled(match)}`,
  };
  const destinations = Object.entries(seen.destinations);
  if (!drain || destinations.length === 0) return [deletion];
  const bounded = { timeout: Math.min(drain.timeout, SERVICE_END), onTimeout: "cut" } as const;
  const isPersistent = Boolean(seen.persistence);
  const draining = quiesce({ match, holder, destinations, isPersistent, kept }, bounded);
  const over = [...(isPersistent && draining.length > 1 ? [QUIESCENT] : []), NODEST];
  const back = over.filter((key) => !kept.includes(key)).map((key) => switchBackStep(key, holder));
  return [...draining, deletion, ...back];
}

function undoDrain({ match, holder, destinations, isPersistent, kept = [] }: Leaving): Command[] {
  const weights = destinations.map(([key, to]) => destinationLine("-e", match, key, to));
  const switches = isPersistent ? [QUIESCENT, NODEST] : [NODEST];
  return [
    editingWhatIsThere(weights),
    ...switches.filter((key) => !kept.includes(key)).map((key) => switchBack(key, holder)),
  ];
}

/** Ends the holder's need of a switch. */
export function switchBackStep(key: string, holder: string): Step {
  return { run: switchBack(key, holder), purpose: `putting ${key} back` };
}

export function edit(lines: readonly string[], purpose: string): Step {
  return { run: editing(lines), purpose };
}

/** The steps that make a service. Without the service, Pulumi's own logins are let alone; a mark takes what is marked. */
export function sparingLoginsAt([first, ...rest]: readonly Step[], match: Match): Step[] {
  if (!first) return [];
  if ("mark" in match || match.protocol !== "tcp") return [first, ...rest];
  return [sparingOwnLogins(first, match.address, [match.port === 0 ? "1-65535" : String(match.port)]), ...rest];
}

/** A list of changes for a message, or their number if there are too many. */
export function summary(changes: readonly string[]): string {
  return changes.length <= 5 ? changes.join(", ") : `${changes.length} changes`;
}
