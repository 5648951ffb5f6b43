import * as pulumi from "@pulumi/pulumi";
import { familyOf, hostNetwork, type ServedPort, servedPort } from "pulumi-lvs-provider/model";
import { errorsOf } from "../advice/advise";
import type { AdviceHints } from "../arguments/advice-args";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { later } from "../arguments/later";
import { plain } from "../arguments/plain";
import { refuseShape } from "../arguments/shape";
import type { Keepalived } from "../keepalived/keepalived";
import { VirtualService } from "../kinds/virtual-service";
import type { Failover } from "../workflows/failover";
import { clusterAdvice, warnOf } from "./cluster-advice";
import { type Checking, type ClusterChecks, clusterChecks, type Site } from "./cluster-checks";
import type { ClusterDirector } from "./cluster-director";
import { Director } from "./director";
import { type ClusterHost, directorsOf } from "./directors";
import {
  createFailover,
  createHandover,
  createKeepalived,
  createSharedDrains,
  createSync,
  type Floating,
} from "./failover";
import { type Health, matchOf } from "./health";
import { healthProblems } from "./health-problems";
import type { NatClusterArgs } from "./nat-args";
import { natClusterProblems, natDestinations } from "./nat-topology";
import type { OutgoingArgs } from "./parts-args";
import { RealServer } from "./real-server";
import { natCluster } from "./shapes";
import { createSloppy } from "./sloppy";
import { fromAddress, missing, persistenceProblems, portName, portsOf, servedBy, siteProblems } from "./topology";

/**
 * A site behind network address translation. Requests and replies both pass the director. On the way up, the director
 * forwards packets before the route of any real server leads to it, and the services come last. On the way down the
 * order is the reverse.
 *
 * @example
 * ```ts
 * new NatCluster("shop", {
 *   director,
 *   vip: "172.17.111.117",
 *   gateway: "192.168.199.145",
 *   clients: "172.17.111.0/24",
 *   realServers: [
 *     { host: rs1, address: "192.168.199.146", weight: 2 },
 *     { host: rs2, address: "192.168.199.143" },
 *   ],
 * });
 * ```
 *
 * @example Two directors that stand in for each other: keepalived gives one of them the VIP and the gateway
 * ```ts
 * new NatCluster("shop", {
 *   directors: [director1, director2],
 *   failover: { by: "vrrp", addresses: ["192.168.199.2", "192.168.199.3"] },
 *   vip: "172.17.111.117",
 *   gateway: "192.168.199.145",
 *   realServers,
 * });
 * ```
 * @throws ArgumentError where what is declared cannot work: a preview fails already
 */
@declares
export class NatCluster extends pulumi.ComponentResource {
  /** The director, which forwards packets, or the first one of several. */
  readonly director: Director;
  /** What each director has, by the name of its host. */
  readonly directors: Readonly<Record<string, ClusterDirector>>;
  /** The real servers, by the name of the host. */
  readonly realServers: Readonly<Record<string, RealServer>>;
  /** The virtual services of the first director, by the port: 443, "443/udp". None where a checker keeps the table. */
  readonly services: Readonly<Record<ServedPort, VirtualService>>;
  /** ldirectord or keepalived of the first director, where it keeps the table. */
  readonly checks: ClusterChecks | undefined;
  /** Several directors: which of them has the VIP and the gateway. */
  readonly failover: Failover | undefined;

  constructor(name: string, args: NatClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`NatCluster "${name}"`, natCluster, args);
    const site = withDefaults(name, args);
    const findings = clusterAdvice({ ...site, forwarding: "nat" });
    const local = persistenceProblems(args.realServers, args.persistence);
    const checks = healthProblems(site.health, site.given);
    refuse(site.declared, [...natClusterProblems(args, site), ...checks, ...local, ...errorsOf(findings)]);
    super("lvs:index:NatCluster", name, {}, opts);
    warnOf(this, site.declared, findings, site);

    const directors = site.hosts.map((host) => createDirector(this, name, site, host));
    const keepaliveds: Keepalived[] = [];
    const handover = site.floating && createHandover(this, name, { ...site.floating, keepaliveds }, site, directors);
    const floating = directors.map((director, at) => {
      const one = floatVip(this, name, { ...site, first: keepaliveds[0], handover }, director, at);
      if (one.keepalived) keepaliveds.push(one.keepalived);
      return one;
    });
    this.realServers = createRealServers(this, name, site, [...directors, ...keepaliveds]);
    const sides = site.hosts.map((host, at) => ({
      director: directors[at] as Director,
      ...floating[at],
      ...createTable(this, name, site, host, directors[at] as Director),
    }));
    this.directors = Object.fromEntries(
      sides.map((side, at) => [
        site.hosts[at]?.host.name,
        { ...side, services: Object.values(side.services), mark: undefined, marks: [] } as ClusterDirector,
      ]),
    );
    const tables = sides.flatMap(({ services, checks }) => [...Object.values(services), ...(checks ? [checks] : [])]);
    createSharedDrains(this, name, site, tables);
    this.failover = site.floating && createFailover(this, name, { ...site.floating, handover }, keepaliveds, tables);
    const [first] = sides as [(typeof sides)[number]];
    this.director = first.director;
    this.services = first.services;
    this.checks = first.checks;
    this.registerOutputs();
  }
}

type Declared = ReturnType<typeof withDefaults>;

