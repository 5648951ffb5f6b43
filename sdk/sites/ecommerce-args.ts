import type * as pulumi from "@pulumi/pulumi";
import type { ArtefactArgs } from "../kinds/release";
import type { DrainArgs } from "../kinds/virtual-service-args";
import type { ReadyArgs, RolloutDirectorArgs, RolloutServerArgs, RolloutTurns } from "../workflows/rollout";
import type { CertificateArgs } from "./web-site-args";

/** Where the customers' data is kept. This decides whether any server can go on with what another server began. */
export type SiteState = SharedState | LocalState;

/** All servers have one database. */
export interface SharedState {
  /** One database for all servers. */
  kind: "shared";
  /**
   * The database's URL, which the application finds in the variable `DATABASE_URL`. Always kept as a secret.
   * @example "postgresql://shop:…@172.17.111.240:5432/shop"
   */
  databaseUrl: pulumi.Input<string>;
  /**
   * What must exist before the application is started: its `Postgresql`. Everything else that is brought to the servers
   * does not wait for it.
   * @default nothing
   */
  after?: pulumi.Resource | pulumi.Resource[];
}

/**
 * Each server has its own state, in a shared folder. What a customer began is on one server alone, and is lost with
 * that server. Clusters without persistence refuse such a site.
 */
export interface LocalState {
  /** A state of its own on each server. */
  kind: "local";
}

/** How an application is built, started and checked. This is the same for any runtime. */
export interface ApplicationArgs {
  /** The artefact, which was built where Pulumi runs. */
  artefact: ArtefactArgs;
  /**
   * The command that runs the application, in the artefact's folder. The application must listen on the loopback
   * address, on the port in the variable `PORT`.
   * @example ["node", "server.js"]
   */
  start: string[];
  /**
   * A command that is run for a release before any server switches to the release: a migration. See `Rollout`.
   * @default none
   */
  prepare?: string[];
  /** When the application is ready: the path that is asked for on each server, the status, and within how many seconds. */
  ready: ReadyArgs;
  /**
   * Packages that the application needs on the servers.
   * @default none
   */
  packages?: string[];
  /**
   * The application's environment. `PORT` is added, `DATABASE_URL` where the state is shared, and the variables of
   * `shared`.
   * @default nothing more
   */
  environment?: Record<string, pulumi.Input<string>>;
  /**
   * More of the environment, for values that nobody may see. Always kept as secrets.
   * @default nothing more
   */
  secrets?: Record<string, pulumi.Input<string>>;
  /**
   * Folders of the artefact that nginx itself serves.
   * @default none
   * @example { "/static/": "static" }
   */
  static?: Record<string, string>;
  /**
   * Folders that the application may write to, and that outlive releases: variable → the folder. The application finds
   * the folder's path in the variable. With `url`, nginx serves the folder.
   * @default none
   * @example { MEDIA_ROOT: { name: "media", url: "/media/" } }
   */
  shared?: Record<
    string,
    {
      /** The folder's name below `/srv/<site>/shared`. */
      name: string;
      /**
       * The path under which nginx serves the folder, between slashes.
       * @default it is not served
       */
      url?: string;
    }
  >;
  /**
   * The most memory that the application may have on a server (systemd.resource-control(5)).
   * @default no limit
   * @example "400M"
   */
  memory?: string;
  /**
   * The port of the loopback address that the application listens on, 1024 to 65535: the application does not run as
   * root.
   * @default 8000
   */
  port?: number;
}

/** The arguments of an `EcommerceSite`. */
export interface EcommerceSiteArgs extends RolloutTurns {
  /** The site's servers, in the order in which a rollout exchanges them. */
  servers: RolloutServerArgs[];
  /**
   * The directors that take a server out of their tables while the server is exchanged.
   * @default none: nothing is drained
   */
  directors?: RolloutDirectorArgs[];
  /** The application that runs there. */
  application: ApplicationArgs;
  /** Where the site's state is kept. */
  state: SiteState;
  /**
   * The certificate for https, one for all servers.
   * @default http alone
   */
  certificate?: CertificateArgs;
  /**
   * Whether nginx listens on IPv6 as well. `false` is for servers whose kernels have no IPv6 (`ipv6.disable=1`).
   * @default true
   */
  ipv6?: boolean;
  /**
   * The site's name, for the unit, the user and the folder `/srv/<site>`. Small letters, digits and dashes.
   * @default the resource's name
   */
  site?: string;
  /**
   * How many releases stay on a server, 1 to 100, with the one that runs.
   * @default 3
   */
  keep?: number;
  /**
   * How connections end when a server leaves the table.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * What happens where no other server would be left in a service. `"refuse"`: the update fails. `"interrupt"`: the
   * service is interrupted.
   * @default "refuse"
   */
  alone?: "refuse" | "interrupt";
  /**
   * Whether deleting removes the shared folders. What was there before the site stays.
   * @default false
   */
  deleteData?: boolean;
}
