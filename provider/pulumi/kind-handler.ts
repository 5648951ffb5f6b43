import { randomBytes } from "node:crypto";
import type { DeclaredHost } from "../host/declared";
import { isForgotten, warnUnseen } from "../host/forgotten";
import { giveWay } from "../host/give-way";
import { at } from "../host/naming";
import { withSession } from "../host/pool";
import { declared, isUnknown } from "../model";
import { same } from "../reconcile/equality";
import type { Kind } from "../reconcile/kind";
import type { Outcome } from "../reconcile/reconcile";
import type { Several } from "../reconcile/several";
import { adviceOn, tellOfTwins } from "./advice";
import type { Handler, Props } from "./handler";
import { checkInputs } from "./kind-check";
import {
  checked,
  claimant,
  identify,
  inNormalForm,
  isSameOwner,
  kindInputs,
  outputs,
  outputsOnly,
  plain,
  props,
} from "./kind-state";
import { type WhyDrained, whyLeftOut } from "./left-out";
import { sameMachine, sameMachineOrSuccessor, WentWithItsMachine } from "./same-machine";
import { ofState } from "./stored";
import { oneThing, type Subject, severalThings } from "./subject";

// Answers what Pulumi asks of a resource on a host, in the terms of a kind. Each piece of work on a large thing takes a while,
// and one process serves many resources and hosts: between two pieces the others have their turn.

type DiffResult = Awaited<ReturnType<Handler["diff"]>>;
type ReadResult = Awaited<ReturnType<NonNullable<Handler["read"]>>>;

export function kindHandler<Want extends object, Seen>(kind: Kind<Want, Seen>, whyDrained?: WhyDrained): Handler {
  return handlerOf(oneThing(kind), whyDrained);
}

export function severalHandler(several: Several): Handler {
  return handlerOf(severalThings(several));
}

export function handlerOf<Want extends object>(
  kind: Subject<Want>,
  whyDrained: WhyDrained = async () => undefined,
): Handler {
  const of = <T>(olds: Props, act: () => Promise<T>) => ofState(kind, () => kindInputs(kind, olds), act);
  return {
    check: (_, given) => checkInputs(kind, given),
    diff: (_, olds, news) => of(olds, () => diff(kind, olds, news)),
    create: (inputs) => create(kind, inputs),
    read: (id, stored) => of(stored, () => read(kind, id, stored)),
    update: (_, olds, news) => of(olds, () => update(kind, whyDrained, olds, news)),
    delete: (_, stored) => of(stored, () => remove(kind, stored)),
  };
}

async function diff<Want extends object>(kind: Subject<Want>, olds: Props, news: Props): Promise<DiffResult> {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const before = inNormalForm(kind, olds);
  await giveWay();
  const reported = outputsOnly(kind);
  const changed = keys.filter(
    (key) =>
      key !== "__provider" &&
      !reported.has(key) &&
      !(key === "owner" ? isSameOwner(olds, news) : same(before[key], news[key])),
  );
  await giveWay();
  return { changes: changed.length > 0, replaces: replaces(kind, olds, news), deleteBeforeReplace: false };
}

function replaces<Want extends object>(kind: Subject<Want>, olds: Props, news: Props): string[] {
  const before = props(olds.host).name;
  const after = props(news.host).name;
  if (after !== undefined && before !== after && !isUnknown(after)) return ["host"];
  const want = declared(kind.inputs, kindInputs(kind, news)).want;
  if (!want || kind.identity(want) === kind.identity(checked(kind, olds).want)) return [];
  return Object.keys(kindInputs(kind, news)).filter((key) => !same(olds[key], news[key]));
}

async function create<Want extends object>(kind: Subject<Want>, inputs: Props): ReturnType<Handler["create"]> {
  const { host, want } = checked(kind, inputs);
  await giveWay();
  const id = identify(kind, host, want);
  const claim = randomBytes(16).toString("hex");
  const who = claimant(host, inputs, { claim });
  const advice = adviceOn(kind, id, { host, want, owner: who.owner });
  const outcome = await withSession(host, (session) =>
    kind.apply(session, { ...who, isNew: true, want, judge: sameMachine(host, undefined), advice }),
  );
  tellOfTwins(host, who.owner, outcome.machine);
  await giveWay();
  return { id, outs: outputsOrThrow(kind, host, want, { ...inputs, claim }, outcome) };
}

