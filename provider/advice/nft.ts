import type { Family } from "../model";
import {
  type Chain,
  inNetworks,
  inPorts,
  isProtocol,
  type Maybe,
  not,
  onDevice,
  type Packet,
  type Rule,
} from "./verdict";

const FAMILIES: Readonly<Record<string, readonly Family[]>> = { inet: ["ipv4", "ipv6"], ip: ["ipv4"], ip6: ["ipv6"] };

/** Reads `nft -s list ruleset`: the chains that filter, and those that they call. */
export function parseNft(text: string): Chain[] {
  const chains: (Chain & { rules: Rule[] })[] = [];
  let table = "";
  let families: readonly Family[] = [];
  let chain: (typeof chains)[number] | undefined;
  for (const line of text.split("\n").map((one) => one.trim())) {
    const [, family = "", name = ""] = /^table (\S+) (\S+) \{/.exec(line) ?? [];
    if (family) {
      table = `nft ${family} ${name}`;
      families = FAMILIES[family] ?? [];
    }
    const [, chainName] = /^chain (\S+) \{/.exec(line) ?? [];
    if (chainName) {
      chain = { table, name: chainName, families, policy: "accept", rules: [] };
      chains.push(chain);
    } else if (line === "}") chain = undefined;
    else if (chain && line.startsWith("type ")) {
      const [, hook] = /^type filter hook (\w+)/.exec(line) ?? [];
      Object.assign(chain, { hook, policy: line.includes("policy drop") ? "drop" : "accept" });
    } else if (chain && line !== "") chain.rules.push(parseRule(line));
  }
  return chains;
}

const VERDICT = /(?:^| )(accept|drop|return|continue|queue.*|reject.*|(jump|goto) (\S+))$/;

function parseRule(line: string): Rule {
  const bare = line
    .replace(/ comment "[^"]*"/, "")
    .replace(/\bcounter( packets \d+ bytes \d+)? ?/, "")
    .replace(/\blog( (prefix "[^"]*"|flags \S+|level \S+|group \d+))* ?/, "")
    .trim();
  const [whole = "", word = "", call, to = ""] = VERDICT.exec(bare) ?? [];
  const terms = termsOf(bare.slice(0, bare.length - whole.length).trim());
  if (call) return { terms, verdict: { to, back: call === "jump" } };
  if (/^(drop|reject)/.test(word)) return { terms, verdict: "drop" };
  if (word === "accept" || word === "return") return { terms, verdict: word };
  // What is handed to a program, or looked up in a map, may be accepted.
  const elsewhere = word.startsWith("queue") || bare.includes(" vmap ");
  return elsewhere ? { terms: [() => undefined], verdict: "accept" } : { terms: [], verdict: "none" };
}

type Read = (packet: Packet, values: readonly string[], words: readonly string[]) => Maybe;

const TERMS: readonly (readonly [RegExp, Read])[] = [
  [/^iif(?:name)?/, (packet, names) => onDevice(packet.in, names)],
  [/^oif(?:name)?/, (packet, names) => onDevice(packet.out, names)],
  [/^ct state/, ({ state }, states) => states.includes(state)],
  [/^ct status/, () => false],
  [/^meta nfproto/, ({ family }, names) => names.includes(family)],
  [/^(?:meta l4proto|ip protocol|ip6 nexthdr)/, (packet, names) => isProtocol(packet, names)],
  // Fields of protocols that no packet of ours has.
  [/^(?:icmp|icmpv6|igmp|esp|ah|comp|dccp|udplite) \w+/, () => false],
  [/^ip6? saddr/, ({ source }, networks) => inNetworks(source, networks)],
  [/^ip6? daddr/, ({ destination }, networks) => inNetworks(destination, networks)],
  [/^(tcp|udp|sctp|th) dport/, (packet, ports, [name = ""]) => portOf(packet, name, packet.destinationPort, ports)],
  [/^(tcp|udp|sctp|th) sport/, (packet, ports, [name = ""]) => portOf(packet, name, packet.sourcePort, ports)],
];

function portOf(packet: Packet, protocol: string, port: number | undefined, ports: readonly string[]): Maybe {
  if (["ipip", "vrrp"].includes(packet.protocol) || (protocol !== "th" && protocol !== packet.protocol)) return false;
  return inPorts(port, ports);
}

function termsOf(text: string): Rule["terms"] {
  if (text === "") return [];
  for (const [words, read] of TERMS) {
    const found = words.exec(text);
    if (!found) continue;
    const [matched = "", unlike, values = ""] =
      /^ (!= )?(\{[^}]*\}|"[^"]*"|\S+(?:, ?\S+)*)/.exec(text.slice(found[0].length)) ?? [];
    const list = values
      .replace(/[{}"]/g, "")
      .split(",")
      .map((value) => value.trim());
    const term = (packet: Packet) => read(packet, list, found.slice(1));
    const rest = text.slice(found[0].length + matched.length).trim();
    // A family of addresses is a term of its own.
    const [, six] = /^ip(6?) /.exec(text) ?? [];
    const family = six === undefined ? [] : [({ family }: Packet) => family === (six ? "ipv6" : "ipv4")];
    return [...family, unlike ? (packet) => not(term(packet)) : term, ...termsOf(rest)];
  }
  return [() => undefined];
}
