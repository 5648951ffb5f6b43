import type { Command, Reply, Session } from "../host/command";
import { type LvsError, StepFailed } from "../host/errors";
import { poll } from "../host/poll";
import { guarded } from "./guarded";
import type { Step } from "./kind";
import { CHANGED } from "./ledger";
import { LedgerChanged } from "./ledger-changed";
import { runRisky } from "./risky";
import { stepFailed } from "./step-failed";

/** The replies of the last look, and the first failure. */
export interface Ran {
  readonly replies: readonly Reply[];
  readonly failure?: LvsError;
}

/**
 * Runs steps in order, in as few trips as possible. At the end it looks, even after a failure. A step with `until` ends a trip,
 * a risky step is a trip of its own, and an upload begins a trip.
 *
 * @param guard see `guarded`
 */
export async function runSteps(
  session: Session,
  lock: string,
  steps: readonly Step[],
  looks: readonly Command[],
  guard?: Command,
): Promise<Ran> {
  const trips = guarded(session, split(steps), guard);
  for (const [i, trip] of trips.entries()) {
    const last = i === trips.length - 1;
    const step = trip[trip.length - 1] as Step;
    if (step.risky) {
      await runRisky(session, lock, step);
      if (last) return { replies: await lookOnly(session, looks) };
      continue;
    }
    const { upload } = trip[0] as Step;
    if (upload) await session.upload(upload.file, upload.to);
    const waits = step.until !== undefined;
    const answer = await session.run({
      lock,
      steps: trip.map((s) => s.run),
      looks: waits ? [] : last ? looks : [],
      limit: limit(trip),
    });
    const failure = firstFailure(session, trip, answer.steps);
    if (failure instanceof LedgerChanged) throw failure;
    if (failure) return { replies: last && !waits ? answer.looks : await lookOnly(session, looks), failure };
    if (waits) {
      const missing = await wait(session, lock, step, guard);
      if (missing) return { replies: await lookOnly(session, looks), failure: missing };
    }
    if (last) return { replies: waits ? await lookOnly(session, looks) : answer.looks };
  }
  return { replies: await lookOnly(session, looks) };
}

/** Runs steps without a look at the end. Throws the first failure. */
export async function act(session: Session, lock: string, steps: readonly Step[]): Promise<void> {
  const { failure } = await runSteps(session, lock, steps, []);
  if (failure) throw failure;
}

async function lookOnly(session: Session, looks: readonly Command[]): Promise<readonly Reply[]> {
  return looks.length === 0 ? [] : (await session.run({ looks })).looks;
}

function split(steps: readonly Step[]): Step[][] {
  const trips: Step[][] = [];
  let open = false;
  for (const step of steps) {
    if (!open || step.risky || step.upload) trips.push([step]);
    else trips[trips.length - 1]?.push(step);
    open = !step.until && !step.risky;
  }
  return trips;
}

function limit(steps: readonly Step[]): number {
  return 120 + steps.reduce((sum, step) => sum + (step.limit ?? 0), 0);
}

function firstFailure(session: Session, steps: readonly Step[], replies: readonly Reply[]): LvsError | undefined {
  const at = replies.findIndex((reply) => reply.exit !== 0);
  if (at < 0) return undefined;
  const reply = replies[at] as Reply;
  if (reply.exit === CHANGED && at === 0) return new LedgerChanged(session.name);
  return stepFailed(session, steps[at] as Step, reply);
}

async function wait(
  session: Session,
  lock: string,
  step: Step,
  guard: Command | undefined,
): Promise<StepFailed | undefined> {
  const until = step.until as NonNullable<Step["until"]>;
  const begin = performance.now();
  let reported = "";
  const look = async () => {
    const seconds = (performance.now() - begin) / 1000;
    const missing = until.missing((await session.run({ looks: [until.look] })).looks[0] as Reply, seconds);
    if (missing !== undefined && missing !== reported) console.log(`host ${session.name}: ${step.purpose}: ${missing}`);
    reported = missing ?? "";
    return missing;
  };
  const missing = await poll(look, (one) => one === undefined, { within: until.within, every: 1 });
  if (missing === undefined || until.goOn) return undefined;
  if (until.giveUp) {
    const { steps } = await session.run({ lock, steps: [...(guard ? [guard] : []), ...until.giveUp] });
    if (guard && steps[0]?.exit === CHANGED) throw new LedgerChanged(session.name);
  }
  return new StepFailed(`host ${session.name}: ${step.purpose}: ${missing}, after ${until.within} s`);
}
