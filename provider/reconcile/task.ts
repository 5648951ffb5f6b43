import type { Fact } from "../host/fact";
import type { Finding } from "../model";
import type { BootState } from "./boot";
import type { Entry } from "./ledger";

// What reconcile is asked for, and what a look shows.

/** Who asks, and the proof. */
export interface Claimant {
  /** Who declares the thing: project/stack/resource, with the types of the resource's parents. */
  readonly owner: string;
  /** The owner until now, if the owner's name changed. */
  readonly formerOwner?: string | undefined;
  /** What the resource's state shows, or what a create has drawn. A state of 0.1.0 shows none. */
  readonly claim?: string | undefined;
  /** The resource is being created: whoever held the thing under its name holds it no longer. */
  readonly isNew?: boolean;
  /** Stacks ("project/stack") that are gone: what they declare does not count any more. */
  readonly supersedes?: readonly string[] | undefined;
}

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
