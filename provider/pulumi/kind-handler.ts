import { randomBytes } from "node:crypto";
import { type DeclaredHost, declaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { isForgotten, warnUnseen } from "../host/forgotten";
import { at } from "../host/naming";
import { withSession } from "../host/pool";
import { declared, declaredNow, isUnknown, type Problem } from "../model";
import { same } from "../reconcile/equality";
import type { Kind } from "../reconcile/kind";
import { type Claimant, withoutParents } from "../reconcile/owners";
import type { Outcome } from "../reconcile/reconcile";
import type { Several } from "../reconcile/several";
import { adviceOn, declaredHints, hostProblems, noteHints, withoutHints } from "./advice";
import { asDeclared, declaredApart } from "./declared-apart";
import { declaredTwice } from "./declared-twice";
import type { Handler, Props } from "./handler";
import { declaredBehind, noteBehind, type WhyDrained, whyLeftOut } from "./left-out";
import { sameMachine, sameMachineOrSuccessor, WentWithItsMachine } from "./same-machine";
import { oneThing, type Subject, severalThings } from "./subject";
import { told } from "./told";

// Answers what Pulumi asks of a resource, in the terms of a kind. The inputs are those of the kind, `host` (how the host is
// reached) and `owner` (who declares the thing). The outputs are what was seen in the shape of the inputs, `machine`, and `claim`,
// which proves to the host's ledger that a state is the owner's. `declared` says what is declared where something else was seen.

/**
 * Properties that no kind declares. They say who declares the thing and where the thing is. `incomplete` is in the state after
 * a failure; it makes the next `up` go on.
 */
const FRAME = new Set(["host", "owner", "claim", "declared", "incomplete", "machine", "__provider"]);

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
  /** Properties that are reported and cannot be declared. */
  const outputsOnly = new Set(["machine", "claim", "declared", ...(kind.outputs ?? [])]);
  return {
    async check(_, given) {
      const news = withoutHints(given);
      // Pulumi's placeholder stands for the whole host if one of its properties is not known yet.
      const host =
        typeof news.host === "string" && isUnknown(news.host)
          ? { want: undefined, problems: [] }
          : declaredNow(declaredHost, props(news.host));
      const thing = declaredNow(kind.inputs, kindInputs(kind, news));
      const hints = declaredNow(declaredHints, props(given.advice));
      const behind = declaredNow(declaredBehind, given.behind as Props);
      const failures: Problem[] = [
        ...host.problems.map(({ property, reason }) => ({ property: `host.${property}`, reason })),
        ...thing.problems,
        ...hints.problems.map(({ property, reason }) => ({ property: `advice.${property}`, reason })),
        ...behind.problems.map(({ property, reason }) => ({ property: `behind.${property}`, reason })),
      ];
      if (host.want) failures.push(...hostProblems(host.want, String(news.owner)));
      if (host.want && thing.want) {
        for (const { of, want, ...at } of kind.things(thing.want))
          failures.push(...declaredTwice(of, host.want, want, String(news.owner)).map((one) => ({ ...one, ...at })));
        if (hints.want) noteHints(identify(kind, host.want, thing.want), hints.want);
        noteBehind(identify(kind, host.want, thing.want), behind.want);
      }
      const normal = { ...news, ...(host.want && { host: host.want }), ...onWire(kind, { ...thing.want }) };
      return { inputs: plain(normal), failures: told(failures, news, ["host", ...(kind.secrets ?? [])]) };
    },

    async diff(_, olds, news) {
      const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
      const before = inNormalForm(kind, olds);
      const changed = keys.filter(
        (key) =>
          key !== "__provider" &&
          !outputsOnly.has(key) &&
          !(key === "owner" ? isSameOwner(olds, news) : same(before[key], news[key])),
      );
      return { changes: changed.length > 0, replaces: replaces(kind, olds, news), deleteBeforeReplace: false };
    },

    async create(inputs) {
      const { host, want } = checked(kind, inputs);
      const id = identify(kind, host, want);
      const claim = randomBytes(16).toString("hex");
      const who = claimant(host, inputs, { claim });
      const advice = adviceOn(kind, id, { host, want, owner: who.owner });
      const outcome = await withSession(host, (session) =>
        kind.apply(session, { ...who, isNew: true, want, judge: sameMachine(host, undefined), advice }),
      );
      return { id, outs: outputsOrThrow(kind, host, want, { ...inputs, claim }, outcome) };
    },

    async read(id, stored) {
      const { host, want } = checked(kind, stored);
      const who = claimant(host, stored, stored);
      const advice = adviceOn(kind, id, { host, want, owner: who.owner });
      const inState = (props: Props) => {
        const inputs = Object.entries(props).filter(([key]) => key !== "incomplete" && !outputsOnly.has(key));
        return { id, props, inputs: Object.fromEntries(inputs) };
      };
      try {
        const outcome = await withSession(host, (session) =>
          kind.read(session, { ...who, want, judge: sameMachine(host, stored.machine), advice }),
        );
        if (!outcome.reported) return {};
        // The next `up` claims the thing again, if the program still declares it.
        return inState({ ...outputs(kind, want, stored, outcome), ...(outcome.isTakenOver && { incomplete: true }) });
      } catch (error) {
        // A read that fails ends the refresh of all other hosts, too.
        if (!isForgotten(host, error)) throw error;
        warnUnseen(host, error);
        return inState(stored);
      }
    },

    async update(_, olds, news) {
      const { host, want } = checked(kind, news);
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
      const had = isReplaced ? undefined : checked(kind, olds).want;
      const who = claimant(host, news, olds);
      const id = identify(kind, host, want);
      const advice = adviceOn(kind, id, { host, want, owner: who.owner });
      try {
        const outcome = await withSession(host, (session) =>
          kind.apply(session, { ...who, had, want, judge: sameMachine(host, olds.machine), advice }),
        );
        return { outs: outputsOrThrow(kind, host, want, { ...news, claim: olds.claim }, outcome) };
      } catch (error) {
        const why = await whyLeftOut(id, host, error, whyDrained);
        if (why === undefined) throw error;
        const later = `${kind.name} ${kind.identity(want)} stays as it is until the next \`up\` that reaches the host`;
        console.log(`warning: ${at(host)}: not reachable (${why}): ${later}`);
        return { outs: plain({ ...olds, host: news.host, __provider: news.__provider, incomplete: true }) };
      }
    },

    async delete(_, stored) {
      const { host, want } = checked(kind, stored);
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
    },
  };
}

