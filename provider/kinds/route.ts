import { z } from "zod";
import { gatewayAdvice } from "../advice";
import { type Command, sh } from "../host/command";
import { facts, known, map, printed } from "../host/fact";
import { quote } from "../host/shell";
import { familyOption, listed } from "../linux/ip";
import { type ListedRoute, oddWord, parseRoutes, wordAfter } from "../linux/routes";
import { oneName } from "../linux/routing-tables";
import { formerTables } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot, device, oneHost, table, target } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";
import { about } from "../reconcile/kind";

const declaration = z
  .object({
    to: target,
    via: oneHost.optional(),
    device: device.optional(),
    source: oneHost.optional(),
    metric: z.number().int().min(0).max(4294967295).default(0),
    table: table.default("main"),
    boot,
  })
  .superRefine((want, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (!want.via && !want.device) problem("via", "a route needs `via` (a gateway) or `device`: give one of them");
    const six = [want.to, want.via, want.source].filter((text) => text !== undefined && text !== "default");
    if (six.some((text) => text?.includes(":") !== six[0]?.includes(":")))
      problem("via", "`to`, `via` and `source` must be of one address family: declare a route for each");
    if (want.via && /^fe80:/i.test(want.via) && !want.device)
      problem("device", "is missing: each interface has a network fe80::/64 of its own, so give that of the gateway");
  })
  // No metric is the kernel's own one.
  .transform((want) => ({ ...want, metric: want.metric === ownMetric(want) ? 0 : want.metric }));

type Want = z.output<typeof declaration>;

interface Seen extends ListedRoute {
  /** Other routes to the same target with the same metric. */
  readonly beside?: readonly string[];
  /** The interfaces of the host; of a delete alone. There may be no route then: it has no words. */
  readonly interfaces?: readonly string[];
}

const NONE: Seen = { spec: [], via: undefined, device: undefined, source: undefined };

/** A route, identified by its target, table and metric. */
export const route: Kind<Want, Seen | null> = {
  name: "Route",
  mayBeNothing: true,
  inputs: declaration as unknown as z.ZodType<Want>,
  identity,

  look(change) {
    const it = about(change);
    const ask = { argv: ["ip", family(it), "-o", "route", "show", "exact", it.to, "table", it.table] };
    // A routing table does not exist before its first route.
    const there = map(listed(ask, `the route to ${it.to} in table ${it.table}`), (text) =>
      chosen(it, parseRoutes(text, isIpv6(it))),
    );
    const named = change.want ? oneName("Route", it.table, (table) => identity({ ...it, table })) : known(undefined);
    const interfaces = change.want
      ? known(undefined)
      : printed(sh("ls /sys/class/net"), (output) => output.split("\n").filter(Boolean));
    return map(facts({ named, there, interfaces }), ({ there, interfaces }) =>
      interfaces ? { ...(there ?? NONE), interfaces } : there,
    );
  },
  plan(change, there) {
    const { want, found } = change;
    const it = about(change);
    const seen = there && there.spec.length > 0 ? there : null;
    // A route over an interface that is no more is gone for good.
    const back = found && leadsOn(found, there?.interfaces) ? found.spec : undefined;
    const goal = want ? spec(want) : back;
    if (want ? seen && agrees(want, seen) : seen?.spec.join(" ") === back?.join(" ")) return [];
    if (!goal && seen && !isOurs(it, seen)) return [];
    const run = goal ? put(it, goal, want ? null : seen) : drop(it, seen?.spec ?? []);
    const undo = seen ? put(it, seen.spec) : drop(it, exactly(it));
    const purpose = goal ? `setting the route ${goal.join(" ")}` : `deleting the route to ${it.to}`;
    const question = "Is the gateway right, and does it forward to where Pulumi runs?";
    return [{ run, purpose, advice, risky: { undo, touches: "way", advice: question } }];
  },
  irreplaceable: (_, seen) => (seen ? whyIrreplaceable(seen) : undefined),
  report: (want, seen) => ({
    via: want.via === undefined && !seen?.via ? undefined : (seen?.via ?? ""),
    ...(want.device !== undefined || !seen ? { device: seen?.device ?? "" } : {}),
    ...(want.source !== undefined ? { source: seen?.source ?? "" } : {}),
  }),
  advice: (_, context) => (context.hints.ports ? gatewayAdvice(context) : known([])),
  boot: (want) => [fragment(30, "Route", identity(want), atBoot(want))],
  formerly(want) {
    const tables = [want.table, ...formerTables(want.table)];
    const metrics = [want.metric, ...(want.metric === 0 && isIpv6(want) ? [realMetric(want)] : [])];
    const spellings = tables.flatMap((table) => metrics.map((metric) => ({ ...want, table, metric })));
    return {
      identities: spellings.flatMap(formerIdentities),
      boot: spellings.map((one) => {
        const words = ["route", one.table, one.to, one.metric, ...(one.to === "default" ? ofFamily(one) : [])];
        return formerFragment(30, words, atBoot(one));
      }),
    };
  },
};

function identity(want: Want): string {
  return [nameOf(want.to), want.table, want.metric, ...ofFamily(want)].join(" ");
}

