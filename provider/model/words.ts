import type { z } from "zod";
import { nearest } from "./near";

// What is said of a value that is not of its schema, where the schema has no words of its own: what the value is, what is needed,
// and what to do. The value itself is not said, because it may be a secret.

type Issue = z.core.$ZodRawIssue;

/**
 * The error map of every schema that reads a declaration.
 *
 * @param told the issue as zod tells it; no type of zod's is in this room's declarations
 */
export function words(told: unknown): string | undefined {
  const issue = told as Issue;
  const { input } = issue;
  const needed = neededBy(issue);
  if (needed !== undefined) return isNeeded(input, needed, issue.code === "invalid_type" ? issue.expected : undefined);
  switch (issue.code) {
    case "invalid_value":
      return noneOf(
        issue.values.map((one) => JSON.stringify(one)),
        input,
      );
    case "too_big":
      return `${size(issue.origin, "more", "longer")} than ${issue.maximum}: give at most ${issue.maximum}`;
    case "too_small":
      return `${size(issue.origin, "less", "shorter")} than ${issue.minimum}: give at least ${issue.minimum}`;
    default:
      return undefined;
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function neededBy(issue: Issue): string | undefined {
  if (issue.code === "invalid_type") return TYPES[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === "invalid_value" && isMissing(issue.input))
    return `${issue.values.length > 1 ? "one of " : ""}${issue.values.map((one) => JSON.stringify(one)).join(", ")}`;
  if (issue.code !== "invalid_union") return undefined;
  const types = issue.errors.flatMap(([first]) => (first?.code === "invalid_type" ? [TYPES[first.expected]] : []));
  return types.length === issue.errors.length ? [...new Set(types)].join(" or ") : undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ string: "a text", number: "a number", int: "a whole number", boolean: "true or false" },
  ...{ array: "a list", object: "an object", record: "an object" },
};

/** @param expected the type, where there is a cure for it */
export function isNeeded(value: unknown, needed: string, expected?: string): string {
  if (isMissing(value)) {
    const cure =
      value === null ? "it is null: where it may be missing, leave it out" : (MAKE[needed] ?? giving(needed));
    return `is missing: ${needed} is needed. ${cure[0]?.toUpperCase()}${cure.slice(1)}`;
  }
  const cure = expected === undefined ? MAKE[needed] : cureOf(value, expected);
  return `is ${what(value)}, and ${needed} is needed: ${cure ?? giving(needed)}`;
}

/** What has to be made first. */
const MAKE: Readonly<Record<string, string>> = { "a Host": 'give what new Host("…", { address: … }) has made' };

/** What to do where nothing more is known than what is needed. */
function giving(needed: string): string {
  if (needed.startsWith("one of ")) return "choose one";
  if (needed === TYPES.boolean) return "say which";
  if (needed === TYPES.array) return "write [ … ]";
  return needed.startsWith("an object") ? "write { … }" : "give one";
}

function what(value: unknown): string {
  if (isMissing(value)) return "missing";
  if (Array.isArray(value)) return "a list";
  if (Number.isNaN(value)) return "no number";
  if (typeof value === "number" && !Number.isInteger(value)) return "a fraction";
  if (typeof value !== "object") return TYPES[typeof value] ?? `a ${typeof value}`;
  // A value of a class says its name: "Host".
  const name = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return name === "Object" ? "an object" : `a ${name}`;
}

function cureOf(value: unknown, expected: string): string | undefined {
  if (expected === "array")
    return Array.isArray(value) || typeof value === "object" ? "put it in [ ]" : FROM_CONFIG.array;
  if (expected === "string" && (typeof value === "number" || typeof value === "boolean")) return "put it in quotes";
  if (expected === "string" && Array.isArray(value)) return "give one text, without [ ]";
  if (["object", "record"].includes(expected) && typeof value !== "string") return "write { … }";
  if (typeof value !== "string") return undefined;
  if (["number", "int"].includes(expected)) return /^\d+$/.test(value) ? FROM_CONFIG.number : undefined;
  return FROM_CONFIG[expected];
}

/** A stack's configuration gives texts. */
const FROM_CONFIG: Readonly<Record<string, string>> = {
  number: "leave out the quotes, or read it by config.getNumber",
  boolean: "leave out the quotes, or read it by config.getBoolean",
  array: "put it in [ ], or read it by config.getObject",
  object: "write { … }, or read it by config.getObject",
  record: "write { … }, or read it by config.getObject",
};

function noneOf(allowed: readonly string[], value: unknown): string {
  const near = typeof value === "string" ? nearest(allowed.map(unquoted), value) : undefined;
  return `is none of ${allowed.join(", ")}: ${near ? `did you mean ${JSON.stringify(near)}?` : "choose one"}`;
}

function unquoted(one: string): string {
  return String(JSON.parse(one));
}

function size(origin: string, number: string, text: string): string {
  if (origin === "array" || origin === "set") return `has ${number === "less" ? "fewer" : number} entries`;
  return `is ${origin === "string" ? text : number}`;
}

/** How a user becomes root, as it is declared. */
export const SUDO =
  "is true, or { password: … }: read it by config.getBoolean or config.getObject, and give a password as such";
