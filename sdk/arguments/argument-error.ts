import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "pulumi-lvs-provider/model";

export type { Problem };

/**
 * The program declares something that cannot be. Thrown while the program runs, so a preview already fails and no host was
 * touched. One line a problem: what was declared, the property, the cause and the cure.
 */
export class ArgumentError extends pulumi.RunError {
  /** What tells it from other errors. */
  override readonly name: string = "ArgumentError";

  constructor(
    /** What was being declared: `NatCluster "shop"`. */
    readonly declared: string,
    /** What is wrong, each with its property. */
    readonly problems: readonly Problem[],
  ) {
    super(problems.map(({ property, reason }) => `${declared}: ${property}: ${reason}`).join("\n"));
  }
}

/** Throws unless there is nothing to complain about. */
export function refuse(declared: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ArgumentError(declared, problems);
}
