import { type Found, KEEPALIVED_CONF, type Note } from "./found";
import { type Args, on, type Part, part, word } from "./part";

// What a director has once, beside its services: timeouts, connections that other directors are told of, kernel settings.

/** The kernel's own values (Documentation/networking/ipvs-sysctl.rst). What is not here changes by itself, or goes with the daemons. */
const OWN: Readonly<Record<string, string>> = {
  ...{ am_droprate: "10", backup_only: "0", cache_bypass: "0", conn_reuse_mode: "1", conntrack: "0" },
  ...{ expire_nodest_conn: "0", expire_quiescent_template: "0", ignore_tunneled: "0", nat_icmp_send: "0" },
  ...{ pmtu_disc: "1", run_estimation: "1", schedule_icmp: "0", sloppy_sctp: "0", sloppy_tcp: "0", snat_reroute: "1" },
  ...{ sync_persist_mode: "0", sync_retries: "0", sync_version: "1" },
};

/** Against floods: 1 and 2 are one mode, and the kernel goes from one to the other by itself. */
const AGAINST_FLOODS = ["drop_entry", "drop_packet", "secure_tcp"];

const TIMEOUTS = { tcp: 900, tcpFin: 120, udp: 300 };

export function wideParts(director: Found): { parts: Part[]; notes: Note[] } {
  const parts: Part[] = [];
  const notes: Note[] = [];
  const { timeouts, settings } = director.around.wide;
  const name = word(director.name);
  const differing = Object.entries(TIMEOUTS).flatMap(([key, own]) => {
    const seconds = timeouts?.[key as keyof typeof TIMEOUTS];
    return seconds === undefined || seconds === own ? [] : [[key, seconds] as const];
  });
  if (differing.length > 0)
    parts.push(
      part(director, "the timeouts of IPVS", {
        class: "IpvsTimeouts",
        name: `${name}-timeouts`,
        args: { host: on(director), ...Object.fromEntries(differing) },
      }),
    );
  const sync = syncPart(director, name);
  if (sync && "why" in sync) notes.push(sync);
  else if (sync) parts.push(sync);
  for (const [key, value] of Object.entries(settings)) {
    const whole = `net.ipv4.vs.${key}`;
    const floods = AGAINST_FLOODS.includes(key);
    if (floods && /^[12]$/.test(value))
      notes.push({
        host: director.name,
        what: `${whole} = ${value}`,
        why: "the kernel goes from 1 to 2 and back by itself, so that a declared value would show as drift",
      });
    if (value === (floods ? "0" : OWN[key]) || (floods && value !== "3") || !(floods || key in OWN)) continue;
    const args = { host: on(director), key: whole, value: Number(value) };
    parts.push(part(director, whole, { class: "Sysctl", name: `${name}-${word(key)}`, args }));
  }
  return { parts, notes };
}

/** Both directions are declared. Where one alone runs, the proof says so, and the daemon is listed with that reason. */
function syncPart(director: Found, name: string): Part | Note | undefined {
  const { daemons, settings } = director.around.wide;
  const one = daemons.master ?? daemons.backup;
  if (!one) return undefined;
  const what = `connections told to other directors on ${one.device}`;
  const keeps = director.keepalived?.statements
    .flatMap(({ words, block }) => (words[0] === "global_defs" ? block : []))
    .find(({ words }) => words[0] === "lvs_sync_daemon");
  if (keeps)
    return {
      host: director.name,
      what,
      why: `keepalived starts and stops the daemons (${keeps.file ?? KEEPALIVED_CONF}:${keeps.line})`,
    };
  const { device, syncId, group } = one;
  const args: Args = {
    ...{ host: on(director), device, syncId, group },
    ...(daemons.master?.messageSize !== undefined && { messageSize: daemons.master.messageSize }),
    ...(settings.sync_threshold !== undefined && { threshold: settings.sync_threshold }),
    ...(settings.sync_refresh_period !== undefined && { refreshPeriod: Number(settings.sync_refresh_period) }),
  };
  return part(director, what, { class: "ConnectionSync", name: `${name}-sync`, args });
}
