import { familyOf } from "../model";

// The kernel's threads that tell another director of open connections, in the words of ipvsadm(8).

export const roles = ["master", "backup"] as const;

/** `master` tells of connections, `backup` hears of them. */
export type SyncRole = (typeof roles)[number];

export interface SyncDaemon {
  readonly device: string;
  readonly syncId: number;
  readonly group: string;
  /** `master` alone: how many bytes of connections it gathers before it sends them. */
  readonly messageSize?: number | undefined;
  /** `backup` alone: how many bytes of a message it hears, where these are not the kernel's own. Longer ones are lost to it. */
  readonly hears?: number | undefined;
  /** The port and the hops, where they are not the kernel's own. Nothing of ours declares them: they were found. */
  readonly port?: number | undefined;
  readonly ttl?: number | undefined;
}

/** The group that the kernel sends to where none is said (net/netfilter/ipvs/ip_vs_sync.c). */
export const SYNC_GROUP = "224.0.0.81";

// master sync daemon (mcast=eth0, syncid=5, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
const LINE =
  /^(master|backup) sync daemon \(mcast=([^,]+), syncid=(\d+)(?:, maxlen=(\d+))?(?:, group=([^,]+))?(?:, port=(\d+))?(?:, ttl=(\d+))?.*\)$/gm;

/** The kernel's own (net/netfilter/ipvs/ip_vs_sync.c). */
export const SYNC_PORT = 8848;
const OWN = { port: SYNC_PORT, ttl: 1 };

/** What a message has before it. The kernel's size of a message is the rest of 65535 bytes at most (ip_vs_sync.c). */
const before = (group: string) => (familyOf(group) === "ipv6" ? 48 : 28);

/** The bytes that a message to this group has at most. */
export const longestMessage = (group: string) => 65535 - before(group);

/** What a backup hears by itself: a packet of its interface without what stands before the message, and this at least. */
export const heardAnyway = (group: string) => 1500 - before(group);

/** Reads the output of `ipvsadm -L --daemon`. */
export function parseDaemons(listing: string): Partial<Record<SyncRole, SyncDaemon>> {
  const lines = [...listing.matchAll(LINE)];
  return Object.fromEntries(
    lines.map(([, role, device = "", syncId, size, group = SYNC_GROUP, port, ttl]) => [
      role,
      {
        ...{ device, syncId: Number(syncId), group, ...(role === "master" && size && { messageSize: Number(size) }) },
        ...(role === "backup" && size && Number(size) !== heardAnyway(group) && { hears: Number(size) }),
        ...(port && Number(port) !== OWN.port && { port: Number(port) }),
        ...(ttl && Number(ttl) !== OWN.ttl && { ttl: Number(ttl) }),
      },
    ]),
  );
}

export function startDaemon(
  role: SyncRole,
  { device, syncId, group, messageSize, hears, port, ttl }: SyncDaemon,
): string[] {
  const where = ["--mcast-interface", device, "--syncid", String(syncId)];
  const bytes = role === "master" ? messageSize : hears;
  const size = bytes === undefined ? [] : ["--sync-maxlen", String(bytes)];
  return [
    "ipvsadm",
    "--start-daemon",
    role,
    ...where,
    ...size,
    ...(group === SYNC_GROUP ? [] : ["--mcast-group", group]),
    ...(port === undefined ? [] : ["--mcast-port", String(port)]),
    ...(ttl === undefined ? [] : ["--mcast-ttl", String(ttl)]),
  ];
}

export function stopDaemon(role: SyncRole): string[] {
  return ["ipvsadm", "--stop-daemon", role];
}
