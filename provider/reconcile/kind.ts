import type { z } from "zod";
import type { Command, Reply } from "../host/command";

/**
 * One kind of thing on a host: a sysctl, a route, a virtual service. Everything here is pure; only `reconcile` talks to the
 * host. One `plan` serves create, update, delete, adoption and repair.
 *
 * @typeParam Want what is declared, in normal form (`inputs` gives it)
 * @typeParam Seen what is there, in normal form; plain JSON, because it is kept on the host as what was found
 */
export interface Kind<Want extends object = object, Seen = unknown> {
  /** The resource's type, in the field's words: "VirtualService". */
  readonly name: string;
  /** Shape, ranges and cross-field rules of what can be declared; fills in defaults and makes the normal form. Idempotent. */
  readonly inputs: z.ZodType<Want>;
  /** What it is on the host. Another identity is another thing: a replacement. */
  identity(want: Want): string;
  /** How to look. */
  observe(change: Change<Want>): Command[];
  /** The replies to `observe`, one each. Throws an LvsError where the host cannot carry this kind at all. */
  read(replies: readonly Reply[], change: Change<Want>): Seen;
  /** The way from what is seen to what is wanted; to what was found, where nothing is wanted any more. [] = there already. */
  plan(change: Change<Want, Seen>, seen: Seen): Step[];
  /**
   * What was seen, in the shape of the inputs: for state, refresh and preview. `health` is told besides: it comes and goes
   * without anybody declaring it, and is never a difference.
   */
  report(want: Want, seen: Seen): Partial<Record<keyof Want | "health", unknown>>;
  /**
   * Things of other kinds that this one looks after from now on: the name of the ledger's entry of each, and which property says
   * so. Whoever declared such a thing leaves it as it is when it goes.
   */
  keeps?(want: Want): Readonly<Record<string, string>>;
  /** The second life: files that bring it back at boot. Written last, removed first. */
  boot?(want: Want): BootFile[];
}

/** create: want; update: had and want; delete: had. `found` is what was there before the first change. */
export interface Change<Want, Seen = unknown> {
  readonly had?: Want | undefined;
  readonly want?: Want | undefined;
  readonly found?: Seen | undefined;
}

export interface Step {
  readonly run: Command;
  /** Before that: a file of the machine where Pulumi runs, and the path on the host where `run` finds it. */
  readonly upload?: { readonly file: string; readonly to: string };
  /** What for, in words that follow the host's name in an error: "adding VIP 10.0.0.9/32 on lo". */
  readonly purpose: string;
  /** What to do about it when this step fails, if there is something better to say than the host's own words. */
  readonly advice?: (reply: Reply) => string | undefined;
  /** Seconds this step may take. Default 120. */
  readonly limit?: number;
  /** The step is done only when this holds: a drained destination, a service that answers. */
  readonly until?: Until;
  /** The step may cut off our own connection: the host runs `undo` by itself unless a new connection proves it harmless. */
  readonly risky?: { readonly undo: Command };
}

export interface Until {
  readonly look: Command;
  /** undefined = holds; otherwise what is still missing, in words. */
  readonly missing: (reply: Reply) => string | undefined;
  /** Seconds to wait at most. */
  readonly within: number;
  /** When the time is up, the step counts as done all the same. */
  readonly goOn?: boolean;
  /** What to run when the time is up, before the step counts as failed: a drained destination gets its weight back. */
  readonly giveUp?: Command;
}

/** A file that acts at boot. Its path must be ours alone. */
export interface BootFile {
  readonly path: string;
  readonly text: string;
}
