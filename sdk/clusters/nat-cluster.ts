import * as pulumi from "@pulumi/pulumi";
import type { Scheduler } from "pulumi-lvs-provider/model";
import { familyOf, hostNetwork } from "pulumi-lvs-provider/model";
import { errorsOf } from "../advice/advise";
import type { AdviceArgs } from "../arguments/advice-args";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { later } from "../arguments/later";
import { plain } from "../arguments/plain";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { type DrainArgs, type PersistenceArgs, VirtualService } from "../kinds/virtual-service";
import type { Ldirectord } from "../ldirectord/ldirectord";
import { clusterAdvice, warnOf } from "./cluster-advice";
import { clusterChecks, type Site } from "./cluster-checks";
import { Director, type OutgoingArgs } from "./director";
import type { Health, LdirectordHealth } from "./health";
import { natDestinations, natProblems } from "./nat-topology";
import { RealServer } from "./real-server";
import { natCluster } from "./shapes";
import { missing, persistenceProblems, siteProblems } from "./topology";

/** A real server of a `NatCluster`. */
export interface NatClusterServerArgs {
  /** The host. Each real server has one of its own. */
  host: Host;
  /**
   * Its address (RIP), as the director reaches it.
   * @example "192.168.199.146"
   */
  address: pulumi.Input<string>;
  /**
   * The port that the real server serves on.
   * @default the service's own
   */
  port?: pulumi.Input<number>;
  /**
   * Its share relative to the other real servers, 0 to 65535. With 0 the real server keeps its connections and gets no
   * new ones.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * One arm and IPv6: its interface on the director's network. It must follow no redirects there.
   * @default the director's `interface`
   */
  device?: string;
  /**
   * What must exist before clients are sent to this server, and until no client is any more: its `WebSite`.
   * @default nothing
   */
  serving?: pulumi.Resource | pulumi.Resource[];
}

/** The arguments that all NAT clusters have, with one arm or two. */
export interface NatClusterCommonArgs {
  /** The director's host. */
  director: Host;
  /**
   * The virtual address (VIP) that clients connect to. The director must have the address already.
   * @example "172.17.111.117"
   */
  vip: pulumi.Input<string>;
  /**
   * The director's address on the real servers' network (DIP). The real servers' default route leads there.
   * @example "192.168.199.145"
   */
  gateway: pulumi.Input<string>;
  /**
   * The ports that clients connect to, TCP. Each port is a virtual service.
   * @default 80
   * @example [80, 443]
   */
  ports?: number | number[];
  /**
   * How the director chooses among the real servers.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * The networks that clients come from. They must not contain a real server: its replies would bypass the director.
   * @default not checked
   * @example "172.17.111.0/24"
   */
  clients?: pulumi.Input<string> | pulumi.Input<string>[];
  /** The real servers, one at least. */
  realServers: NatClusterServerArgs[];
  /**
   * Lets the real servers open connections of their own through the director: with `true` from each server's address,
   * or from a network.
   * @default false
   */
  masquerade?: boolean | OutgoingArgs;
  /**
   * How connections end when a real server is taken away.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Keeps a client on one real server; `{}` with the defaults.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Who keeps the table. `{ by: "ldirectord", … }` takes out real servers that fail its checks. A change from one to
   * the other leaves the table as it is: no connection ends.
   * @default { by: "static" }
   * @example { by: "ldirectord", request: "ok.html", receive: "OK" }
   */
  health?: Health;
  /**
   * Which warnings about the site are not told.
   * @default all are told
   * @example { ignore: ["no-server"] }
   */
  advice?: AdviceArgs;
}

/** The director stands between clients and real servers, with an interface on either side. */
export interface TwoArmArgs {
  /**
   * How many interfaces carry the site's traffic.
   * @default "two"
   */
  arms?: "two";
}

/** The director reaches clients and real servers by one interface. */
export interface OneArmArgs {
  /** How many interfaces carry the site's traffic. */
  arms: "one";
  /**
   * That interface.
   * @example "eth0"
   */
  interface: string;
}

/** The arguments of a `NatCluster`. */
export type NatClusterArgs = NatClusterCommonArgs & (TwoArmArgs | OneArmArgs);

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
 * @throws ArgumentError where what is declared cannot work: a preview fails already
 */
@declares
export class NatCluster extends pulumi.ComponentResource {
  /** The director, which forwards packets. */
  readonly director: Director;
  /** The real servers, by the name of the host. */
  readonly realServers: Readonly<Record<string, RealServer>>;
  /** The virtual services, by the port; none where ldirectord keeps the table. */
  readonly services: Readonly<Record<number, VirtualService>>;
  /** ldirectord, where it keeps the table. */
  readonly checks: Ldirectord | undefined;

