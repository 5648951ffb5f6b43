import type { Problem } from "./problem";

// What is known to fail in Linux Virtual Server. A rule is told before it hurts: while the program runs, or when `up` and
// refresh look at a host anyway. The names stand here once, because a program silences rules of both sides by them.

/** The rules that a program alone can break. They are told by a preview already. */
export const previewAdvice = [
  "clients-beside-servers",
  "port-mapping",
  "swapped-addresses",
  "vip-of-director",
  "no-server",
  "weights-ignored",
  "low-threshold",
  "one-packet-nat",
  "check-port",
  "check-timeout",
  "check-from-site",
  "two-hosts-one-name",
  "one-host-two-names",
  "expectation",
] as const;

/** The rules that only hosts can show. They are told by `up` and refresh. */
export const hostAdvice = [
  "vip-missing",
  "forwarding-off",
  "gateway-elsewhere",
  "shared-network",
  "redirects",
  "other-network",
  "tunnel-mtu",
  "ftp",
  "sync-loop",
  "sync-one-way",
  "arp-settings",
  "rp-filter",
  "firewall",
  "firewall-forward",
  "firewall-directors",
] as const;

/** The name of a rule. A warning is silenced by it: `advice: { ignore: ["tunnel-mtu"] }`. */
export type AdviceName = (typeof previewAdvice)[number] | (typeof hostAdvice)[number];

/** One thing that is known to fail. */
export interface Rule<Facts> {
  readonly name: AdviceName;
  /** An error cannot work at all. A warning is probable, and can be silenced. */
  readonly severity: "error" | "warning";
  /** Why it fails. */
  readonly cause: string;
  /** What to do. */
  readonly cure: string;
  /** What is so, each with its property; nothing where the rule is kept, or where it is not known. */
  judge(facts: Facts): readonly Problem[];
}

/** A rule that is broken. */
export interface Finding extends Problem {
  readonly name: AdviceName;
  readonly severity: Rule<never>["severity"];
}

/** All that the rules find. The reason says what is so, why that fails and what to do. */
export function judge<Facts>(rules: readonly Rule<Facts>[], facts: Facts): Finding[] {
  return rules.flatMap((rule) =>
    rule.judge(facts).map(({ property, reason }) => {
      const { name, severity, cause, cure } = rule;
      return { name, severity, property, reason: `${reason}: ${cause}. ${cure}` };
    }),
  );
}

/** A finding in one line, with the name that silences it. */
export function sentence(about: string, { property, reason, name }: Finding): string {
  return `${about}: ${property ? `${property}: ` : ""}${reason}. (advice "${name}")`;
}
