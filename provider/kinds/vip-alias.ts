import { z } from "zod";
import { aliasAdvice } from "../advice";
import type { Command } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, facts, known, printed } from "../host/fact";
import { quote } from "../host/shell";
import { familyOption } from "../linux/ip";
import { familyOf } from "../model/index";
import { fragment } from "../reconcile/boot";
import { address, boot, device } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

const declaration = z
  .object({ address, device, label: z.string().optional(), boot })
  .superRefine((want, context) => {
    const problem = (message: string) => context.addIssue({ code: "custom", path: ["label"], message });
    if (want.label === undefined) return;
    if (want.address.includes(":")) problem("IPv6 addresses have no labels");
    else if (!want.label.startsWith(`${want.device}:`) || !/^\S{3,15}$/.test(want.label))
      problem(`a label begins with the interface, and has 15 characters at most: "${want.device}:0"`);
  })
  // These values are always the same. They are here so that another prefix, another broadcast address or a lost route show as
  // differences.
  .transform((want) => {
    const six = want.address.includes(":");
    return { ...want, prefix: six ? 128 : 32, ...(six ? {} : { broadcast: want.address, hostRoute: true }) };
  });

type Want = z.output<typeof declaration>;

/** The address on the interface, as `ip address` shows it. */
interface Entry {
  readonly prefix: number;
  readonly broadcast?: string | undefined;
  /** The label. Without one, the kernel takes the interface's name. */
  readonly label?: string | undefined;
  readonly scope: string;
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
  identity: (want) => `${want.address} ${want.device}`,

  look(change) {
    const it = about(change);
    const on = ["dev", it.device];
    const addresses = { argv: ["ip", family(it), "-o", "address", "show", ...on, "to", it.address] };
    const routes = { argv: ["ip", "-4", "-o", "route", "show", "exact", it.address, ...on, "table", "main"] };
    return facts({
      entries: fact(addresses, ({ exit, stdout, stderr }) => {
        // An interface that is not there has no addresses. The step that adds one reports that the interface is missing.
        if (exit !== 0 && !/does not exist|Cannot find device/.test(stderr))
          throw new LvsError(`reading the addresses of ${it.device}: ${stderr.trim()}`);
        return parse(stdout);
      }),
      hostRoute: family(it) === "-4" ? printed(routes, isDirect) : known(false),
    });
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
  boot(want) {
    const route = `${routeWords(want, "show exact").join(" ")} | grep -q . || ${routeWords(want, "append").join(" ")}`;
    const address = ["ip", family(want), "address", "replace", ...spec(want, wanted(want))].map(quote).join(" ");
    return [
      fragment(20, `vip-${want.address}-${want.device}`, want.hostRoute ? `${address} && { ${route}; }` : address),
    ];
  },
};

function isDirect(routes: string): boolean {
  return routes.split("\n").some((line) => line.trim() !== "" && !line.includes(" via "));
}

function family(want: Want): "-4" | "-6" {
  return familyOption(familyOf(want.address));
}

function wanted(want: Want): Entry {
  const label = family(want) === "-4" ? (want.label ?? want.device) : undefined;
  return { prefix: want.prefix, broadcast: want.broadcast, label, scope: "global" };
}

/** Whether two entries agree, apart from their scope: nothing of ours depends on the scope. */
function sameButScope(a: Entry, b: Entry): boolean {
  return a.prefix === b.prefix && a.broadcast === b.broadcast && a.label === b.label;
}

function same(a: Entry, b: Entry): boolean {
  return sameButScope(a, b) && a.scope === b.scope;
}

function unlabelled(want: Want, label: string | undefined): string | undefined {
  return label === want.device ? undefined : label;
}

// A line: 2: eth0    inet 10.0.0.9/32 brd 10.0.0.9 scope global eth0:0\       valid_lft forever preferred_lft forever
function parse(listing: string): Entry[] {
  return listing.split("\n").flatMap((line): Entry[] => {
    const [words = []] = line.split("\\").map((part) => part.trim().split(/\s+/));
    const after = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined);
    const [four, six] = [after("inet"), after("inet6")];
    const scope = after("scope");
    if (!(four || six) || !scope) return [];
    const prefix = Number((four ?? six)?.split("/")[1] ?? (four ? 32 : 128));
    return [{ prefix, scope, ...(four && { broadcast: after("brd"), label: words.at(-1) }) }];
  });
}

/** The words of an entry that `ip address` takes. */
function spec(about: Want, { prefix, broadcast, label, scope }: Entry): string[] {
  return [
    `${about.address}/${prefix}`,
    ...(broadcast ? ["broadcast", broadcast] : []),
    ...["dev", about.device],
    ...(label && label !== about.device ? ["label", label] : []),
    ...(scope === "global" ? [] : ["scope", scope]),
    ...(family(about) === "-6" ? ["nodad"] : []),
  ];
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
  const of = [`${about.address}/${entry.prefix}`, "dev", about.device];
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
