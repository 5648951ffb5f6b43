import { appendFileSync } from "node:fs";

/** What this process did over the network so far: tests assert counts, which cannot flake, rather than times. */
export const statistics = {
  /** Attempts to connect. */
  dials: 0,
  /** Attempts that ended with an authenticated connection. */
  connections: 0,
  execs: 0,
  /** Bytes of scripts and of their output. */
  sent: 0,
  received: 0,
  /** The most channels that one connection had in flight. */
  channels: 0,
};

/**
 * Appends one JSON line to the file named by LVS_TRACE, so that a test (or a user who wonders) can count the connections of
 * a provider process from outside. Facts are names, counts and times; never a command, its input or its output.
 */
export function trace(event: "dial" | "exec", facts: Record<string, string | number | boolean | undefined>): void {
  const file = process.env.LVS_TRACE;
  if (!file) return;
  try {
    appendFileSync(file, `${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`, { mode: 0o600 });
  } catch {
    // A trace that cannot be written must not stop what is traced.
  }
}
