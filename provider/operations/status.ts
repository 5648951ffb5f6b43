import type { DeclaredHost } from "../host/declared";
import { find } from "../host/fact";
import { withSession } from "../host/pool";
import { parseSpelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import {
  holderInWords,
  inMaintenance,
  isDrained,
  type OutOfService,
  outOfService,
  type Place,
  placeName,
} from "../ipvs/maintenance";
import { type Missed, missedOf } from "../ipvs/maintenance-missed";
import type { Service, Table } from "../ipvs/table";
import { type Match, matchKey, matchName, type OperatorNote } from "../model";
import { withMarked } from "./caught";
import { type Difference, differencesOf } from "./differences";
import { addressesOf } from "./drain";
import { type AnnouncementStatus, announcementsOn, type InstanceStatus, instancesOn } from "./drawing";
import { type FailoverStatus, failoversOn } from "./holders";
import { byHost, isTable, type Resource } from "./resource";
import { type Traffic, type TrafficOf, traffic as trafficThere } from "./traffic";
import { Unread } from "./unread";

/** What a stack's hosts say now. */
export interface Status {
  readonly hosts: readonly HostStatus[];
  /** Who has the addresses that float; undefined where nothing does, or tables alone were asked for. */
  readonly failovers?: readonly FailoverStatus[];
}

export interface HostStatus {
  readonly host: string;
  readonly address: string;
  /** Why the host could not be asked. */
  readonly error?: string;
  /** What cannot be read there, and why. The rest is as the host says. */
  readonly unread?: readonly string[];
  /** The directors that do not know yet what an operator has done with a real server. */
  readonly missed?: readonly Missed[];
  /** The host's own addresses; undefined where only tables were asked for. */
  readonly addresses?: readonly string[];
  /** The director's services; empty on other hosts. */
  readonly services: readonly ServiceStatus[];
  /** What floats between this host and others: the instances of VRRP. */
  readonly instances: readonly InstanceStatus[];
  /** What BIRD announces from this host; undefined where the stack announces nothing. */
  readonly announcements?: readonly AnnouncementStatus[];
  /** What is not as the program declared it. */
  readonly differences: readonly Difference[];
}

export interface ServiceStatus {
  /** "10.0.0.9:80", "10.0.0.9:53/udp", or a mark. */
  readonly service: string;
  /** Whether the stack declares the service. */
  readonly declared: boolean;
  readonly scheduler: string;
  /** Seconds. */
  readonly persistence?: number;
  /** Of a mark: which packets the stack marks, as "udp 10.0.0.9:53". */
  readonly marked?: readonly string[];
  readonly destinations: readonly DestinationStatus[];
}

export interface DestinationStatus extends Traffic {
  readonly destination: string;
  readonly forwarding: string;
  readonly weight: number;
  /** What the health checker makes of the server; undefined without health checks. */
  readonly health?: "up" | "down";
  /** The server is out for maintenance, and gets this weight back. */
  readonly out?: Partial<OperatorNote> & { readonly weight: number };
}

/** Looks at every host of the stack. Nothing is changed. */
export async function statusOf(
  resources: readonly Resource[],
  only: { readonly tables?: boolean } = {},
): Promise<Status> {
  const all = byHost(resources).filter(({ own }) => !only.tables || own.some(isTable));
  const hosts = await Promise.all(all.map(({ host, own }) => hostStatus(host, own, only.tables === true)));
  const failovers = only.tables ? [] : failoversOn(resources, hosts);
  return { hosts, ...(failovers.length > 0 && { failovers }) };
}

/** Looks at one host. A host that cannot be asked is said to be so. */
export async function hostStatus(
  host: DeclaredHost,
  own: readonly Resource[],
  tableAlone: boolean,
): Promise<HostStatus> {
  const { name, address } = host;
  const unread = new Unread();
  try {
    const { services, missed } = await tableOn(host, own.filter(isTable), unread);
    const instances = await unread.or([], instancesOn(host, own));
    const announcements = await unread.or([], announcementsOn(host, own));
    const addresses = tableAlone ? undefined : await unread.or(undefined, addressesOf(host));
    const differing = (one: Resource) => unread.or([], differencesOf(one), `${one.kind} ${one.name}`);
    const differences = tableAlone ? [] : await Promise.all(own.map(differing));
    const { reasons } = unread;
    return {
      host: name,
      address,
      ...(addresses && { addresses }),
      services: withMarked(services, own),
      instances,
      ...(announcements.length > 0 && { announcements }),
      differences: differences.flat(),
      ...(reasons.length > 0 && { unread: reasons }),
      ...(missed.length > 0 && { missed }),
    };
  } catch (error) {
    return notRead(host, (error as Error).message);
  }
}

/** The status of a host of which nothing was read. */
export function notRead({ name, address }: DeclaredHost, error: string): HostStatus {
  return { host: name, address, error, services: [], instances: [], differences: [] };
}

/** The director's table. Without the records of maintenance, or the traffic, it is shown without them. */
async function tableOn(
  host: DeclaredHost,
  tables: readonly Resource[],
  unread: Unread,
): Promise<{ services: ServiceStatus[]; missed: readonly Missed[] }> {
  if (tables.length === 0) return { services: [], missed: [] };
  // The looks travel together.
  const [table, out, traffic, missed] = await withSession(host, (session) =>
    Promise.all([
      unread.or(undefined, find(session, kernelTable(false))),
      unread.or([], find(session, outOfService())),
      unread.or(() => NO_TRAFFIC, find(session, trafficThere)),
      unread.or([], find(session, missedOf())),
    ]),
  );
  return { services: table ? servicesIn(table, tables, { out, traffic }) : [], missed };
}

function servicesIn(
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
      scheduler: service.scheduler,
      ...(service.persistence && { persistence: service.persistence.timeout }),
      destinations: destinationsOf(match, service, { at, out, traffic, checked: checked.get(key) }),
    };
  });
  const missing = [...checked].filter(([key]) => !present.some(({ service }) => service === key));
  return [
    ...present,
    ...missing.map(([service, keys]) => ({ service, declared: true, scheduler: "", destinations: keys.map(absent) })),
  ];
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
  const here = Object.entries(service.destinations).map(([destination, { forwarding, weight }]) => {
    const place = places.find(({ key }) => key === destination);
    return {
      ...{ destination, forwarding, weight },
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
const NO_TRAFFIC: Traffic = { open: 0, others: 0, rate: NONE, total: NONE };

/** The destinations of each service that a health checker manages. */
function checkedDestinations({ inputs }: Resource): [string, string[]][] {
  const services = (inputs.services ?? {}) as Record<string, { destinations?: object }>;
  return Object.entries(services).map(([key, { destinations = {} }]) => [key, Object.keys(destinations)]);
}
