import { z } from "zod";
import type { Command } from "../host/command";
import { LvsError } from "../host/errors";
import { quote } from "../host/shell";
import { fragment } from "../reconcile/boot";
import { address, boot, device } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";

const declaration = z
  .object({ address, device, label: z.string().optional(), boot })
  .superRefine((want, context) => {
    const problem = (message: string) => context.addIssue({ code: "custom", path: ["label"], message });
    if (want.label === undefined) return;
    if (want.address.includes(":")) problem("IPv6 addresses have no labels");
    else if (!want.label.startsWith(`${want.device}:`) || !/^\S{3,15}$/.test(want.label))
      problem(`a label begins with the interface, and has 15 characters at most: "${want.device}:0"`);
  })
  // Always the address alone; here so that another prefix, broadcast address or a lost route show as differences.
  .transform((want) => {
    const six = want.address.includes(":");
    return { ...want, prefix: six ? 128 : 32, ...(six ? {} : { broadcast: want.address, hostRoute: true }) };
  });

type Want = z.output<typeof declaration>;

/** The address as it is on the interface. */
interface Entry {
  readonly prefix: number;
  readonly broadcast?: string | undefined;
  /** The interface's own name where no label was given. */
  readonly label?: string | undefined;
  readonly scope: string;
}

interface Seen {
  readonly entries: readonly Entry[];
  readonly hostRoute: boolean;
}

/**
 * A virtual address, alone in its network: /32 with itself as broadcast address, and a host route to it on its interface;
 * with IPv6 /128, without duplicate address detection, because every server of a site has it.
 */
export const vipAlias: Kind<Want, Seen> = {
  name: "VipAlias",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: (want) => `${want.address} ${want.device}`,

  observe({ had, want }) {
    const about = (want ?? had) as Want;
    const on = ["dev", about.device];
    const routes = ["ip", "-4", "-o", "route", "show", "exact", about.address, ...on, "table", "main"];
    return [
      { argv: ["ip", family(about), "-o", "address", "show", ...on, "to", about.address] },
      ...(family(about) === "-4" ? [{ argv: routes }] : []),
    ];
  },
  read([addresses, routes], { had, want }) {
    // An interface that is not there has no addresses; adding one says so.
    if (addresses?.exit !== 0 && !/does not exist|Cannot find device/.test(addresses?.stderr ?? ""))
      throw new LvsError(`reading the addresses of ${(want ?? had)?.device}: ${addresses?.stderr.trim()}`);
    const direct = (routes?.stdout ?? "").split("\n").some((line) => line.trim() !== "" && !line.includes(" via "));
    return { entries: parse(addresses?.stdout ?? ""), hostRoute: direct };
  },
  plan({ had, want, found }, seen) {
    const about = (want ?? had) as Want;
    const target = want ? [wanted(want)] : (found?.entries ?? []);
    const agrees = want ? like : same;
    const missing = target.filter((entry) => !seen.entries.some((other) => agrees(entry, other)));
    const surplus = seen.entries.filter((entry) => !target.some((other) => agrees(other, entry)));
    // The kernel holds an IPv4 address twice if its prefixes differ: then it is there all the while.
    const inTheWay = (entry: Entry) =>
      family(about) === "-6" || target.some(({ prefix }) => prefix === entry.prefix) || target.length === 0;
    const route = want ? want.hostRoute === true : (found?.hostRoute ?? false);
    return [
      ...(seen.hostRoute && !route ? [takeRoute(about)] : []),
      ...surplus.filter(inTheWay).map((entry) => take(about, entry)),
      ...missing.map((entry) => add(about, entry)),
      ...surplus.filter((entry) => !inTheWay(entry)).map((entry) => take(about, entry)),
      ...(!seen.hostRoute && route ? [addRoute(about)] : []),
    ];
  },
  report(want, seen) {
    const entry = seen.entries.find((one) => !like(wanted(want), one)) ?? seen.entries[0];
    const four = family(want) === "-4";
    const label = entry ? unlabelled(want, entry.label) : want.label && "";
    return {
      prefix: entry?.prefix ?? 0,
      label,
      ...(four ? { broadcast: entry?.broadcast ?? "", hostRoute: seen.hostRoute } : {}),
    };
  },
  boot(want) {
    const route = `${routeWords(want, "show exact").join(" ")} | grep -q . || ${routeWords(want, "append").join(" ")}`;
    const address = ["ip", family(want), "address", "replace", ...spec(want, wanted(want))].map(quote).join(" ");
    return [
      fragment(20, `vip-${want.address}-${want.device}`, want.hostRoute ? `${address} && { ${route}; }` : address),
    ];
  },
};

function family(want: Want): "-4" | "-6" {
  return want.address.includes(":") ? "-6" : "-4";
}

function wanted(want: Want): Entry {
  const label = family(want) === "-4" ? (want.label ?? want.device) : undefined;
  return { prefix: want.prefix, broadcast: want.broadcast, label, scope: "global" };
}

/** Whatever its scope: nothing of ours depends on it. */
function like(a: Entry, b: Entry): boolean {
  return a.prefix === b.prefix && a.broadcast === b.broadcast && a.label === b.label;
}

function same(a: Entry, b: Entry): boolean {
  return like(a, b) && a.scope === b.scope;
}

function unlabelled(want: Want, label: string | undefined): string | undefined {
  return label === want.device ? undefined : label;
}

// 2: eth0    inet 10.0.0.9/32 brd 10.0.0.9 scope global eth0:0\       valid_lft forever preferred_lft forever
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

/** As `ip address` takes it. */
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

function take(about: Want, entry: Entry): Step {
  const of = [`${about.address}/${entry.prefix}`, "dev", about.device];
  const step: Step = {
    run: { argv: ["ip", family(about), "address", "del", ...of] },
    purpose: `removing ${about.address}/${entry.prefix} from ${about.device}`,
  };
  // With an address that stands for a network goes the way to that network, which may be the one we came on.
  const alone = entry.prefix === (family(about) === "-4" ? 32 : 128);
  return alone ? step : { ...step, risky: { undo: add(about, entry).run } };
}

function routeWords({ address: vip, device: at }: Want, verb: string): string[] {
  return ["ip", "-4", "route", ...verb.split(" "), vip, "dev", at, "table", "main"];
}

// `append`, because the same address may still have a route on another interface, which is somebody else's to remove.
function addRoute(about: Want): Step {
  const run: Command = { argv: routeWords(about, "append") };
  return { run, purpose: `setting the host route to ${about.address} on ${about.device}` };
}

function takeRoute(about: Want): Step {
  const run: Command = { argv: routeWords(about, "del") };
  return { run, purpose: `deleting the host route to ${about.address} on ${about.device}` };
}
