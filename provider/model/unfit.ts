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
  if (Array.isArray(value))
    return value.flatMap((one, i) =>
      one === UNKNOWN && isMarked(schema, "now") && isObject(schemaOf(known, i))
        ? [{ path: [...path, i], reason: NOW }]
        : within(i, one),
    );
  return Object.entries(value).flatMap(([key, one]) => [
    // A key that nobody has written is no place.
    ...(MADE_TEXT.test(key) ? say(OF_LATER) : say(whyNoText(key), key)),
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

/** What is in an object that comes later is not known either: neither is its host, by which the program names resources. */
function isObject(schema: z.core.$ZodType | undefined): boolean {
  return (schema as z.core.$ZodTypes | undefined)?._zod.def.type === "object";
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
  if (OPTIONS.includes(key))
    return `${NO_SUCH_PROPERTY}: it is an option of Pulumi's: give { ${key}: … } after the arguments`;
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

/** The options of a resource (pulumi.com/docs/iac/concepts/resources/options). */
const OPTIONS = [
  ...["aliases", "customTimeouts", "deleteBeforeReplace", "deletedWith", "dependsOn", "ignoreChanges", "parent"],
  ...["protect", "replaceOnChanges", "retainOnDelete", "transforms"],
];

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

/** What a value that comes later is as a text (@pulumi/pulumi, output.ts), and so is a value of ours (sdk/arguments/declares.ts). */
const MADE_TEXT = /Calling \[to(String|JSON)\] on an \[Output<T>\]|\[an? \w+ in the place of a text\]/;

const OF_LATER =
  "was made from a value that is no text: where it comes later put pulumi.interpolate before the template, or use value.apply(…), in JSON " +
  "pulumi.jsonStringify; of a resource or a Host give the property that is meant, like its address";

/** No argument of a command and no name of a file has a NUL. Half of a surrogate pair has no form in UTF-8. */
function whyNoText(text: string, binary = false): string | undefined {
  if (MADE_TEXT.test(text)) return OF_LATER;
  if (!binary && text.includes("\0")) return "has a NUL character in it: leave it out";
  return /\p{Surrogate}/u.test(text)
    ? "has half of a surrogate pair in it, which is no character: leave it out"
    : undefined;
}
