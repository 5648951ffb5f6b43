import * as pulumi from "@pulumi/pulumi";
import { familyOf, type Scheduler } from "pulumi-lvs-provider/model";
import { errorsOf } from "../advice/advise";
import type { AdviceArgs, AdviceHints } from "../arguments/advice-args";
import { refuse } from "../arguments/argument-error";
import { later } from "../arguments/later";
import { plain } from "../arguments/plain";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { FirewallMark } from "../kinds/firewall-mark";
import { type DrainArgs, type PersistenceArgs, VirtualService } from "../kinds/virtual-service";
import type { Ldirectord } from "../ldirectord/ldirectord";
import { clusterAdvice, warnOf } from "./cluster-advice";
import { clusterChecks, type Site } from "./cluster-checks";
import { Director } from "./director";
import { drDestinations, drProblems } from "./dr-topology";
import type { ClusterService, Health, LdirectordHealth } from "./health";
import { RealServer } from "./real-server";
import { drCluster } from "./shapes";
import { persistenceProblems, siteProblems } from "./topology";

/** A real server of a `DrCluster`. It serves on the ports that clients connect to: nothing translates them. */
export interface DrClusterServerArgs {
  /** The host. Each real server has one of its own, which is not the director. */
  host: Host;
  /**
   * Its address (RIP). For direct routing the address is on a network that the real server shares with the director.
   * @example "172.17.111.234"
   */
  address: pulumi.Input<string>;
  /**
   * Its share relative to the other real servers, 0 to 65535. With 0 the real server keeps its connections and gets no
   * new ones.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * Its interface on that network.
   * @default the director's
   */
  device?: string;
  /**
   * Whether a packet must come by the interface that its answer would leave by: see {@link ArpSettingsArgs.rpFilter}.
   * @default as it is
   */
  rpFilter?: 0 | 1 | 2;
  /**
   * The interfaces whose ARP settings are declared: see {@link ArpSettingsArgs.arpOn}.
   * @default "all", "lo" and `device`
   */
  arpOn?: string[];
  /**
   * What must exist before clients are sent to this server, and until no client is any more: its `WebSite`.
   * @default nothing
   */
  serving?: pulumi.Resource | pulumi.Resource[];
}

/** The arguments of a `DrCluster`. */
export interface DrClusterArgs {
  /** The director's host. */
  director: Host;
  /**
   * The virtual address (VIP) that clients connect to. The director takes it on `device`, the real servers on their loopback
   * interface.
   * @example "172.17.111.111"
   */
  vip: pulumi.Input<string>;
  /**
   * The director's interface on the network that it shares with the real servers.
   * @default "eth0"
   */
  device?: string;
  /**
   * How packets reach the real servers. `"dr"`: as they are, on a network that the real servers share with the
   * director. `"tun"`: wrapped in IP in IP, on any network. The wrapping takes 20 bytes of each packet: the director
   * sends longer ones in parts.
   * @default "dr"
   */
  forwarding?: "dr" | "tun";
  /**
   * The ports that clients connect to, TCP. One port is a virtual service by itself. Several ports, or one with
   * `persistence`, get a firewall mark and are one service together. Even so, without `persistence` each connection is
   * scheduled by itself: http and https of one client may reach different servers.
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
   * Keeps a client on one real server, over all ports; `{}` with the defaults.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * The firewall mark, where the service has one. Two sites on one director need different marks.
   * @default 99
   */
  mark?: number;
  /** The real servers, one at least. */
  realServers: DrClusterServerArgs[];
  /**
   * How connections end when a real server is taken away.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Who keeps the table. `{ by: "ldirectord", … }` takes out real servers that fail its checks. A change from one to
   * the other leaves the table as it is: no connection ends.
   * @default { by: "static" }
   * @example { by: "ldirectord", service: "http", checkPort: 80, request: "ok.html", receive: "OK" }
   */
  health?: Health;
  /**
   * Which warnings about the site are not told.
   * @default all are told
   * @example { ignore: ["no-server"] }
   */
  advice?: AdviceArgs;
}

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
 * @throws ArgumentError where what is declared cannot work: a preview fails already
 */
export class DrCluster extends pulumi.ComponentResource {
  /** The director. Its alias of the VIP is `director.vip`. */
  readonly director: Director;
  /** The real servers, by the name of the host. */
  readonly realServers: Readonly<Record<string, RealServer>>;
  /** The virtual service, where the table is static. */
  readonly service: VirtualService | undefined;
  /** ldirectord, where it keeps the table. */
  readonly checks: Ldirectord | undefined;
  /**
   * The rule that marks the packets of a service with several ports or persistence. For a service on its own port the
   * rule marks nothing.
   */
  readonly mark: FirewallMark;

  constructor(name: string, args: DrClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`DrCluster "${name}"`, drCluster, args);
    const site = withDefaults(name, args);
    const findings = clusterAdvice(site);
    const local = persistenceProblems(args.realServers, args.persistence);
    refuse(`DrCluster "${name}"`, [...problems(site), ...local, ...errorsOf(findings)]);
    super("lvs:index:DrCluster", name, {}, opts);
    warnOf(this, `DrCluster "${name}"`, findings, args);

