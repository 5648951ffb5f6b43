import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "pulumi-lvs-provider/model";

export type { Problem };

/**
 * The program declares something that cannot work. The error is thrown while the program runs: a preview fails already,
 * and no host was touched. The message has one line for each problem: what was declared, the property, the cause and
 * the cure.
 */
export class ArgumentError extends pulumi.RunError {
  /** The name that distinguishes this error from others. */
  override readonly name: string = "ArgumentError";

  constructor(
    /** What was being declared: `NatCluster "shop"`. */
    readonly declared: string,
    /** What is wrong. Each problem names its property. */
    readonly problems: readonly Problem[],
  ) {
    super(problems.map(({ property, reason }) => `${declared}: ${property}: ${reason}`).join("\n"));
  }
}

/** Throws where there is a problem. */
export function refuse(declared: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ArgumentError(declared, problems);
}
