import { contains, type Family } from "../model";

// What a chain of netfilter does with a packet. A rule that is not understood may match or not: a chain is only said to drop a
// packet where no rule before could have accepted it.

/** A packet as far as it is known. Undefined: any. */
export interface Packet {
  readonly family: Family;
  readonly protocol: "tcp" | "udp" | "sctp" | "ipip" | "vrrp";
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  readonly sourcePort?: number | undefined;
  readonly destinationPort?: number | undefined;
  /** The interfaces by which the packet may come, and by which it may leave. */
  readonly in?: readonly string[] | undefined;
  readonly out?: readonly string[] | undefined;
  readonly state: "new" | "established" | "invalid";
}

/** Whether something holds; undefined where it may hold. */
export type Maybe = boolean | undefined;

export interface Rule {
  readonly terms: readonly ((packet: Packet) => Maybe)[];
  readonly verdict: "accept" | "drop" | "return" | "none" | { readonly to: string; readonly back: boolean };
}

/** A chain that the kernel calls at a hook, or that other chains of its table call. */
export interface Chain {
  /** The table: "nft inet filter". */
  readonly table: string;
  readonly name: string;
  /** The families of the packets that come here. */
  readonly families: readonly Family[];
  readonly hook?: string | undefined;
  readonly policy: "accept" | "drop";
  readonly rules: readonly Rule[];
}

/** The first chain of this hook that surely drops the packet; undefined where none does. */
export function droppedBy(chains: readonly Chain[], hook: "input" | "forward", packet: Packet): string | undefined {
  const based = chains.filter((chain) => chain.hook === hook && chain.families.includes(packet.family));
  const shut = based.find((chain) => {
    const end = walk(chains, chain, packet, 0);
    return end === "drop" || (end === "end" && chain.policy === "drop");
  });
  return shut && `${shut.table} ${shut.name}`;
}

/** `accept`: a rule accepts the packet, or might. `end`: no rule decides, or a rule before might go back. */
function walk(chains: readonly Chain[], chain: Chain, packet: Packet, depth: number): "accept" | "drop" | "end" {
  if (depth > 30) return "accept";
  let mayGoBack = false;
  for (const { terms, verdict } of chain.rules) {
    const match = all(terms.map((term) => term(packet)));
    if (match === false || verdict === "none") continue;
    if (verdict === "accept") return "accept";
    if (typeof verdict === "object") {
      const target = chains.find(({ table, name }) => table === chain.table && name === verdict.to);
      const end = target ? walk(chains, target, packet, depth + 1) : "end";
      if (end === "accept") return "accept";
      if (end === "drop" && match) return mayGoBack ? "end" : "drop";
      if (end === "end" && !verdict.back) {
        if (match) return "end";
        mayGoBack = true;
      }
    } else if (match) return verdict === "drop" && !mayGoBack ? "drop" : "end";
    else if (verdict === "return") mayGoBack = true;
  }
  return "end";
}

function all(terms: readonly Maybe[]): Maybe {
  if (terms.includes(false)) return false;
  return terms.includes(undefined) ? undefined : true;
}

export const not = (one: Maybe): Maybe => (one === undefined ? undefined : !one);

/** Whether the packet's interface is one that a rule names. A name may end as a pattern: "eth*", "eth+". */
export function onDevice(devices: readonly string[] | undefined, names: readonly string[]): Maybe {
  if (!devices || devices.length === 0) return undefined;
  const fits = devices.map((device) =>
    names.some((name) => (/[*+]$/.test(name) ? device.startsWith(name.slice(0, -1)) : device === name)),
  );
  return fits.every(Boolean) ? true : fits.some(Boolean) ? undefined : false;
}

/** Whether an address is in one of the networks. A set by name may contain it. */
export function inNetworks(address: string | undefined, networks: readonly string[]): Maybe {
  if (networks.some((one) => one === "0.0.0.0/0" || one === "::/0")) return true;
  if (address === undefined || networks.some((one) => one.startsWith("@") || one.includes("-"))) return undefined;
  return networks.some((one) => contains(one, address));
}

/** Whether a port is in one of the ranges: "80", "8000-8010". An unknown port is one of a client: high. */
export function inPorts(port: number | undefined, ranges: readonly string[]): Maybe {
  if (ranges.some((one) => !/^\d+([-:]\d*)?$/.test(one))) return undefined;
  const bounds = ranges
    .map((one) => one.split(/[-:]/))
    .map(([first, last = first]) => [Number(first), Number(last || 65535)]);
  if (port === undefined) return bounds.every(([, last = 0]) => last < 1024) ? false : undefined;
  return bounds.some(([first = 0, last = 0]) => first <= port && port <= last);
}

const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  tcp: ["tcp", "6"],
  udp: ["udp", "17"],
  sctp: ["sctp", "132"],
  ipip: ["ipip", "ipencap", "4"],
  vrrp: ["vrrp", "112"],
};

export function isProtocol({ protocol }: Packet, names: readonly string[]): boolean {
  return names.some((name) => name === "all" || NUMBERS[protocol]?.includes(name));
}
