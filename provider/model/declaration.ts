import type { z } from "zod";
import type { Problem } from "./problem";
import { carried } from "./refusal";
import { type Schema, type Unfit, unfit } from "./unfit";
import { isUnknown, UNKNOWN } from "./unknown";
import { words } from "./words";

// How a declaration is read: by a schema, into its normal form.

type Inputs = Readonly<Record<string, unknown>>;

export type Declaration<Want> =
  | { readonly want: Want; readonly problems: readonly [] }
  | { readonly want?: undefined; readonly problems: readonly Problem[] };

/**
 * Reads a declaration into its normal form. If a property is not known yet, the problems of this property are left out and no
 * normal form is made. A property that the schema does not know is dropped: the state of a former version may have one.
 */
export function declared<Want>(schema: Schema<Want>, inputs: Inputs): Declaration<Want> {
  const { want, issues } = parsed(schema, inputs);
  return want === undefined ? { problems: issues.map(dotted) } : { want, problems: [] };
}

/**
 * Reads what a program declares now: the same, but nothing is dropped. A property that the schema does not know is a problem,
 * and so is a value that the program could not make (`refusal`).
 */
export function declaredNow<Want>(schema: Schema<Want>, inputs: Inputs): Declaration<Want> {
  return judged(readNow(schema, inputs));
}

/**
 * The same in several turns of the event loop, for declarations that may be long.
 *
 * @param turn ends after the next turn
 */
export async function declaredInTurns<Want>(
  schema: Schema<Want>,
  inputs: Inputs,
  turn: () => Promise<void>,
): Promise<Declaration<Want>> {
  const { rest, refused } = carried(inputs);
  await turn();
  const wrong = [...refused, ...unfit(schema, rest)];
  await turn();
  return judged(together(wrong, parsed(schema, rest as Inputs)));
}

/** The problems of what a program declares now. */
export function issuesNow(schema: Schema, inputs: Inputs): Unfit[] {
  return readNow(schema, inputs).issues;
}

interface Read<Want> {
  readonly want?: Want;
  readonly issues: Unfit[];
}

function judged<Want>({ want, issues }: Read<Want>): Declaration<Want> {
  return want === undefined || issues.length > 0 ? { problems: issues.map(dotted) } : { want, problems: [] };
}

function readNow<Want>(schema: Schema<Want>, inputs: Inputs): Read<Want> {
  const { rest, refused } = carried(inputs);
  const wrong = [...refused, ...unfit(schema, rest)];
  return together(wrong, parsed(schema, rest as Inputs));
}

function together<Want>(wrong: readonly Unfit[], { issues, ...read }: Read<Want>): Read<Want> {
  const said = new Set(wrong.map((one) => dotted(one).property));
  return { ...read, issues: [...wrong, ...issues.filter((one) => !said.has(dotted(one).property))] };
}

function parsed<Want>(schema: Schema<Want>, inputs: Inputs): Read<Want> {
  const read = schema.safeParse(inputs, { error: words });
  if (read.success) return isUnknown(inputs) ? { issues: [] } : { want: read.data, issues: [] };
  const told = new Set<string>();
  const isFirst = ({ path, code }: z.core.$ZodIssue) => {
    const first = !told.has(path.join("."));
    told.add(path.join("."));
    return first || code === "custom";
  };
  const known = (read.error.issues as z.core.$ZodIssue[])
    .flatMap(meant)
    .filter((issue) => isFirst(issue) && !isUnknown(valueAt(inputs, issue.path)));
  return { issues: known.map((issue) => ({ path: issue.path, reason: reason(issue, valueAt(inputs, issue.path)) })) };
}

/** The issues of that member of a union which fits, but for something inside. */
function meant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const inside = issue.errors.find((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));
  return inside?.flatMap((one) => meant({ ...one, path: [...issue.path, ...one.path] })) ?? [issue];
}

function dotted({ path, reason }: Unfit): Problem {
  return { property: path.join("."), reason };
}

/** What is at a path: the placeholder if something on the way there is not known. */
function valueAt(inputs: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value === UNKNOWN ? value : (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key]),
    inputs,
  );
}

function reason(issue: z.core.$ZodIssue, value: unknown): string {
  // zod reports the key of a record as invalid, and wraps the message of the key's own rule.
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const isAbsent = value === undefined && (issue.code === "invalid_type" || issue.code === "invalid_union");
  // A schema with words of its own says what is needed, and not that it is missing.
  return isAbsent && !message.startsWith(MISSING) ? `${MISSING}: ${message}` : message;
}

const MISSING = "is missing";
