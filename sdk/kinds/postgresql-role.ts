import * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `PostgresqlRole`. */
export interface PostgresqlRoleArgs extends HostResourceArgs {
  /**
   * The role's name: small letters, digits and _, not a digit first, at most 63. Another name is a replacement.
   * @example "shop"
   */
  name: pulumi.Input<string>;
  /** Its password: up to 256 characters of printable ASCII. Always kept as a secret. */
  password: pulumi.Input<string>;
  /**
   * The port of the server on the host. The port decides which server is meant, where several run.
   * @default 5432
   */
  port?: pulumi.Input<number>;
  /**
   * Whether deleting this resource drops a role that was not there before. The role must not own anything by then.
   * @default false: the role stays, with its password
   */
  deleteData?: pulumi.Input<boolean>;
}

/**
 * A role of a PostgreSQL server on the host that logs in with a password. A SCRAM-SHA-256 verifier is computed where
 * Pulumi runs, and the server gets only the verifier: the password itself reaches neither the server nor its logs. A
 * password that was changed by hand shows as a difference, without the password's text.
 *
 * Deleting the resource puts back what was found: the former password of a role that was there before. A role that was
 * not there before is kept, too, unless `deleteData` says otherwise.
 *
 * @example
 * ```ts
 * const password = new Password("shop");
 * const role = new PostgresqlRole("shop", { host: db, name: "shop", password: password.value });
 * new PostgresqlDatabase("shop", { host: db, name: "shop", role: "shop" }, { dependsOn: role });
 * ```
 */
@declares
export class PostgresqlRole extends HostResource {
  /** The role's name. */
  declare readonly name: pulumi.Output<string>;
  /**
   * The password. After a refresh, a text in its place says that the server has another password, which is not shown. A
   * secret.
   */
  declare readonly password: pulumi.Output<string>;
  /** The port of the server on the host. */
  declare readonly port: pulumi.Output<number>;
  /** Whether deleting drops a role that was not there before. */
  declare readonly deleteData: pulumi.Output<boolean>;

  constructor(name: string, args: PostgresqlRoleArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { password, port, deleteData } = args;
    super(
      "PostgresqlRole",
      name,
      args,
      { name: args.name, password: pulumi.secret(password), port, deleteData },
      pulumi.mergeOptions({ additionalSecretOutputs: ["password"] }, opts),
    );
  }
}
