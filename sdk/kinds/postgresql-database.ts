import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `PostgresqlDatabase`. */
export interface PostgresqlDatabaseArgs extends HostResourceArgs {
  /**
   * The database's name: small letters, digits and _, not a digit first, at most 63. Another name is a replacement.
   * @example "shop"
   */
  name: pulumi.Input<string>;
  /**
   * The role that owns the database and may create tables in it. The role must exist: declare it first ({@link
   * PostgresqlRole}).
   */
  role: pulumi.Input<string>;
  /**
   * The encoding of the text, as PostgreSQL prints it. An existing database cannot change its encoding: that is an
   * error.
   * @default "UTF8"
   */
  encoding?: pulumi.Input<string>;
  /**
   * The port of the server on the host. The port decides which server is meant, where several run.
   * @default 5432
   */
  port?: pulumi.Input<number>;
  /**
   * Whether deleting this resource drops a database that was not there before, with all its data, even while clients
   * are connected.
   * @default false: the database stays
   */
  deleteData?: pulumi.Input<boolean>;
}

/**
 * A database of a PostgreSQL server (13 or later) on the host, with its owner. The locale is the server's.
 *
 * Deleting the resource puts back what was found: the former owner of a database that was there before. A database that
 * was not there before is kept, too, unless `deleteData` says otherwise. A database that an earlier stack left behind
 * counts as one that was there before.
 *
 * @example
 * ```ts
 * new PostgresqlDatabase("shop", { host: db, name: "shop", role: "shop" }, { dependsOn: role });
 * ```
 */
@declares
export class PostgresqlDatabase extends HostResource {
  /** The database's name. */
  declare readonly name: pulumi.Output<string>;
  /** The role that was seen to own the database. After a refresh `""` where there is no such database. */
  declare readonly role: pulumi.Output<string>;
  /** The encoding of the text, as PostgreSQL prints it. */
  declare readonly encoding: pulumi.Output<string>;
  /** The port of the server on the host. */
  declare readonly port: pulumi.Output<number>;
  /** Whether deleting drops a database that was not there before. */
  declare readonly deleteData: pulumi.Output<boolean>;

  constructor(name: string, args: PostgresqlDatabaseArgs, opts?: pulumi.CustomResourceOptions) {
    const { role, encoding, port, deleteData } = args;
    super("PostgresqlDatabase", name, args, { name: args.name, role, encoding, port, deleteData }, opts);
  }
}
