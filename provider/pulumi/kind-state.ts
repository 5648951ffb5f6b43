import { type DeclaredHost, declaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { declared } from "../model";
import { type Claimant, withoutParents } from "../reconcile/owners";
import type { Outcome } from "../reconcile/reconcile";
import { asDeclared, declaredNotSeen } from "./declared-not-seen";
import type { Props } from "./handler";
import type { Subject } from "./subject";

// What stands in the state of a resource on a host, and how a kind reads it. The inputs are those of the kind, `host` (how the
// host is reached) and `owner` (who declares the thing). The outputs are what was seen in the shape of the inputs, `machine`, and
// `claim`, which proves to the host's ledger that a state is the owner's. `declared` says what is declared where something else
// was seen.

/**
 * Properties that no kind declares. They say who declares the thing and where the thing is. `incomplete` is in the state after
 * a failure; it makes the next `up` go on.
 */
const FRAME = new Set(["host", "owner", "claim", "declared", "incomplete", "machine", "__provider"]);

/** Properties that are reported and cannot be declared. */
export function outputsOnly<Want extends object>({ outputs = [] }: Subject<Want>): Set<string> {
  return new Set(["machine", "claim", "declared", ...outputs]);
}

export function props(value: unknown): Props {
  return value !== null && typeof value === "object" ? (value as Props) : {};
}

/** The properties that the kind's schema knows, as the kind has them. */
export function kindInputs<Want extends object>(kind: Subject<Want>, props: Props): Props {
  const { outputs = [] } = kind;
  const own = Object.entries(props).filter(([key]) => !FRAME.has(key) && !outputs.includes(key));
  return crossed(kind, Object.fromEntries(own), "from");
}

/** The properties as the engine gets them. */
export function onWire<Want extends object>(kind: Subject<Want>, props: Props): Props {
  return crossed(kind, props, "to");
}

function crossed<Want extends object>({ wire = {} }: Subject<Want>, given: Props, way: "to" | "from"): Props {
  const isRecord = (value: unknown) => value !== null && typeof value === "object" && !Array.isArray(value);
  const crossing = Object.entries(wire).filter(([key]) => isRecord(given[key]));
  return { ...given, ...Object.fromEntries(crossing.map(([key, one]) => [key, one[way](given[key] as never)])) };
}

/** The values as JSON carries them to the engine: without `undefined`. */
export function plain(value: object): Props {
  return JSON.parse(JSON.stringify(value)) as Props;
}

/**
 * Reads inputs that are complete and have passed `check`. A refresh may have put values into the state that break the kind's
 * rules. Such inputs are taken as they are.
 */
export function checked<Want extends object>(kind: Subject<Want>, inputs: Props): { host: DeclaredHost; want: Want } {
  const host = declared(declaredHost, props(inputs.host));
  const own = kindInputs(kind, asDeclared(inputs));
  const thing = declared(kind.inputs, own);
  const [problem] = [...host.problems, ...thing.problems];
  if (!host.want) throw new LvsError(`${kind.name}: host.${problem?.property}: ${problem?.reason}`);
  return { host: host.want, want: thing.want ?? (own as Want) };
}

/** Who asks: the owner that the inputs name, with the proof that the state shows. */
export function claimant({ supersedes }: DeclaredHost, inputs: Props, { owner: formerOwner, claim }: Props): Claimant {
  return {
    owner: String(inputs.owner),
    ...(typeof formerOwner === "string" && { formerOwner }),
    ...(typeof claim === "string" && { claim }),
    supersedes,
  };
}

/** A state of 0.1.0 has no claim, and an owner without parents. This is no difference. */
export function isSameOwner(olds: Props, news: Props): boolean {
  return olds.owner === news.owner || (olds.claim === undefined && olds.owner === withoutParents(String(news.owner)));
}

/** A state in the normal form of today. What a refresh did not find stays away: a default would hide the difference. */
export function inNormalForm<Want extends object>(kind: Subject<Want>, state: Props): Props {
  const want = onWire(kind, { ...declared(kind.inputs, kindInputs(kind, state)).want });
  return Object.fromEntries(Object.keys(state).map((key) => [key, want[key] ?? state[key]]));
}

export function outputs<Want extends object>(kind: Subject<Want>, want: Want, inputs: Props, outcome: Outcome): Props {
  const seen = plain({ ...inputs, ...outcome.reported, machine: outcome.machine });
  return plain({ ...onWire(kind, seen), declared: declaredNotSeen(kind, want, kindInputs(kind, seen)) });
}

export function identify<Want extends object>(kind: Subject<Want>, host: DeclaredHost, want: Want): string {
  return `${host.name}/${kind.name}/${kind.identity(want)}`;
}
