import { z } from "zod";
import type { Command } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, facts, known, map, printed } from "../host/fact";
import { quote } from "../host/shell";
import { type DeviceAddress, parseAddresses, routesUsing, type Using, whyBound } from "../linux/device-addresses";
import { familyOption } from "../linux/ip";
import { familyOf } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { address, boot, device } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

const declaration = z
  .object({
    address,
    device,
    label: z.string().optional(),
    boot,
    // These values are always the same. They are here so that another prefix, another broadcast address or a lost route show as
    // differences.
    prefix: z.number().optional(),
    broadcast: z.string().optional(),
    hostRoute: z.boolean().optional(),
  })
  .superRefine((want, context) => {
    const fixed: Record<string, unknown> = always(want);
    for (const key of ["prefix", "broadcast", "hostRoute"] as const)
      if (want[key] !== undefined && want[key] !== fixed[key])
        context.addIssue({ code: "custom", path: [key], message: "a VIP is alone in its network: leave it out" });
    const problem = (message: string) => context.addIssue({ code: "custom", path: ["label"], message });
    if (want.label === undefined) return;
    if (want.address.includes(":")) problem("IPv6 addresses have no labels");
    else if (!want.label.startsWith(`${want.device}:`) || !/^\S{3,15}$/.test(want.label))
      problem(`a label begins with the interface, and has 15 characters at most: "${want.device}:0"`);
  })
  .transform((want) => ({ ...want, ...always(want) }));

function always({ address: vip }: { address: string }) {
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
    const route = want ? want.hostRoute === true : (found?.hostRoute ?? false);
    return [
      ...(seen.hostRoute && !route ? [removeRoute(it)] : []),
      ...surplus.filter(inTheWay).map((entry) => remove(it, entry)),
      ...missing.map((entry) => add(it, entry)),
      ...surplus.filter((entry) => !inTheWay(entry)).map((entry) => remove(it, entry)),
      ...(!seen.hostRoute && route ? [addRoute(it)] : []),
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
  boot: (want) => [fragment(20, "VipAlias", identity(want), atBoot(want))],
  formerly: (want) => ({ boot: [formerFragment(20, ["vip", want.address, want.device], atBoot(want))] }),
};

function identity({ address: vip, device: at }: Want): string {
  return `${vip} ${at}`;
}

function atBoot(want: Want): string {
  const route = `${routeWords(want, "show exact").join(" ")} | grep -q . || ${routeWords(want, "append").join(" ")}`;
  const address = ["ip", family(want), "address", "replace", ...spec(want, wanted(want))].map(quote).join(" ");
  return want.hostRoute ? `${address} && { ${route}; }` : address;
}

function isDirect(routes: string): boolean {
  return routes.split("\n").some((line) => line.trim() !== "" && !line.includes(" via "));
}

function family(want: Want): "-4" | "-6" {
  return familyOption(familyOf(want.address));
}

function wanted(want: Want): Entry {
  const label = family(want) === "-4" ? (want.label ?? want.device) : undefined;
  return {
    prefix: want.prefix,
    broadcast: want.broadcast,
    label,
    scope: "global",
    more: family(want) === "-6" ? NO_DAD : [],
  };
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
    addressOf(about, entry),
    ...(broadcast ? ["broadcast", broadcast] : []),
    ...["dev", about.device],
    ...(label && label !== about.device ? ["label", label] : []),
    ...(scope === "global" ? [] : ["scope", scope]),
    ...more,
  ];
}

/** With a peer, the prefix is the peer's. */
function addressOf({ address: vip }: Want, entry: Entry): string {
  return peerOf(entry) === undefined ? `${vip}/${entry.prefix}` : vip;
}

function add(about: Want, entry: Entry): Step {
  return {
    run: { argv: ["ip", family(about), "address", "add", ...spec(about, entry)] },
    purpose: `adding ${about.address}/${entry.prefix} on ${entry.label ?? about.device}`,
    advice: ({ stderr }) =>
      /Cannot find device/.test(stderr) ? "`ip link` on the host lists its interfaces" : undefined,
  };
}

function remove(about: Want, entry: Entry): Step {
  const peer = peerOf(entry);
  const of = [addressOf(about, entry), ...(peer ? ["peer", peer] : []), "dev", about.device];
  const step: Step = {
    run: { argv: ["ip", family(about), "address", "del", ...of] },
    purpose: `removing ${about.address}/${entry.prefix} from ${about.device}`,
  };
  // The kernel deletes the route to the address's network with the address. Our own connection may use that route.
  const alone = entry.prefix === (family(about) === "-4" ? 32 : 128);
  return alone ? step : { ...step, risky: { undo: add(about, entry).run } };
}

function routeWords({ address: vip, device: at }: Want, verb: string): string[] {
  return ["ip", "-4", "route", ...verb.split(" "), vip, "dev", at, "table", "main"];
}

// `append` keeps a route to the same address on another interface. That route is not ours to remove.
function addRoute(about: Want): Step {
  const run: Command = { argv: routeWords(about, "append") };
  return { run, purpose: `setting the host route to ${about.address} on ${about.device}` };
}

function removeRoute(about: Want): Step {
  const run: Command = { argv: routeWords(about, "del") };
  return { run, purpose: `deleting the host route to ${about.address} on ${about.device}` };
}