async function read<Want extends object>(kind: Subject<Want>, id: string, stored: Props): Promise<ReadResult> {
  const { host, want } = checked(kind, stored);
  await giveWay();
  const who = claimant(host, stored, stored);
  const advice = adviceOn(kind, id, { host, want, owner: who.owner });
  const reported = outputsOnly(kind);
  const inState = (props: Props) => {
    const inputs = Object.entries(props).filter(([key]) => key !== "incomplete" && !reported.has(key));
    return { id, props, inputs: Object.fromEntries(inputs) };
  };
  try {
    const outcome = await withSession(host, (session) =>
      kind.read(session, { ...who, want, judge: sameMachine(host, stored.machine), advice }),
    );
    if (!outcome.reported) return {};
    await giveWay();
    // The next `up` claims the thing again, if the program still declares it.
    return inState({ ...outputs(kind, want, stored, outcome), ...(outcome.isTakenOver && { incomplete: true }) });
  } catch (error) {
    // A read that fails ends the refresh of all other hosts, too.
    if (!isForgotten(host, error)) throw error;
    warnUnseen(host, error);
    return inState(stored);
  }
}

async function update<Want extends object>(
  kind: Subject<Want>,
  whyDrained: WhyDrained,
  olds: Props,
  news: Props,
): Promise<{ outs: Props }> {
  const { host, want } = checked(kind, news);
  await giveWay();
  const isReplaced = host.machine !== undefined && host.machine !== olds.machine;
  // Only the connection of the host changed. The new one is stored, and the host is not asked.
  if (
    !isReplaced &&
    !olds.incomplete &&
    same(kindInputs(kind, olds), kindInputs(kind, news)) &&
    same(props(olds.host).supersedes, host.supersedes) &&
    isSameOwner(olds, news)
  )
    return { outs: plain({ ...news, claim: olds.claim, machine: olds.machine }) };
  await giveWay();
  const had = isReplaced ? undefined : checked(kind, olds).want;
  await giveWay();
  const who = claimant(host, news, olds);
  const id = identify(kind, host, want);
  const advice = adviceOn(kind, id, { host, want, owner: who.owner });
  try {
    const outcome = await withSession(host, (session) =>
      kind.apply(session, { ...who, had, want, judge: sameMachine(host, olds.machine), advice }),
    );
    tellOfTwins(host, who.owner, outcome.machine);
    await giveWay();
    return { outs: outputsOrThrow(kind, host, want, { ...news, claim: olds.claim }, outcome) };
  } catch (error) {
    const why = await whyLeftOut(id, host, error, whyDrained);
    if (why === undefined) throw error;
    const later = `${kind.name} ${kind.identity(want)} stays as it is until the next \`up\` that reaches the host`;
    console.log(`warning: ${at(host)}: not reachable (${why}): ${later}`);
    return { outs: plain({ ...olds, host: news.host, __provider: news.__provider, incomplete: true }) };
  }
}

async function remove<Want extends object>(kind: Subject<Want>, stored: Props): Promise<void> {
  const { host, want } = checked(kind, stored);
  await giveWay();
  const who = claimant(host, stored, stored);
  try {
    await withSession(host, (session) =>
      kind.remove(session, { ...who, had: want, judge: sameMachineOrSuccessor(who.owner, host, stored.machine) }),
    );
  } catch (error) {
    if (error instanceof WentWithItsMachine) return;
    if (!isForgotten(host, error)) throw error;
    console.log(`${error.message} Forgotten, as was asked for: ${kind.name} ${kind.identity(want)} stays there.`);
  }
}

/** The outputs. A failure after the first change is thrown with the outputs, so that the next `up` goes on from there. */
function outputsOrThrow<Want extends object>(
  kind: Subject<Want>,
  host: DeclaredHost,
  want: Want,
  inputs: Props,
  outcome: Outcome,
): Props {
  const outs = outputs(kind, want, inputs, outcome);
  if (!outcome.failure) return outs;
  throw Object.assign(outcome.failure, {
    id: identify(kind, host, want),
    properties: { ...outs, incomplete: true },
    reasons: [outcome.failure.message],
  });
}
