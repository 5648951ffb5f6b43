/** A declared property that cannot be. */
export interface Problem {
  /** Where it was declared: `realServers[1].address`. */
  readonly property: string;
  /** What is wrong, and what to do about it. */
  readonly reason: string;
}
