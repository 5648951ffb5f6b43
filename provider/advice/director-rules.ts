import {
  bitsOf,
  contains,
  type Family,
  familyOf,
  isSameAddress,
  normalAddress,
  type PortOf,
  type Problem,
  parseHostPort,
  type Rule,
} from "../model";
import type { Hints } from "../reconcile/kind";
import { type Host, mtuOf, setting } from "./context";

/** A virtual service on its director. */
export interface ServiceFacts {
  readonly host: Host;
  readonly hints: Hints;
  readonly family: Family;
  /** The VIP, and the ports that clients connect to; none where a mark hides them. */
  readonly vip: string | undefined;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly ports: readonly PortOf[];
  readonly forwarding: string;
  /** "address:port" of the real servers. */
  readonly destinations: readonly string[];
  readonly persistent: boolean;
}

/** The bytes that a tunnel to a real server of the family puts before each packet: a header of IP, and no less. */
const WRAPPING = { ipv4: 20, ipv6: 40 };

/** A packet of the usual 1500 bytes in a tunnel to a real server of the family. */
const WRAPPED = { ipv4: 1500 + WRAPPING.ipv4, ipv6: 1500 + WRAPPING.ipv6 };

/** What is seen on a director and makes a virtual service fail. */
export const directorRules: readonly Rule<ServiceFacts>[] = [
  {
    name: "vip-missing",
    severity: "warning",
    cause: "IPVS takes only packets that the kernel delivers to the host itself, so that clients get no answer",
    cure: "Give the director the address (VipAlias), or the VIP that it has; a director that stands by may ignore this",
    judge: ({ host, hints, vip }) =>
      !vip || floats(host, hints, vip) || hasAddress(host, vip) || host.addresses.length === 0 || isDeclared(host, vip)
        ? []
        : problem(`the director has no address ${vip}`),
  },
  {
    name: "forwarding-off",
    severity: "warning",
    cause: "with NAT the director has to forward the replies of real servers, and the kernel drops them",
    cure: "Declare the Sysctl with the value 1, or a Director, which does",
    judge: ({ host, family, forwarding }) => {
      const path = family === "ipv4" ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding";
      return forwarding === "nat" && setting(host, path) === "0"
        ? problem(`net.${path.replaceAll("/", ".")} is 0`)
        : [];
    },
  },
  {
    name: "gateway-elsewhere",
    severity: "warning",
    cause: "the replies of the real servers leave by that gateway and not by the director, and clients refuse them",
    cure: "Give the director's own address on the real servers' network as gateway",
    judge: ({ host, hints, hints: { gateway } }) =>
      !gateway ||
      floats(host, hints, gateway) ||
      hasAddress(host, gateway) ||
      host.addresses.length === 0 ||
      isDeclared(host, gateway)
        ? []
        : problem(`the director has no address ${gateway}, which is the real servers' gateway`),
  },
  {
    name: "shared-network",
    severity: "warning",
    cause: "clients on that network get their replies straight from the real servers, and refuse them",
    cure: "Give the real servers a network of their own, or use direct routing; without clients there, ignore this",
    judge: ({ host, vip, forwarding, destinations }) => {
      if (forwarding !== "nat" || !vip) return [];
      const network = networkOf(host, vip);
      const there = network && addressesOf(destinations).find((rip) => contains(network, rip));
      return there ? problem(`the VIP ${vip} and the real server ${there} are both on ${network}`) : [];
    },
  },
  {
    name: "redirects",
    severity: "warning",
    cause: "the director tells real servers a shorter way to their clients (ICMP redirect), which bypasses it",
    cure: 'Declare arms: "one" and interface on the NatCluster, or send_redirects 0 of all and of the interface',
    judge: ({ host, vip, family, forwarding, destinations }) => {
      if (forwarding !== "nat" || family !== "ipv4" || !vip) return [];
      const device = host.addresses.find(({ address }) => address === vip)?.device;
      const same = addressesOf(destinations).some((rip) => host.routes[rip]?.device === device);
      const on = [setting(host, "ipv4/conf/all/send_redirects"), setting(host, `ipv4/conf/${device}/send_redirects`)];
      return device && same && on.includes("1") ? problem(`clients and real servers are both on ${device}`) : [];
    },
  },
  {
    name: "other-network",
    severity: "warning",
    cause: "direct routing hands a packet to the real server's own hardware address, and a router sends it back",
    cure: 'Use forwarding "tun", or give the real server an address on a network of the director',
    judge: ({ host, forwarding, destinations }) =>
      forwarding !== "dr"
        ? []
        : addressesOf(destinations).flatMap((rip) => {
            const via = host.routes[rip]?.via;
            return via ? problem(`the director reaches ${rip} by the router ${via}`) : [];
          }),
  },
  {
    name: "tunnel-mtu",
    severity: "warning",
    cause: "a wrapped packet does not fit, and where ICMP is filtered a client never learns so: uploads hang",
    cure: `Raise the MTU between the hosts (LinkMtu) to ${WRAPPED.ipv4}, or to ${WRAPPED.ipv6} for IPv6; for IPv4 the Sysctl net.ipv4.vs.pmtu_disc = 0 does as well, which a Director declares`,
    judge({ host, forwarding, destinations }) {
      if (forwarding !== "tun") return [];
      const narrow = addressesOf(destinations).find((rip) => isNarrow(host, rip));
      if (!narrow) return [];
      const link = host.routes[narrow]?.device ?? "";
      const own = WRAPPING[familyOf(narrow)];
      return problem(`${link} takes packets of ${mtuOf(host, link)} bytes, and a tunnel needs ${own} of each`);
    },
  },
  {
    name: "ftp",
    severity: "warning",
    cause: "FTP opens further connections, which IPVS does not know",
    cure: "With NAT load the KernelModule ip_vs_ftp; with direct routing and tunnels use persistence on port 0",
    judge({ host, ports, forwarding, persistent }) {
      if (!ports.some(({ protocol, port }) => protocol === "tcp" && port === 21)) return [];
      const declared = host.declared.some(({ kind, want }) => kind === "KernelModule" && want.module === "ip_vs_ftp");
      const knows = forwarding === "nat" ? declared || host.modules.includes("ip_vs_ftp") : persistent;
      return knows ? [] : problem("port 21 is served");
    },
  },
  {
    name: "sync-loop",
    severity: "warning",
    cause: "a director that stands by sends what it gets on to the other one, and back: packets go round in circles",
    cure: "Declare the Sysctl net.ipv4.vs.backup_only = 1",
    judge: ({ host, forwarding }) =>
      // With both daemons the kernel would take backup_only for an order to direct nothing at all.
      forwarding !== "nat" && host.sync.join() === "backup" && setting(host, "ipv4/vs/backup_only") === "0"
        ? problem("a sync daemon runs as backup")
        : [],
  },
  {
    name: "sync-one-way",
    severity: "warning",
    cause:
      "what this director learns is lost when the other one takes over, or comes back: clients change their server",
    cure: "Run a sync daemon as master and one as backup on each director",
    judge: ({ host: { sync }, persistent }) =>
      persistent && new Set(sync).size === 1 ? problem(`a sync daemon runs as ${sync[0]} alone`) : [],
  },
];

