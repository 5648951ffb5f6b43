import * as pulumi from "@pulumi/pulumi";
import { servedPort } from "pulumi-lvs-provider/model";
import { errorsOf } from "../advice/advise";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { refuseShape } from "../arguments/shape";
import type { Keepalived } from "../keepalived/keepalived";
import type { FirewallMark } from "../kinds/firewall-mark";
import type { VirtualService } from "../kinds/virtual-service";
import type { Failover } from "../workflows/failover";
import type { SharedDrains } from "../workflows/shared-drains";
import { clusterAdvice, warnOf } from "./cluster-advice";
import type { ClusterChecks } from "./cluster-checks";
import type { ClusterDirector } from "./cluster-director";
import { Director } from "./director";
import type { ClusterHost } from "./directors";
import type { DrClusterArgs } from "./dr-args";
import { type Declared, withDefaults } from "./dr-site";
import { createChecks, createMarks, createService, matchIn } from "./dr-table";
import { drClusterProblems } from "./dr-topology";
import { createBird, ecmpProblems } from "./ecmp";
import {
  createFailover,
  createHandover,
  createKeepalived,
  createSharedDrains,
  createSync,
  type Floating,
} from "./failover";
import { serviceKey } from "./health";
import { healthProblems } from "./health-problems";
import { RealServer } from "./real-server";
import { drCluster } from "./shapes";
import { createSloppy } from "./sloppy";
import { fromAddress, persistenceProblems } from "./topology";

/**
 * A site with direct routing, or with tunnels. Requests pass the director, and replies go straight to the client. On
 * the way up, the real servers first become silent about the VIP, then get the VIP, and serve before the director has
 * it. The service follows, and the mark that leads packets to the service comes last. On the way down the order is the
 * reverse.
 *
 * @example
 * ```ts
 * new DrCluster("shop", {
 *   director,
 *   vip: "172.17.111.111",
 *   ports: [80, 443],
 *   persistence: { timeout: 600 },
 *   realServers: [
 *     { host: rs1, address: "172.17.111.234", weight: 2 },
 *     { host: rs2, address: "172.17.111.222" },
 *   ],
 * });
 * ```
 *
 * @example Two directors that stand in for each other: keepalived gives one of them the VIP
 * ```ts
 * new DrCluster("shop", {
 *   directors: [director1, director2],
 *   failover: { by: "vrrp", addresses: ["172.17.111.2", "172.17.111.3"] },
 *   vip: "172.17.111.111",
 *   realServers,
 * });
 * ```
 *
 * @example Three directors that serve at the same time: BIRD announces the VIP from each to the routers
 * ```ts
 * new DrCluster("shop", {
 *   directors: [director1, director2, director3],
 *   failover: { by: "ecmp", asn: 64513, neighbours: [{ address: "10.0.0.1", asn: 64512 }] },
 *   vip: "172.17.111.111",
 *   realServers,
 * });
 * ```
 * @throws ArgumentError where what is declared cannot work: a preview fails already
 */
@declares
export class DrCluster extends pulumi.ComponentResource {
  /** The director, or the first one of several. An alias of the VIP is `director.vip`; a VIP that floats has none. */
  readonly director: Director;
  /** What each director has, by the name of its host. */
  readonly directors: Readonly<Record<string, ClusterDirector>>;
  /** The real servers, by the name of the host. */
  readonly realServers: Readonly<Record<string, RealServer>>;
  /** The virtual service of the first director, where the table is static. */
  readonly service: VirtualService | undefined;
  /** ldirectord or keepalived of the first director, where it keeps the table. */
  readonly checks: ClusterChecks | undefined;
  /**
   * The first director's rule that marks the packets of TCP of a service with several ports or persistence. For a service on
   * its own port the rule marks nothing. Those of other protocols are in `directors`.
   */
  readonly mark: FirewallMark;
  /** Several directors: which of them has the VIP. */
  readonly failover: Failover | undefined;

  constructor(name: string, args: DrClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`DrCluster "${name}"`, drCluster, args);
    const site = withDefaults(name, args);
    const findings = clusterAdvice(site);
    const local = persistenceProblems(args.realServers, args.persistence);
    const checks = healthProblems(site.health, site.given, site.marked);
    refuse(site.declared, [
      ...drClusterProblems(args, site),
      ...[...ecmpProblems(args), ...checks, ...local, ...errorsOf(findings)],
    ]);
    super("lvs:index:DrCluster", name, {}, opts);
    warnOf(this, site.declared, findings, site);

