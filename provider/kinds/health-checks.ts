import { z } from "zod";
import { type Reply, sh } from "../host/command";
import { facts, map, printed } from "../host/fact";
import { checked, checkedServices, fixedEntry } from "../ipvs/checked-services";
import { drain, edit, endService, NODEST, QUIESCENT, switchBackStep, takeOut } from "../ipvs/drain";
import { type Checked, edits, healthOf, restoring, surplus, whenAllAreUp, withoutHealth } from "../ipvs/health-table";
import { deleteDestination, parseSpelled, parseTable, spelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import { intended, outOfService } from "../ipvs/maintenance";
import type { Table } from "../ipvs/table";
import { restartWhenPutBack, verbOf } from "../linux/loaded-files";
import { switchesOnFor, switchOn } from "../linux/switches";
import type { Match } from "../model";
import type { Kind, Step } from "../reconcile/kind";
import { entryName, FOLDER } from "../reconcile/ledger";
import { systemdService, type UnitState } from "./systemd-service";

const declaration = z.object({
  // As a systemd service has them: here so that a daemon that was stopped or disabled by hand shows as a difference.
  enabled: z.boolean().default(true),
  running: z.boolean().default(true),
  configuration: z.record(z.string(), z.string()),
  services: checkedServices,
  patience: z.number().min(1).max(3600).default(35),
  drain,
});

type Want = z.output<typeof declaration>;

interface Seen {
  readonly daemon: UnitState;
  /** How the daemon is going to be told of its files being put back. */
  readonly verb: string;
  /** All of it, because what is found is kept from the first look, and services may be added later. */
  readonly table: Table;
  /** The ledger's entries of services that are declared with fixed destinations: the table's owner changes. */
  readonly fixed: readonly string[];
  /** The kernel's switches that are on for our sake. */
  readonly borrowed: readonly string[];
}

const UNIT = "ldirectord.service";
const HOLDER = entryName("HealthChecks", "ldirectord");

/**
 * ldirectord runs with the declared configuration, and the kernel's table is as it should make it. ldirectord itself reports
 * success when every ipvsadm failed, and never looks at the table again unless a server's health changes: so the table is read.
 *
 * A destination that is out, for its health or for maintenance, is told as `health` and left out. What is in is to be in as
 * declared: that is edited directly, without a reload, which would take quiet destinations out for a moment. A whole service
 * that is missing comes back by a reload, because ldirectord alone knows which of its destinations are fit.
 */
export const healthChecks: Kind<Want, Seen> = {
  name: "HealthChecks",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: () => "ldirectord",
  keeps: ({ services }) =>
    Object.fromEntries(
      Object.entries(checked(services)).map(([key, { match }]) => [fixedEntry(match), `services.${key}`]),
    ),

  look({ had, want }) {
    const all = facts({
      table: kernelTable(want !== undefined),
      verb: verbOf(UNIT),
      fixed: printed(
        sh(
          `cd ${FOLDER} 2>/dev/null && for entry in VirtualService.*; do [ ! -e "$entry" ] || echo "$entry"; done || :`,
        ),
        (said) => said.split("\n").filter((name) => name !== "" && !name.endsWith(".found")),
      ),
      borrowed: switchesOnFor(HOLDER),
      out: outOfService(),
      daemon: systemdService.look({ had: had && daemonOf(had), want: want && daemonOf(want) }),
    });
    return map(all, ({ table, out, ...rest }) => ({
      ...rest,
      table: Object.fromEntries(
        Object.entries(table).map(([at, service]) => [at, intended(parseSpelled(at) as Match, service, out)]),
      ),
    }));
  },

  plan: ({ had, want, found }, seen) => (want ? bring(had, want, seen) : putBack(had as Want, found, seen)),

  outputs: ["health"],
  report(want, seen) {
    const daemon = systemdService.report(daemonOf(want), seen.daemon) as Partial<Want>;
    const present = Object.entries(checked(want.services)).flatMap(([key, it]) => {
      const there = seen.table[spelled(it.match)];
      return there ? [[key, it, there] as const] : [];
    });
    return {
      ...daemon,
      services: Object.fromEntries(
        present.map(([key, it, { scheduler, flags, persistence, onePacket, destinations }]) => [
          key,
          {
            ...want.services[key],
            ...{ scheduler, schedulerFlags: flags, persistence, onePacket },
            destinations: withoutHealth(it, { scheduler, flags, persistence, onePacket, destinations }),
          },
        ]),
      ),
      health: Object.fromEntries(present.map(([key, it, there]) => [key, healthOf(it, there)])),
    };
  },
};

function daemonOf({ enabled, running, configuration }: Want, verb: "reload" | "restart" = "reload") {
  return { unit: UNIT, enabled, running, configuration, reload: verb };
}

function bring(had: Want | undefined, want: Want, seen: Seen): Step[] {
  const wanted = checked(want.services);
  const leaving = Object.entries(checked(had?.services)).filter(([key]) => !(key in wanted));
  // A reload deletes the services that left the configuration; a restart leaves the table to its new owner.
  const verb = leaving.some(([, { match }]) => seen.fixed.includes(fixedEntry(match))) ? "restart" : "reload";
  const daemon = systemdService.plan({ want: daemonOf(want, verb) }, seen.daemon);
  const present = Object.values(wanted).flatMap((it) => {
    const there = seen.table[spelled(it.match)];
    return there ? [{ it, there }] : [];
  });
  const missing = Object.keys(wanted).length - present.length;

  const drains = [
    ...leaving.flatMap(([, { match }]) => {
      const there = seen.table[spelled(match)];
      return there && !seen.fixed.includes(fixedEntry(match)) ? endService(match, HOLDER, there, want.drain) : [];
    }),
    ...present.flatMap(({ it, there }) => {
      const left = surplus(it, there);
      return left.length > 0 ? takeOut(it.match, HOLDER, left, want.drain, Boolean(there.persistence)) : [];
    }),
  ];
  const switches = needed(wanted, drains.length > 0, seen);
  // What ldirectord is about to do itself needs no edit.
  const lines = daemon.length > 0 || missing > 0 ? [] : present.flatMap(({ it, there }) => edits(it.match, it, there));
  const reload = daemon.length === 0 && missing > 0 && want.running ? [reloading] : [];
  return [
    ...drains,
    ...switches,
    ...daemon,
    ...reload,
    ...(lines.length > 0 ? [edit(lines, `putting back what ldirectord declares: ${lines.join("; ")}`)] : []),
    ...(want.running && (daemon.length > 0 || missing > 0) ? [settling(want)] : []),
  ];
}

/** While quiet destinations are out, persistence would go on sending them their clients. */
function needed(wanted: Record<string, Checked>, drains: boolean, { borrowed }: Seen): Step[] {
  const quiet = Object.values(wanted).some(({ quiescent, persistence }) => quiescent && persistence);
  const keys = [...(quiet ? [QUIESCENT] : []), ...(drains || borrowed.includes(NODEST) ? [NODEST] : [])];
  const purpose = "letting known clients of a quiet destination move to another";
  return [
    ...(quiet && (drains || !borrowed.includes(QUIESCENT)) ? [{ run: switchOn(QUIESCENT, HOLDER), purpose }] : []),
    ...borrowed.filter((key) => !keys.includes(key)).map((key) => switchBackStep(key, HOLDER)),
  ];
}

const reloading: Step = {
  run: { argv: ["systemctl", "reload-or-restart", UNIT] },
  purpose: "making ldirectord put back the virtual services that are missing",
};

const LISTINGS = "ipvsadm -Sn && echo -- && ipvsadm -Ln && echo -- && ipvsadm -Ln --thresholds";

/**
 * The services must come, with what is in them as declared. For the destinations it waits too, so that the first checks are
 * over when health is told; but one that stays out is health, and no failure.
 */
function settling(want: Want): Step {
  const wanted = Object.values(checked(want.services));
  const everybody = wanted.flatMap((it) => whenAllAreUp(it.match, it));
  const script = `n=$1; shift
    all() { table=$(ipvsadm -Sn | sed 's/ *$//'); for line; do printf '%s\\n' "$table" | grep -qxF -e "$line" || return 1; done; }
    while [ "$n" -gt 0 ] && ! all "$@"; do n=$((n - 1)); sleep 1; done`;
  return {
    run: sh(script, String(Math.ceil(want.patience)), ...everybody),
    purpose: "waiting for ldirectord's first checks",
    limit: want.patience,
    until: { look: sh(LISTINGS), missing: (reply) => stillMissing(want, reply), within: want.patience },
  };
}

function stillMissing(want: Want, { stdout, exit, stderr }: Reply): string | undefined {
  if (exit !== 0) return `reading the IPVS table: ${stderr.trim()}`;
  const [saved = "", listing = "", thresholds = ""] = stdout.split(/^--\n/m);
  const table = parseTable({ saved, listing, thresholds });
  const reasons = Object.entries(checked(want.services)).flatMap(([key, it]) => {
    const there = table[spelled(it.match)];
    if (!there) return [`the kernel has no virtual service ${key}`];
    const left = [
      ...edits(it.match, it, there),
      ...surplus(it, there).map(([name]) => deleteDestination(it.match, name)),
    ];
    return left.length > 0 ? [`the virtual service ${key} still needs: ${left.join("; ")}`] : [];
  });
  if (reasons.length === 0) return undefined;
  return `${reasons.join(", ")}. ldirectord's own words are in its log (/var/log/ldirectord.log)`;
}

function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  const goesOn = found?.daemon.running === true && seen.daemon.exists;
  const tables = Object.entries(checked(had?.services)).flatMap(([key, { match }]) => {
    // Whoever declares it with fixed destinations has it now; and what was found of such a one was not there before us all.
    const fixed = fixedEntry(match);
    const there = seen.table[spelled(match)];
    const target = found?.fixed.includes(fixed) ? undefined : found?.table[spelled(match)];
    if (seen.fixed.includes(fixed)) return [];
    if (!target) return there ? endService(match, HOLDER, there, had.drain) : [];
    const lines = restoring(match, there, target);
    return lines.length > 0 ? [edit(lines, `putting the virtual service ${key} back as it was found`)] : [];
  });
  return [
    // When it is told by a reload that its old configuration is back, it deletes all that its present one has.
    ...(goesOn && seen.verb !== "" && seen.verb !== "restart" ? [byRestart] : []),
    ...systemdService.plan({ had: daemonOf(had), found: found?.daemon }, seen.daemon),
    ...tables,
    ...seen.borrowed.map((key) => switchBackStep(key, HOLDER)),
  ];
}

const byRestart: Step = {
  run: restartWhenPutBack(UNIT),
  purpose: "noting that ldirectord is restarted when its configuration is put back",
};
