import type { Fact } from "../host/fact";
import type { Finding } from "../model";
import type { BootState } from "./boot";
import type { Entry } from "./ledger";
import type { Claimant } from "./owners";

// What reconcile is asked for, and what a look shows.

export interface Task<Want> extends Claimant {
  readonly had?: Want | undefined;
  readonly want?: Want | undefined;
  readonly judge?: JudgeMachine;
  readonly advice?: Advice | undefined;
}

/** What is known to fail on the host. It is asked for with the first look, and told before anything is changed. */
export interface Advice {
  readonly fact: Fact<readonly Finding[]>;
  tell(findings: readonly Finding[]): void;
}

/**
 * Judges the machine that answered, before anything is changed. Throws if another machine was expected.
 *
 * @param owners who declares the thing on that machine
 */
export type JudgeMachine = (machine: string, owners: readonly string[]) => void;

/** What was observed of a thing on its host: the thing itself, its boot files and its entry in the ledger. */
export interface Observed<Seen> {
  /** The name of the entry. */
  readonly name: string;
  readonly entry: Entry<Seen> | undefined;
  readonly boot: ReadonlyMap<string, BootState>;
  readonly seen: Seen;
}

export interface Look<Seen> extends Observed<Seen> {
  readonly machine: string;
}