function withDefaults(name: string, args: NatClusterArgs) {
  const { scheduler = "wrr", health = { by: "static" } } = args;
  const given = [args.ports ?? 80].flat();
  const hosts = directorsOf(args);
  return {
    ...args,
    declared: `NatCluster "${name}"`,
    /** The one interface of a director with one arm. */
    arm: args.arms === "one" ? args.interface : undefined,
    given,
    ports: portsOf(given),
    scheduler,
    health: health as Health,
    hosts,
    directors: hosts.map(({ host }) => host),
    floating: floatingOf(args, hosts),
  };
}

/** The directors hear each other on the real servers' side, where the gateway is. */
function floatingOf(args: NatClusterArgs, directors: ClusterHost[]): Floating | undefined {
  const { failover, vip, gateway, realServers } = args;
  if (!failover) return undefined;
  const [outside, device] =
    args.arms === "one" ? [args.interface, args.interface] : [failover.outside ?? "eth0", failover.inside ?? "eth1"];
  const addresses = [{ address: vip, device: outside }, { address: gateway }];
  return { directors, failover, device, addresses, servers: realServers.map(({ address }) => address) };
}

function createDirector(parent: NatCluster, name: string, site: Declared, { host, suffix }: ClusterHost): Director {
  return new Director(
    `${name}-director${suffix}`,
    {
      host,
      forwarding: "nat",
      family: fromAddress(site.declared, "vip", site.vip, familyOf),
      oneArm: site.arm,
      masquerade: outgoing(site),
    },
    { parent },
  );
}

/** The gateway has to be there before the route of any real server leads to it. */
function floatVip(
  parent: NatCluster,
  name: string,
  site: Declared & Pick<Floating, "first" | "handover">,
  director: Director,
  at: number,
): Pick<ClusterDirector, "keepalived" | "sync"> {
  const { floating, first, handover } = site;
  if (!floating) return { keepalived: undefined, sync: undefined };
  const own = site.hosts[at] as ClusterHost;
  const sync = createSync(parent, name, own, floating, director);
  const after = [director, ...createSloppy(parent, name, own, site, director), ...(sync ? [sync] : [])];
  return { sync, keepalived: createKeepalived(parent, name, at, { ...floating, first, handover }, after) };
}

function createRealServers(
  parent: NatCluster,
  name: string,
  { vip, gateway, realServers, arm, ports }: Declared,
  dependsOn: pulumi.Resource[],
): Record<string, RealServer> {
  const addresses = [vip, gateway, ...realServers.map(({ address }) => address)].map(plain);
  const six = addresses.some((address) => address && familyOf(address) === "ipv6");
  return Object.fromEntries(
    realServers.map(({ host, address, port, device }) => {
      const oneArm = arm !== undefined && six ? { oneArm: device ?? arm } : {};
      const served = servedBy(port, ports);
      const server = { host, address, forwarding: "nat", gateway, ports: served, ...oneArm } as const;
      // Without forwarding on the director, a default route through the director would cut connections.
      return [host.name, new RealServer(`${name}-${host.name}`, server, { parent, dependsOn })];
    }),
  );
}

function createTable(parent: NatCluster, name: string, site: Declared, host: ClusterHost, director: Director) {
  const serving = site.realServers.flatMap(({ serving = [] }) => serving);
  const after = [director, ...Object.values(parent.realServers), ...serving];
  if (site.health.by !== "static")
    return { services: {}, checks: createChecks(parent, name, site, host, { health: site.health, after }) };
  return { services: createServices(parent, name, site, host, after), checks: undefined };
}

function createServices(
  parent: NatCluster,
  name: string,
  site: Declared,
  { host, suffix }: ClusterHost,
  dependsOn: pulumi.Resource[],
): Record<ServedPort, VirtualService> {
  const { vip: address, ports, scheduler, drain, persistence } = site;
  const values = { vip: address, servers: serversOf(site) };
  return Object.fromEntries(
    ports.map((port) => {
      const made = (known: Site) => natDestinations(known.servers, port.port);
      const destinations = later(site.declared, values, siteProblems, made);
      const how = { scheduler, forwarding: "nat", destinations, drain, persistence } as const;
      const service = { host, ...matchOf(address, port), ...how, advice: hintsOf(site) };
      const resource = `${name}-${portName(port)}${suffix}`;
      return [servedPort(port), new VirtualService(resource, service, { parent, dependsOn })];
    }),
  );
}

function createChecks(
  parent: NatCluster,
  name: string,
  site: Declared,
  { host, suffix }: ClusterHost,
  { health, after }: Checking,
): ClusterChecks {
  const { vip, ports, drain, scheduler, persistence } = site;
  const how = { forwarding: "nat", scheduler, ...(persistence && { persistence }) } as const;
  const services = (known: Site) =>
    ports.map((port) => {
      const match = matchOf(known.vip, port);
      return { match, ...how, destinations: natDestinations(known.servers, port.port) };
    });
  const checks = {
    ...{ declared: site.declared, cluster: name, host, health, drain, services, after },
    ...{ site: { vip, servers: serversOf(site) }, advice: site.advice, hints: hintsOf(site) },
  };
  return clusterChecks(`${name}-health${suffix}`, checks, parent);
}

function hintsOf({ gateway, floating }: Declared): AdviceHints {
  return { gateway, ...(floating && { floats: true }) };
}

function serversOf({ realServers }: Declared) {
  return realServers.map(({ address, port, weight }) => ({ address, port, weight }));
}

function outgoing({ declared, masquerade = false, realServers }: Declared): OutgoingArgs[] {
  if (typeof masquerade === "object") return [masquerade];
  if (!masquerade) return [];
  return realServers.map(({ address }, at) => {
    const problems = (known: string) => missing(`realServers[${at}].address`, known);
    return { source: later(declared, address, problems, hostNetwork) };
  });
}
