import type { z } from "zod";
import type { Command, Reply } from "../host/command";
import type { Fact } from "../host/fact";
import type { Finding, ServedPort } from "../model";

/**
 * One kind of thing on a host: a sysctl, a route, a virtual service. All methods are pure; only `reconcile` talks to the host.
 * One `plan` serves create, update, delete, adoption and repair.
 *
 * @typeParam Want what is declared, in the normal form that `inputs` makes
 * @typeParam Seen what is there, in normal form. It is plain JSON, because the ledger keeps what was found.
 */
export interface Kind<Want extends object = object, Seen = unknown> {
  /** The resource's type, in the field's words: "VirtualService". */
  readonly name: string;
  /** The schema of what can be declared. It fills in defaults and makes the normal form. Parsing a normal form changes nothing. */
  readonly inputs: z.ZodType<Want>;
  /** The name of the thing on the host. A declaration with another identity replaces the thing. */
  identity(want: Want): string;
  /** How to look at what is there. Reading the fact throws an LvsError if the host cannot have a thing of this kind. */
  look(change: Change<Want>): Fact<Seen>;
  /**
   * The steps from what is seen to what is wanted. If nothing is wanted any more, the steps lead to what was found. The list is
   * empty if the host is already so.
   */
  plan(change: Change<Want, Seen>, seen: Seen): Step[];
  /** What was seen, in the shape of the inputs, and the outputs. State, refresh and preview show the result. */
  report(want: Want, seen: Seen): Readonly<Record<string, unknown>>;
  /** Names of reported properties that cannot be declared. They change by themselves and are never a difference. */
  readonly outputs?: readonly string[];
  /**
   * Names of properties whose values may be secrets, as a whole or in a part. Their values are in no message, in the ledger as
   * digests alone, and the engine is not let print them.
   */
  readonly secrets?: readonly string[];
  /** More of them, of this declaration alone. Their values are in no message. The ledger, which root alone reads, has them. */
  secretsOf?(want: Want): readonly string[];
  /** What Pulumi's engine gets in the place of a property with very many values, and the way back. A state may have either. */
  readonly wire?: Readonly<Record<string, Wire>>;
  /**
   * Things of other kinds that this resource takes over: the name of each thing's entry in the ledger, and the property that
   * says so. When the resource that declared such a thing before is deleted, the thing stays as it is.
   */
  keeps?(want: Want): Readonly<Record<string, string>>;
  /**
   * What is known to fail on a host as this one. It is asked for with the first look of a create, an update or a refresh, and
   * changes nothing of what is done. Reading it never throws.
   */
  advice?(want: Want, context: AdviceContext): Fact<readonly Finding[]>;
  /** What is seen may be null: nothing is there. */
  readonly mayBeNothing?: true;
  /** The files that bring the thing back at boot. They are written after the steps of `plan` and removed before them. */
  boot?(want: Want): BootFile[];
  /**
   * Why the thing that is seen could not be put back as it is: "the route is a router's, and ends with it". Asked while the host
   * still is as it was found, and the steps of `plan` would change it. The change is refused then.
   */
  irreplaceable?(want: Want, seen: Seen): string | undefined;
  /**
   * What one thing of a host alone can be, in words that follow "is": "the site with which nginx answers every name". Two
   * resources of one program that would be it are refused, and so is one that another stack's thing is already.
   */
  role?(want: Want): string | undefined;
  /** The other things of the host that are it now, by identity, and the names of their owners. `plan` takes it from them. */
  rivals?(seen: Seen): Readonly<Record<string, readonly string[]>>;
  /** The cure where two resources of one program declare the thing differently. Default: "remove one". */
  insteadOfTwo?(want: Want): string | undefined;
  /** What earlier versions called the thing on its host. It gets today's names. */
  formerly?(want: Want): Former;
}

export interface Wire {
  to(value: never): unknown;
  from(value: never): unknown;
}

/** What advice may know besides its host. */
export interface AdviceContext {
  /** What the program says for advice alone. It stands in no state: a refresh does without. */
  readonly hints: Hints;
  /** What the program has declared on the host so far. A fault that something declared mends is none. */
  declared(): readonly DeclaredThing[];
}

