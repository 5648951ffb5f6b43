import type { Found } from "./found";
import { type Declaration, HostNamed, type Value } from "./program";

/**
 * A part of a site. The first of the candidates that changes nothing is taken, whole. Where none is, the smaller parts
 * are tried one by one.
 */
export interface Part {
  readonly host: string;
  readonly what: string;
  readonly candidates: readonly (readonly Declaration[])[];
  readonly otherwise?: readonly Part[];
  /** Why it is left out, or declared in parts, where it has no candidate. */
  readonly reason?: string;
}

export type Args = Record<string, Value>;

/** The host as a program names it. */
export const on = ({ name }: Found) => new HostNamed(name);

/** A part that is a thing by itself. */
export const part = (found: Found, what: string, ...declarations: Declaration[]): Part => ({
  host: found.name,
  what,
  candidates: [declarations],
});

/** A text as a word of a name. */
export const word = (text: string) => text.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** What is there, or is missing, and is no thing of the program. */
export const leftOut = ({ name }: Found, what: string, reason: string): Part => ({
  ...{ host: name, what, reason },
  candidates: [],
});
