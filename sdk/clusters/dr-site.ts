import { type ClusterHost, directorsOf } from "./directors";
import type { DrClusterArgs } from "./dr-args";
import { alikeHealth, CONSISTENT, ecmpOf } from "./ecmp";
import type { Floating } from "./failover";
import type { Health } from "./health";
import { portsOf } from "./topology";

export type Declared = ReturnType<typeof withDefaults>;

/** A cluster as it is declared, with what it has by default. */
export function withDefaults(name: string, args: DrClusterArgs) {
  const ecmp = ecmpOf(args);
  const {
    device = "eth0",
    mark = 99,
    scheduler = ecmp ? CONSISTENT.scheduler : "wrr",
    forwarding = "dr",
    health = { by: "static" },
  } = args;
  const given = [args.ports ?? 80].flat();
  const ports = portsOf(given);
  const marked = args.persistence !== undefined || given.length > 1;
  const hosts = directorsOf(args);
  return {
    ...args,
    declared: `DrCluster "${name}"`,
    device,
    mark,
    ecmp,
    scheduler,
    forwarding,
    health: alikeHealth(health as Health, ecmp),
    given,
    ports,
    marked,
    // What clients connect to where there is no mark.
    only: ports[0] ?? { protocol: "tcp", port: 0 },
    // The port of the destinations. With a mark the port is 0: packets keep their own port.
    port: marked ? 0 : (ports[0]?.port ?? 0),
    hosts,
    directors: hosts.map(({ host }) => host),
    floating: floatingOf(args, hosts, device),
  };
}

function floatingOf({ failover, vip, realServers }: DrClusterArgs, directors: ClusterHost[], device: string) {
  if (failover?.by !== "vrrp") return undefined;
  const servers = realServers.map(({ address }) => address);
  return { directors, failover, device, addresses: [{ address: vip }], servers } satisfies Floating;
}