  constructor(name: string, args: NatClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`NatCluster "${name}"`, natCluster, args);
    const findings = clusterAdvice({ ...args, forwarding: "nat", ports: portsOf(args) });
    const local = persistenceProblems(args.realServers, args.persistence);
    refuse(`NatCluster "${name}"`, [...problems(args), ...local, ...errorsOf(findings)]);
    super("lvs:index:NatCluster", name, {}, opts);
    warnOf(this, `NatCluster "${name}"`, findings, args);

    this.director = createDirector(this, name, args);
    this.realServers = createRealServers(this, name, args);
    this.services = args.health?.by === "ldirectord" ? {} : createServices(this, name, args);
    this.checks = args.health?.by === "ldirectord" ? createChecks(this, name, args, args.health) : undefined;
    this.registerOutputs();
  }
}

function createDirector(parent: NatCluster, name: string, args: NatClusterArgs): Director {
  return new Director(
    `${name}-director`,
    {
      host: args.director,
      forwarding: "nat",
      family: pulumi.output(args.vip).apply(familyOf),
      oneArm: args.arms === "one" ? args.interface : undefined,
      masquerade: outgoing(name, args),
    },
    { parent },
  );
}

function createRealServers(parent: NatCluster, name: string, args: NatClusterArgs): Record<string, RealServer> {
  const { gateway, realServers } = args;
  // Without forwarding on the director, a default route through the director would cut connections.
  const options = { parent, dependsOn: parent.director };
  const addresses = [args.vip, gateway, ...realServers.map(({ address }) => address)].map(plain);
  const six = addresses.some((address) => address && familyOf(address) === "ipv6");
  return Object.fromEntries(
    realServers.map(({ host, address, port, device }) => {
      const oneArm = args.arms === "one" && six ? { oneArm: device ?? args.interface } : {};
      const server = {
        host,
        address,
        forwarding: "nat",
        gateway,
        ports: port === undefined ? portsOf(args) : [port],
        ...oneArm,
      } as const;
      return [host.name, new RealServer(`${name}-${host.name}`, server, options)];
    }),
  );
}

function createServices(parent: NatCluster, name: string, args: NatClusterArgs): Record<number, VirtualService> {
  const { director: host, vip: address, scheduler = "wrr", drain, persistence, gateway } = args;
  const values = { vip: address, servers: serversOf(args) };
  return Object.fromEntries(
    portsOf(args).map((port) => {
      const destinations = later(`NatCluster "${name}"`, values, siteProblems, (known) =>
        natDestinations(known.servers, port),
      );
      const how = { scheduler, forwarding: "nat", destinations, drain, persistence } as const;
      const service = { host, address, port, ...how, advice: { gateway } };
      return [port, new VirtualService(`${name}-${port}`, service, afterServers(parent, args))];
    }),
  );
}

function createChecks(parent: NatCluster, name: string, args: NatClusterArgs, health: LdirectordHealth): Ldirectord {
  const { director: host, vip, drain, scheduler = "wrr", persistence } = args;
  const how = { forwarding: "nat", scheduler, ...(persistence && { persistence }) } as const;
  const services = (known: Site) =>
    portsOf(args).map((port) => {
      const match = { address: known.vip, port };
      return { match, ...how, destinations: natDestinations(known.servers, port) };
    });
  const after = beforeClients(parent, args);
  const checks = {
    declared: `NatCluster "${name}"`,
    host,
    health,
    drain,
    site: { vip, servers: serversOf(args) },
    services,
    after,
    advice: args.advice,
    hints: { gateway: args.gateway },
  };
  return clusterChecks(`${name}-health`, checks, parent);
}

function serversOf({ realServers }: NatClusterArgs) {
  return realServers.map(({ address, port, weight }) => ({ address, port, weight }));
}

function afterServers(parent: NatCluster, args: NatClusterArgs): pulumi.CustomResourceOptions {
  return { parent, dependsOn: beforeClients(parent, args) };
}

function beforeClients(parent: NatCluster, { realServers }: NatClusterArgs): pulumi.Resource[] {
  const serving = realServers.flatMap(({ serving = [] }) => serving);
  return [parent.director, ...Object.values(parent.realServers), ...serving];
}

function portsOf({ ports = 80 }: NatClusterArgs): number[] {
  return [ports].flat();
}

function outgoing(name: string, { masquerade = false, realServers }: NatClusterArgs): OutgoingArgs[] {
  if (typeof masquerade === "object") return [masquerade];
  if (!masquerade) return [];
  return realServers.map(({ address }, at) => {
    const problems = (known: string) => missing(`realServers[${at}].address`, known);
    return { source: later(`NatCluster "${name}"`, address, problems, hostNetwork) };
  });
}

function problems(args: NatClusterArgs) {
  return natProblems({
    director: args.director.name,
    vip: plain(args.vip),
    gateway: plain(args.gateway),
    ports: portsOf(args),
    scheduler: plain(args.scheduler),
    clients: [args.clients ?? []].flat().map(plain),
    realServers: args.realServers.map(({ host, address, port, weight }) => ({
      host: host.name,
      address: plain(address),
      port: plain(port),
      weight: plain(weight),
    })),
  });
}
