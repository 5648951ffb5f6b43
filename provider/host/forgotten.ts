import type { DeclaredHost } from "./declared";
import { HostError } from "./errors";
import { at, reason } from "./naming";

/**
 * The environment variable in which somebody names hosts that are gone, for one command: "rs1,rs2". The state may have no word
 * of it: what has left the program keeps the connection that it was declared with.
 */
export const FORGET = "PULUMI_LVS_FORGET";

/** Whether this host cannot be reached, itself or its jump host, and somebody has said to go on without it. */
export function isForgotten(host: DeclaredHost, error: unknown): error is HostError {
  if (!(error instanceof HostError && error.what === "unreachable")) return false;
  const way = [host, ...through(host)].map(({ name }) => name);
  const named = (process.env[FORGET] ?? "").split(",").map((name) => name.trim());
  const concerned = [host.name, error.host];
  return (
    way.includes(error.host ?? host.name) &&
    (host.onUnreachable === "forget" || named.some((name) => concerned.includes(name)))
  );
}

function through({ jump }: DeclaredHost): DeclaredHost[] {
  return jump ? [jump, ...through(jump)] : [];
}

const warned = new Set<string>();

/** Says once a run that a refresh has left the host out. */
export function warnUnseen(host: DeclaredHost, { cause }: HostError): void {
  if (warned.has(host.name)) return;
  warned.add(host.name);
  const why = cause === undefined ? "" : `: ${reason(cause)}`;
  console.log(
    `warning: ${at(host)}: not reachable${why}. Nothing on it was looked at, as was asked for: the state keeps what was seen before.`,
  );
}
