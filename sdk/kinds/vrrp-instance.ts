import type * as pulumi from "@pulumi/pulumi";
import type { OperatorNote } from "pulumi-lvs-provider/model";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of `VrrpInstance`. */
export interface VrrpInstanceArgs extends HostResourceArgs {
  /** The instance's name in its file. Another name is another instance. */
  name: pulumi.Input<string>;
  /**
   * The files that keepalived must have been started or reloaded with: path → SHA-256 of the content in hexadecimal.
   */
  configuration: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * keepalived runs, and has loaded the file of one VRRP instance. `Keepalived` declares this resource together with the
 * package and the files. A change is loaded by a reload: a restart would take the addresses away. Which state the
 * instance is in shows in `state`, and is no difference.
 */
@declares
export class VrrpInstance extends HostResource {
  /** The instance's name. */
  declare readonly name: pulumi.Output<string>;
  /** Whether keepalived starts at boot. */
  declare readonly enabled: pulumi.Output<boolean>;
  /** Whether keepalived runs. */
  declare readonly running: pulumi.Output<boolean>;
  /** The files as keepalived has loaded them: path → SHA-256. */
  declare readonly configuration: pulumi.Output<Record<string, string>>;
  /**
   * The state at the last look: MASTER has the addresses, BACKUP stands by, FAULT is unfit, STOPPED: keepalived does not
   * run, UNKNOWN: the instance has not said yet.
   */
  declare readonly state: pulumi.Output<string>;
  /** When the instance entered this state, as in ISO 8601. */
  declare readonly since: pulumi.Output<string | undefined>;
  /** Why, by whom and since when an operator has given the instance up on this host; undefined if nobody has. */
  declare readonly givenUp: pulumi.Output<Partial<OperatorNote> | undefined>;

  constructor(name: string, args: VrrpInstanceArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { enabled: true, running: true, state: undefined, since: undefined, givenUp: undefined };
    super("VrrpInstance", name, args, { name: args.name, configuration: args.configuration }, opts, outputs);
  }
}
