import type { z } from "zod";
import { nearest, otherWord } from "./near";
import { UNKNOWN } from "./unknown";

// What is wrong with a declaration whatever its schema says. zod drops a property that it does not know, so the property is
// looked for here, once for all schemas.

/** A problem with the path of its property in pieces. */
export interface Unfit {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

/**
 * A schema of zod, as much of it as a caller has to know. A program's compiler reads the declarations of this room, and those
 * of zod compile by `esModuleInterop` alone.
 */
export interface Schema<Want = unknown> {
  safeParse(
    value: unknown,
    context?: { error?: (issue: unknown) => string | undefined },
  ): { success: true; data: Want } | { success: false; error: { issues: unknown[] } };
}

/** Properties that the schema does not know, at every depth, and texts that no program takes. */
export function unfit(schema: Schema, value: unknown): Unfit[] {
  return unfitAt(schema as unknown as z.core.$ZodType, value, []);
}

function unfitAt(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[]): Unfit[] {
  const inner = innermost(schema, value);
  if (value === UNKNOWN) return isMarked(schema, "now") ? [{ path, reason: NOW }] : [];
  const say = (reason: string | undefined, key?: string): Unfit[] =>
    reason === undefined ? [] : [{ path: key === undefined ? path : [...path, key], reason }];
  if (typeof value === "string") return say(whyNoText(value, isMarked(inner, "binary")));
  if (value === null || typeof value !== "object") return [];
  const known = inner?._zod.def as Partial<z.core.$ZodTypes["_zod"]["def"]> | undefined;
  const within = (key: PropertyKey, one: unknown): Unfit[] =>
    one === undefined ? [] : unfitAt(schemaOf(known, key), one, [...path, key]);
  if (Array.isArray(value)) return value.flatMap((one, i) => within(i, one));
  return Object.entries(value).flatMap(([key, one]) => [
    ...say(whyNoText(key), key),
    ...(isKnown(known, key) ? within(key, one) : one === undefined ? [] : say(notKnown(key, known), key)),
  ]);
}

type Def = Partial<z.core.$ZodTypes["_zod"]["def"]> | undefined;

/** The schema without what wraps it; of a union, the member that is meant. Undefined if no member is. */
function innermost(schema: z.core.$ZodType | undefined, value: unknown): z.core.$ZodType | undefined {
  const { def } = (schema as z.core.$ZodTypes | undefined)?._zod ?? {};
  if (!def) return undefined;
  if ("innerType" in def) return innermost(def.innerType, value);
  if (def.type === "pipe") return innermost(def.in, value);
  if (def.type === "lazy") return innermost((schema as z.core.$ZodLazy)._zod.innerType, value);
  return def.type === "union" ? innermost(meant(def, value), value) : schema;
}

function meant(def: z.core.$ZodUnionDef & { discriminator?: string }, value: unknown): z.core.$ZodType | undefined {
  const { discriminator: key } = def;
  const fits = (schema: z.core.$ZodType, one: unknown) => (schema as z.ZodType).safeParse(one).success;
  if (key === undefined)
    return def.options.find((one) => fits(one, value)) ?? def.options.find((one) => isFor(one, value));
  const said = (value as Readonly<Record<string, unknown>> | null)?.[key];
  return def.options.find((one) => fits((one as z.ZodObject).shape[key] as z.ZodType, said));
}

function isFor(schema: z.core.$ZodType, value: unknown): boolean {
  const type = (innermost(schema, value) as z.core.$ZodTypes | undefined)?._zod.def.type;
  return Array.isArray(value) ? type === "array" : type === "object" || type === "record";
}

/** A schema for anything, like that of a trigger, has any property. zod and Pulumi drop `__proto__`. */
function isKnown(def: Def, key: string): boolean {
  if (def?.type === "object" && key !== "__proto__") return Object.hasOwn((def as z.core.$ZodObjectDef).shape, key);
  return key !== "__proto__";
}

function schemaOf(def: Def, key: PropertyKey): z.core.$ZodType {
  const { shape, valueType, element } = (def ?? {}) as Partial<
    z.core.$ZodObjectDef & z.core.$ZodRecordDef & z.core.$ZodArrayDef
  >;
  return (shape?.[key as string] ?? valueType ?? element) as z.core.$ZodType;
}

function notKnown(key: string, def: Def): string {
  const names = Object.keys((def as Partial<z.core.$ZodObjectDef>).shape ?? {});
  const [near, other] = [nearest(names, key), otherWord(names, key)];
  const hint = other
    ? `it is called ${other} here: write that`
    : near !== undefined
      ? `did you mean "${near}"?`
      : names.length === 1
        ? `there is ${names[0]} alone: leave this one out`
        : `there are ${names.join(", ") || "none"}: choose one, or leave this one out`;
  return `${NO_SUCH_PROPERTY}: ${hint}`;
}

export const NO_SUCH_PROPERTY = "there is no such property";

const NOW = "is needed while the program runs: give a value that is known then, and no Output";

/**
 * Whether a schema, or one that it wraps, says so of its value (`meta`): "binary" of a text that may have a NUL, "now" of a
 * value that cannot come later.
 */
function isMarked(schema: z.core.$ZodType | undefined, mark: "binary" | "now"): boolean {
  if (!schema) return false;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const wrapped = "innerType" in def ? def.innerType : def.type === "pipe" ? def.in : undefined;
  return (schema as z.ZodType).meta?.()?.[mark] === true || isMarked(wrapped, mark);
}

/** No argument of a command and no name of a file has a NUL. Half of a surrogate pair has no form in UTF-8. */
function whyNoText(text: string, binary = false): string | undefined {
  if (!binary && text.includes("\0")) return "has a NUL character in it";
  return /\p{Surrogate}/u.test(text) ? "has half of a surrogate pair in it, which is no character" : undefined;
}
