import { parseHostPort } from "pulumi-lvs-provider/model";
import { caughtText, matchKey, matchName, type ServiceStatus } from "pulumi-lvs-provider/operations";
import { serverOf } from "../state";
import { weightText } from "../status-table";
import type { DeclaredService } from "./declared-services";

/** The way of a request from a director to a real server, and of its answer. */
export interface Way {
  readonly director: string;
  readonly server: string;
  readonly forwarding: string;
  /** Which services take the way: "80", "443 to 8443", "mark 99". Empty where the director has one and the port stays. */
  readonly services: readonly string[];
  /** "dr, weight 3" */
  readonly label: string;
  /** Whether new connections go there. */
  readonly isOpen: boolean;
  /** NAT: by which address of the director the answer comes back. */
  readonly gateway?: string;
}

/** What ways are called by. */
export interface Names {
  /** The servers' names by their addresses. */
  readonly servers: ReadonlyMap<string, string>;
  /** The gateways of servers, by the servers' names. */
  readonly gateways: ReadonlyMap<string, string>;
  /** All services. */
  readonly services: readonly DeclaredService[];
}

/** The ways of a service. What the director says of it counts; it was not asked where that is undefined. */
export function waysOf(service: DeclaredService, seen: ServiceStatus | "none" | undefined, names: Names): Way[] {
  const { director } = service;
  return service.destinations.map(({ destination, ...declared }) => {
    const now = seen === "none" ? undefined : seen?.destinations.find((one) => one.destination === destination);
    const forwarding = now?.forwarding || declared.forwarding;
    const health = now?.health ?? declared.health;
    const isMissing = seen !== undefined && !now;
    const weight = health === "down" ? declared.weight : (now?.weight ?? declared.weight);
    const words = [
      forwarding,
      `weight ${now?.out ? weightText(now) : weight}`,
      ...(now?.out ? ["out for maintenance"] : health === "down" ? ["fails its check"] : []),
      ...(isMissing ? ["not in the table"] : []),
    ];
    const address = serverOf(destination);
    const server = names.servers.get(address) ?? address;
    const gateway = names.gateways.get(server);
    const isOpen = weight > 0 && !isMissing && !now?.out && health !== "down";
    const services = nameOn(service, destination, names.services);
    const way = { director, server, forwarding, services, label: words.join(", "), isOpen };
    return forwarding === "nat" && gateway ? { ...way, gateway } : way;
  });
}

/** Services that go one way with one weight have one arrow, which names them all. */
export function together(ways: readonly Way[]): (way: Way) => Way {
  const keyOf = ({ services, ...way }: Way) => JSON.stringify(way);
  const services = new Map<string, Set<string>>();
  for (const way of ways) {
    const known = services.get(keyOf(way)) ?? new Set();
    services.set(keyOf(way), new Set([...known, ...way.services]));
  }
  return (way) => ({ ...way, services: [...(services.get(keyOf(way)) ?? [])] });
}

/** What stands at an arrow: the services in lines of some, and then how requests get there. */
export function wayLines({ services, label }: Way): string[] {
  const starts = services.flatMap((_, i) => (i % A_LINE === 0 ? [i] : []));
  return [...starts.map((i) => services.slice(i, i + A_LINE).join(", ")), label];
}

const A_LINE = 6;

/** The service's name on an arrow; none where the director has no other, and the port stays what it is. */
function nameOn({ director, match }: DeclaredService, destination: string, all: readonly DeclaredService[]): string[] {
  const others = all.filter((one) => one.director === director).map((one) => one.match);
  const to = parseHostPort(destination)?.port ?? 0;
  const isMapped = to !== 0 && "port" in match && match.port !== 0 && match.port !== to;
  const isAlone = others.every((one) => matchKey(one) === matchKey(match));
  if (isAlone && !isMapped) return [];
  return [`${shortName(match, others)}${isMapped || ("mark" in match && to !== 0) ? ` to ${to}` : ""}`];
}

/** "443", "53/udp"; "tcp 192.0.2.9:443" where the director has services of several addresses. */
function shortName(match: DeclaredService["match"], others: readonly DeclaredService["match"][]): string {
  if ("mark" in match) return matchName(match);
  const isOneAddress = others.every((one) => !("address" in one) || one.address === match.address);
  if (!isOneAddress) return caughtText({ ...match, ports: [String(match.port)] });
  return `${match.port || "every port"}${match.protocol === "tcp" ? "" : `/${match.protocol}`}`;
}
