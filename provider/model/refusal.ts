import type { Problem } from "./problem";
import type { Unfit } from "./unfit";
import { UNKNOWN } from "./unknown";

// A program makes some inputs of a resource from values that it knows only during the update. If they are wrong, the program
// must not throw there: with some versions of Node it would run for ever. The problems take the input's place instead, and the
// check of the resource tells them.

const KEY = "pulumi-lvs:refused";

/** Stands in inputs for a value that could not be made. */
export interface Refusal {
  readonly [KEY]: readonly string[];
}

export function isRefusal(value: unknown): value is Refusal {
  return value !== null && typeof value === "object" && KEY in value;
}

/** @param declared what was being declared: `NatCluster "shop"` */
export function refusal(declared: string, problems: readonly Problem[]): Refusal {
  return { [KEY]: problems.map(({ property, reason }) => `${declared}: ${property}: ${reason}`) };
}

function isPlain(value: unknown): value is object {
  return value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
}

function holdsRefusal(value: unknown): boolean {
  if (isRefusal(value)) return true;
  if (Array.isArray(value)) return value.some(holdsRefusal);
  return isPlain(value) && Object.values(value).some(holdsRefusal);
}

/** The refusals in inputs, each problem once, and the inputs with a placeholder for each of them. */
export function carried(inputs: unknown): { readonly rest: unknown; readonly refused: readonly Unfit[] } {
  if (!holdsRefusal(inputs)) return { rest: inputs, refused: [] };
  const refused = new Map<string, Unfit>();
  const without = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (isRefusal(value)) {
      for (const reason of value[KEY]) if (!refused.has(reason)) refused.set(reason, { path, reason });
      return UNKNOWN;
    }
    if (Array.isArray(value)) return value.map((one, i) => without(one, [...path, i]));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, without(one, [...path, key])]));
  };
  return { rest: without(inputs, []), refused: [...refused.values()] };
}
