import type * as pulumi from "@pulumi/pulumi";

// The words of @pulumi/command that a host's command takes and gives. They stand here because that package is optional:
// a program without it has to compile.

/** The arguments of `Host.command`: those of `remote.Command` of `@pulumi/command`, without its connection. */
export interface HostCommandArgs {
  /**
   * What runs when the command is created.
   * @default nothing
   */
  create?: pulumi.Input<string>;
  /**
   * What runs when an input changes.
   * @default `create` again
   */
  update?: pulumi.Input<string>;
  /**
   * What runs when the command is deleted.
   * @default nothing
   */
  delete?: pulumi.Input<string>;
  /**
   * What the command reads.
   * @default nothing
   */
  stdin?: pulumi.Input<string>;
  /**
   * Variables of the command's environment. Most sshd accept only those of their AcceptEnv.
   * @default none
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Values whose change runs the command anew.
   * @default none
   */
  // biome-ignore lint/suspicious/noExplicitAny: as in @pulumi/command
  triggers?: pulumi.Input<any[]>;
  /**
   * Which output of the command the engine shows.
   * @default "stdoutAndStderr"
   */
  logging?: pulumi.Input<"stdout" | "stderr" | "stdoutAndStderr" | "none">;
  /**
   * Whether the former output is in the environment, as PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR.
   * @default true
   */
  addPreviousOutputInEnv?: pulumi.Input<boolean>;
}

/** A `remote.Command` of `@pulumi/command`, which `Host.command` makes. */
export interface HostCommand extends pulumi.CustomResource {
  /** What the command printed. */
  readonly stdout: pulumi.Output<string>;
  /** What it printed to standard error. */
  readonly stderr: pulumi.Output<string>;
}