    this.realServers = createRealServers(this, name, site);
    this.director = createDirector(this, name, site);
    const { health } = site;
    this.service = health.by === "static" ? createService(this, name, site) : undefined;
    this.checks = health.by === "ldirectord" ? createChecks(this, name, site, health) : undefined;
    this.mark = createMark(this, name, site);
    this.registerOutputs();
  }
}

type Declared = ReturnType<typeof withDefaults>;

function withDefaults(name: string, args: DrClusterArgs) {
  const { device = "eth0", mark = 99, scheduler = "wrr", forwarding = "dr", health = { by: "static" } } = args;
  const ports = [args.ports ?? 80].flat();
  const marked = args.persistence !== undefined || ports.length > 1;
  // The port of the destinations. With a mark the port is 0: packets keep their own port.
  const port = marked ? 0 : (ports[0] ?? 0);
  return {
    ...args,
    declared: `DrCluster "${name}"`,
    device,
    mark,
    scheduler,
    forwarding,
    health: health as Health,
    ports,
    marked,
    port,
  };
}

function createRealServers(parent: DrCluster, name: string, site: Declared): Record<string, RealServer> {
  const { vip, forwarding, realServers, ports } = site;
  return Object.fromEntries(
    realServers.map(({ host, address, device = site.device, rpFilter, arpOn }) => {
      const quiet = { ...(rpFilter !== undefined && { rpFilter }), ...(arpOn && { arpOn }) };
      const server = { host, address, forwarding, vip, device, ports, ...quiet };
      return [host.name, new RealServer(`${name}-${host.name}`, server, { parent })];
    }),
  );
}

function createDirector(parent: DrCluster, name: string, site: Declared): Director {
  const { director: host, vip: address, device, forwarding, marked: marks, realServers } = site;
  const after = [...Object.values(parent.realServers), ...realServers.flatMap(({ serving = [] }) => serving)];
  const args = { host, forwarding, vip: { address, device, after }, marks };
  return new Director(`${name}-director`, args, { parent });
}

function createService(parent: DrCluster, name: string, site: Declared): VirtualService {
  const { director: host, vip: address, scheduler, persistence, forwarding, drain, mark, marked, port } = site;
  const values = { vip: address, servers: serversOf(site) };
  const made = <R>(make: (known: Site) => R) => later(site.declared, values, siteProblems, make);
  const destinations = made(({ servers }) => drDestinations(servers, port));
  const how = { host, scheduler, persistence, forwarding, destinations, drain, advice: hintsOf(site) };
  if (!marked) return new VirtualService(`${name}-${port}`, { address, port, ...how }, afterServers(parent));
  const family = made(({ vip }) => familyOf(vip));
  return new VirtualService(`${name}-mark-${mark}`, { mark, family, ...how }, afterServers(parent));
}

function createChecks(parent: DrCluster, name: string, site: Declared, health: LdirectordHealth): Ldirectord {
  const { director: host, vip, scheduler, persistence, forwarding, drain, mark, marked, port } = site;
  const services = (known: Site): ClusterService[] => {
    const match = marked ? { mark, family: familyOf(known.vip) } : { address: known.vip, port };
    const destinations = drDestinations(known.servers, port);
    return [{ match, forwarding, destinations, scheduler, ...(persistence && { persistence }) }];
  };
  const after = beforeClients(parent);
  const checks = {
    declared: site.declared,
    host,
    health,
    drain,
    site: { vip, servers: serversOf(site) },
    services,
    after,
    advice: site.advice,
    hints: hintsOf(site),
  };
  return clusterChecks(`${name}-health`, checks, parent);
}

function hintsOf({ vip: address, ports }: Declared): AdviceHints {
  return { address, ports };
}

function serversOf({ realServers }: DrClusterArgs) {
  return realServers.map(({ address, weight }) => ({ address, weight }));
}

// The director's VIP comes after the real servers, because the VIP draws clients. So does everything else that draws
// clients.
function afterServers(parent: DrCluster): pulumi.CustomResourceOptions {
  return { parent, dependsOn: beforeClients(parent) };
}

function beforeClients(parent: DrCluster): pulumi.Resource[] {
  return [parent.director, ...Object.values(parent.realServers)];
}

/**
 * The mark comes last, because a packet with a mark that no service catches reaches the director itself, which refuses
 * it. Where the service goes back to its port, this rule stops marking while the service of the mark still exists.
 */
function createMark(parent: DrCluster, name: string, site: Declared): FirewallMark {
  const { director: host, vip: address, mark, marked, ports } = site;
  const dependsOn = [parent.director, parent.service, parent.checks].filter((it) => it !== undefined);
  return new FirewallMark(
    `${name}-packets`,
    { host, mark, address, ports: marked ? ports : [] },
    { parent, dependsOn },
  );
}

function problems({ vip, director, ports, scheduler, mark, persistence, realServers }: Declared) {
  return drProblems({
    vip: plain(vip),
    director: director.name,
    ports,
    scheduler: plain(scheduler),
    mark,
    persistence: plain(plain(persistence)?.timeout),
    realServers: realServers.map(({ host, address, weight }) => ({
      host: host.name,
      address: plain(address),
      weight: plain(weight),
    })),
  });
}