    this.realServers = createRealServers(this, name, site);
    const sides = site.hosts.map((host) => createDirector(this, name, site, host));
    const tables = sides.flatMap(({ services, checks }) => [...services, ...(checks ? [checks] : [])]);
    const drains = createSharedDrains(this, name, site, tables);
    const keepaliveds: Keepalived[] = [];
    const prepared = sides.flatMap(ownOf);
    const handover = site.floating && createHandover(this, name, { ...site.floating, keepaliveds }, site, prepared);
    for (const [at, side] of site.floating ? sides.entries() : [])
      keepaliveds.push(floatVip(this, name, { ...site, first: keepaliveds[0], handover }, side, at));
    this.directors = Object.fromEntries(
      sides.map((side, at) => {
        const bird = announce(this, name, { ...site, drains }, sides, at);
        return [site.hosts[at]?.host.name, { ...side, keepalived: keepaliveds[at], ...(bird && { bird }) }];
      }),
    );
    this.failover = site.floating && createFailover(this, name, { ...site.floating, handover }, keepaliveds, tables);
    const [first] = sides as [Side];
    this.director = first.director;
    [this.service] = first.services;
    this.checks = first.checks;
    this.mark = first.mark;
    this.registerOutputs();
  }
}

function createRealServers(parent: DrCluster, name: string, site: Declared): Record<string, RealServer> {
  const { vip, forwarding, realServers, ports } = site;
  return Object.fromEntries(
    realServers.map(({ host, address, device = site.device, rpFilter, arpOn }) => {
      const quiet = { ...(rpFilter !== undefined && { rpFilter }), ...(arpOn && { arpOn }) };
      const server = { host, address, forwarding, vip, device, ports: ports.map(servedPort), ...quiet };
      return [host.name, new RealServer(`${name}-${host.name}`, server, { parent })];
    }),
  );
}

/** A director without what makes the VIP come to it. */
type Side = Omit<ClusterDirector, "keepalived" | "mark"> & { readonly mark: FirewallMark };

function createDirector(parent: DrCluster, name: string, site: Declared, director: ClusterHost): Side {
  const { host, suffix } = director;
  const { vip: address, forwarding, marked, health, floating, ecmp } = site;
  const device = ecmp ? "lo" : site.device;
  const alias = floating ? {} : { vip: { address, device, after: servingClients(parent, site) } };
  const prepared = new Director(`${name}-director${suffix}`, { host, forwarding, marks: marked, ...alias }, { parent });
  // The director's VIP comes after the real servers, because the VIP draws clients. So does everything else that draws
  // clients.
  const sloppy = floating || ecmp ? createSloppy(parent, name, director, site, prepared) : [];
  const after = [prepared, ...sloppy, ...(floating ? servingClients(parent, site) : Object.values(parent.realServers))];
  const services = health.by === "static" ? [createService(parent, name, site, director, after)] : [];
  const checks = health.by !== "static" ? createChecks(parent, name, site, director, { health, after }) : undefined;
  const marks = createMarks(parent, name, site, director, [prepared, ...services, ...(checks ? [checks] : [])]);
  const sync = floating && createSync(parent, name, director, floating, prepared);
  return { director: prepared, services, checks, mark: marks[0], marks, sync };
}

/** All directors have the VIP, and the routers hear of it when everything else is there. */
function announce(
  parent: DrCluster,
  name: string,
  site: Declared & { readonly drains: SharedDrains | undefined },
  sides: readonly Side[],
  at: number,
) {
  const { ecmp, vip, hosts, drains } = site;
  if (!ecmp) return undefined;
  const { director, services, checks, marks } = sides[at] as Side;
  const own = [director, ...services, checks, ...marks, drains].filter((it) => it !== undefined);
  const service = checks && fromAddress(site.declared, "vip", vip, (known) => serviceKey(matchIn(site, known)));
  const after = [...own, ...servingClients(parent, site)];
  return createBird(parent, name, hosts[at] as ClusterHost, at, { vip, ecmp, service, after });
}

/** The VIP comes to a director when everything else is there, and leaves it first. */
function floatVip(
  parent: DrCluster,
  name: string,
  site: Declared & Pick<Floating, "first" | "handover">,
  side: Side,
  at: number,
) {
  const floating = { ...(site.floating as Floating), first: site.first, handover: site.handover };
  return createKeepalived(parent, name, at, floating, [...ownOf(side), ...servingClients(parent, site)]);
}

function ownOf({ director, services, checks, marks, sync }: Side): pulumi.Resource[] {
  return [director, ...services, checks, ...marks, sync].filter((it) => it !== undefined);
}

function servingClients(parent: DrCluster, { realServers }: Declared): pulumi.Resource[] {
  return [...Object.values(parent.realServers), ...realServers.flatMap(({ serving = [] }) => serving)];
}
