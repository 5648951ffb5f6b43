import { z } from "zod";
import type { DeclaredHost } from "../host/declared";
import {
  type Finding,
  judge,
  type Problem,
  parseServedPort,
  type Rule,
  sentence,
  servedPort,
  whyNoServedPort,
} from "../model";
import { same } from "../reconcile/equality";
import { address, device } from "../reconcile/inputs";
import type { Hints, Kind } from "../reconcile/kind";
import { stackOf } from "../reconcile/owners";
import type { Advice } from "../reconcile/task";
import { declaredOn } from "./declared-twice";
import type { Props } from "./handler";

// Advice, in the terms of Pulumi. A dynamic provider has no warnings of its own: what it prints, the engine shows beside the
// stack, in a preview as well as in an update.

const hintsOf = new Map<string, Hints>();

const served = z.union([z.number(), z.string()]).transform((given, context) => {
  const one = parseServedPort(given);
  if (one) return servedPort(one);
  context.addIssue({ code: "custom", message: whyNoServedPort(given) as string });
  return z.NEVER;
});

/** What the program says for advice alone. */
export const declaredHints: z.ZodType<Hints> = z.object({
  ...{ address: address.optional(), ports: z.array(served).optional() },
  ...{ gateway: address.optional(), device: device.optional(), floats: z.boolean().optional() },
});

/** Keeps that for this run. */
export function noteHints(id: string, hints: Hints): void {
  hintsOf.set(id, hints);
}

/** What the kind knows to fail on this host. */
export function adviceOn<Want extends object>(
  kind: Pick<Kind<Want>, "advice">,
  id: string,
  { host, want, owner }: { host: DeclaredHost; want: Want; owner: string },
): Advice | undefined {
  const context = { hints: hintsOf.get(id) ?? {}, declared: () => declaredOn(owner, host) };
  const fact = kind.advice?.(want, context);
  return fact && { fact, tell: (findings) => tell(host, findings) };
}

const toldBefore = new Set<string>();

/** Prints each warning once a run. */
function tell({ name, advice }: DeclaredHost, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const line = `warning: ${sentence(`host ${name}`, finding)}`;
    if (advice?.ignore?.includes(finding.name) || toldBefore.has(line)) continue;
    toldBefore.add(line);
    console.log(line);
  }
}

type Route = Pick<DeclaredHost, "address" | "port" | "jump">;

/** How a host is reached, as the first of its resources declares it. */
type FirstRoute = Route & { readonly owner: string };

/** How the hosts of each stack's program are reached, by name. */
const reached = new Map<string, Map<string, FirstRoute>>();

/** A host and those that were declared before. */
export interface NamesFacts {
  readonly host: DeclaredHost;
  readonly before: ReadonlyMap<string, Route>;
}

export const namesRules: readonly Rule<NamesFacts>[] = [
  {
    name: "two-hosts-one-name",
    severity: "error",
    cause: "the name is what a host is known by, and things of two machines would be taken for those of one",
    cure: "Give each Host a name of its own",
    judge({ host, before }) {
      const other = before.get(host.name);
      if (!other || other.address === host.address) return [];
      return [
        {
          property: "host.address",
          reason: `two Hosts are called ${host.name}, at ${other.address} and ${host.address}`,
        },
      ];
    },
  },
  {
    name: "one-host-two-names",
    severity: "warning",
    cause: "what the two declare differently is not noticed, and each undoes the other",
    cure: "Declare one Host, and use it for both",
    judge({ host, before }) {
      // Of two names the later one is told.
      const twin = before.has(host.name)
        ? undefined
        : [...before].find(([name, one]) => name !== host.name && same(wayTo(one), wayTo(host)));
      return twin ? [{ property: "", reason: `the Hosts ${twin[0]} and ${host.name} are both ${host.address}` }] : [];
    },
  },
];

function wayTo({ address, port, jump }: Route): unknown {
  return { address, port, jump: jump && wayTo(jump) };
}

/** The problems of a host beside those that the program has declared before. Warnings are told. */
export function hostProblems(host: DeclaredHost, owner: string): Problem[] {
  const before = reached.get(stackOf(owner)) ?? new Map<string, FirstRoute>();
  // A resource that declares its host anew has changed it.
  if (before.get(host.name)?.owner === owner) before.delete(host.name);
  const findings = judge(namesRules, { host, before });
  if (!before.has(host.name)) reached.set(stackOf(owner), before.set(host.name, { ...host, owner }));
  tell(
    host,
    findings.filter(({ severity }) => severity === "warning"),
  );
  return findings.filter(({ severity }) => severity === "error");
}

/** The first host of each stack that has answered as a machine, by stack and machine-id. */
const answered = new Map<string, DeclaredHost>();

/** Tells of two Hosts of one program that answer with one machine-id. Hosts of one address were told by the check. */
export function tellOfTwins(host: DeclaredHost, owner: string, machine: string): void {
  const key = `${stackOf(owner)} ${machine}`;
  const twin = answered.get(key) ?? host;
  if (machine !== "") answered.set(key, twin);
  if (twin.name === host.name || same(wayTo(twin), wayTo(host))) return;
  const reason =
    `the Hosts ${twin.name} (${twin.address}) and ${host.name} (${host.address}) have one machine-id: they are one machine, or one ` +
    "is a copy of the other. Of one machine, declare one Host. In a copy, make another id: rm /etc/machine-id; systemd-machine-id-setup";
  tell(host, [{ name: "one-host-two-names", severity: "warning", property: "", reason }]);
}

/** The inputs without what is said for this run alone. */
export function withoutHints(inputs: Props): Props {
  const { advice: _, behind: __, ...rest } = inputs;
  return rest;
}
