import { z } from "zod";
import { aliasAdvice } from "../advice";
import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, facts, known, map, printed } from "../host/fact";
import { quote } from "../host/shell";
import { announce } from "../linux/announce";
import { type DeviceAddress, parseAddresses, routesUsing, type Using, whyBound } from "../linux/device-addresses";
import { familyOption } from "../linux/ip";
import { familyOf, isLabel, isUnknown } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { address, boot, device } from "../reconcile/inputs";
import type { Kind, Risk, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

const declaration = z
  .object({
    address,
    device,
    label: z.string().optional(),
    // The address says these values. They are here so that another prefix, another broadcast address or a lost route show as
    // differences.
    prefix: z.number().optional(),
    broadcast: z.string().optional(),
    hostRoute: z.boolean().optional(),
    boot,
  })
  .superRefine(({ label, ...want }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    const given = { prefix: want.prefix, broadcast: want.broadcast, hostRoute: want.hostRoute };
    for (const [name, value] of Object.entries(given))
      if (value !== undefined && value !== said(want.address)[name as keyof typeof given])
        problem(name, "the address says it: leave it out");
    if (label === undefined) return;
    if (familyOf(want.address) === "ipv6") problem("label", "IPv6 addresses have no labels");
    else if (!isUnknown(want.device) && !isLabel(label, want.device))
      problem("label", `a label begins with the interface (device), and has 15 characters at most: "${want.device}:0"`);
  })
  .transform((want) => ({ ...want, ...said(want.address) }));

function said(vip: string): { prefix: number; broadcast?: string; hostRoute?: boolean } {
  return familyOf(vip) === "ipv6" ? { prefix: 128 } : { prefix: 32, broadcast: vip, hostRoute: true };
}

type Want = z.output<typeof declaration>;

/** The address on the interface, as `ip address` shows it. */
interface Entry {
  readonly prefix: number;
  readonly broadcast?: string | undefined;
  /** The label. Without one, the kernel takes the interface's name. */
  readonly label?: string | undefined;
  readonly scope: string;
  /** Further words of `ip address add`. Entries that earlier versions found have none. */
  readonly more?: readonly string[];
  /** Why the entry could not be put back as it is. */
  readonly bound?: string;
}

interface Seen {
  readonly entries: readonly Entry[];
  readonly hostRoute: boolean;
}

/**
 * A virtual address that is alone in its network. With IPv4 the prefix is /32, the broadcast address is the address itself, and
 * a host route leads to the address on its interface. With IPv6 the prefix is /128. IPv6 addresses are added without duplicate
 * address detection, because every server of a site has the address.
 */
export const vipAlias: Kind<Want, Seen> = {
  name: "VipAlias",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity,

  look(change) {
    const it = about(change);
    const on = ["dev", it.device];
    const addresses = { argv: ["ip", family(it), "-o", "address", "show", ...on] };
    const routes = { argv: ["ip", "-4", "-o", "route", "show", "exact", it.address, ...on, "table", "main"] };
    const all = facts({
      addresses: fact(addresses, ({ exit, stdout, stderr }) => {
        // An interface that is not there has no addresses. The step that adds one reports that the interface is missing.
        if (exit !== 0 && !/does not exist|Cannot find device/.test(stderr))
          throw new LvsError(`reading the addresses of ${it.device}: ${stderr.trim()}`);
        return parseAddresses(stdout);
      }),
      hostRoute: family(it) === "-4" ? printed(routes, isDirect) : known(false),
      using: routesUsing(family(it), it.address, it.device),
    });
    return map(all, ({ addresses, hostRoute, using }) => ({
      entries: addresses.filter((one) => one.address === it.address).map((one) => entryOf(one, addresses, using)),
      hostRoute,
    }));
  },
  plan(change, seen) {
    const { want, found } = change;
    const it = about(change);
    const target = want ? [wanted(want)] : (found?.entries ?? []);
    const agrees = want ? sameButScope : same;
    const missing = target.filter((entry) => !seen.entries.some((other) => agrees(entry, other)));
    const surplus = seen.entries.filter((entry) => !target.some((other) => agrees(other, entry)));
    // An interface can have one IPv4 address with several prefixes. Then the new one is added before the old one is removed, so
    // the address is there all the time. Otherwise the old one is in the way and goes first.
    const inTheWay = (entry: Entry) =>
      family(it) === "-6" || target.some(({ prefix }) => prefix === entry.prefix) || target.length === 0;
    const swaps = surplus
      .filter(inTheWay)
      .map((old) => [old, missing.find((next) => isInsteadOf(it, next, old))] as const);
    const route = want ? family(want) === "-4" : (found?.hostRoute ?? false);
    return [
      ...swaps.map(([old, next]) => (next ? swap(it, old, next) : remove(it, old))),
      ...missing.filter((entry) => swaps.every(([, next]) => next !== entry)).map((entry) => add(it, entry)),
      ...surplus.filter((entry) => !inTheWay(entry)).map((entry) => remove(it, entry)),
      ...(!seen.hostRoute && route ? [addRoute(it)] : []),
      // Not before the address: if its removal cuts us off, the route has to be there still.
      ...(seen.hostRoute && !route ? [removeRoute(it)] : []),
      ...(missing.length > 0 && isOnNetwork(it) ? [tell(it)] : []),
    ];
  },
  irreplaceable(want, { entries }) {
    const one = entries.find((entry) => entry.bound && !sameButScope(wanted(want), entry));
    const [vip, at] = [`${want.address}/${one?.prefix}`, want.device];
    return (
      one &&
      `the host has ${vip} on ${at} ${one.bound}. Choose another address or interface, or take ${vip} from ${at} by hand`
    );
  },
  report(want, seen) {
    const entry = seen.entries.find((one) => !sameButScope(wanted(want), one)) ?? seen.entries[0];
    const four = family(want) === "-4";
    const label = entry ? unlabelled(want, entry.label) : want.label && "";
    return {
      prefix: entry?.prefix ?? 0,
      label,
      ...(four ? { broadcast: entry?.broadcast ?? "", hostRoute: seen.hostRoute } : {}),
    };
  },
  advice: aliasAdvice,
  boot: (want) => [fragment(20, "VipAlias", identity(want), announcing(want, atBoot(want)))],
  // Earlier versions announced nothing.
  formerly: (want) => ({ boot: [formerFragment(20, ["vip", want.address, want.device], atBoot(want))] }),
};

function identity({ address: vip, device: at }: Want): string {
  return `${vip} ${at}`;
}

function atBoot(want: Want): string {
  const route = `${routeWords(want, "show exact").map(quote).join(" ")} | grep -q . || ${routeWords(want, "append").map(quote).join(" ")}`;
  const address = ["ip", family(want), "address", "replace", ...spec(want, wanted(want))].map(quote).join(" ");
  return family(want) === "-4" ? `${address} && { ${route}; }` : address;
}

function announcing(want: Want, script: string): string {
  return isOnNetwork(want) ? `${script} &&\n${announce(want.address, want.device)}` : script;
}

function isDirect(routes: string): boolean {
  return routes.split("\n").some((line) => line.trim() !== "" && !line.includes(" via "));
}

function family(want: Want): "-4" | "-6" {
  return familyOption(familyOf(want.address));
}

/** A real server has the address on the loopback interface, and must not tell anybody. */
function isOnNetwork({ device: at }: Want): boolean {
  return at !== "lo";
}

function wanted(want: Want): Entry {
  const label = family(want) === "-4" ? (want.label ?? want.device) : undefined;
  const { prefix, broadcast } = said(want.address);
  return { prefix, broadcast, label, scope: "global", more: family(want) === "-6" ? NO_DAD : [] };
}

const NO_DAD = ["nodad"];

/** Whether two entries agree, apart from their scope: nothing of ours depends on the scope. */
function sameButScope(a: Entry, b: Entry): boolean {
  return a.prefix === b.prefix && a.broadcast === b.broadcast && a.label === b.label && peerOf(a) === peerOf(b);
}

function peerOf({ more = [] }: Entry): string | undefined {
  return more.includes("peer") ? more[more.indexOf("peer") + 1] : undefined;
}

/** Whether an entry is as it was found. */
function same(found: Entry, now: Entry): boolean {
  const more = found.more?.join(" ");
  return sameButScope(found, now) && found.scope === now.scope && (more === undefined || more === now.more?.join(" "));
}

function unlabelled(want: Want, label: string | undefined): string | undefined {
  return label === want.device ? undefined : label;
}

function entryOf(one: DeviceAddress, all: readonly DeviceAddress[], using: Using): Entry {
  const { prefix, broadcast, label, scope, more } = one;
  const bound = whyBound(one, all, using);
  return {
    prefix,
    scope,
    ...(label !== undefined && { broadcast, label }),
    ...(more.length > 0 && { more }),
    ...(bound !== undefined && { bound }),
  };
}

/** The words of an entry that `ip address` takes. */
function spec(about: Want, entry: Entry): string[] {
  const { broadcast, label, scope, more = wanted(about).more ?? [] } = entry;
  return [
    own(about, entry)[0] as string,
    ...(broadcast ? ["broadcast", broadcast] : []),
    ...["dev", about.device],
    ...(label && label !== about.device ? ["label", label] : []),
    ...(scope === "global" ? [] : ["scope", scope]),
    ...more,
  ];
}

/** The words by which the kernel knows an entry. With a peer, the prefix is the peer's. */
function own({ address: vip }: Want, entry: Entry): string[] {
  const peer = peerOf(entry);
  return peer === undefined ? [`${vip}/${entry.prefix}`] : [vip, "peer", peer];
}

function add(about: Want, entry: Entry): Step {
  return {
    run: { argv: ["ip", family(about), "address", "add", ...spec(about, entry)] },
    purpose: `adding ${about.address}/${entry.prefix} on ${entry.label ?? about.device}`,
    advice: ({ stderr }) =>
      /Cannot find device/.test(stderr) ? "`ip link` on the host lists its interfaces" : undefined,
    risky: risk(about, removal(about, entry)),
  };
}

function remove(about: Want, entry: Entry): Step {
  return {
    run: removal(about, entry),
    purpose: `removing ${about.address}/${entry.prefix} from ${about.device}`,
    risky: risk(about, { argv: ["ip", family(about), "address", "add", ...spec(about, entry)] }),
  };
}

/** Whether an entry takes the place of another one. An interface has an IPv6 address once, and an IPv4 address once a prefix. */
function isInsteadOf(about: Want, next: Entry, old: Entry): boolean {
  return family(about) === "-6" || next.prefix === old.prefix;
}

/** One step, which puts back the routes that go with an address: it may be the host's own. */
function swap(about: Want, old: Entry, next: Entry): Step {
  const script = `family=$1 old=$2 peer=$3 device=$4; shift 4
    routes=$(mktemp) && ip "$family" route save table all type unicast >"$routes"
    ip "$family" address del "$old" \${peer:+peer "$peer"} dev "$device" && ip "$family" address add "$@"; r=$?
    [ ! -s "$routes" ] || ip "$family" route restore <"$routes" 2>/dev/null; rm -f "$routes"; exit $r`;
  const swapped = (from: Entry, to: Entry) => {
    const [it, , peer = ""] = own(about, from);
    return sh(script, family(about), it as string, peer, about.device, ...spec(about, to));
  };
  return {
    run: swapped(old, next),
    purpose: `adding ${about.address}/${next.prefix} on ${next.label ?? about.device} in the place of the one that is there`,
    risky: risk(about, swapped(next, old)),
  };
}

/**
 * The kernel deletes an interface's other addresses of the same network with the first one, unless promote_secondaries says
 * otherwise (ip-sysctl.rst).
 */
function removal(about: Want, entry: Entry): Command {
  const of = [...own(about, entry), "dev", about.device];
  if (family(about) === "-6") return { argv: ["ip", "-6", "address", "del", ...of] };
  return sh(
    `switch="/proc/sys/net/ipv4/conf/$1/promote_secondaries" found=$(cat "/proc/sys/net/ipv4/conf/$1/promote_secondaries")
    shift; echo 1 >"$switch"; ip -4 address del "$@"; r=$?; echo "$found" >"$switch"; exit $r`,
    about.device,
    ...of,
  );
}

// The kernel deletes the route to an address's network with the address, and answers to an address of ours never leave the host.
function risk({ address }: Want, undo: Command): Risk {
  const advice = `Is ${address} the address by which Pulumi comes in, or one on its way?`;
  return { undo, touches: "way", advice };
}

function tell({ address: vip, device: at }: Want): Step {
  return { run: sh(announce(vip, at)), purpose: `telling the network that ${vip} is on ${at} now` };
}

function routeWords({ address: vip, device: at }: Want, verb: string): string[] {
  return ["ip", "-4", "route", ...verb.split(" "), vip, "dev", at, "table", "main"];
}

// `append` keeps a route to the same address on another interface. That route is not ours to remove.
function addRoute(about: Want): Step {
  const run: Command = { argv: routeWords(about, "append") };
  return { run, purpose: `setting the host route to ${about.address} on ${about.device}` };
}

// The kernel itself deletes the routes of an interface with its last address.
function removeRoute(about: Want): Step {
  const run = sh(
    `ip "$@" || [ -z "$(ip -4 route show exact "$4" dev "$6" table main)" ]`,
    ...routeWords(about, "del").slice(1),
  );
  return { run, purpose: `deleting the host route to ${about.address} on ${about.device}` };
}
