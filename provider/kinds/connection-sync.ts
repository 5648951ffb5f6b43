import { z } from "zod";
import { tellingAdvice } from "../advice";
import { sh } from "../host/command";
import { fact, facts, map, printed } from "../host/fact";
import { quote } from "../host/shell";
import { ipvsadm, noIpvs } from "../ipvs/kernel-table";
import {
  heardAnyway,
  longestMessage,
  parseDaemons,
  roles,
  SYNC_GROUP,
  SYNC_PORT,
  type SyncDaemon,
  type SyncRole,
  startDaemon,
  stopDaemon,
} from "../ipvs/sync-daemons";
import { familyOf, isMulticast, SYNC_ID } from "../model";
import { fragment } from "../reconcile/boot";
import { address, boot, device, within } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";

const declaration = z
  .object({
    device,
    syncId: within(SYNC_ID).default(1),
    group: address.default(SYNC_GROUP),
    threshold: z
      .string()
      .regex(/^(0|[1-9]\d{0,8}) (0|[1-9]\d{0,8})$/, 'two numbers of packets, like "3 0"')
      .default("3 0"),
    messageSize: z.number().int().min(1, "give bytes, at least 1").max(65507, "give bytes, 65507 at most").default(1),
    refreshPeriod: z
      .number()
      .int()
      .min(0, "give seconds, 0 for never")
      .max(2147483, "give seconds, 2147483 at most")
      .default(10),
    /** Always true. The property is here so that a daemon that is gone shows as a difference. */
    running: z.literal(true).default(true),
    boot,
  })
  .superRefine(({ group, messageSize, threshold }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", message, path: [path] });
    if (!isMulticast(group)) problem("group", `is no address of a group: give one like ${SYNC_GROUP}, or leave it out`);
    // The kernel refuses them (proc_do_sync_threshold in net/netfilter/ipvs/ip_vs_ctl.c), and older ones without a word.
    const [after = 0, period = 0] = threshold.split(" ").map(Number);
    if (period > 0 && after >= period)
      problem("threshold", 'the first number is less than the second one, unless that is 0: give "3 50", or "3 0"');
    const most = longestMessage(group);
    // The kernel would take less without a word.
    if (messageSize > most) problem("messageSize", `give bytes, ${most} at most in a group of IPv6`);
  });

type Want = z.output<typeof declaration>;

interface Seen {
  readonly daemons: Partial<Record<SyncRole, SyncDaemon>>;
  /** A kernel without IPVS has none. */
  readonly settings: Partial<Settings>;
  /** The interfaces of the host; of a delete alone. */
  readonly interfaces?: readonly string[];
}

const SETTINGS = "cd /proc/sys/net/ipv4/vs 2>/dev/null && cat sync_threshold sync_refresh_period || :";

type Settings = Pick<Want, "threshold" | "refreshPeriod">;

/**
 * A director tells other directors of its connections, and hears of theirs. A kernel has one daemon of each role, and both run
 * on every director: who directs may change, and then tells those who come later.
 */
export const connectionSync: Kind<Want, Seen> = {
  name: "ConnectionSync",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: () => "daemons",
  insteadOfTwo: () =>
    "a kernel has one sync, of all its connections. Declare it once: other clusters of these directors say sync: false in failover",

  look({ want }) {
    const all = facts({
      daemons: fact(ipvsadm(want !== undefined, "-L", "--daemon"), (reply) => {
        if (reply.exit !== 0 && want) throw noIpvs("the sync daemons of IPVS", reply);
        return parseDaemons(reply.stdout);
      }),
      rest: printed(sh(want ? SETTINGS : `${SETTINGS}\necho /; ls /sys/class/net`), (text) => {
        const [settings = "", interfaces] = text.split(/^\/\n/m);
        const [threshold, refreshPeriod] = settings.trim().split("\n");
        const names = interfaces === undefined ? {} : { interfaces: interfaces.trim().split("\n") };
        if (!threshold || refreshPeriod === undefined) return { settings: {}, ...names };
        const values = { threshold: threshold.replace(/\s+/g, " "), refreshPeriod: Number(refreshPeriod) };
        return { settings: values, ...names };
      }),
    });
    return map(all, ({ daemons, rest }) => ({ daemons, ...rest }));
  },

  plan({ want, found }, seen) {
    const settings = want ?? found?.settings;
    // A daemon on an interface that is no more is gone for good.
    const former = (role: SyncRole) => {
      const daemon = found?.daemons[role];
      return daemon && (seen.interfaces?.includes(daemon.device) ?? true) ? daemon : undefined;
    };
    return [
      ...(settings && seen.settings.threshold !== undefined ? setting(settings, seen.settings) : []),
      ...roles.flatMap((role) =>
        daemon(role, want ? declared(role, want, seen.daemons[role]) : former(role), seen.daemons[role]),
      ),
    ];
  },

  report(want, { daemons, settings }) {
    const [one] = roles.flatMap((role) => daemons[role] ?? []);
    const asDeclared = roles.every((role) => {
      const seen = daemons[role];
      return seen && same(seen, declared(role, want, seen));
    });
    const { messageSize = 0 } = daemons.master ?? {};
    const { device = "", syncId = 0, group = "" } = one ?? {};
    return { device, syncId, group, messageSize, ...settings, running: asDeclared };
  },

  advice: ({ device, group }, context) =>
    tellingAdvice(
      () => [
        { family: familyOf(group), protocol: "udp", destination: group, destinationPort: SYNC_PORT, in: [device] },
      ],
      context,
    ),

  boot: (want) => [fragment(45, "ConnectionSync", "daemons", atBoot(want))],
};

