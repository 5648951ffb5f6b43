import { z } from "zod";
import { aliasAdvice } from "../advice";
import { sh } from "../host/command";
import { fact, facts, known, map } from "../host/fact";
import { quote } from "../host/shell";
import {
  add,
  addRoute,
  type Entry,
  family,
  isInsteadOf,
  peerOf,
  remove,
  removeRoute,
  routeWords,
  spec,
  swap,
  wordsOfOurs,
} from "../linux/address-entry";
import { announce } from "../linux/announce";
import { type DeviceAddress, parseAddresses, routesUsing, type Using, whyBound } from "../linux/device-addresses";
import { isAbsent, listed } from "../linux/ip";
import { hasFloating } from "../linux/vrrp";
import { familyOf, isLabel, isUnknown } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot, device, oneHost } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

const declaration = z
  .object({
    address: oneHost,
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

interface Seen {
  readonly entries: readonly Entry[];
  readonly hostRoute: boolean;
  /**
   * keepalived has the address now: a cluster got a second director, and the alias goes. Or keepalived is about to go, because the
   * cluster has one director again: it may stand by, and the alias waits for the address (`VrrpInstance`).
   */
  readonly floats?: boolean;
  /** There is no such interface any more; of a delete alone. */
  readonly gone?: boolean;
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
      // An interface that is not there has no addresses. The step that adds one reports that the interface is missing.
      addresses: fact(addresses, (reply) => {
        const absent = isAbsent(`the addresses of ${it.device}`, reply);
        return { list: parseAddresses(reply.stdout), gone: absent && !change.want };
      }),
      hostRoute: family(it) === "-4" ? map(listed(routes, `the routes to ${it.address}`), isDirect) : known(false),
      using: routesUsing(family(it), it.address, it.device),
      floats: isOnNetwork(it) ? hasFloating(it.address, it.device, change.want !== undefined) : known(false),
    });
    return map(all, ({ addresses: { list, gone }, hostRoute, using, floats }) => ({
      // What keepalived has there is not what was found, and would not be put back.
      entries:
        change.want && floats
          ? []
          : list.filter((one) => one.address === it.address).map((one) => entryOf(one, list, using)),
      hostRoute,
      ...(floats && { floats }),
      ...(gone && { gone }),
    }));
  },
  plan(change, seen) {
    const { want } = change;
    if (want && seen.floats) return [];
    const it = about(change);
    // What was found on an interface is gone with it.
    const found = seen.gone ? undefined : change.found;
    const target = want ? [wanted(want)] : seen.floats ? seen.entries : (found?.entries ?? []);
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
    if (seen.floats) return { ...said(want.address), label: want.label };
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

/** A real server has the address on the loopback interface, and must not tell anybody. */
function isOnNetwork({ device: at }: Want): boolean {
  return at !== "lo";
}

function wanted(want: Want): Entry {
  const label = family(want) === "-4" ? (want.label ?? want.device) : undefined;
  const { prefix, broadcast } = said(want.address);
  return { prefix, broadcast, label, scope: "global", more: wordsOfOurs(want) };
}

/** Whether two entries agree, apart from their scope: nothing of ours depends on the scope. */
function sameButScope(a: Entry, b: Entry): boolean {
  return a.prefix === b.prefix && a.broadcast === b.broadcast && a.label === b.label && peerOf(a) === peerOf(b);
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

function tell({ address: vip, device: at }: Want): Step {
  return { run: sh(announce(vip, at)), purpose: `telling the network that ${vip} is on ${at} now` };
}
