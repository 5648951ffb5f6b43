import type * as pulumi from "@pulumi/pulumi";
import type { ArtefactArgs } from "../kinds/release";
import type { DrainArgs } from "../kinds/virtual-service";
import type { ReadyArgs, RolloutDirectorArgs, RolloutServerArgs } from "../workflows/rollout";
import type { CertificateArgs } from "./web-site";

/** Where what customers do is kept: decides whether any server can go on with what another one began. */
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
   * What must stand before the application is started: its `Postgresql`. What else is brought to the servers does not wait for it.
   * @default nothing
   */
  after?: pulumi.Resource | pulumi.Resource[];
}

/**
 * Each server has its own, in a shared folder: what a customer began is on that server alone, and lost with it. Clusters refuse
 * such a site without persistence.
 */
export interface LocalState {
  /** A state of its own on each server. */
  kind: "local";
}

/** How an application is built, started and asked. It is the same for any runtime. */
export interface ApplicationArgs {
  /** What was built where Pulumi runs. */
  artefact: ArtefactArgs;
  /**
   * The command that runs it, in the artefact's folder; it listens on the loopback address, on the port in the variable `PORT`.
   * @example ["node", "server.js"]
   */
  start: string[];
  /**
   * A command that is run for a release before any server switches to it: a migration. See `Rollout`.
   * @default none
   */
  prepare?: string[];
  /** When it is ready. */
  ready: ReadyArgs;
  /**
   * Packages that it needs on the servers.
   * @default none
   */
  packages?: string[];
  /**
   * Its environment. `PORT` is there, too, `DATABASE_URL` where the state is shared, and the variables of `shared`.
   * @default nothing more
   */
  environment?: Record<string, pulumi.Input<string>>;
  /**
   * More of it that must not be seen: always kept as secrets.
   * @default nothing more
   */
  secrets?: Record<string, pulumi.Input<string>>;
  /**
   * Folders of the artefact that nginx serves by itself.
   * @default none
   * @example { "/static/": "static" }
   */
  static?: Record<string, string>;
  /**
   * Folders that the application may write to, and that outlive releases: the variable in which it finds the path, and the name.
   * With `url` nginx serves it.
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
   * The most memory it may have on a server (systemd.resource-control(5)).
   * @default no limit
   * @example "400M"
   */
  memory?: string;
  /**
   * The port of the loopback address that it listens on, 1024 to 65535: it is not root.
   * @default 8000
   */
  port?: number;
}

/** The arguments of an `EcommerceSite`. */
export interface EcommerceSiteArgs {
  /** Its servers, in the order in which a rollout exchanges them. */
  servers: RolloutServerArgs[];
  /**
   * The directors from whose tables a server is taken while it is exchanged.
   * @default none: nothing is drained
   */
  directors?: RolloutDirectorArgs[];
  /** What runs there. */
  application: ApplicationArgs;
  /** Where its state is. */
  state: SiteState;
  /**
   * The certificate for https, one for all servers.
   * @default http alone
   */
  certificate?: CertificateArgs;
  /**
   * The site's name: that of its unit, its user and its folder `/srv/<site>`. Small letters, digits and dashes.
   * @default the resource's name
   */
  site?: string;
  /**
   * How many releases stay on a server.
   * @default 3
   */
  keep?: number;
  /**
   * How connections end when a server leaves the table.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Where no other server would be left in a service: `"refuse"`: the update fails; `"interrupt"`: the service is interrupted.
   * @default "refuse"
   */
  alone?: "refuse" | "interrupt";
  /**
   * Whether deleting removes the shared folders.
   * @default false
   */
  deleteData?: boolean;
}
