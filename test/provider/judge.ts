import { LvsError } from "../../provider/host/errors";
import { render } from "../../provider/host/shell";
import { kinds } from "../../provider/kinds";
import type { Handler, Props } from "../../provider/pulumi/handler";
import { same } from "../../provider/reconcile/equality";
import { entryName } from "../../provider/reconcile/ledger";
import { canonicalAddress, type Mutation } from "./mutations";
import { at, places } from "./places";

export type Verdict = "refused" | "accepted" | "dropped" | "wrong" | "another name" | "threw";

type Check = (inputs: Props) => ReturnType<Handler["check"]>;

/** Texts that say themselves what they mean: blanks and addresses in them are nobody's mistake. */
const FREE: Readonly<Record<string, RegExp>> = {
  BgpAnnouncement: /^configuration/,
  File: /^(content|path|validate)/,
  HealthChecks: /^configuration/,
  Password: /^triggers/,
  PostgresqlRole: /^password/,
  Release: /^(environment|start|artefact\.path)/,
  Rollout: /^(ready\.contains|prepare|machines)/,
  Sysctl: /^host\.(hostKey|knownHosts|privateKey|passphrase|agent|sudo)/,
  SystemdService: /^(validate|configuration)/,
  TlsCertificate: /^commonName/,
  TrafficCheck: /^(triggers|expect\.servers|url)/,
  VrrpInstance: /^configuration/,
};

/** Addresses that may be names as well, or "default", or a network. */
const ALSO_NAMES =
  /^(host\.address|servers\.\d+\.host\.address|names\.\d+|from|to|source|expect\.arp\.director\.address|(expect\.failover|drains)\.directors\.\d+\.address)$|\.(host|jump|director)\.address$/;

/** Judges what a check says of a mutation. */
export async function judge(type: string, check: Check, base: Props, mutation: Mutation) {
  const say = (verdict: Verdict, more = "") => {
    const { path, what, value } = mutation;
    return { verdict, why: `${path.join(".").slice(0, 80)} ${what}: ${JSON.stringify(value)?.slice(0, 80)} ${more}` };
  };
  try {
    const { inputs: normal, failures } = await check(mutation.inputs);
    if (failures.length > 0)
      return isNamed(mutation, failures) ? say("refused") : say("another name", JSON.stringify(failures).slice(0, 300));
    if (mutation.added && places(normal).length <= places((await check(base)).inputs).length) return say("dropped");
    const again = await check(normal);
    if (!same(again, { inputs: normal, failures: [] })) return say("wrong", "its normal form has another one");
    const wrong = misread(type, normal, base, mutation) ?? unusable(type, normal);
    return wrong ? say("wrong", wrong) : say("accepted");
  } catch (error) {
    return say("threw", (error as Error).message);
  }
}

/**
 * Whether a failure is told of the place that was changed. A rule about two properties may be told of the other one, if it names
 * this one.
 */
export function isNamed({ path }: Mutation, failures: readonly { property: string; reason: string }[]): boolean {
  const here = `${path.join(".")}.`;
  const name = path.findLast((key) => typeof key === "string");
  return failures.some(
    ({ property, reason }) =>
      here.startsWith(`${property}.`) || `${property}.`.startsWith(here) || reason.includes(String(name)),
  );
}

/** How the normal form is something else than what was declared. */
function misread(type: string, normal: Props, base: Props, { path, value, text }: Mutation): string | undefined {
  const where = path.join(".");
  const now = at(normal, path);
  const before = at(base, path);
  if (text?.includes("\0") && where !== "content") return "it has a NUL";
  if (text !== undefined && /\p{Surrogate}/u.test(text)) return "it has half of a surrogate pair";
  if (FREE[type]?.test(where)) return undefined;
  if (text !== undefined && /^\s|\s$/.test(text) && now !== undefined && (now === text || value !== text))
    return "the blank is kept";
  if (typeof value === "number" && typeof now === "number" && now !== value && !isSorted(type))
    return `it is ${now} now`;
  if (typeof before !== "string" || typeof value !== "string" || canonicalAddress(before) === undefined)
    return undefined;
  const meant = canonicalAddress(value);
  if (meant === undefined) return ALSO_NAMES.test(where) && isLikeName(value) ? undefined : "it is no address";
  return canonicalAddress(String(now)) === meant || now === "default" ? undefined : `it is ${now} now`;
}

/** Ports are sorted and merged. */
function isSorted(type: string): boolean {
  return type === "FirewallMark";
}

/** A network, "default", or a name that nobody takes for an address. */
function isLikeName(text: string): boolean {
  const [base = "", prefix] = text.split("/");
  if (canonicalAddress(base)) return /^\d+$/.test(prefix ?? "");
  return /^[a-z_][\w-]*$/i.test(text) || /\.[a-z_][\w-]*$/i.test(text) || /\.\d+[a-z-][\w-]*$/i.test(text);
}

/** Why no host could have the thing: a file's name is too long, or a command cannot be written. */
function unusable(type: string, { host: _, owner: __, __provider: ___, ...normal }: Props): string | undefined {
  const kind = kinds.get(type);
  if (!kind) return undefined;
  const crossed = Object.entries(kind.wire ?? {}).map(([key, { from }]) => [key, from(normal[key] as never)]);
  const want = kind.inputs.parse({ ...normal, ...Object.fromEntries(crossed) });
  const files = (kind.boot?.(want) ?? []).flatMap(({ path }) => path.split("/"));
  const names = [...files, `${entryName(kind.name, kind.identity(want))}.found`];
  const long = names.find((name) => Buffer.byteLength(name) > 255);
  if (long) return `no file can be called ${long.slice(0, 40)}`;
  render({ looks: kind.look({ want }).ask });
  try {
    render({ steps: kind.plan({ want }, {} as never).map(({ run }) => run) });
  } catch (error) {
    // Nothing was seen that a plan could be made of; the kind's own errors are for users.
    if (!(error instanceof TypeError || error instanceof LvsError)) return `a plan throws ${(error as Error).message}`;
  }
  return undefined;
}
