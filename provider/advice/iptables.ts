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

/** Reads `iptables -S` of one family's table filter. */
export function parseIptables(tool: string, family: Family, text: string): Chain[] {
  const chains = new Map<string, Chain & { rules: Rule[] }>();
  for (const line of text.split("\n")) {
    const [, declared, name = "", policy] = /^-([PN]) (\S+)(?: (\S+))?/.exec(line) ?? [];
    if (declared) {
      const hook = { INPUT: "input", FORWARD: "forward" }[name];
      const table = `${tool} ${family === "ipv4" ? "ip" : "ip6"} filter`;
      const drops = policy === "DROP" ? "drop" : "accept";
      chains.set(name, { table, name, families: [family], hook, policy: drops, rules: [] });
    }
    const [, chain = "", rule = ""] = /^-A (\S+) ?(.*)$/.exec(line) ?? [];
    chains.get(chain)?.rules.push(parseRule(rule));
  }
  return [...chains.values()];
}

type Read = (packet: Packet, values: readonly string[]) => Maybe;

const OPTIONS: Readonly<Record<string, Read>> = {
  "-i": (packet, names) => onDevice(packet.in, names),
  "-o": (packet, names) => onDevice(packet.out, names),
  "-p": isProtocol,
  "-s": ({ source }, networks) => inNetworks(source, networks),
  "-d": ({ destination }, networks) => inNetworks(destination, networks),
  "--dport": ({ destinationPort }, ports) => inPorts(destinationPort, ports),
  "--dports": ({ destinationPort }, ports) => inPorts(destinationPort, ports),
  "--sport": ({ sourcePort }, ports) => inPorts(sourcePort, ports),
  "--sports": ({ sourcePort }, ports) => inPorts(sourcePort, ports),
  "--ctstate": ({ state }, states) => states.includes(state.toUpperCase()),
  "--state": ({ state }, states) => states.includes(state.toUpperCase()),
  // Only these are no matches.
  "-m": () => true,
  "--comment": () => true,
  "--reject-with": () => true,
};

function parseRule(text: string): Rule {
  const words = text.match(/"(?:\\.|[^"])*"|\S+/g) ?? [];
  const terms: ((packet: Packet) => Maybe)[] = [];
  let verdict: Rule["verdict"] = "none";
  for (let at = 0; at < words.length; at++) {
    const unlike = words[at] === "!";
    if (unlike) at++;
    const option = words[at] as string;
    const values = (words[++at] ?? "").split(",");
    if (option === "-j" || option === "-g") verdict = verdictOf(values[0] as string, option === "-j");
    else if (OPTIONS[option]) {
      const read = OPTIONS[option];
      terms.push((packet) => (unlike ? not(read(packet, values)) : read(packet, values)));
    } else {
      terms.push(() => undefined);
      if (words[at]?.startsWith("-")) at--;
    }
  }
  return { terms, verdict };
}

function verdictOf(target: string, back: boolean): Rule["verdict"] {
  if (target === "ACCEPT" || target === "NFQUEUE" || target === "QUEUE") return "accept";
  if (target === "DROP" || target === "REJECT" || target === "TARPIT") return "drop";
  if (target === "RETURN") return "return";
  return { to: target, back };
}
