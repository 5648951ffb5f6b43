import { isLoopback, type Problem, whyNoHostAddress } from "pulumi-lvs-provider/model";

/** The problem of a property, where there is a reason to tell one. */
export function problem(property: string, reason: string | false | undefined): Problem[] {
  return reason ? [{ property, reason }] : [];
}

/** The problem of a property that is to be an address by which others reach one host. */
export function hostAddressProblem(property: string, text: string): Problem[] {
  const why = whyNoHostAddress(text);
  return problem(property, why && `"${text}" ${why}`);
}

/** The problem of a property that is to be an address by which another host reaches this one. */
export function reachedAddressProblem(property: string, text: string): Problem[] {
  const reason =
    isLoopback(text) && `${text} is each host's own (loopback): give the address by which others reach this one`;
  return [...hostAddressProblem(property, text), ...problem(property, reason)];
}

/** The pairs of positions: where a value is repeated, and where it was first. Undefined is no value. */
export function repeated(values: readonly unknown[]): [at: number, first: number][] {
  return values.flatMap((value, at): [number, number][] => {
    const first = values.indexOf(value);
    return value !== undefined && first < at ? [[at, first]] : [];
  });
}
