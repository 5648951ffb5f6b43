import { type PortOf, parsePorts } from "pulumi-lvs-provider/model";
import { type Marking, parseMarking } from "pulumi-lvs-provider/operations";
import type { Found } from "./found";

/** The packets that a host marks for one service. */
interface Marked {
  readonly vip: string;
  readonly ports: readonly PortOf[];
}

/** What marks packets with this value, where all of the rules are those of a cluster; or why they are not. */
export function markedBy({ around }: Found, mark: number): Marked | string {
  const rules = around.marks.map((rule) => rule.trim()).filter((rule) => sets(rule, mark));
  // A map says elsewhere which marks it sets.
  const unclear = around.marks.find((rule) => valuesOf(rule).length === 0);
  if (rules.length === 0 && unclear) return `which mark this rule sets is not understood: ${unclear.trim()}`;
  if (rules.length === 0) return `no rule marks packets with ${mark}`;
  const markings: Marking[] = [];
  for (const rule of rules) {
    const marking = parseMarking(rule);
    if (!marking) return `a rule that marks packets is not one of a cluster: ${rule}`;
    markings.push(marking);
  }
  const [vip = "", ...more] = [...new Set(markings.map(({ address }) => address))];
  if (more.length > 0) return `a cluster has one VIP, and packets to ${[vip, ...more].join(", ")} have the mark`;
  const ports = markings.flatMap(({ protocol, ports: all }) => all.flatMap(each).map((port) => ({ protocol, port })));
  if (ports.length > MOST) return `a cluster names each of its ports, and ${ports.length} have the mark`;
  return { vip, ports };
}

/** Whether a rule of nftables or iptables sets this mark. */
function sets(rule: string, mark: number): boolean {
  return valuesOf(rule).includes(mark);
}

function valuesOf(rule: string): number[] {
  return [...rule.matchAll(/(?:mark set |--set-x?mark )(0x[\da-f]+|\d+)/g)].map(([, value]) => Number(value));
}

/** A cluster of more ports than these would be a list that nobody reads. */
const MOST = 100;

/** nftables prints adjacent ports as a range. */
function each(given: number | string): number[] {
  const [first, last] = parsePorts(given) as [number, number];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
