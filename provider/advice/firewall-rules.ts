import { familyOf, type PortOf, type Problem, parseHostPort, parsePorts, type Rule } from "../model";
import type { Host } from "./context";
import { hasAddress, problem, type ServiceFacts } from "./director-rules";
import { droppedBy, type Packet } from "./verdict";

/** What clients send to a host. */
export interface ArrivingFacts {
  readonly host: Host;
  /** The address that they send to. */
  readonly address: string | undefined;
  readonly ports: readonly PortOf[];
  /** The interface by which it comes; undefined where the address and the routes say. */
  readonly device?: string | undefined;
  /** Whether it comes wrapped in IP in IP. */
  readonly wrapped?: boolean;
}

/** What makes a firewall drop what clients send. */
export const arrivingRules: readonly Rule<ArrivingFacts>[] = [
  {
    name: "firewall",
    severity: "warning",
    cause: "the host's firewall drops what clients send, and they get no answer",
    cure: "Declare that FirewallRule",
    judge({ host, address, ports, device, wrapped }) {
      if (!address) return [];
      const family = familyOf(address);
      const on = device ? [device] : outwards(host, address);
      const outer: Packet = { family, protocol: "ipip", in: on, state: "new" };
      const tunnel = wrapped && !lets(host, "ipip") ? droppedBy(host.chains, "input", outer) : undefined;
      return [
        ...(tunnel ? problem(`${tunnel} drops IP in IP: new FirewallRule("…", { host, protocol: "ipip" })`) : []),
        ...ports.flatMap(({ protocol, port }) => {
          const packet: Packet = {
            ...{ family, protocol, destination: address, destinationPort: port, state: "new" },
            in: wrapped ? ["tunl0"] : on,
          };
          const chain = lets(host, protocol, port) ? undefined : droppedBy(host.chains, "input", packet);
          const words = protocol === "tcp" ? `port: ${port}` : `protocol: "${protocol}", port: ${port}`;
          return chain ? problem(`${chain} drops ${protocol} ${port}: new FirewallRule("…", { host, ${words} })`) : [];
        }),
      ];
    },
  },
];

/** What makes a firewall drop the replies that a NAT director forwards. */
export const forwardingRules: readonly Rule<ServiceFacts>[] = [
  {
    name: "firewall-forward",
    severity: "warning",
    cause: "with NAT the director forwards the real servers' replies, and its firewall drops them",
    cure: "Declare that",
    judge: ({ host, vip, family, protocol, forwarding, destinations }) => {
      if (forwarding !== "nat") return [];
      const followed = host.settings["ipv4/vs/conntrack"] === "1";
      const first = destinations.flatMap((key): Problem[] => {
        const { address = "", port = 0 } = parseHostPort(key, 0) ?? {};
        const reply: Packet = {
          ...{ family, protocol, source: address, sourcePort: port },
          in: [host.routes[address]?.device ?? ""].filter(Boolean),
          out: outwards(host, vip),
          // Without this switch netfilter does not follow IPVS' connections, and a reply belongs to none.
          state: followed ? "established" : "invalid",
        };
        const chain = forwards(host, address) ? undefined : droppedBy(host.chains, "forward", reply);
        if (!chain) return [];
        const enough = !followed && !droppedBy(host.chains, "forward", { ...reply, state: "established" });
        const cure = enough
          ? 'new Sysctl("…", { host, key: "net.ipv4.vs.conntrack", value: 1 })'
          : `new ForwardRule("…", { host, source: "${address}" })`;
        return problem(`${chain} drops what comes from ${address}: ${cure}`);
      });
      // One is enough: the others are behind the same chain.
      return first.slice(0, 1);
    },
  },
];

/** What other directors, or routers, tell a host unasked. */
export interface ToldFacts {
  readonly host: Host;
  readonly told: readonly Told[];
}

export type Told = Omit<Packet, "state">;

/** What makes a firewall drop what directors hear of each other, and of routers. */
export const tellingRules: readonly Rule<ToldFacts>[] = [
  {
    name: "firewall-directors",
    severity: "warning",
    cause:
      "the host's firewall drops what directors and routers tell it: without VRRP two directors have the VIP, without the sync connections " +
      "end with their director, without BFD a lost router is noticed minutes later",
    cure: "Declare that FirewallRule",
    judge: ({ host, told }) =>
      told.flatMap((packet) => {
        const { protocol, destinationPort: port } = packet;
        const chain = lets(host, protocol, port)
          ? undefined
          : droppedBy(host.chains, "input", { ...packet, state: "new" });
        const [what, words] = port === undefined ? [protocol, ""] : [`${protocol} ${port}`, `, port: ${port}`];
        return chain
          ? problem(`${chain} drops ${what}: new FirewallRule("…", { host, protocol: "${protocol}"${words} })`)
          : [];
      }),
  },
];

/** The interfaces by which clients come: that of the address, and those of the default routes. */
function outwards(host: Host, address: string | undefined): string[] {
  const own = host.addresses.filter((one) => one.address === address).map(({ device }) => device);
  const found = [...own, ...host.defaults.map(({ device }) => device)].filter((device) => device !== "lo");
  const all = host.addresses.map(({ device }) => device).filter((device) => device !== "lo");
  return [...new Set(found.length > 0 ? found : all)];
}

/** Whether the program lets it in. */
function lets({ declared }: Host, protocol: string, port?: number): boolean {
  return declared.some(({ kind, want }) => {
    if (kind !== "FirewallRule" || want.protocol !== protocol) return false;
    const [first, last] = parsePorts(want.port as string | number) ?? [0, 65535];
    return port === undefined || (first <= port && port <= last);
  });
}

/** Whether the program lets the host forward it. */
function forwards(host: Host, address: string): boolean {
  const follows = host.declared.some(({ kind, want }) => kind === "Sysctl" && want.key === "net.ipv4.vs.conntrack");
  return follows || hasAddress(host, address) || host.declared.some(({ kind }) => kind === "ForwardRule");
}
