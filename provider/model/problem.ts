/** A declared property whose value is not valid. */
export interface Problem {
  /** The path of the property: `realServers[1].address`. */
  readonly property: string;
  /** What is wrong, and what to do about it. */
  readonly reason: string;
}
