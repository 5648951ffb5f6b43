import { type ClusterHost, directorsOf } from "./directors";
import type { DrClusterArgs } from "./dr-args";
import { alikeHealth, CONSISTENT, ecmpOf } from "./ecmp";
import type { Floating } from "./failover";
import type { Health } from "./health";

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
  const ports = [args.ports ?? 80].flat();
  const marked = args.persistence !== undefined || ports.length > 1;
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
    ports,
    marked,
    // The port of the destinations. With a mark the port is 0: packets keep their own port.
    port: marked ? 0 : (ports[0] ?? 0),
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
