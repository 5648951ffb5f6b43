// What a picture takes of a state. A preview has values that come later, and a state may have been edited by hand: in the place of
// anything may be something else.

/** The properties of an object; none of anything else. */
export function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, and a placeholder for one that comes later; undefined of anything else. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