function props(value: unknown): Props {
  return value !== null && typeof value === "object" ? (value as Props) : {};
}

/** The properties that the kind's schema knows, as the kind has them. */
export function kindInputs<Want extends object>(kind: Subject<Want>, props: Props): Props {
  const { outputs = [] } = kind;
  const own = Object.entries(props).filter(([key]) => !FRAME.has(key) && !outputs.includes(key));
  return crossed(kind, Object.fromEntries(own), "from");
}

/** The properties as the engine gets them. */
function onWire<Want extends object>(kind: Subject<Want>, props: Props): Props {
  return crossed(kind, props, "to");
}

function crossed<Want extends object>({ wire = {} }: Subject<Want>, given: Props, way: "to" | "from"): Props {
  const isRecord = (value: unknown) => value !== null && typeof value === "object" && !Array.isArray(value);
  const crossing = Object.entries(wire).filter(([key]) => isRecord(given[key]));
  return { ...given, ...Object.fromEntries(crossing.map(([key, one]) => [key, one[way](given[key] as never)])) };
}

/** The values as JSON carries them to the engine: without `undefined`. */
function plain(value: object): Props {
  return JSON.parse(JSON.stringify(value)) as Props;
}

/**
 * Reads inputs that are complete and have passed `check`. A refresh may have put values into the state that break the kind's
 * rules. Such inputs are taken as they are.
 */
function checked<Want extends object>(kind: Subject<Want>, inputs: Props): { host: DeclaredHost; want: Want } {
  const host = declared(declaredHost, props(inputs.host));
  const own = kindInputs(kind, asDeclared(inputs));
  const thing = declared(kind.inputs, own);
  const [problem] = [...host.problems, ...thing.problems];
  if (!host.want) throw new LvsError(`${kind.name}: host.${problem?.property}: ${problem?.reason}`);
  return { host: host.want, want: thing.want ?? (own as Want) };
}

/** Who asks: the owner that the inputs name, with the proof that the state shows. */
function claimant({ supersedes }: DeclaredHost, inputs: Props, { owner: formerOwner, claim }: Props): Claimant {
  return {
    owner: String(inputs.owner),
    ...(typeof formerOwner === "string" && { formerOwner }),
    ...(typeof claim === "string" && { claim }),
    supersedes,
  };
}

/** A state of 0.1.0 has no claim, and an owner without parents. This is no difference. */
function isSameOwner(olds: Props, news: Props): boolean {
  return olds.owner === news.owner || (olds.claim === undefined && olds.owner === withoutParents(String(news.owner)));
}

/** A state in the normal form of today. What a refresh did not find stays away: a default would hide the difference. */
function inNormalForm<Want extends object>(kind: Subject<Want>, state: Props): Props {
  const want = onWire(kind, { ...declared(kind.inputs, kindInputs(kind, state)).want });
  return Object.fromEntries(Object.keys(state).map((key) => [key, want[key] ?? state[key]]));
}

function replaces<Want extends object>(kind: Subject<Want>, olds: Props, news: Props): string[] {
  const before = props(olds.host).name;
  const after = props(news.host).name;
  if (after !== undefined && before !== after && !isUnknown(after)) return ["host"];
  const want = declared(kind.inputs, kindInputs(kind, news)).want;
  if (!want || kind.identity(want) === kind.identity(checked(kind, olds).want)) return [];
  return Object.keys(kindInputs(kind, news)).filter((key) => !same(olds[key], news[key]));
}

function outputs<Want extends object>(kind: Subject<Want>, want: Want, inputs: Props, outcome: Outcome): Props {
  const seen = plain({ ...inputs, ...outcome.reported, machine: outcome.machine });
  return plain({ ...onWire(kind, seen), declared: declaredApart(kind, want, kindInputs(kind, seen)) });
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

function identify<Want extends object>(kind: Subject<Want>, host: DeclaredHost, want: Want): string {
  return `${host.name}/${kind.name}/${kind.identity(want)}`;
}