export interface Hints {
  /** The address that clients connect to, or by which the director reaches a real server. */
  readonly address?: string | undefined;
  /** The ports that are served there. */
  readonly ports?: readonly ServedPort[] | undefined;
  /** The address to which the real servers' default route leads. */
  readonly gateway?: string | undefined;
  /** The interface on the director's side. */
  readonly device?: string | undefined;
  /** Whether the address and the gateway float between directors. */
  readonly floats?: boolean | undefined;
}

/** A thing that the same program declares on the same host. */
export interface DeclaredThing {
  readonly kind: string;
  readonly want: Readonly<Record<string, unknown>>;
}

/**
 * What is to change. A create has `want`, an update `had` and `want`, a delete `had`. `found` is what was there before the
 * first change.
 */
export interface Change<Want, Seen = unknown> {
  readonly had?: Want | undefined;
  readonly want?: Want | undefined;
  readonly found?: Seen | undefined;
}

/** The declaration of the thing that changes: the new one, or the former one of a delete. */
export function about<Want>({ had, want }: Change<Want>): Want {
  return (want ?? had) as Want;
}

export interface Step {
  readonly run: Command;
  /** A file of the machine where Pulumi runs, and the path on the host to which it is copied before `run`. */
  readonly upload?: { readonly file: string; readonly to: string };
  /** What the step does, in words that follow the host's name in an error: "adding VIP 10.0.0.9/32 on lo". */
  readonly purpose: string;
  /** What the user can do if this step fails; undefined if the host's own words say enough. */
  readonly advice?: (reply: Reply) => string | undefined;
  /** Whether the reply says that what the step was to bring was refused, and that nothing was changed. */
  readonly refused?: (reply: Reply) => boolean;
  /** What is there instead. Told where the step succeeded, and is still to be done. */
  readonly instead?: string;
  /** Seconds this step may take. Default 120. */
  readonly limit?: number;
  /** The step is done when this holds: a destination has no connection, a service answers. */
  readonly until?: Until;
  /** The step may cut us off. */
  readonly risky?: Risk;
  /** The step writes down what the host remembers for us, and changes nothing else there. */
  readonly remembers?: true;
}

/** How a step may cut us off, and the way back: see `guard` in risky.ts. */
export interface Risk {
  /** The host runs this by itself unless a new connection proves the step harmless. */
  readonly undo: Command;
  /**
   * `way`: packets may take another way; the host itself judges whether those of our connection do. `logins`: something else
   * decides who gets in, as a firewall or sshd, and only a new connection shows that we do.
   */
  readonly touches: "way" | "logins";
  /**
   * The only address whose packets may take another way. If it is neither that of our client nor the one by which we came in, the
   * step runs without a way back.
   */
  readonly only?: string;
  /** The change outlives a reboot. A mark on the disk says that it is not proven (`unprovenMark`). */
  readonly lasting?: boolean;
  /** What the host has done then, in words. Default: "put the old state back". */
  readonly undone?: string;
  /** A question that leads to the cause if the step cut us off. */
  readonly advice: string;
}

export interface Until {
  readonly look: Command;
  /** What is still missing after so many seconds of waiting, in words; undefined if the condition holds. */
  readonly missing: (reply: Reply, seconds: number) => string | undefined;
  /** What to ask when the condition holds, if more has to be told than that, and what to tell. It is told as a warning. */
  readonly tell?: (reply: Reply) => { readonly look: Command; words(reply: Reply): readonly string[] } | undefined;
  /** Seconds to wait at most. */
  readonly within: number;
  /** The step counts as done when the time is up. Without this, it counts as failed. */
  readonly goOn?: boolean;
  /** Commands that run before the step counts as failed: a destination gets its weight back. */
  readonly giveUp?: readonly Command[];
}

export interface Former {
  readonly identities?: readonly string[];
  readonly boot?: readonly FormerBootFile[];
}

export interface FormerBootFile extends BootFile {
  /** Another thing could have the same name. A file with another text than this is taken for that thing's, and stays. */
  readonly shared: boolean;
}

/** A file that acts at boot. No other program may use its path. */
export interface BootFile {
  readonly path: string;
  readonly text: string;
  /** Root alone may read it. */
  readonly secret?: true;
}
