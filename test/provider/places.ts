// Places in inputs: properties, elements of lists, and what is in them.

export type Path = readonly (string | number)[];

/** Whether a value has properties of its own to change. An instance of a class, like a Host, has none. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
}

/** All places of a value, with what is there. */
export function places(value: unknown, path: Path = []): [Path, unknown][] {
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return [[path, value], ...entries.flatMap(([key, one]) => places(one, [...path, key]))];
}

/** What is at a place; undefined if the place is not there. */
export function at(value: unknown, path: Path): unknown {
  const step = (inner: unknown, key: string | number) =>
    inner !== null && typeof inner === "object" && Object.hasOwn(inner, key) ? inner[key as never] : undefined;
  return path.reduce<unknown>(step, value);
}

/** A copy with another value at a place. `__proto__` is a property like any other, as in JSON. */
export function put(inputs: Record<string, unknown>, path: Path, value: unknown): Record<string, unknown> {
  const [first, ...rest] = path as [string | number, ...Path];
  const copy = (Array.isArray(inputs) ? [...inputs] : { ...inputs }) as Record<string, unknown>;
  const inner = rest.length > 0 ? put(inputs[first] as Record<string, unknown>, rest, value) : value;
  if (inner === undefined) delete copy[first];
  else Object.defineProperty(copy, first, { value: inner, enumerable: true, configurable: true, writable: true });
  return copy;
}