/**
 * Whether a tunnel to the real server goes by a link that is known to take no usual packet in it. Without pmtu_disc the
 * director itself sends long packets in parts, in a tunnel of IPv4 alone (ip_vs_xmit.c).
 */
function isNarrow(host: Host, rip: string): boolean {
  const family = familyOf(rip);
  if (family === "ipv4" && setting(host, "ipv4/vs/pmtu_disc") !== "1") return false;
  const mtu = mtuOf(host, host.routes[rip]?.device ?? "");
  return mtu !== undefined && mtu < WRAPPED[family];
}

/** A problem of the thing as a whole. */
export function problem(reason: string): Problem[] {
  return [{ property: "", reason }];
}

export function hasAddress({ addresses }: Host, wanted: string): boolean {
  return addresses.some(({ address }) => address === normalAddress(wanted));
}

/** A director that stands by has the address when its turn comes. */
function floats({ floating }: Host, hints: Hints, address: string): boolean {
  return hints.floats === true || floating.some((one) => isSameAddress(one, address));
}

function isDeclared({ declared }: Host, address: string): boolean {
  return declared.some(({ kind, want }) => kind === "VipAlias" && want.address === normalAddress(address));
}

export function addressesOf(destinations: readonly string[]): string[] {
  return destinations.flatMap((key) => parseHostPort(key, 0)?.address ?? []);
}

/** The network on which the host has this address, or next to which it does: an alias has no network of its own. */
function networkOf({ addresses }: Host, inside: string): string | undefined {
  const full = bitsOf(familyOf(inside));
  const found = addresses.find(({ address, prefix }) => prefix < full && contains(`${address}/${prefix}`, inside));
  return found && `${found.address}/${found.prefix}`;
}
