import { createHash } from "node:crypto";

/** Whether a plan takes two values for equal. The order of keys does not count, and `undefined` equals an absent key. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => same(inList(one), inList(b[i])));
  if (!isRecord(a) || !isRecord(b)) return canonical(a) === canonical(b);
  for (const key in a) if (!same(a[key], b[key])) return false;
  for (const key in b) if (!Object.hasOwn(a, key) && canonical(b[key]) !== undefined) return false;
  return true;
}

/** JSON has null in a list for what it cannot say. */
function inList(value: unknown): unknown {
  return ["undefined", "function", "symbol"].includes(typeof value) ? null : value;
}

/** An object without a class: what JSON makes of it are its own properties. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== "object" || Array.isArray(value) || "toJSON" in value) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** JSON with sorted keys: equal values have equal texts. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The SHA-256 of a text, or of a value as JSON with sorted keys. Equal declarations have equal digests. */
export function digest(value: unknown): string {
  return createHash("sha256")
    .update(typeof value === "string" ? value : (canonical(value) ?? ""))
    .digest("hex");
}
