import type { DeclaredHost } from "../host/declared";
import { find } from "../host/fact";
import { withSession } from "../host/pool";
import { kernelTable } from "../ipvs/kernel-table";
import { outOfService } from "../ipvs/maintenance";
import { type Missed, missedOf } from "../ipvs/maintenance-missed";
import { withMarked } from "./caught";
import { type Difference, differencesOf } from "./differences";
import { addressesOf } from "./drain";
import { type AnnouncementStatus, announcementsOn, type InstanceStatus, instancesOn } from "./drawing";
import { type FailoverStatus, failoversOn } from "./holders";
import { byHost, isTable, type Resource } from "./resource";
import { NO_TRAFFIC, type ServiceStatus, servicesIn } from "./service-status";
import { traffic as trafficThere } from "./traffic";
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