/** "0.0.0.0/0" was another target than "default". */
function formerIdentities(want: Want): string[] {
  return [identity(want), ...(want.to === nameOf(want.to) ? [] : [[want.to, want.table, want.metric].join(" ")])];
}

function atBoot(want: Want): string {
  return ["ip", family(want), "route", "replace", ...spec(want), "table", want.table].map(quote).join(" ");
}

/** The route that is as declared, or else the first one, which `ip route replace` replaces. */
function chosen(it: Want, listed: readonly ListedRoute[]): Seen | null {
  const metric = (seen: ListedRoute) => Number(wordAfter(seen.spec, "metric") ?? ownMetric(it));
  // A route for one type of service is another route.
  const all = listed.filter((seen) => metric(seen) === realMetric(it) && !seen.spec.includes("tos"));
  const one = all.find((seen) => agrees(it, seen)) ?? all[0];
  const beside = all.filter((seen) => seen !== one).map((seen) => seen.spec.join(" "));
  return one ? { ...one, ...(beside.length > 0 && { beside }) } : null;
}

/** A route of somebody else's that came to our route's place says who brought it. Ours does not, and neither does a change by hand. */
function isOurs(had: Want, seen: Seen): boolean {
  return agrees(had, seen) || wordAfter(seen.spec, "proto") === undefined;
}

/** Whether the interfaces of a route are there. */
function leadsOn({ spec: words }: ListedRoute, interfaces: readonly string[] | undefined): boolean {
  return words.every((word, i) => words[i - 1] !== "dev" || (interfaces?.includes(word) ?? true));
}

function whyIrreplaceable({ spec: words, ends, beside }: Seen): string | undefined {
  const route = words.join(" ");
  if (ends)
    return `the host has "${route}" from a router's advertisement, which ends by itself, and could not be put back. Declare another \`metric\``;
  if (beside) return `the host has several such routes: ${[route, ...beside].join("; ")}. Declare another \`metric\``;
  const odd = oddWord(words);
  return (
    odd &&
    `the host has "${route}", and "${odd}" could not be put back. Declare another \`metric\`, or delete that route`
  );
}

function agrees(want: Want, seen: Seen): boolean {
  return (
    seen.via === want.via &&
    (want.device === undefined || seen.device === want.device) &&
    (want.source === undefined || seen.source === want.source)
  );
}

function spec(want: Want): string[] {
  const pairs = { via: want.via, dev: want.device, src: want.source, metric: want.metric || undefined };
  return [
    want.to,
    ...Object.entries(pairs).flatMap(([word, value]) => (value === undefined ? [] : [word, String(value)])),
  ];
}

/** Sets the route with these words. Where others have its metric, `replace` might take one of them, and only `old` is to go. */
function put(it: Want, words: readonly string[], old: Seen | null = null): Command {
  if (!old?.beside) return { argv: ["ip", ...tell(it, "replace", words)] };
  const both = [tell(it, "append", words), tell(it, "del", old.spec)].map((rest) => ["ip", ...rest]);
  return sh(both.map((argv) => argv.map(quote).join(" ")).join(" && "));
}

/** Deletes the route with exactly these words. Others may have its target and metric. */
function drop(it: Want, words: readonly string[]): Command {
  return sh('ip "$@"', ...tell(it, "del", words));
}

/** Nothing but gateways may follow the first of several. */
function tell(it: Want, verb: string, words: readonly string[]): string[] {
  const at = words.includes("nexthop") ? words.indexOf("nexthop") : words.length;
  return [family(it), "route", verb, ...words.slice(0, at), "table", it.table, ...words.slice(at)];
}

/** Our route, as no other route can be. */
function exactly(want: Want): string[] {
  const words = spec({ ...want, metric: 0 });
  return realMetric(want) === 0 ? words : [...words, "metric", String(realMetric(want))];
}

function family(want: Want): "-4" | "-6" {
  return familyOption(isIpv6(want) ? "ipv6" : "ipv4");
}

/** "0.0.0.0/0" and "::/0" are the same as "default". */
function nameOf(to: string): string {
  return /^(0\.0\.0\.0|::)\/0$/.test(to) ? "default" : to;
}

/** Both families have a "default": its name needs the family. */
function ofFamily(want: Want): string[] {
  return nameOf(want.to) === "default" && isIpv6(want) ? ["ipv6"] : [];
}

function isIpv6({ to, via, source }: Words): boolean {
  return [to, via, source].some((text) => text?.includes(":"));
}

interface Words {
  readonly to: string;
  readonly via?: string | undefined;
  readonly source?: string | undefined;
}

// The kernel gives an IPv6 route without a metric the metric 1024 (IP6_RT_PRIO_USER).
function ownMetric(want: Words): number {
  return isIpv6(want) ? 1024 : 0;
}

function realMetric(want: Want): number {
  return want.metric || ownMetric(want);
}

function advice({ stderr }: { stderr: string }): string | undefined {
  if (/invalid gateway|unreachable/i.test(stderr))
    return "Is the gateway's address on a network of one of this host's interfaces?";
  if (/Cannot find device/.test(stderr)) return "`ip link` on the host lists its interfaces";
  return undefined;
}
