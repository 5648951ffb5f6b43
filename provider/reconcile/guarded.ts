import { type Command, type Session, sh } from "../host/command";
import { quote } from "../host/shell";
import type { Step } from "./kind";
import { CHANGED } from "./ledger";
import { LedgerChanged } from "./ledger-changed";

/**
 * Trips of which every later one begins with a guard. It fails if another run has changed the ledger's entry since the first
 * trip, which began by writing the entry. The trip ends there, and nothing is changed.
 */
export function guarded(session: Session, trips: Step[][], guard: Command | undefined): Step[][] {
  return trips.map((trip, i) => {
    const [first] = trip;
    if (i === 0 || !guard || !first) return trip;
    if (first.risky) return [guardedRisky(session, first, guard)];
    return [{ run: guard, purpose: "seeing that no other run has taken it over", upload: first.upload }, ...trip];
  });
}

/** The trip of a risky step begins by arming the way back, so the guard is part of the step. */
function guardedRisky(session: Session, step: Step, guard: Command): Step {
  const { argv, stdin } = step.run;
  const script = `${guard.argv.map(quote).join(" ")} || exit\nexec "$@"`;
  return {
    ...step,
    run: { ...sh(script, ...argv), ...(stdin !== undefined && { stdin }) },
    advice(reply) {
      if (reply.exit === CHANGED) throw new LedgerChanged(session.name);
      return step.advice?.(reply);
    },
  };
}
