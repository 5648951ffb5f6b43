import { appendFileSync } from "node:fs";

/** What this process has done over the network so far. Tests assert these counts instead of times, which vary. */
export const statistics = {
  /** Attempts to connect. */
  dials: 0,
  /** Attempts that ended with an authenticated connection. */
  connections: 0,
  /** Channels on which a command ran: a shell that stays open, or a script of its own. */
  execs: 0,
  scripts: 0,
  /** Bytes of scripts and of their output. */
  sent: 0,
  received: 0,
  /** The largest number of channels that were open on one connection at a time. */
  channels: 0,
};

/**
 * Appends one JSON line to the file that LVS_TRACE names. A test or a user can count the connections of a provider process
 * that way. The facts are names, counts and times. They are never a command, its input or its output.
 */
export function trace(event: "dial" | "exec", facts: Record<string, string | number | boolean | undefined>): void {
  const file = process.env.LVS_TRACE;
  if (!file) return;
  try {
    appendFileSync(file, `${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`, { mode: 0o600 });
  } catch {
    // A failure to write the trace must not fail the operation.
  }
}
