import { z } from "zod";
import { type Command, type Reply, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, facts, map } from "../host/fact";
import { changeRichRule, firewalldThere, type Zone } from "../linux/firewalld";
import {
  closeInput,
  type InputChains,
  inputChains,
  type LetIn,
  openInput,
  refuseWithoutTools,
} from "../linux/input-chains";
import { openInputAtBoot } from "../linux/input-chains-at-boot";
import { netfilterText } from "../linux/netfilter-text";
import { ufwThere } from "../linux/ufw";
import { familyOf, hostNetwork } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { device, network, ports } from "../reconcile/inputs";
import { about, type Kind, type Step } from "../reconcile/kind";

/** The numbers of protocols without ports. Tools know protocols by name from /etc/protocols, which not every host has. */
const NUMBERS: Readonly<Record<string, number>> = { vrrp: 112, gre: 47, ipip: 4 };

const declaration = z
  .object({
    protocol: z.enum(["tcp", "udp", "sctp", "vrrp", "gre", "ipip"]).default("tcp"),
    port: ports.optional(),
    source: network.refine((one) => !one.endsWith("/0"), "leave it out where everybody is let in").optional(),
    inInterface: device.optional(),
    /** Always true. The property is here so that a deleted rule or a new firewall shows as a difference. */
    open: z.literal(true).default(true),
    /** Always true: firewalld and ufw keep their rules, and the fragment brings back those of netfilter. */
    boot: z.literal(true, { message: "a rule always holds after a reboot too: leave it out" }).default(true),
  })
  .superRefine(({ protocol, port }, context) => {
    const problem = (message: string) => context.addIssue({ code: "custom", path: ["port"], message });
    if (NUMBERS[protocol] === undefined && port === undefined)
      problem(`say which port of ${protocol} is let in, or another protocol`);
    if (NUMBERS[protocol] !== undefined && port !== undefined) problem(`${protocol} has no ports: leave it out`);
  });

type Want = z.output<typeof declaration>;

