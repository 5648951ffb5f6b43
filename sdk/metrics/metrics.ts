import * as pulumi from "@pulumi/pulumi";
import {
  hostPort,
  isAddress,
  isWithin,
  normalAddress,
  normalNetwork,
  PORT,
  type Problem,
  whyNoHostAddress,
  whyNoNetwork,
} from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { plain } from "../arguments/plain";
import { sha256 } from "../arguments/sha256";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { File } from "../kinds/file";
import { FirewallRule } from "../kinds/firewall-rule";
import { Package } from "../kinds/package";
import { SystemdService } from "../kinds/systemd-service";
import type { MetricsArgs, MetricsHostArgs } from "./args";
import { METRICS_SCRIPT } from "./script";
import { metrics } from "./shapes";
import { DROP_IN, EXPORTER, exporterDropIn, SCRIPT, TELLER, TELLER_UNIT, tellerUnit } from "./units";

/**
 * Figures for Prometheus: Debian's `prometheus-node-exporter` on each host, with the figures of IPVS on directors, and what
 * the kernel does not know: who has the VIP, what keepalived says, who is out for maintenance and since when, which tables
 * differ from what was declared. Rules with alerts and a dashboard for Grafana are files of this package:
 * `pulumi-lvs/prometheus/rules.yml` and `pulumi-lvs/prometheus/dashboard.json`.
 *
 * The exporter listens on one address of the host, from its first start on. Declare one `Metrics` a host.
 *
 * @example
 * ```ts
 * const metrics = new Metrics("shop", {
 *   directors: [director1, director2],
 *   servers: [rs1, rs2],
 *   scrapers: ["172.17.111.5"],
 * });
 * export const targets = metrics.targets; // for Prometheus: ["172.17.111.2:9100", …]
 * ```
 * @throws ArgumentError where a host has no address to listen on, or is there twice
 */
@declares
export class Metrics extends pulumi.ComponentResource {
  /** What Prometheus asks, the directors first: address and port of each exporter. */
  readonly targets: readonly string[];
  /** The exporters, by the name of the host. */
  readonly exporters: Readonly<Record<string, SystemdService>>;
  /** The services that tell what the kernel does not know, by the name of the director's host. */
  readonly tellers: Readonly<Record<string, SystemdService>>;

  constructor(name: string, args: MetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    const declared = `Metrics "${name}"`;
    refuseShape(declared, metrics, args);
    const wanted = withDefaults(name, args);
    refuse(declared, problems(wanted));
    super("lvs:index:Metrics", name, {}, opts);
    const { directors, servers, port } = wanted;

    const exporters = [...directors, ...servers].map(
      (one) => [one.host.name, createExporter(this, name, wanted, one)] as const,
    );
    this.exporters = Object.fromEntries(exporters);
    this.tellers = Object.fromEntries(
      directors.map(({ host }) => [
        host.name,
        createTeller(this, name, wanted, host, this.exporters[host.name] as SystemdService),
      ]),
    );
    for (const { host } of [...directors, ...servers]) letIn(this, name, wanted, host);
    this.targets = [...directors, ...servers].map(({ address }) => hostPort(address, port));
    this.registerOutputs();
  }
}

type Wanted = ReturnType<typeof withDefaults>;

function withDefaults(name: string, { site = name, port = 9100, interval = 15, scrapers = [], ...args }: MetricsArgs) {
  return {
    ...{ site, port, interval, scrapers },
    directors: args.directors.map(placed),
    servers: (args.servers ?? []).map(placed),
  };
}

/** The address by which Pulumi reaches the host is one of the host's own. A Host without one is reached by its name. */
function placed(one: Host | MetricsHostArgs) {
  const { host, address = reachedBy(host) }: MetricsHostArgs = "host" in one ? one : { host: one };
  return { host, address: normalAddress(address) };
}

function reachedBy({ name, args }: Host): string {
  return plain(args.address ?? (isAddress(name) ? name : undefined)) ?? "";
}

