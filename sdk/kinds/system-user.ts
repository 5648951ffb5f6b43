import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `SystemUser`. */
export interface SystemUserArgs extends HostResourceArgs {
  /**
   * The user's name, which the user's group has, too. Small letters, digits, dashes and underscores, at most 31.
   * Another name is a replacement.
   * @example "shop"
   */
  user: pulumi.Input<string>;
}

/**
 * A user for a service, without password, shell and home directory. Deleting the resource removes a user that was not
 * there before.
 *
 * @example
 * ```ts
 * new SystemUser("shop", { host: rs1, user: "shop" });
 * ```
 */
@declares
export class SystemUser extends HostResource {
  /** The user's name. After a refresh `""` where there is no such user. */
  declare readonly user: pulumi.Output<string>;

  constructor(name: string, args: SystemUserArgs, opts?: pulumi.CustomResourceOptions) {
    super("SystemUser", name, args, { user: args.user }, opts);
  }
}
