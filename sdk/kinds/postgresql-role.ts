import * as pulumi from "@pulumi/pulumi";
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
   * The port of the server on the host: which one is meant, where several run.
   * @default 5432
   */
  port?: pulumi.Input<number>;
  /**
   * Whether deleting drops a role that was not there before. It must not own anything any more by then.
   * @default false: the role stays, with its password
   */
  deleteData?: pulumi.Input<boolean>;
}

/**
 * A role of a PostgreSQL server on the host that logs in with a password. The server is told by a SCRAM-SHA-256 verifier that is
 * computed where Pulumi runs: the password itself reaches neither the server nor its logs. A password that was changed by hand
 * shows as a difference, without telling it.
 *
 * Deleting puts back what was found: the former password of a role that was there before. One that was not is kept too, unless
 * `deleteData` says otherwise.
 *
 * @example
 * ```ts
 * const password = new Password("shop");
 * const role = new PostgresqlRole("shop", { host: db, name: "shop", password: password.value });
 * new PostgresqlDatabase("shop", { host: db, name: "shop", role: "shop" }, { dependsOn: role });
 * ```
 */
export class PostgresqlRole extends HostResource {
  /** The role's name. */
  declare readonly name: pulumi.Output<string>;
  /** The password. After a refresh a text says so where the server has another one, without telling it. A secret. */
  declare readonly password: pulumi.Output<string>;
  /** The port of the server on the host. */
  declare readonly port: pulumi.Output<number>;
  /** Whether deleting drops a role that was not there before. */
  declare readonly deleteData: pulumi.Output<boolean>;

  constructor(name: string, args: PostgresqlRoleArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, password, port, deleteData } = args;
    super(
      "PostgresqlRole",
      name,
      host,
      { name: args.name, password: pulumi.secret(password), port, deleteData },
      pulumi.mergeOptions({ additionalSecretOutputs: ["password"] }, opts),
    );
  }
}
