import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments/argument-error";
import type { Host } from "../host/host";
import { Package } from "../kinds/package";
import { type ArtefactArgs, Release } from "../kinds/release";
import { SystemUser } from "../kinds/system-user";
import type { DrainArgs } from "../kinds/virtual-service";
import { Password } from "../values/password";
import { type ReadyArgs, Rollout, type RolloutDirectorArgs, type RolloutServerArgs } from "../workflows/rollout";
import { ecommerceProblems } from "./ecommerce-problems";
import { type CertificateArgs, WebSite } from "./web-site";

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

/**
 * An application on several real servers, behind nginx on port 80 and, with a certificate, on 443. Each answers with `X-Backend`,
 * and serves `/index.html` and `/ok.html` by itself, as a `WebSite` does. Another artefact, command or environment is another
 * release, which goes over the servers one at a time without a lost request: see `Rollout`.
 *
 * @example
 * ```ts
 * const site = new EcommerceSite("shop", {
 *   servers: [{ host: rs1, address: "172.17.111.234" }, { host: rs2, address: "172.17.111.222" }],
 *   directors: [{ host: director, vip: "172.17.111.111" }],
 *   application: {
 *     artefact: { path: "shop.tar.gz", sha256: "…" },
 *     start: ["python3", "-m", "shop"],
 *     ready: { path: "/readyz" },
 *     packages: ["python3"],
 *   },
 *   state: { kind: "shared", databaseUrl: database.url, after: database },
 * });
 * new DrCluster("shop", { director, vip: "172.17.111.111", ports: [80, 443], persistence: {}, realServers: site.servers });
 * ```
 * @throws ArgumentError where what is declared cannot work: a preview fails already
 */
export class EcommerceSite extends pulumi.ComponentResource {
  /** The real servers, as clusters take them. */
  readonly servers: {
    /** The server's host. */
    host: Host;
    /** Its address in the directors' tables. */
    address: pulumi.Input<string>;
    /** The site, which serves before clients are sent to the server. */
    serving: EcommerceSite;
  }[];
  /** nginx of each server, by the host's name. */
  readonly webSites: Readonly<Record<string, WebSite>>;
  /** The release as it lies on each server, by the host's name. */
  readonly releases: Readonly<Record<string, Release>>;
  /** What makes the release run, on one server after the other. */
  readonly rollout: Rollout;
  /** The name of the release that is declared. */
  readonly release: pulumi.Output<string>;
  /** Whether its state is on each server alone: clusters refuse it without persistence then. */
  readonly needsPersistence: boolean;

  constructor(name: string, args: EcommerceSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    const site = args.site ?? name;
    refuse(`EcommerceSite "${name}"`, ecommerceProblems(site, args));
    super("lvs:index:EcommerceSite", name, {}, opts);
    this.needsPersistence = args.state.kind === "local";
    this.servers = args.servers.map(({ host, address }) => ({ host, address, serving: this }));

    const layout = layoutOf(site, args);
    const key = new Password(`${name}-release-key`, {}, { parent: this });
    this.release = releaseName(key.value, args, layout.environment);
    this.webSites = perServer(args, (host) => createWebSite(this, name, host, site, args, layout));
    this.releases = perServer(args, (host) => createRelease(this, name, host, site, args, layout));
    this.rollout = createRollout(this, name, site, args, layout);
    this.registerOutputs();
  }
}

interface Layout {
  readonly root: string;
  readonly port: number;
  readonly folders: Record<string, string>;
  readonly environment: Record<string, pulumi.Input<string>>;
}

function layoutOf(site: string, { application, state }: EcommerceSiteArgs): Layout {
  const { port = 8000, environment, secrets, static: served = {}, shared = {} } = application;
  const root = `/srv/${site}`;
  const places = Object.entries(shared).map(([variable, { name, url }]) => ({
    variable,
    url,
    folder: `${root}/shared/${name}`,
  }));
  return {
    root,
    port,
    folders: {
      ...Object.fromEntries(Object.entries(served).map(([url, name]) => [url, `${root}/current/app/${name}`])),
      ...Object.fromEntries(places.flatMap(({ url, folder }) => (url ? [[url, folder]] : []))),
    },
    environment: {
      PORT: String(port),
      ...Object.fromEntries(places.map(({ variable, folder }) => [variable, folder])),
      ...(state.kind === "shared" && { DATABASE_URL: pulumi.secret(state.databaseUrl) }),
      ...environment,
      ...Object.fromEntries(Object.entries(secrets ?? {}).map(([variable, value]) => [variable, pulumi.secret(value)])),
    },
  };
}

/** A name that any difference changes, and that tells nothing of the secrets in it: the key never leaves the state. */
function releaseName(
  key: pulumi.Output<string>,
  { application: { artefact, start, memory } }: EcommerceSiteArgs,
  environment: Layout["environment"],
): pulumi.Output<string> {
  const named = pulumi.all([key, environment]).apply(([secret, known]) => {
    const all = [artefact.sha256, start, memory ?? null, Object.entries(known).sort()];
    return createHmac("sha256", secret).update(JSON.stringify(all)).digest("hex").slice(0, 32);
  });
  return pulumi.unsecret(named);
}

function perServer<T>({ servers }: EcommerceSiteArgs, make: (host: Host) => T): Record<string, T> {
  return Object.fromEntries(servers.map(({ host }) => [host.name, make(host)]));
}

function createWebSite(
  parent: EcommerceSite,
  name: string,
  host: Host,
  site: string,
  { certificate }: EcommerceSiteArgs,
  { port, folders }: Layout,
): WebSite {
  const application = { port, folders };
  return new WebSite(
    `${name}-${host.name}`,
    { host, site, application, ...(certificate && { certificate }) },
    { parent },
  );
}

function createRelease(
  parent: EcommerceSite,
  name: string,
  host: Host,
  site: string,
  { application, keep, deleteData }: EcommerceSiteArgs,
  { root, environment }: Layout,
): Release {
  const { artefact, start, memory, shared = {}, packages = [] } = application;
  const its = `${name}-${host.name}`;
  // curl asks whether it is ready.
  const needs = ["curl", ...packages].map((each) => new Package(`${its}-${each}`, { host, package: each }, { parent }));
  const user = new SystemUser(`${its}-user`, { host, user: site }, { parent });
  const folders = Object.values(shared).map((one) => one.name);
  return new Release(
    its,
    {
      host,
      site,
      root,
      release: parent.release,
      artefact,
      start,
      user: site,
      memory,
      environment,
      shared: folders,
      keep,
      deleteData,
    },
    { parent, dependsOn: [...needs, user] },
  );
}

function createRollout(
  parent: EcommerceSite,
  name: string,
  site: string,
  { servers, directors, application, state, drain, alone }: EcommerceSiteArgs,
  { root }: Layout,
): Rollout {
  const { ready, prepare } = application;
  const after = state.kind === "shared" ? [state.after ?? []].flat() : [];
  const machines = Object.values(parent.releases).map(({ machine }) => machine);
  return new Rollout(
    name,
    {
      ...{ site, root, release: parent.release, user: site, servers, directors, ready, drain, alone, machines },
      ...(prepare && { prepare, prepareOn: state.kind === "shared" ? ("first" as const) : ("each" as const) }),
    },
    { parent, dependsOn: [...Object.values(parent.releases), ...Object.values(parent.webSites), ...after] },
  );
}
