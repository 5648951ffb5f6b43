import { createHash } from "node:crypto";

/** Equal for the purposes of a plan: the order of keys and absent values do not count. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** One text for equal values, whatever the order of their keys. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** A short name for a declaration: equal declarations have equal digests, whatever the order of their keys. */
export function digest(value: unknown): string {
  return createHash("sha256")
    .update(typeof value === "string" ? value : (canonical(value) ?? ""))
    .digest("hex");
}
