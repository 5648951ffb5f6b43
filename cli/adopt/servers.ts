import { type Forwarding, isLoopback, parseHostPort } from "pulumi-lvs-provider/model";
import { addressOn, type Found, type FoundService } from "./found";

/** A destination with the host that has its address, where that host was named. */
export interface Server {
  readonly found: Found | undefined;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly forwarding: Forwarding | "local";
}

export function serversOf(
  service: Pick<FoundService, "destinations">,
  hosts: readonly Found[],
  director: Found,
): Server[] {
  return Object.entries(service.destinations).map(([key, { weight, forwarding }]) => {
    const { address, port } = parseHostPort(key) as { address: string; port: number };
    // Every host has the addresses of its loopback, and the director means its own.
    const isItself = isLoopback(address);
    const found = isItself ? director : hosts.find((host) => addressOn(host, address));
    return { found, address, port, weight, forwarding };
  });
}

/** How the service reaches its real servers, or the first of them that is not the director itself. */
export function forwardingOf({ destinations }: Pick<FoundService, "destinations">): Forwarding {
  const all = Object.values(destinations).map((to) => to.forwarding);
  return (all.find((one) => one !== "local") ?? "nat") as Forwarding;
}
