import { z } from "zod";
import { gatewayAdvice } from "../advice";
import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, known } from "../host/fact";
import { quote } from "../host/shell";
import { familyOption } from "../linux/ip";
import { isUnicast } from "../model";
import { fragment } from "../reconcile/boot";
import { address, boot, device, table, target } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";
import { about } from "../reconcile/kind";

const oneHost = address.refine((given) => isUnicast(given) || /^fe80:/i.test(given), "is no address of one host");

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
    if (!want.via && !want.device) problem("via", "a route needs `via` (a gateway) or `device`");
    const six = [want.to, want.via, want.source].filter((text) => text !== undefined && text !== "default");
    if (six.some((text) => text?.includes(":") !== six[0]?.includes(":")))
      problem("via", "`to`, `via` and `source` must be of one address family");
  });

type Want = z.output<typeof declaration>;

interface Seen {
  /** The words of the route that `ip route` prints and takes. */
  readonly spec: readonly string[];
  readonly via: string | undefined;
  readonly device: string | undefined;
  readonly source: string | undefined;
}

/** A route, identified by its target, table and metric. */
export const route: Kind<Want, Seen | null> = {
  name: "Route",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: (want) => [nameOf(want.to), want.table, want.metric, ...ofFamily(want)].join(" "),

  look(change) {
    const it = about(change);
    const ask = { argv: ["ip", family(it), "-o", "route", "show", "exact", it.to, "table", it.table] };
    return fact(ask, ({ exit, stdout, stderr }) => {
      // A routing table does not exist before its first route.
      if (exit !== 0 && !/FIB table does not exist/.test(stderr))
        throw new LvsError(`reading the route to ${it.to} in table ${it.table}: ${stderr.trim()}`);
      const metric = (seen: Seen) => Number(after(seen.spec, "metric") ?? (isIpv6(it) ? 1024 : 0));
      return parse(stdout).find((seen) => metric(seen) === realMetric(it)) ?? null;
    });
  },
  plan(change, seen) {
    const { want, found } = change;
    const it = about(change);
    const goal = want ? spec(want) : found?.spec;
    if (want ? seen && agrees(want, seen) : seen?.spec.join(" ") === found?.spec.join(" ")) return [];
    const run = goal ? put(it, goal) : drop(it);
    const undo = seen ? put(it, seen.spec) : drop(it);
    const purpose = goal ? `setting the route ${goal.join(" ")}` : `deleting the route to ${it.to}`;
    const question = "Is the gateway right, and does it forward to where Pulumi runs?";
    return [{ run, purpose, advice, risky: { undo, touches: "way", advice: question } }];
  },
  report: (want, seen) => ({
    via: want.via === undefined && !seen?.via ? undefined : (seen?.via ?? ""),
    ...(want.device !== undefined || !seen ? { device: seen?.device ?? "" } : {}),
    ...(want.source !== undefined ? { source: seen?.source ?? "" } : {}),
  }),
  advice: (_, context) => (context.hints.ports ? gatewayAdvice(context) : known([])),
  boot: (want) => [
    fragment(
      30,
      ["route", want.table, nameOf(want.to), want.metric, ...ofFamily(want)].join("-"),
      ["ip", family(want), "route", "replace", ...spec(want), "table", want.table].map(quote).join(" "),
    ),
  ],
};

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

// Words of `ip route show` that describe the present state of a route. `ip route replace` does not take them.
const FLEETING = new Set(["linkdown", "dead", "offload", "trap", "rt_offload"]);
const FLEETING_PAIRS = new Set(["expires", "error", "cache"]);

function parse(listing: string): Seen[] {
  return listing
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const words = line.replaceAll("\\", " ").trim().split(/\s+/);
      const kept = words.filter(
        (word, i) => !FLEETING.has(word) && !FLEETING_PAIRS.has(word) && !FLEETING_PAIRS.has(words[i - 1] ?? ""),
      );
      return { spec: kept, via: after(kept, "via"), device: after(kept, "dev"), source: after(kept, "src") };
    });
}

function after(words: readonly string[], word: string): string | undefined {
  return words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
}

function put({ table, ...want }: Want, words: readonly string[]): Command {
  return { argv: ["ip", family(want as Want), "route", "replace", ...words, "table", table] };
}

function drop(want: Want): Command {
  const metric = want.metric ? ["metric", String(want.metric)] : [];
  return sh('ip "$@"', family(want), "route", "del", want.to, ...metric, "table", want.table);
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

function isIpv6(want: Want): boolean {
  return [want.to, want.via, want.source].some((text) => text?.includes(":"));
}

// The kernel gives an IPv6 route without a metric the metric 1024 (IP6_RT_PRIO_USER).
function realMetric(want: Want): number {
  return want.metric === 0 && isIpv6(want) ? 1024 : want.metric;
}

function advice({ stderr }: { stderr: string }): string | undefined {
  if (/invalid gateway|unreachable/i.test(stderr))
    return "Is the gateway's address on a network of one of this host's interfaces?";
  if (/Cannot find device/.test(stderr)) return "`ip link` on the host lists its interfaces";
  return undefined;
}