/** Where something is let in. `ours` have a rule as we make it; `theirs` have a rule that says the same in another form. */
interface Places {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

interface Seen {
  /** The places are "runtime public" and "permanent public". A rule that was there when we first looked is not ours. */
  readonly firewalld: Places & {
    /** The zone for the rule; undefined if firewalld does not run. */
    readonly zone?: string | undefined;
    /** The other interfaces and sources of the zone. A rule in the zone lets packets in from them, too. */
    readonly besides: readonly string[];
  };
  readonly ufw: Places & { readonly active: boolean };
  readonly netfilter: InputChains;
}

/**
 * A port or a protocol that a host lets in. The rule is made by the program that manages the host's firewall: by firewalld if it
 * runs, or by ufw if it is active. On other hosts, each netfilter chain that may drop incoming packets gets a rule of its own,
 * because an accept in one chain does not overrule a drop in another. A host that filters nothing needs no rule.
 */
export const firewallRule: Kind<Want, Seen> = {
  name: "FirewallRule",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: (want) =>
    [want.protocol, want.port, want.source && `from ${want.source}`, want.inInterface && `on ${want.inInterface}`]
      .filter((word) => word !== undefined)
      .join(" "),

  look(change) {
    const it = about(change);
    return facts<Seen>({ firewalld: placesOf(it), ufw: ufwPlaces(it), netfilter: inputChains(netfilter(it)) });
  },
  plan({ had, want, found }, seen) {
    const shut = want ? missing(seen) : [];
    if (want) return shut.length > 0 ? [letIn(want, seen, shut)] : [];
    const it = had as Want;
    refuseWithoutTools(found?.netfilter, seen.netfilter);
    const zones = seen.firewalld.ours.filter((place) => !found?.firewalld.ours.includes(place));
    const tell = (verb: "add" | "remove") => changeRichRule(verb, rich(it), zones, seen.firewalld.zone !== undefined);
    return [
      ...(zones.length > 0 ? [take(it, zones, tell("remove"), tell("add"))] : []),
      ...seen.ufw.ours.map((at) => take(it, [at], tellUfw("delete", it), tellUfw("prepend", it))),
      ...(seen.netfilter.ours.length > 0
        ? [take(it, ["netfilter"], sh(closeInput(netfilter(it))), sh(openInput(netfilter(it))))]
        : []),
    ];
  },
  report: (_, seen) => ({ open: missing(seen).length === 0, firewall: rulerOf(seen) }),
  // The order 50 is after a firewall that loads its own rules. firewalld and ufw bring their rules back by themselves.
  boot: (want) => [fragment(50, "FirewallRule", named(want), atBoot(want))],
  formerly: (want) => ({ boot: [formerFragment(50, ["let-in", named(want)], atBoot(want))] }),
  outputs: ["firewall"],
};

const named = firewallRule.identity;

function atBoot(want: Want): string {
  return `firewall-cmd --state >/dev/null 2>&1 || ufw status 2>/dev/null | grep -q '^Status: active' || {\n${openInputAtBoot(netfilter(want))}\n}`;
}

const commentOf = (want: Want) => `lvs lets in ${named(want)}`;

function rulerOf({ firewalld, ufw, netfilter: { ours, theirs, shut } }: Seen): string {
  if (firewalld.zone) return `firewalld, zone ${firewalld.zone}`;
  if (ufw.active) return "ufw";
  return [...new Set([...ours, ...theirs, ...shut])].join(", ") || "none";
}

/** The places where the rule is needed and missing. */
function missing({ firewalld, firewalld: { zone }, ufw, netfilter }: Seen): string[] {
  const has = ({ ours, theirs }: Places, place: string) => ours.includes(place) || theirs.includes(place);
  if (zone) return [`runtime ${zone}`, `permanent ${zone}`].filter((place) => !has(firewalld, place));
  if (ufw.active) return has(ufw, "ufw") ? [] : ["ufw"];
  return netfilter.shut.length > 0 ? ["netfilter"] : [];
}

function letIn(want: Want, seen: Seen, places: readonly string[]): Step {
  const [place] = places;
  const purpose = `letting in ${named(want)} (${(place === "netfilter" ? seen.netfilter.shut : places).join(", ")})`;
  if (place === "netfilter") return { run: sh(openInput(netfilter(want))), purpose };
  if (place === "ufw") return { run: tellUfw("prepend", want), purpose, advice: adviceOnUfw };
  const { zone, besides } = seen.firewalld;
  if (want.inInterface && besides.length > 0)
    throw new LvsError(
      `firewalld lets in by zones: a rule for ${want.inInterface} in the zone ${zone} would let in on ${besides.join(", ")} ` +
        `as well. Give ${want.inInterface} a zone of its own (firewall-cmd --change-interface), or leave inInterface out`,
    );
  return { run: changeRichRule("add", rich(want), places, true), purpose };
}

/** Our own connection may need the rule, unless firewalld only keeps the rule for its next start ("permanent"). */
function take(want: Want, places: readonly string[], run: Command, undo: Command): Step {
  const ourWay = want.protocol === "tcp" && places.some((place) => !place.startsWith("permanent "));
  const advice = "Is it this rule that lets Pulumi's SSH in?";
  const risky = { undo, touches: "logins", advice } as const;
  return { run, purpose: `no longer letting in ${named(want)} (${places.join(", ")})`, ...(ourWay && { risky }) };
}

/** The rule in firewalld's rich language, as firewall-cmd prints it (firewalld.richlanguage(5)). */
function rich({ protocol, port, source }: Want, number: string | number | undefined = NUMBERS[protocol]): string {
  const from = source ? ` family="${familyOf(source)}" source address="${source}"` : "";
  return `rule${from} ${port === undefined ? `protocol value="${number}"` : `port port="${port}" protocol="${protocol}"`} accept`;
}

function placesOf(want: Want): Fact<Seen["firewalld"]> {
  return map(firewalldThere, ({ byDefault, zones }) => {
    const has = ({ life, interfaces }: Zone) =>
      life === "runtime" && want.inInterface && interfaces.includes(want.inInterface);
    const own = zones.find(has);
    const plain =
      want.port === undefined ? [want.protocol, String(NUMBERS[want.protocol])] : [`${want.port}/${want.protocol}`];
    const same = [rich(want, want.protocol), ...(want.source ? [] : plain)].filter((one) => one !== rich(want));
    const places = (rules: readonly string[]) =>
      zones
        .filter(({ allowed }) => rules.some((one) => allowed.includes(one)))
        .map(({ life, name }) => `${life} ${name}`);
    return {
      zone: byDefault && (own?.name ?? byDefault),
      besides: own
        ? [...own.interfaces.filter((one) => one !== want.inInterface), ...own.sources]
        : ["whatever is in no zone"],
      ours: places([rich(want)]),
      theirs: places(same),
    };
  });
}

/** `ufw show added` prints rules as ufw's arguments, in the short form where a rule has one (ufw(8)). */
function ufwPlaces(want: Want): Fact<Seen["ufw"]> {
  const { protocol, port, source, inInterface } = want;
  const at = String(port).replace("-", ":");
  const words = [
    ...(inInterface ? [`in on ${inInterface}`] : []),
    ...(source ? [`from ${source}`] : []),
    ...(port !== undefined ? [`to any port ${at}`] : !inInterface && !source ? ["to any"] : []),
    `proto ${protocol}`,
  ];
  const rule = `ufw allow ${port !== undefined && !inInterface && !source ? `${at}/${protocol}` : words.join(" ")}`;
  return map(ufwThere, ({ active, added }) => {
    const ours = `${rule} comment '${commentOf(want)}'`;
    const theirs = added.some((line) => line === rule || (line.startsWith(`${rule} comment '`) && line !== ours));
    return { active, ours: added.includes(ours) ? ["ufw"] : [], theirs: theirs ? ["ufw"] : [] };
  });
}

// `prepend` puts the rule before all others, because the first rule that matches decides.
function tellUfw(verb: "prepend" | "delete", want: Want): Command {
  const { protocol, port, source = "any", inInterface } = want;
  const on = inInterface ? ["in", "on", inInterface] : [];
  const to = port === undefined ? [] : ["port", String(port).replace("-", ":")];
  const comment = verb === "prepend" ? ["comment", commentOf(want)] : [];
  return { argv: ["ufw", verb, "allow", ...on, "proto", protocol, "from", source, "to", "any", ...to, ...comment] };
}

const adviceOnUfw = ({ stdout, stderr }: Reply) =>
  /Unsupported protocol/.test(stdout + stderr)
    ? "This ufw has no rules for that protocol: let it in by /etc/ufw/before.rules (ufw-framework(8)), and leave this out"
    : undefined;

/** The rule in the words of nft and of iptables. */
function netfilter(want: Want): LetIn {
  const { protocol, port, source, inInterface: device } = want;
  const families = source ? [familyOf(source) === "ipv4" ? "ip" : "ip6"] : ["ip", "ip6"];
  const from = source ? [`${families} saddr ${source}`] : [];
  const what = port === undefined ? `meta l4proto ${NUMBERS[protocol]}` : `${protocol} dport ${port}`;
  const on = device ? [[`iifname ${netfilterText(device)}`], [`iif ${netfilterText(device)}`]] : [[]];
  const nft = on.flatMap((one) => [[...one, ...from, what].join(" "), [...from, ...one, what].join(" ")]);
  const iptables = (name: string | number, more: string[]) =>
    [
      ...(source ? ["-s", source.includes("/") ? source : hostNetwork(source)] : []),
      ...(device ? ["-i", device] : []),
      ...["-p", name, ...(port === undefined ? [] : [...more, "--dport", String(port).replace("-", ":")])],
    ].join(" ");
  const names = [protocol, NUMBERS[protocol] ?? protocol, ...(protocol === "ipip" ? ["ipencap"] : [])];
  return {
    comment: commentOf(want),
    families,
    nft: nft.slice(0, 1),
    iptables: [iptables(NUMBERS[protocol] ?? protocol, [])],
    same: [
      ...nft.map((words) => `${words} accept`),
      ...names.map((name) => `-A INPUT ${iptables(name, ["-m", protocol])} -j ACCEPT`),
    ],
  };
}
