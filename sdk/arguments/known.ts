import * as pulumi from "@pulumi/pulumi";

/** Whether the program knows the whole value now. A part that is not known now only comes with an update. */
export function isKnown(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every(isKnown);
}

/** The value without its undefined parts, which declare nothing. */
export function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUndefined) as T;
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUndefined(inner)])) as T;
}