/** The daemon of a role as it is declared. A backup must hear the longest message, and may hear longer ones. */
function declared(role: SyncRole, { device, syncId, group, messageSize }: Want, seen?: SyncDaemon): SyncDaemon {
  const daemon = { device, syncId, group };
  if (role === "master") return { ...daemon, messageSize };
  const hears = seen?.hears ?? 0;
  if (hears >= Math.max(messageSize, heardAnyway(group))) return { ...daemon, hears };
  return messageSize > heardAnyway(group) ? { ...daemon, hears: messageSize } : daemon;
}

function same(one: SyncDaemon, other: SyncDaemon): boolean {
  const keys = ["device", "syncId", "group", "messageSize", "hears", "port", "ttl"] as const;
  return keys.every((key) => one[key] === other[key]);
}

function setting({ threshold, refreshPeriod }: Partial<Settings>, seen: Partial<Settings>): Step[] {
  const wanted = { sync_threshold: threshold, sync_refresh_period: refreshPeriod };
  const there = { sync_threshold: seen.threshold, sync_refresh_period: seen.refreshPeriod };
  return (Object.keys(wanted) as (keyof typeof wanted)[])
    .filter((key) => wanted[key] !== undefined && wanted[key] !== there[key])
    .map((key) => ({
      run: sh(`echo "$1" >"/proc/sys/net/ipv4/vs/$2"`, String(wanted[key]), key),
      purpose: `setting net.ipv4.vs.${key} = ${wanted[key]}`,
    }));
}

function daemon(role: SyncRole, want: SyncDaemon | undefined, seen: SyncDaemon | undefined): Step[] {
  if (want && seen && same(want, seen)) return [];
  const stop: Step = {
    run: { argv: stopDaemon(role) },
    purpose: `stopping the sync daemon ${role} on ${seen?.device}`,
  };
  return [...(seen ? [stop] : []), ...(want ? [starting(role, want)] : [])];
}

function starting(role: SyncRole, want: SyncDaemon): Step {
  return {
    run: { argv: startDaemon(role, want) },
    purpose: `starting the sync daemon ${role} on ${want.device}`,
    advice: ({ stderr }) => advice(want, stderr),
  };
}

function advice({ device, group }: SyncDaemon, stderr: string): string | undefined {
  if (/No such device|assign requested address/i.test(stderr))
    return `Is ${device} an interface of the host that has an address of the group's family (ip address)?`;
  if (!/Network is unreachable/i.test(stderr)) return undefined;
  return familyOf(group) === "ipv6"
    ? `${device} has no way to ${group}: lo has none to any group of IPv6, another interface must be up and have IPv6 (ip -6 route show table all)`
    : `${device} has no way to ${group}: is the interface up (ip link), and does the host have a route?`;
}

/** Does nothing where a daemon runs: a restart would lose what it was about to tell. */
function atBoot(want: Want): string {
  const words = (role: SyncRole) => startDaemon(role, declared(role, want)).map(quote).join(" ");
  return [
    `echo ${quote(want.threshold)} >/proc/sys/net/ipv4/vs/sync_threshold && echo ${want.refreshPeriod} >/proc/sys/net/ipv4/vs/sync_refresh_period || exit 1`,
    ...roles.map((role) => `ipvsadm -L --daemon | grep -q '^${role} sync daemon' || ${words(role)} || exit 1`),
  ].join("\n");
}
