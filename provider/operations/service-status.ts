import { parseSpelled } from "../ipvs/ipvsadm";
import { holderInWords, inMaintenance, isDrained, type OutOfService, type Place, placeName } from "../ipvs/maintenance";
import type { Service, Table, Tunnel } from "../ipvs/table";
import { familyOfMatch, type Match, matchKey, matchName, type OperatorNote, singleClient } from "../model";
import type { Resource } from "./resource";
import type { Traffic, TrafficOf } from "./traffic";

export interface ServiceStatus {
  /** "10.0.0.9:80", "10.0.0.9:53/udp", or a mark. */
  readonly service: string;
  /** Whether the stack declares the service. */
  readonly declared: boolean;
  readonly scheduler: string;
  /** The scheduler's flags, as "sh-port"; undefined without any. */
  readonly flags?: readonly string[];
  /** Each packet is scheduled by itself (ops). */
  readonly onePacket?: true;
  /** Seconds. */
  readonly persistence?: number;
  /** Whose connections stay together: the network of clients by its mask; undefined where each client is by itself. */
  readonly persistenceMask?: string;
  /** By what else connections stay together, as "sip". */
  readonly persistenceEngine?: string;
  /** Of a mark: which packets the stack marks, as "udp 10.0.0.9:53". */
  readonly marked?: readonly string[];
  readonly destinations: readonly DestinationStatus[];
}

export interface DestinationStatus extends Traffic {
  readonly destination: string;
  readonly forwarding: string;
  readonly weight: number;
  /** The encapsulation of a tunnel that is none of IP in IP. */
  readonly tunnel?: Tunnel;
  /** The connections above which the destination gets no new ones; undefined without such a bound. */
  readonly upperThreshold?: number;
  /** The connections below which it gets new ones again; undefined where that is three quarters of the bound. */
  readonly lowerThreshold?: number;
  /** What the health checker makes of the server; undefined without health checks. */
  readonly health?: "up" | "down";
  /** The server is out for maintenance, and gets this weight back. */
  readonly out?: Partial<OperatorNote> & { readonly weight: number };
}

/** The services of a director's table, and those that a health checker keeps and the table has not. */
export function servicesIn(
  table: Table,
  tables: readonly Resource[],
  { out, traffic }: Pick<Seen, "out" | "traffic">,
): ServiceStatus[] {
  const checked = new Map(tables.flatMap(checkedDestinations));
  const fixed = tables
    .filter(({ kind }) => kind === "VirtualService")
    .map(({ id }) => id.split("/").slice(2).join("/"));
  const present = Object.entries(table).map(([at, service]) => {
    const match = parseSpelled(at) as Match;
    const key = matchKey(match);
    return {
      ...{ service: key, declared: fixed.includes(matchName(match)) || checked.has(key) },
      ...schedulingOf(match, service),
      destinations: destinationsOf(match, service, { at, out, traffic, checked: checked.get(key) }),
    };
  });
  const missing = [...checked].filter(([key]) => !present.some(({ service }) => service === key));
  return [
    ...present,
    ...missing.map(([service, keys]) => ({ service, declared: true, scheduler: "", destinations: keys.map(absent) })),
  ];
}

/** How a service chooses; what it has not is left out. */
function schedulingOf(match: Match, { scheduler, flags, onePacket, persistence }: Service) {
  const { timeout, mask, engine } = persistence ?? {};
  return {
    scheduler,
    ...(flags.length > 0 && { flags }),
    ...(onePacket && { onePacket }),
    ...(timeout && { persistence: timeout }),
    ...(mask !== undefined && mask !== singleClient(familyOfMatch(match)) && { persistenceMask: mask }),
    ...(engine && { persistenceEngine: engine }),
  };
}

interface Seen {
  readonly at: string;
  readonly out: OutOfService;
  readonly traffic: TrafficOf;
  readonly checked: readonly string[] | undefined;
}

function destinationsOf(match: Match, service: Service, seen: Seen): DestinationStatus[] {
  const { at, out, traffic, checked } = seen;
  const places = inMaintenance(match, service, out);
  const here = Object.entries(service.destinations).map(([destination, to]) => {
    const place = places.find(({ key }) => key === destination);
    const { forwarding, weight, tunnel, upperThreshold, lowerThreshold } = to;
    return {
      ...{ destination, forwarding, weight },
      ...(tunnel && { tunnel }),
      ...(upperThreshold > 0 && { upperThreshold }),
      ...(lowerThreshold > 0 && { lowerThreshold }),
      ...(checked?.includes(destination) && { health: weight > 0 || place ? ("up" as const) : ("down" as const) }),
      ...(place && { out: { ...noteOf(destination), weight: place.weight } }),
      ...traffic(at, destination),
    };
  });
  const gone = (checked ?? []).filter((key) => !(key in service.destinations));
  return [
    ...here,
    ...gone.map((destination) => {
      // A health checker deletes what is out for maintenance.
      const place = out.flatMap(({ places }) => places).find((one) => isAt(one, destination));
      return { ...absent(destination), ...(place && { out: { ...noteOf(destination), weight: place.weight } }) };
    }),
  ];

  function isAt(place: Place, key: string): boolean {
    return placeName(place) === placeName({ match, key });
  }

  /** An operator's words, or which rollout it is. */
  function noteOf(key: string): Partial<OperatorNote> {
    const holders = out.filter(({ places }) => places.some((place) => isAt(place, key)));
    const holder = holders.find(isDrained) ?? holders[0];
    if (!holder) return {};
    const { since, site, note } = holder;
    return { since, ...(site !== undefined && { reason: holderInWords(holder) }), ...note };
  }
}

/** A destination that a health checker has taken out of the table. */
function absent(destination: string): DestinationStatus {
  return { destination, forwarding: "", weight: 0, health: "down", ...NO_TRAFFIC };
}

const NONE = { connections: 0, bytesIn: 0, bytesOut: 0 };
export const NO_TRAFFIC: Traffic = { open: 0, others: 0, rate: NONE, total: NONE };

/** The destinations of each service that a health checker manages. */
function checkedDestinations({ inputs }: Resource): [string, string[]][] {
  const services = (inputs.services ?? {}) as Record<string, { destinations?: object }>;
  return Object.entries(services).map(([key, { destinations = {} }]) => [key, Object.keys(destinations)]);
}
