import * as pulumi from "@pulumi/pulumi";
import {
  isAddress,
  isLoopback,
  isNeeded,
  normalAddress,
  type PortOf,
  type Problem,
  parseNetwork,
  parseServedPort,
  portsByProtocol,
  type Range,
  type ServedPort,
  schedulers,
  servedPort,
  whyNoServedPort,
  whyNot,
} from "pulumi-lvs-provider/model";
import { later } from "../arguments/later";
import { problem, reachedAddressProblem, repeated } from "../arguments/problem";
import { shapeProblems } from "../arguments/shape";
import { knownSite } from "./shapes";

// The problems that any site can have, whatever the way to its real servers. A value that comes later is undefined, and
// the provider judges it.

export function addressProblem(property: string, text: string | undefined): Problem | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== "string") return { property, reason: isNeeded(text, "an address, as a text,") };
  if (isAddress(text)) return reachedAddressProblem(property, text)[0];
  return {
    property,
    reason: `"${text}" is not an IPv4 or IPv6 address. Write it like 192.168.199.146, without a prefix`,
  };
}

/** The problem of an address by which clients reach the directors. */
export function vipProblem(vip: string | undefined): Problem | undefined {
  if (typeof vip !== "string" || !isLoopback(vip)) return addressProblem("vip", vip);
  return {
    property: "vip",
    reason: `${vip} is each host's own (loopback): give the address by which clients reach the director`,
  };
}

/** What follows from an address that may come later. */
export function fromAddress<R>(
  declared: string,
  property: string,
  address: pulumi.Input<string>,
  make: (known: string) => R,
): pulumi.Output<R> {
  const problems = (known: string | undefined) =>
    known === undefined
      ? [{ property, reason: isNeeded(known, "an address") }]
      : [addressProblem(property, known)].filter((one) => one !== undefined);
  return later(declared, address, problems, make);
}

export function networkProblem(property: string, text: string | undefined): Problem | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== "string") return { property, reason: isNeeded(text, "a network, as a text,") };
  if (parseNetwork(text)) return undefined;
  return { property, reason: `"${text}" is not a network. Write it like 172.17.111.0/24` };
}

/** The problems of a site whose values are all known now, in so far as nothing could be made of it. */
export function siteProblems({ vip, servers }: { vip: unknown; servers: readonly unknown[] }): Problem[] {
  return shapeProblems(knownSite, { vip, realServers: servers });
}

export function missing(property: string, value: unknown): Problem[] {
  return typeof value === "string" ? [] : [{ property, reason: "is missing" }];
}

/** The problem of a value that is no whole number of this range. */
export function rangeProblem(property: string, value: unknown, range: Range): Problem | undefined {
  const reason = value === undefined ? undefined : whyNot(value, range);
  return reason === undefined ? undefined : { property, reason };
}

export function schedulerProblem(scheduler: string | undefined): Problem | undefined {
  if (scheduler === undefined) return undefined;
  if (typeof scheduler !== "string")
    return { property: "scheduler", reason: isNeeded(scheduler, "a scheduler's name, as a text,") };
  if ((schedulers as readonly string[]).includes(scheduler)) return undefined;
  return {
    property: "scheduler",
    reason: `IPVS has no scheduler "${scheduler}". Choose one of ${schedulers.join(", ")}`,
  };
}

export function noServers(realServers: readonly unknown[]): Problem | undefined {
  if (realServers.length > 0) return undefined;
  const reason = "is empty: give at least one real server; weight 0 keeps one without new connections";
  return { property: "realServers", reason };
}

/** The problem of a director that is a real server of its own site. */
export function ownServers(
  directors: readonly string[],
  realServers: readonly { host: string }[],
  reason: string,
): Problem[] {
  return realServers.flatMap(({ host }, at) =>
    directors.includes(host)
      ? [
          {
            property: `realServers[${at}].host`,
            reason: `${host} is ${directors.length > 1 ? "a" : "the"} director: ${reason}. Give the real server a host of its own`,
          },
        ]
      : [],
  );
}

/** The ports of a declaration that are ports. `portsProblems` tells of the others. */
export function portsOf(given: readonly unknown[]): PortOf[] {
  return given.flatMap((one) => parseServedPort(one) ?? []);
}

export function portsProblems(ports: readonly unknown[]): Problem[] {
  if (ports.length === 0) return [{ property: "ports", reason: "is empty: give at least one port" }];
  const spelled = ports.map((one) => {
    const known = parseServedPort(one);
    return known && servedPort(known);
  });
  return [
    ...ports.flatMap((one, at) => problem(`ports[${at}]`, whyNoServedPort(one))),
    ...repeated(spelled).flatMap(([at, first]) =>
      problem(`ports[${at}]`, `${ports[at]} is declared twice (ports[${first}] too). Leave one out`),
    ),
  ];
}

/** The ports that a real server serves on. A port of its own stands for that of every protocol. */
export function servedBy(own: pulumi.Input<number> | undefined, ports: readonly PortOf[]): pulumi.Input<ServedPort>[] {
  if (own === undefined) return ports.map(servedPort);
  return [...portsByProtocol(ports).keys()].map((protocol) =>
    protocol === "tcp" ? own : pulumi.output(own).apply((port) => servedPort({ protocol, port })),
  );
}

/** A port as a part of a resource's name: "443", "443-udp". */
export function portName(port: PortOf): string {
  return String(servedPort(port)).replace("/", "-");
}

export function repeatedServers(realServers: readonly { host: string; address: string | undefined }[]): Problem[] {
  return [
    ...repeated(realServers.map(({ host }) => host)).map(([at, first]) => ({
      property: `realServers[${at}].host`,
      reason: `the host ${realServers[at]?.host} is declared twice (realServers[${first}] too). Leave one out, and set its weight`,
    })),
    ...repeated(realServers.map(({ address }) => address && normalAddress(address))).map(([at, first]) => ({
      property: `realServers[${at}].address`,
      reason: `${realServers[at]?.address} is declared twice (realServers[${first}] too). Give every real server its own address`,
    })),
  ];
}

/** The problem of servers that keep state of their own: without persistence a client would not stay with its server. */
export function persistenceProblems(realServers: readonly { serving?: unknown }[], persistence: unknown): Problem[] {
  const local = realServers
    .flatMap(({ serving = [] }) => serving)
    .some((one) => (one as { needsPersistence?: boolean } | undefined)?.needsPersistence);
  if (!local || persistence !== undefined) return [];
  const reason =
    "the site keeps its state on each server alone, so that a client must stay with one server. Declare persistence, or give the site a shared state";
  return [{ property: "persistence", reason }];
}
