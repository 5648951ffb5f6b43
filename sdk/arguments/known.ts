import * as pulumi from "@pulumi/pulumi";

/** Whether the program knows all of a value now; otherwise some of it only comes with an update. */
export function isKnown(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every(isKnown);
}

/** Without what is undefined: nothing was said there. */
export function said<T>(value: T): T {
  if (Array.isArray(value)) return value.map(said) as T;
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, said(inner)])) as T;
}
