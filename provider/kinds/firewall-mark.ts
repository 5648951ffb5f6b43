import { z } from "zod";
import { sh } from "../host/command";
import { map } from "../host/fact";
import { putRules, type Rules, rulesThere, takeRules } from "../linux/netfilter";
import { rulesAtBoot } from "../linux/netfilter-at-boot";
import { refuseWithoutMaker } from "../linux/netfilter-tools";
import { sparingOwnLogins } from "../linux/own-logins";
import { normalPorts, type Protocol, parsePorts } from "../model";
import { familyOf } from "../model/index";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot, mark, oneHost, ports } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

type Ports = readonly (number | string)[];

const declaration = z.object({
  mark,
  address: oneHost,
  protocol: z.enum(["tcp", "udp", "sctp"]).default("tcp"),
  ports: z.array(ports).transform(merged),
  boot,
});

type Want = Omit<z.output<typeof declaration>, "ports"> & { ports: Ports };

/** Ports that rules mark as declared. `others` are rules with our comment that do something else, as the tool prints them. */
interface Seen {
  readonly ports: Ports;
  readonly others: readonly string[];
  /** The host's tools. The first is the one that makes the rules. */
  readonly tools?: readonly string[];
}

/**
 * Marks packets to an address and some of its ports, before routing. One virtual service can then catch all of them
 * (ipvsadm(8), `--fwmark-service`). Without ports, no packet is marked, and each goes to the virtual service of its port.
 */
export const firewallMark: Kind<Want, Seen> = {
  name: "FirewallMark",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity,

  look(change) {
    const { want } = change;
    const needed = want !== undefined && want.ports.length > 0;
    return map(rulesThere(rules(about(change)), needed), ({ lines: there, ...tools }) => {
      const lines = there.map((line) => ({ line, ports: markedPorts(line, about(change)) }));
      return {
        ports: merged(lines.flatMap((one) => one.ports ?? [])),
        others: lines.flatMap((one) => (one.ports ? [] : [one.line.replace(/ # handle \d+$/, "")])),
        ...tools,
      };
    });
  },
  plan({ had, want, found }, seen) {
    const about = (want ?? had) as Want;
    if (!want && about.ports.length > 0 && found?.tools) refuseWithoutMaker(found.tools.slice(0, 1), seen.tools);
    // What was found may be the rules of a program whose state was lost, which somebody else counts on.
    const target = want ?? { ...about, ports: found?.ports ?? [] };
    const what = `${about.protocol} to ${about.address}`;
    const marked = [...seen.ports, ...seen.others];
    if (marked.join() === target.ports.join()) return [];
    if (target.ports.length === 0)
      return [{ run: sh(takeRules(rules(about))), purpose: `no longer marking ${what} with ${about.mark}` }];
    const marking: Step = {
      run: sh(putRules(rules(target))),
      purpose: `marking ${what}, ports ${target.ports.join(", ")} with ${target.mark}`,
    };
    return [target.protocol === "tcp" ? sparingOwnLogins(marking, target.address, target.ports.map(String)) : marking];
  },
  report: (_, seen) => ({ ports: [...seen.ports, ...seen.others] }),
  boot: (want) => [fragment(40, "FirewallMark", identity(want), atBoot(want))],
  formerly(want) {
    const words = ["mark", want.mark, want.address, want.protocol];
    return { boot: [formerFragment(40, words, atBoot(want))] };
  },
};

type Caught = Pick<Want, "mark" | "address" | "protocol">;

function identity({ mark: value, address: to, protocol }: Caught): string {
  return `${value} ${to} ${protocol}`;
}

/** The comment by which a rule is known. */
function commentOf(caught: Caught): string {
  return `lvs mark ${identity(caught)}`;
}

/** A declaration without ports has an empty fragment, which replaces the fragment of an earlier declaration. */
function atBoot(want: Want): string {
  return want.ports.length > 0 ? rulesAtBoot(rules(want)) : ":";
}

function rules({ mark: value, address: to, protocol, ports: marked }: Want): Rules {
  const ipv6 = familyOf(to) === "ipv6";
  const set = marked.length === 1 ? marked[0] : `{ ${marked.join(", ")} }`;
  return {
    chain: "prerouting",
    comment: commentOf({ mark: value, address: to, protocol }),
    ipv6,
    nft: [`${ipv6 ? "ip6" : "ip"} daddr ${to} ${protocol} dport ${set} meta mark set ${value}`],
    iptables: marked.map(
      (one) => `-d ${to} -p ${protocol} --dport ${String(one).replace("-", ":")} -j MARK --set-mark ${value}`,
    ),
  };
}

const NFT = /^ip6? daddr (\S+) (\w+) dport (?:\{ (.+?) \}|(\S+)) meta mark set (0x[\da-f]+) comment /;
const IPTABLES =
  /^-A PREROUTING -d ([^\s/]+)\/\d+ -p (\w+) -m \2 --dport (\S+)() .* -j MARK --set-xmark (0x[\da-f]+)\/0xffffffff$/;

/** What a rule marks that a `FirewallMark` made. */
export interface Marking {
  readonly mark: number;
  readonly address: string;
  readonly protocol: Protocol;
  /** Ports, and ranges like "8000-8010". */
  readonly ports: readonly (number | string)[];
}

/** Reads a rule as the host's tool prints it; undefined if the rule is not one that `rules` makes. */
export function parseMarking(line: string): Marking | undefined {
  const [, address = "", protocol, some, one, value] = NFT.exec(line) ?? IPTABLES.exec(line) ?? [];
  const texts = (some ?? one ?? "").split(", ").map((text) => parsePorts(text.replace(":", "-")));
  const marked = texts.filter((range) => range !== undefined);
  if (value === undefined || marked.length < texts.length) return undefined;
  const it = { mark: Number(value), address, protocol: protocol as Protocol, ports: marked.map(normalPorts) };
  return line.includes(`"${commentOf(it)}"`) ? it : undefined;
}

/** The ports that a rule marks as declared; undefined if the rule does something else. */
function markedPorts(line: string, about: Want): Ports | undefined {
  const it = parseMarking(line);
  return it && commentOf(it) === commentOf(about) ? it.ports : undefined;
}

/** The ports in order. Adjacent and overlapping ranges are one range, as nft prints them. */
function merged(all: Ports): Ports {
  const ranges: [number, number][] = [];
  for (const [first, last] of all
    .flatMap((one) => [parsePorts(one) ?? []] as [number, number][])
    .sort((a, b) => a[0] - b[0])) {
    const before = ranges.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else ranges.push([first, last]);
  }
  return ranges.map(normalPorts);
}
