import type { Host } from "../host/host";

/** The arguments of a `Postgresql`. */
export interface PostgresqlArgs {
  /** The host of the server: Debian or Ubuntu. Declare one `Postgresql` a host: it alone decides who may connect. */
  host: Host;
  /**
   * The address of the host at which clients reach the server. The server listens there, and on the loopback address.
   * @example "172.17.111.240"
   */
  address: string;
  /**
   * The addresses from which the role may connect to the database. The server refuses all other connections over the
   * network.
   * @example ["172.17.111.234", "172.17.111.222"]
   */
  clients: string[];
  /**
   * The database's name: small letters, digits and _, not a digit first, at most 63.
   * @default the name of this component
   */
  database?: string;
  /**
   * The role that owns the database and connects to it. The rules for the name are those of a database's.
   * @default `database`
   */
  role?: string;
  /**
   * The port that the server listens on.
   * @default 5432
   */
  port?: number;
  /**
   * PostgreSQL's version, as the distribution numbers its packages.
   * @default 15, which Debian 12 has; Debian 13 has 17
   */
  version?: number;
  /**
   * Whether deleting drops the database and the role, unless they were there before.
   * @default false: they stay, whatever happens to this resource
   */
  deleteData?: boolean;
}
