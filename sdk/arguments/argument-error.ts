import * as pulumi from "@pulumi/pulumi";

/** A declared property that cannot be. */
export interface Problem {
  /** Where it was declared: `realServers[1].address`. */
  readonly property: string;
  /** What is wrong, and what to do about it. */
  readonly reason: string;
}

/**
 * The program declares something that cannot be. Thrown while the program runs, so a preview already fails and no host was
 * touched. One line a problem: what was declared, the property, the cause and the cure.
 */
export class ArgumentError extends pulumi.RunError {
  override readonly name: string = "ArgumentError";

  constructor(
    /** What was being declared: `NatCluster "shop"`. */
    readonly declared: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map(({ property, reason }) => `${declared}: ${property}: ${reason}`).join("\n"));
  }
}

/** Throws unless there is nothing to complain about. */
export function refuse(declared: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ArgumentError(declared, problems);
}
