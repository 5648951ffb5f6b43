import * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { argumentsOf, refuseShape } from "../arguments/shape";
import { LvsResource } from "../host/resource";

/** The arguments of a `Password`. */
export interface PasswordArgs {
  /**
   * How many characters the password has: 16 to 256.
   * @default 32, which are 190 bits
   */
  length?: pulumi.Input<number>;
  /**
   * Any change of these values makes a new password.
   * @default none
   * @example ["2026-01"]
   */
  triggers?: pulumi.Input<unknown[]>;
}

/**
 * A random password or key of letters and digits, which can stand in a URL as it is. The password is generated once,
 * where Pulumi runs, and kept in the state as a secret. Any change of the arguments makes a new password, and so does
 * `pulumi up --replace <its URN>`.
 *
 * @example
 * ```ts
 * const key = new Password("secret-key", { length: 50 });
 * new File("key", { host: app, path: "/etc/shop/secret-key", content: key.value, mode: "0600" });
 * ```
 */
@declares
export class Password extends LvsResource {
  /** How many characters the password has. */
  declare readonly length: pulumi.Output<number>;
  /** The values whose change makes a new password. */
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** The password. A secret. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: PasswordArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    const { length, triggers } = args;
    refuseShape(`Password "${name}"`, argumentsOf({}, { length, triggers }), args);
    super(
      "Password",
      name,
      { length, triggers, value: undefined },
      pulumi.mergeOptions({ additionalSecretOutputs: ["value"] }, opts),
    );
    // The engine marks the value as a secret. Tests of programs run under mocks, without the engine.
    this.value = pulumi.secret(this.value);
  }
}
