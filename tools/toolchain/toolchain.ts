/** The Pulumi CLI with its plugins. */
export interface Toolchain {
  /** The absolute path of the CLI. */
  readonly pulumi: string;
  /** What to add to the environment of every `pulumi` command. */
  readonly environment: Record<string, string>;
  /** Distinguishes this tool chain from others. What the tool chain generates is cached under this key. */
  readonly identity: string;
}
