import type { Answer, Command, Reply, Script, Session } from "../host/command";
import { HostError, type LvsError, StepFailed } from "../host/errors";
import { poll } from "../host/poll";
import { Waiting } from "../host/waiting";
import type { Step } from "./kind";
import { CHANGED } from "./ledger";
import { LedgerChanged } from "./ledger-changed";
import { type Guard, guard, prove, unproven } from "./risky";
import { stepFailed } from "./step-failed";

/** The replies of the last look, and the first failure. */
export interface Ran {
  readonly replies: readonly Reply[];
  readonly failure?: LvsError;
}

/**
 * Runs steps in order, in as few trips as possible. At the end it looks, even after a failure. A step with `until` ends a trip,
 * an upload begins a trip, and so does a second step that may cut us off.
 *
 * @param ours a command that fails where another run has changed the ledger's entry. Every trip but the first, which writes the
 * entry, begins with this command.
 */
export async function runSteps(
  session: Session,
  lock: string,
  steps: readonly Step[],
  looks: readonly Command[],
  ours?: Command,
): Promise<Ran> {
  const trips = split(steps);
  for (let trip = trips.shift(), begun = false; trip; trip = trips.shift(), begun = true) {
    const last = trips.length === 0;
    const { upload } = trip[0] as Step;
    if (upload) await session.upload(upload.file, upload.to);
    const waits = trip[trip.length - 1]?.until !== undefined;
    const checked =
      begun && ours ? [{ run: ours, purpose: "seeing that no other run has taken it over" }, ...trip] : trip;
    const { answer, failure, left } = await go(session, lock, checked, waits || !last ? [] : looks);
    if (failure) return { replies: last && !waits ? answer.looks : await lookOnly(session, looks), failure };
    if (left) {
      if (left.length > 0) trips.unshift(left);
      else if (last) return { replies: await lookOnly(session, looks) };
      continue;
    }
    if (waits) {
      const missing = await wait(session, lock, trip[trip.length - 1] as Wait, ours);
      if (missing) return { replies: await lookOnly(session, looks), failure: missing };
    }
    if (last) return { replies: waits ? await lookOnly(session, looks) : answer.looks };
  }
  return { replies: await lookOnly(session, looks) };
}

/** One trip. `left` are the steps after one that had to be proven first. */
async function go(
  session: Session,
  lock: string,
  trip: readonly Step[],
  looks: readonly Command[],
): Promise<{ answer: Answer; failure?: LvsError | undefined; left?: Step[] }> {
  const at = trip.findIndex((step) => step.risky);
  const guarded = at < 0 ? undefined : guard(lock, trip[at] as Guard["step"]);
  const commands = trip.map((step, i) => (guarded && i === at ? guarded.run : step.run));
  const script: Script = { lock, steps: commands, looks, limit: limit(trip) };
  const answer = await (guarded ? proven(session, guarded, script) : session.run(script));
  const left = trip.slice(at + 1);
  // The step cut its own connection, and the new one has proven that it did no harm.
  if (!answer) return { answer: NOTHING, left };
  const ended = guarded && unproven(guarded, answer.steps[at]);
  if (ended === undefined) {
    const failure = firstFailure(session, trip, answer.steps);
    if (failure instanceof LedgerChanged) throw failure;
    return { answer, failure };
  }
  await prove(session, guarded as Guard);
  if (ended === 0) return { answer, left };
  return { answer, failure: stepFailed(session, trip[at] as Step, { ...(answer.steps[at] as Reply), exit: ended }) };
}

const NOTHING: Answer = { machine: "", steps: [], looks: [] };

/** Runs a trip with a guarded step. Undefined if the step cut the connection before it answered, and did no harm. */
async function proven(session: Session, guarded: Guard, script: Script): Promise<Answer | undefined> {
  try {
    return await session.run(script);
  } catch (error) {
    if (!(error instanceof HostError) || (error.what !== "cut" && error.what !== "timeout")) throw error;
    await prove(session, guarded, error);
    return undefined;
  }
}

/** Runs steps without a look at the end. Throws the first failure. */
export async function act(session: Session, lock: string, steps: readonly Step[]): Promise<void> {
  const { failure } = await runSteps(session, lock, steps, []);
  if (failure) throw failure;
}

/** What is only waited for. */
export type Wait = Pick<Step, "purpose"> & Required<Pick<Step, "until">>;

/** Waits for several things at the same time, to the end of each. Throws the first failure. */
export async function waitFor(session: Session, waits: readonly Wait[]): Promise<void> {
  const settled = await Promise.allSettled(waits.map((one) => wait(session, undefined, one, undefined)));
  for (const one of settled) {
    if (one.status === "rejected") throw one.reason;
    if (one.value) throw one.value;
  }
}

async function lookOnly(session: Session, looks: readonly Command[]): Promise<readonly Reply[]> {
  return looks.length === 0 ? [] : (await session.run({ looks })).looks;
}

function split(steps: readonly Step[]): Step[][] {
  const trips: Step[][] = [];
  let open = false;
  for (const step of steps) {
    const trip = trips[trips.length - 1];
    if (!open || !trip || step.upload || (step.risky && trip.some((other) => other.risky))) trips.push([step]);
    else trip.push(step);
    open = !step.until;
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
  lock: string | undefined,
  { purpose, until }: Wait,
  ours: Command | undefined,
): Promise<StepFailed | undefined> {
  const begin = performance.now();
  const waiting = new Waiting(`host ${session.name}: ${purpose}`);
  const ask = async (command: Command) => (await session.run({ looks: [command] })).looks[0] as Reply;
  let last: Reply | undefined;
  const look = async () => {
    const seconds = (performance.now() - begin) / 1000;
    last = await ask(until.look);
    const missing = until.missing(last, seconds);
    if (missing !== undefined) waiting.tell(missing, seconds);
    return missing;
  };
  const missing = await poll(look, (one) => one === undefined, { within: until.within, every: 1 });
  if (missing === undefined || until.goOn) {
    const telling = until.tell?.(last as unknown as Reply);
    for (const words of telling ? telling.words(await ask(telling.look)) : [])
      console.log(`warning: host ${session.name}: ${words}`);
    return undefined;
  }
  if (until.giveUp) {
    const { steps } = await session.run({ ...(lock && { lock }), steps: [...(ours ? [ours] : []), ...until.giveUp] });
    if (ours && steps[0]?.exit === CHANGED) throw new LedgerChanged(session.name);
  }
  return new StepFailed(`host ${session.name}: ${purpose}: ${missing}, after ${until.within} s`);
}
