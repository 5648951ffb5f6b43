import { createHash } from "node:crypto";

/** Whether a plan takes two values for equal. The order of keys does not count, and `undefined` equals an absent key. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
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
