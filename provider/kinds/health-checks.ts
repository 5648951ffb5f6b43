import { z } from "zod";
import { servicesAdvice } from "../advice";
import { sh } from "../host/command";
import { facts, map, printed } from "../host/fact";
import { checked, checkedServices, fixedEntry } from "../ipvs/checked-services";
import { drain, edit, endService, NODEST, QUIESCENT, sparingUs, switchBackStep, takeOut } from "../ipvs/drain";
import { firstChecks } from "../ipvs/first-checks";
import { type Checked, edits, healthOf, restoring, surplus, withoutHealth } from "../ipvs/health-table";
import { parseSpelled, spelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import { inMaintenance, intended, type OutOfService, outOfService, staysOut } from "../ipvs/maintenance";
import { tellAtStart } from "../ipvs/maintenance-checker";
import type { Table } from "../ipvs/table";
import { beforeLeaving, rescheduling } from "../ipvs/weight-zero";
import { restartWhenPutBack, verbOf } from "../linux/loaded-files";
import { borrowedBy, switchOn } from "../linux/switches";
import { type Match, parseHostPort } from "../model";
import { loadedFiles } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { entryName, FOLDER } from "../reconcile/ledger";
import { systemdService, type UnitState } from "./systemd-service";

const declaration = z.object({
  // The properties of a systemd service. They are here so that a daemon that was stopped by hand shows as a difference.
  enabled: z.boolean().default(true),
  running: z.boolean().default(true),
  configuration: loadedFiles,
  services: checkedServices,
  patience: z.number().min(1).max(3600).default(35),
  drain,
});

type Want = z.output<typeof declaration>;

interface Seen {
  readonly daemon: UnitState;
  /** The verb by which the daemon takes up files that are put back (`verbOf`). */
  readonly verb: string;
  /** The whole table. What was found is kept from the first look, and services may be added to the declaration later. */
  readonly table: Table;
  /** The ledger's entries of services with fixed destinations. A service that is among them gets another owner. */
  readonly fixed: readonly string[];
  /** The kernel switches that are on for HOLDER. */
  readonly borrowed: readonly string[];
  /** Those of them that are off all the same. */
  readonly off?: readonly string[];
  /** The destinations of each service that are in maintenance and still in the table, with weight 0. */
  readonly out?: Readonly<Record<string, readonly string[]>>;
  /** The addresses of the real servers in maintenance that ldirectord would bring back. */
  readonly away?: readonly string[];
}

const UNIT = "ldirectord.service";
const HOLDER = entryName("HealthChecks", "ldirectord");

/**
 * ldirectord runs with the declared configuration, and the kernel's table is as that configuration says. This kind reads the
 * table, because ldirectord reports success even if every ipvsadm failed, and changes the table only when a server's health
 * changes.
 *
 * A destination that is out for its health or for maintenance stays out, and is reported as `health`. A destination that is in
 * the table differently than declared is edited directly: a reload would take quiescent destinations out for a moment. A
 * service that is missing comes back by a reload, because only ldirectord knows which of its destinations are healthy.
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
        (output) => output.split("\n").filter((name) => name !== "" && !name.endsWith(".found")),
      ),
      switches: borrowedBy(HOLDER),
      out: outOfService(),
      daemon: systemdService.look({ had: had && daemonOf(had), want: want && daemonOf(want) }),
    });
    return map(all, ({ table, out, switches: { keys, off }, ...rest }) => ({
      ...rest,
      borrowed: keys,
      ...(off.length > 0 && { off }),
      ...(out.length > 0 && {
        out: Object.fromEntries(
          Object.entries(table).map(([at, service]) => [
            at,
            inMaintenance(parseSpelled(at) as Match, service, out).map(({ key }) => key),
          ]),
        ),
        away: awayFrom(Object.values(checked(want?.services)), out),
      }),
      table: Object.fromEntries(
        Object.entries(table).map(([at, service]) => [at, intended(parseSpelled(at) as Match, service, out)]),
      ),
    }));
  },

  plan: ({ had, want, found }, seen) => (want ? apply(had, want, seen) : putBack(had as Want, found, seen)),

  advice: ({ services }, context) =>
    servicesAdvice(
      Object.values(checked(services)).map((service) => {
        const [first] = Object.values(service.destinations);
        return { ...service, forwarding: first?.forwarding ?? "dr" };
      }),
      context,
    ),

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
            // Without the switch, known clients stay with a destination that is quiet.
            ...(it.quiescent && it.persistence && seen.off?.includes(QUIESCENT) && { quiescent: false }),
            destinations: withoutHealth(it, { scheduler, flags, persistence, onePacket, destinations }),
          },
        ]),
      ),
      health: Object.fromEntries(present.map(([key, it, there]) => [key, healthOf(it, there)])),
    };
  },
};

/** The real servers of these services that a rollout has taken out of one of them, or an operator altogether. */
function awayFrom(services: readonly (Checked & { match: Match })[], out: OutOfService): string[] {
  const away = services.flatMap(({ match, destinations }) => staysOut(match, Object.keys(destinations), out));
  return [...new Set(away.map((key) => parseHostPort(key)?.address ?? key))];
}

function daemonOf({ enabled, running, configuration }: Want, verb: "reload" | "restart" = "reload") {
  return { unit: UNIT, enabled, running, configuration, reload: verb };
}

function apply(had: Want | undefined, want: Want, seen: Seen): Step[] {
  const wanted = checked(want.services);
  const leaving = Object.entries(checked(had?.services)).filter(([key]) => !(key in wanted));
  // When ldirectord reloads, it deletes the services that left its configuration from the table. When it restarts, it leaves
  // them. So a restart is needed if another resource has taken over such a service.
  // systemd gives a daemon the environment of a changed drop-in only when it starts.
  // One that ran before us would delete its services when it ends.
  const isNewUnit = Object.entries(want.configuration).some(([path, sha256]) => {
    const loaded = path.startsWith("/etc/systemd/system/") ? seen.daemon.loaded[path] : undefined;
    return loaded !== undefined && loaded.sha256 !== sha256;
  });
  const isTakenOver = leaving.some(([, { match }]) => seen.fixed.includes(fixedEntry(match)));
  const verb = isTakenOver || isNewUnit ? "restart" : "reload";
  const daemon = systemdService.plan({ want: daemonOf(want, verb) }, seen.daemon);
  const loads = daemon.some((step) => !step.remembers);
  const present = Object.values(wanted).flatMap((it) => {
    const there = seen.table[spelled(it.match)];
    return there ? [{ it, there }] : [];
  });
  const absent = Object.values(wanted).filter(({ match }) => !seen.table[spelled(match)]);
  const missing = absent.length;

  const kept = isQuiet(wanted) ? [QUIESCENT] : [];
  const drains = [
    ...leaving.flatMap(([, { match }]) => {
      const there = seen.table[spelled(match)];
      return there && !seen.fixed.includes(fixedEntry(match)) ? endService(match, HOLDER, there, want.drain, kept) : [];
    }),
    ...present.flatMap(({ it, there }) => {
      const left = surplus(it, there);
      if (left.length === 0) return [];
      const before = beforeLeaving(it.match, there);
      const drained = takeOut(it.match, HOLDER, left, want.drain, Boolean(there.persistence), kept);
      return [...before, ...drained, ...before.map(() => rescheduling(it.match, there))];
    }),
  ];
  const switches = needed(wanted, drains.length > 0, seen);
  // If ldirectord is about to load its configuration, it makes these changes itself.
  const lines =
    loads || missing > 0
      ? []
      : present.flatMap(({ it, there }) => edits(it.match, it, there, seen.out?.[spelled(it.match)]));
  // ldirectord puts everything into the table that it finds fit. A static table had no use for its folder.
  const tell = want.running && !seen.daemon.running && seen.away?.length ? [tellAtStart(seen.away)] : [];
  const reload = !loads && missing > 0 && want.running ? [reloading] : [];
  const steps = [
    ...drains,
    ...switches,
    ...tell,
    ...daemon,
    ...reload,
    ...(lines.length > 0 ? [edit(lines, `putting back what ldirectord declares: ${lines.join("; ")}`)] : []),
    ...(want.running && (loads || missing > 0) ? [firstChecks(want)] : []),
  ];
  return absent.reduce<Step[]>((all, { match }) => sparingUs(all, match), steps);
}

/** Whether a destination may have weight 0 while persistence would go on sending known clients to it. QUIESCENT prevents that. */
function isQuiet(wanted: Record<string, Checked>): boolean {
  return Object.values(wanted).some(
    ({ persistence, quiescent, destinations }) =>
      persistence && (quiescent || Object.values(destinations).some(({ weight }) => weight === 0)),
  );
}

/** The steps that switch the kernel switches on and back. */
function needed(wanted: Record<string, Checked>, drains: boolean, { borrowed, off }: Seen): Step[] {
  const quiet = isQuiet(wanted);
  const keys = [...(quiet ? [QUIESCENT] : []), ...(drains || borrowed.includes(NODEST) ? [NODEST] : [])];
  const purpose = "letting known clients of a quiet destination move to another";
  return [
    ...(quiet && (!borrowed.includes(QUIESCENT) || off?.includes(QUIESCENT))
      ? [{ run: switchOn(QUIESCENT, HOLDER), purpose }]
      : []),
    ...borrowed.filter((key) => !keys.includes(key)).map((key) => switchBackStep(key, HOLDER)),
  ];
}

const reloading: Step = {
  run: { argv: ["systemctl", "reload-or-restart", UNIT] },
  purpose: "making ldirectord put back the virtual services that are missing",
};

function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  const keepsRunning = found?.daemon.running === true && seen.daemon.exists;
  const tables = Object.entries(checked(had?.services)).flatMap(([key, { match }]) => {
    // A service that is declared with fixed destinations now has another owner, and stays. A service that was declared so when
    // it was found was made by us, so there is nothing to put back.
    const fixed = fixedEntry(match);
    const there = seen.table[spelled(match)];
    const target = found?.fixed.includes(fixed) ? undefined : found?.table[spelled(match)];
    if (seen.fixed.includes(fixed)) return [];
    if (!target) return there ? endService(match, HOLDER, there, had.drain) : [];
    const lines = restoring(match, there, target);
    return lines.length > 0 ? [edit(lines, `putting the virtual service ${key} back as it was found`)] : [];
  });
  return [
    // If ldirectord took up its old configuration by a reload, it would delete all services of the present one.
    ...(keepsRunning && seen.verb !== "" && seen.verb !== "restart" ? [notingRestart] : []),
    ...systemdService.plan({ had: daemonOf(had), found: found?.daemon }, seen.daemon),
    ...tables,
    ...seen.borrowed.map((key) => switchBackStep(key, HOLDER)),
  ];
}

const notingRestart: Step = {
  run: restartWhenPutBack(UNIT),
  purpose: "noting that ldirectord is restarted when its configuration is put back",
};
