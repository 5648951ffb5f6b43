import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { Package } from "../kinds/package";
import { Release } from "../kinds/release";
import { SystemUser } from "../kinds/system-user";
import { Password } from "../values/password";
import { Rollout } from "../workflows/rollout";
import type { EcommerceSiteArgs } from "./ecommerce-args";
import { ecommerceProblems } from "./ecommerce-problems";
import { ecommerceSite } from "./shapes";
import { WebSite } from "./web-site";

/**
 * An application on several real servers, behind nginx on port 80 and, with a certificate, on 443. Each server answers
 * with the header `X-Backend`, and nginx itself serves `/index.html` and `/ok.html`, as a `WebSite` does. Another
 * artefact, command or environment is another release. A release goes over the servers one at a time, or in batches,
 * without a lost request: see `Rollout`.
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
@declares
export class EcommerceSite extends pulumi.ComponentResource {
  /** The real servers, as clusters take them. */
  readonly servers: {
    /** The server's host. */
    host: Host;
    /** The server's address in the directors' tables. */
    address: pulumi.Input<string>;
    /** The site, which serves before clients are sent to the server. */
    serving: EcommerceSite;
  }[];
  /** The nginx of each server, by the host's name. */
  readonly webSites: Readonly<Record<string, WebSite>>;
  /** The release on each server, by the host's name. */
  readonly releases: Readonly<Record<string, Release>>;
  /** The workflow that makes the release run, on one server after the other. */
  readonly rollout: Rollout;
  /** The name of the release that is declared. */
  readonly release: pulumi.Output<string>;
  /** Whether each server has its own state. Clusters without persistence refuse such a site. */
  readonly needsPersistence: boolean;

  constructor(name: string, args: EcommerceSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`EcommerceSite "${name}"`, ecommerceSite, args);
    const site = args.site ?? name;
    refuse(`EcommerceSite "${name}"`, ecommerceProblems(site, args));
    super("lvs:index:EcommerceSite", name, {}, opts);
    this.needsPersistence = args.state.kind === "local";
    this.servers = args.servers.map(({ host, address }) => ({ host, address, serving: this }));

    const layout = layoutOf(site, args);
    const key = new Password(`${name}-release-key`, {}, { parent: this });
    this.release = releaseName(key.value, args, layout.environment);
    this.webSites = perServer(args, (host) => createWebSite(this, name, host, args, layout));
    this.releases = perServer(args, (host, address) => createRelease(this, name, { host, address }, args, layout));
    this.rollout = createRollout(this, name, args, layout);
    this.registerOutputs();
  }
}

interface Layout {
  readonly site: string;
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
    site,
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

/**
 * A name that every difference changes. The name reveals nothing of the secrets in the environment, because the key
 * never leaves the state.
 */
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

function perServer<T>(
  { servers }: EcommerceSiteArgs,
  make: (host: Host, address: pulumi.Input<string>) => T,
): Record<string, T> {
  return Object.fromEntries(servers.map(({ host, address }) => [host.name, make(host, address)]));
}

function createWebSite(
  parent: EcommerceSite,
  name: string,
  host: Host,
  { certificate, ipv6 = true }: EcommerceSiteArgs,
  { site, port, folders }: Layout,
): WebSite {
  const application = { port, folders };
  return new WebSite(
    `${name}-${host.name}`,
    { host, site, application, ipv6, ...(certificate && { certificate }) },
    { parent },
  );
}

function createRelease(
  parent: EcommerceSite,
  name: string,
  { host, address }: { host: Host; address: pulumi.Input<string> },
  { application, directors = [], keep, deleteData }: EcommerceSiteArgs,
  { site, root, environment }: Layout,
): Release {
  const { artefact, start, memory, shared = {}, packages = [] } = application;
  const its = `${name}-${host.name}`;
  // curl checks whether the application is ready.
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
      ...(directors.length > 0 && { behind: { address, directors: directors.map((one) => one.host) } }),
    },
    { parent, dependsOn: [...needs, user] },
  );
}

function createRollout(
  parent: EcommerceSite,
  name: string,
  { servers, directors, application, state, drain, alone, ...more }: EcommerceSiteArgs,
  { site, root }: Layout,
): Rollout {
  const { ready, prepare } = application;
  const { batch, maxFailures, canary, onDirectorDown } = more;
  const after = state.kind === "shared" ? [state.after ?? []].flat() : [];
  const machines = Object.values(parent.releases).map(({ machine }) => machine);
  return new Rollout(
    name,
    {
      ...{ site, root, release: parent.release, user: site, servers, directors, ready, drain, alone, machines },
      ...{ batch, maxFailures, canary, onDirectorDown },
      ...(prepare && { prepare, prepareOn: state.kind === "shared" ? ("first" as const) : ("each" as const) }),
    },
    { parent, dependsOn: [...Object.values(parent.releases), ...Object.values(parent.webSites), ...after] },
  );
}