function createExporter(
  parent: Metrics,
  name: string,
  { directors, port }: Wanted,
  { host, address }: { host: Host; address: string },
): SystemdService {
  const isDirector = directors.some((one) => one.host === host);
  const content = exporterDropIn(address, port, isDirector);
  // The package starts the exporter: it finds the address then. What the package leaves would listen on every address.
  const dropIn = new File(`${name}-${host.name}-exporter`, { host, path: DROP_IN, content }, { parent });
  const installed = new Package(
    `${name}-${host.name}-exporter`,
    { host, package: EXPORTER, removeOnDelete: true },
    { parent, dependsOn: dropIn },
  );
  return new SystemdService(
    `${name}-${host.name}-exporter`,
    { host, unit: `${EXPORTER}.service`, configuration: { [DROP_IN]: sha256(content) }, reload: "restart" },
    { parent, dependsOn: installed },
  );
}

function createTeller(
  parent: Metrics,
  name: string,
  { site, interval }: Wanted,
  host: Host,
  exporter: SystemdService,
): SystemdService {
  const unit = tellerUnit(site, interval);
  const options = { parent, dependsOn: exporter };
  const validate = ["sh", "-n", "%s"];
  const files = [
    new File(
      `${name}-${host.name}-figures`,
      { host, path: SCRIPT, content: METRICS_SCRIPT, mode: "0755", validate },
      options,
    ),
    new File(`${name}-${host.name}-figures-unit`, { host, path: TELLER_UNIT, content: unit }, options),
  ];
  const configuration = { [SCRIPT]: sha256(METRICS_SCRIPT), [TELLER_UNIT]: sha256(unit) };
  return new SystemdService(
    `${name}-${host.name}-figures`,
    { host, unit: `${TELLER}.service`, configuration, reload: "restart" },
    { parent, dependsOn: files },
  );
}

function letIn(parent: Metrics, name: string, { scrapers, port }: Wanted, host: Host): void {
  for (const source of new Set(scrapers.map((one) => (isAddress(one) ? normalAddress(one) : normalNetwork(one)))))
    new FirewallRule(`${name}-${host.name}-from-${source}`, { host, port, source }, { parent });
}

function problems({ directors, servers, site, port, interval, scrapers }: Wanted): Problem[] {
  const check = (holds: boolean, property: string, reason: string) => (holds ? [] : [{ property, reason }]);
  const all = [
    ...directors.map((one, at) => ({ ...one, property: `directors[${at}]` })),
    ...servers.map((one, at) => ({ ...one, property: `servers[${at}]` })),
  ];
  const names = all.map(({ host }) => host.name);
  return [
    ...check(directors.length > 0, "directors", "is empty: give at least one director"),
    ...all.flatMap(({ property, address, host }, at) => [
      ...check(names.indexOf(host.name) === at, property, `the host ${host.name} is declared twice. Leave one out`),
      ...addressProblem(`${property}.address`, address, host.name),
    ]),
    ...check(
      /^[\w.-]{1,60}$/.test(site),
      "site",
      `"${site}" is no label of ours: give 1 to 60 letters, digits, dots, dashes and underscores`,
    ),
    ...scrapers.flatMap((source, at) => {
      const everybody = normalNetwork(source).endsWith("/0");
      const why = whyNoNetwork(source) ?? (everybody ? "lets everybody in: give Prometheus' own address" : undefined);
      return check(why === undefined, `scrapers[${at}]`, `"${source}" ${why}`);
    }),
    ...check(isWithin(port, PORT), "port", `${port} is not a number from 1 to 65535: give one`),
    ...check(
      isWithin(interval, { least: 1, most: 60 }),
      "interval",
      `${interval} is not a whole number of seconds from 1 to 60: give one`,
    ),
  ];
}

function addressProblem(property: string, address: string, host: string): Problem[] {
  if (address === "")
    return [{ property, reason: `is missing, and Host "${host}" has none that is known now: give the host's own` }];
  const why = whyNoHostAddress(address);
  return why ? [{ property, reason: `"${address}" ${why}: give the address of ${host} on the site's network` }] : [];
}
