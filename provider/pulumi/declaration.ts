import type { z } from "zod";
import type { Problem } from "../model";

/** What Pulumi puts in the place of a value that is not known before the update (pulumi.runtime.unknownValue). */
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
 * Reads a declaration into its normal form. A property that is not known yet passes: rules that touch it are skipped, and no
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
  // A record's key has its own rule, and its own words.
  return issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
