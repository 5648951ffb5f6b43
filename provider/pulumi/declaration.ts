import type { z } from "zod";
import type { Problem } from "../model";

/** Pulumi's placeholder for a value that is not known before the update (pulumi.runtime.unknownValue). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(isUnknown);
}

export type Declaration<Want> =
  | { readonly want: Want; readonly problems: readonly [] }
  | { readonly want?: undefined; readonly problems: readonly Problem[] };

/**
 * Reads a declaration into its normal form. If a property is not known yet, the problems of this property are left out and no
 * normal form is made.
 */
export function declared<Want>(schema: z.ZodType<Want>, inputs: Record<string, unknown>): Declaration<Want> {
  const parsed = schema.safeParse(inputs);
  if (parsed.success && !isUnknown(inputs)) return { want: parsed.data, problems: [] };
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = issues
    .filter((issue) => !isUnknown(inputs[String(issue.path[0])]))
    .map((issue) => ({ property: issue.path.join("."), reason: reason(issue, inputs) }));
  return { problems };
}

function reason(issue: z.core.$ZodIssue, inputs: Record<string, unknown>): string {
  const top = issue.path.length > 0 ? inputs[String(issue.path[0])] : undefined;
  if (top === undefined && (issue.code === "invalid_type" || issue.code === "invalid_union")) return "is missing";
  // zod reports the key of a record as invalid, and wraps the message of the key's own rule.
  return issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
