import {
  hostPort,
  isSameAddress,
  MARK,
  PERSISTENCE,
  type Problem,
  parseAddress,
  WEIGHT,
} from "pulumi-lvs-provider/model";
import { plain } from "../arguments/plain";
import type { Host } from "../host/host";
import { directorsKnown } from "./directors";
import type { DrClusterArgs } from "./dr-args";
import { failoverProblems } from "./failover-topology";
import {
  addressProblem,
  noServers,
  ownServers,
  portsProblems,
  rangeProblem,
  repeatedServers,
  schedulerProblem,
  vipProblem,
} from "./topology";

/**
 * A site with direct routing, as far as the program knows it now. Values that come later are undefined, and the
 * provider judges them.
 */
export interface DrTopology {
  readonly vip: string | undefined;
  /** The names of the directors' hosts. */
  readonly directors: readonly string[];
  readonly ports: readonly unknown[];
  readonly scheduler: string | undefined;
  readonly mark: number | undefined;
  /** Seconds. */
  readonly persistence: number | undefined;
  readonly realServers: readonly DrServer[];
}

export interface DrServer {
  readonly host: string;
  readonly address: string | undefined;
  readonly weight: number | undefined;
}

/** Every problem of what is declared, as far as the program knows it now. */
export function drClusterProblems(
  args: DrClusterArgs,
  { directors, given: ports, mark }: { directors: readonly Host[]; given: readonly unknown[]; mark: number },
): Problem[] {
  const { vip, scheduler, persistence, realServers } = args;
  const others = realServers.map(({ host, address }) => [`the real server ${host.name}'s`, plain(address)] as const);
  const directing = failoverProblems({ ...directorsKnown(args), vip: plain(vip), others });
  const rest = drProblems({
    vip: plain(vip),
    directors: directors.map(({ name }) => name),
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
  return [...directing, ...rest];
}

/** Every problem of the site, each with its property. */
export function drProblems(topology: DrTopology): Problem[] {
  const { vip, ports, scheduler, mark, persistence, realServers } = topology;
  return [
    vipProblem(vip),
    ...portsProblems(ports),
    schedulerProblem(scheduler),
    rangeProblem("mark", mark, MARK),
    rangeProblem("persistence.timeout", persistence, PERSISTENCE),
    noServers(realServers),
    ...realServers.flatMap(({ address, weight }, at) => [
      addressProblem(`realServers[${at}].address`, address),
      rangeProblem(`realServers[${at}].weight`, weight, WEIGHT),
      ...takenAddress(topology, at),
    ]),
    ...ownServers(topology.directors, realServers, "its VIP must answer ARP, and that of a real server must not"),
    ...repeatedServers(realServers),
  ].filter((problem) => problem !== undefined);
}

function takenAddress({ vip, realServers }: DrTopology, at: number): Problem[] {
  const { address } = realServers[at] as DrServer;
  const property = `realServers[${at}]`;
  if (!vip || !address) return [];
  if (isSameAddress(vip, address)) {
    const reason = `${address} is the VIP as well. Give the real server's own address, by which the director reaches it`;
    return [{ property: `${property}.address`, reason }];
  }
  const [mine, theirs] = [parseAddress(vip)?.kind(), parseAddress(address)?.kind()];
  if (!mine || !theirs || mine === theirs) return [];
  const reason = `${address} is of another address family than the VIP ${vip}. Direct routing needs one family: declare a cluster for each`;
  return [{ property: `${property}.address`, reason }];
}

/**
 * The destinations of the service: on the service's port, or, with a mark, on port 0, which keeps the port of each
 * packet.
 */
export function drDestinations(
  realServers: readonly { address: string; weight?: number | undefined }[],
  servicePort: number,
): Record<string, { weight: number }> {
  return Object.fromEntries(
    realServers.map(({ address, weight }) => [hostPort(address, servicePort), { weight: weight ?? 1 }]),
  );
}
