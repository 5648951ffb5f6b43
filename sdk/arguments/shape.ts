import * as pulumi from "@pulumi/pulumi";
import {
  hostAdvice,
  isDevice,
  isNeeded,
  issuesNow,
  NO_DEVICE,
  type Problem,
  previewAdvice,
  UNKNOWN,
  whyNoHostAddress,
} from "pulumi-lvs-provider/model";
import { z } from "zod";
import type { AdviceArgs, AdviceHints } from "./advice-args";
import { refuse } from "./argument-error";

// The shapes of arguments. Types say them as well, but not for a program in JavaScript, nor for values that come from a stack's
// configuration. A value that the program knows only later has any shape.

/** A schema for each property of the arguments, those of each member of a union. */
export type Shape<Args> = Readonly<Record<Args extends unknown ? keyof Args : never, z.ZodType>>;

/** Refuses arguments that have another shape. */
export function refuseShape(declared: string, shape: z.ZodType, args: object): void {
  refuse(declared, shapeProblems(shape, args));
}

/** Properties that are missing, unknown, or of another type. */
export function shapeProblems(shape: z.ZodType, args: object): Problem[] {
  const known = withPlaceholders({ ...args }) as Readonly<Record<string, unknown>>;
  return issuesNow(shape, known).map(({ path, reason }) => ({ property: spelled(path), reason }));
}

/** The shape of the arguments of a resource: the provider judges their values. Those of one kind have one shape. */
export function argumentsOf(own: z.ZodRawShape, inputs: object): z.ZodType {
  const names = Object.keys(inputs);
  const key = [...Object.keys(own), "", ...names].join();
  const known = shapes.get(key);
  if (known && Object.entries(own).every(([name, schema]) => known.shape[name] === schema)) return known;
  const judged = (name: string) => (name === "triggers" ? z.unknown() : data).optional();
  const shape = z.object({ ...Object.fromEntries(names.map((name) => [name, judged(name)])), ...own });
  shapes.set(key, shape);
  return shape;
}

/** zod compiles each shape: that takes longer than to judge the arguments of one resource. */
const shapes = new Map<string, z.ZodObject>();

/** The path as in a program: `realServers[1].address`, `virtuals["10.0.0.1:80"].service`. */
function spelled(path: readonly PropertyKey[]): string {
  const keys = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[A-Za-z_]\w*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
  });
  return keys.join("").replace(/^\./, "");
}

/** A resource, a host: a value that has no properties of ours. */
class Whole {
  readonly #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  has(...properties: string[]): boolean {
    return properties.every((property) => property in (this.#value as object));
  }
  /** What it is called where something else is needed: "Host". */
  get [Symbol.toStringTag](): string {
    return (this.#value as object).constructor.name;
  }
}

/** An object that has itself in it. Pulumi would go round in it for ever. */
const CIRCLE = Symbol("circle");

function withPlaceholders(value: unknown, within: readonly unknown[] = []): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return UNKNOWN;
  if (value === null || typeof value !== "object") return value;
  if (within.includes(value)) return CIRCLE;
  const inside = [...within, value];
  if (Array.isArray(value)) return value.map((one) => withPlaceholders(one, inside));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return new Whole(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withPlaceholders(one, inside)]));
}

/** A value that the provider judges, if it arrives there: Pulumi drops a function, and sends a Map as an empty object. */
const data = z.unknown().superRefine(refuseNoData);

function refuseNoData(value: unknown, context: z.RefinementCtx, path: readonly PropertyKey[] = []): void {
  const why = whyNoData(value);
  if (why) context.addIssue({ code: "custom", message: why, path: [...path] });
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value))
      refuseNoData(one, context, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** Why a value is no text, number, list, or object of such values, and what to give; undefined if it is one. */
export function whyNoData(value: unknown): string | undefined {
  if (typeof value === "function") return "is a function: call it, and give what it returns";
  if (typeof value === "bigint") return "is a BigInt: give a number, without the n";
  if (value === CIRCLE) return "has itself in it: give an object that has not";
  if (typeof value === "symbol") return "is a symbol: give a text";
  if (!(value instanceof Whole)) return undefined;
  const name = value[Symbol.toStringTag];
  return `is ${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}: ${value.has("connection", "options") ? "give its address, as a text" : insteadOf(value, name)}`;
}

function insteadOf(value: Whole, name: string): string {
  if (value.has("urn")) return "give the property of it that is meant, like its address";
  if (name === "Map") return "write { … }, or give Object.fromEntries(…) of it";
  if (name === "Set") return "put its values in [ ], as [...values] does";
  if (name === "Buffer") return 'give its text, as .toString("utf8") returns it';
  if (/Asset$|Archive$/.test(name)) return "give the text itself, as readFileSync(path, 'utf8') returns it";
  return "give a text, a number, a list, or an object";
}

/** A value of a class, which has these properties. */
export function instance(needed: string, ...properties: string[]): z.ZodType {
  return z.custom<Whole>((value) => value instanceof Whole && value.has(...properties), needs(needed));
}

/** The words of a schema: what is needed there. */
export function needs(needed: string) {
  return { error: ({ input }: { readonly input?: unknown }) => isNeeded(input, needed) };
}

export const host = instance("a Host", "connection", "options").meta({ now: true });

const resource = instance("a resource", "urn");

export const resources = z.union([resource, z.array(resource)], needs("a resource, or a list of resources,"));

/** A value that the program must know at once: it says which resources there are, or what they are called. */
export function now<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ now: true }) as Schema;
}

export const text = z.string();
export const number = z.number();
export const flag = z.boolean();

/** A value that has rules of its own, which say more than a type. It must be there. */
export const given = thatIsThere("a value");

/** The same of an address. */
export const givenAddress = thatIsThere("an address");

function thatIsThere(needed: string) {
  return z.custom<unknown>((value) => value !== undefined && value !== null, needs(needed)).superRefine(refuseNoData);
}

export const device = z.string().refine(isDevice, NO_DEVICE);

export const address = z.string().superRefine((one, context) => {
  const why = whyNoHostAddress(one);
  if (why) context.addIssue({ code: "custom", message: `"${one}" ${why}` });
});

export const drain = z.object({ timeout: number.optional(), onTimeout: z.enum(["fail", "cut"]).optional() });

export const persistence = z.object({ timeout: given.optional(), mask: text.optional(), engine: text.optional() });

const ignore = z.array(z.enum([...previewAdvice, ...hostAdvice])).optional();

export const advice = z.object({ ignore } satisfies Shape<AdviceArgs>);

export const hints = z.object({
  ...{
    address: given.optional(),
    ports: z.array(given).optional(),
    gateway: given.optional(),
    device: text.optional(),
    floats: flag.optional(),
  },
} satisfies Shape<AdviceHints>);

/** The directors whose clients a host serves. */
export const behind = z.object({ address: given, directors: now(z.array(host)) }).optional();
