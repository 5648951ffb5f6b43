import { z } from "zod";
import { servicesAdvice } from "../advice";
import { facts, map } from "../host/fact";
import { checked, checkedServices, fixedEntry } from "../ipvs/checked-services";
import { type CheckerDaemon, checkerDaemon, checkerEntry, ownedByOthers } from "../ipvs/checker-daemon";
import { drain, edit, endService, QUIESCENT, sparingUs, switchBackStep, takeOut } from "../ipvs/drain";
import { firstChecks } from "../ipvs/first-checks";
import { type Checked, edits, healthOf, restoring, surplus, withoutHealth } from "../ipvs/health-table";
import { parseSpelled, spelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import { inMaintenance, intended, type OutOfService, outOfService, staysOut } from "../ipvs/maintenance";
import { isQuiet, quietSwitches } from "../ipvs/quiet-switches";
import type { Table } from "../ipvs/table";
import { beforeLeaving, rescheduling } from "../ipvs/weight-zero";
import { restartWhenPutBack, verbOf } from "../linux/loaded-files";
import { borrowedBy } from "../linux/switches";
import { type Match, parseHostPort, whyNoChecksName } from "../model";
import { loadedFiles } from "../reconcile/inputs";
import { about, type Kind, type Step } from "../reconcile/kind";
import { systemdService, type UnitState } from "./systemd-service";

const declaration = z.object({
  // The site whose own keepalived keeps the services. Without one, the host's ldirectord does.
  keepalived: z
    .string()
    .superRefine((name, context) => {
      const why = whyNoChecksName(name);
      if (why) context.addIssue({ code: "custom", message: `"${name}" ${why}` });
    })
    .optional(),
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
  /** The ledger's entries of services that others declare. A service that is among them gets another owner. */
  readonly fixed: readonly string[];
  /** The kernel switches that are on for this declaration. */
  readonly borrowed: readonly string[];
  /** Those of them that are off all the same. */
  readonly off?: readonly string[];
  /** The destinations of each service that are in maintenance and still in the table, with weight 0. */
  readonly out?: Readonly<Record<string, readonly string[]>>;
  /** The addresses of the real servers in maintenance that the daemon would bring back. */
  readonly away?: readonly string[];
}

/**
 * ldirectord, or the keepalived of a site, runs with the declared configuration, and the kernel's table is as that configuration
 * says. This kind reads the table, because ldirectord reports success even if every ipvsadm failed, and both change the table
 * only when a server's health changes.
 *
 * A destination that is out for its health or for maintenance stays out, and is reported as `health`. A destination that is in
 * the table differently than declared is edited directly: a reload would take quiescent destinations out for a moment. A
 * service that is missing comes back by the daemon, because only the daemon knows which of its destinations are healthy.
 */
export const healthChecks: Kind<Want, Seen> = {
  name: "HealthChecks",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: ({ keepalived }) => checkerDaemon(keepalived).identity,
  insteadOfTwo: ({ keepalived }) =>
    keepalived
      ? undefined
      : "ldirectord has one configuration. Declare all services in one Ldirectord, or let keepalived check the sites, each by " +
        'itself: health: { by: "keepalived", … } of a cluster, or KeepalivedChecks',
  keeps: ({ services }) =>
    Object.fromEntries(
      Object.entries(checked(services)).map(([key, { match }]) => [fixedEntry(match), `services.${key}`]),
    ),

  look({ had, want }) {
    const checker = checkerDaemon(about<Want>({ had, want }).keepalived);
    const all = facts({
      table: kernelTable(want !== undefined),
      verb: verbOf(checker.unit),
      fixed: ownedByOthers(checker),
      switches: borrowedBy(checkerEntry(checker)),
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

function daemonOf({ keepalived, enabled, running, configuration }: Want, verb: "reload" | "restart" = "reload") {
  return { unit: checkerDaemon(keepalived).unit, enabled, running, configuration, reload: verb };
}

function apply(had: Want | undefined, want: Want, seen: Seen): Step[] {
  const wanted = checked(want.services);
  const leaving = Object.entries(checked(had?.services)).filter(([key]) => !(key in wanted));
  const checker = checkerDaemon(want.keepalived);
  const holder = checkerEntry(checker);
  // When a daemon reloads, it deletes the services that left its configuration from the table. When it restarts, it leaves
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
      return there && !seen.fixed.includes(fixedEntry(match)) ? endService(match, holder, there, want.drain, kept) : [];
    }),
    ...present.flatMap(({ it, there }) => {
      const left = surplus(it, there);
      if (left.length === 0) return [];
      const before = beforeLeaving(it.match, there);
      const drained = takeOut(it.match, holder, left, want.drain, Boolean(there.persistence), kept);
      return [...before, ...drained, ...before.map(() => rescheduling(it.match, there))];
    }),
  ];
  const switches = quietSwitches(holder, wanted, drains.length > 0, seen);
  // If ldirectord is about to load its configuration, it makes these changes itself.
  const lines =
    (loads || missing > 0) && !checker.leavesWhatIsThere
      ? []
      : present.flatMap(({ it, there }) => edits(it.match, it, there, seen.out?.[spelled(it.match)]));
  // A daemon puts everything into the table that it finds fit. A static table had no use for its folder.
  const tell = want.running && !seen.daemon.running && seen.away?.length ? [checker.tell(seen.away)] : [];
  const restore = !loads && missing > 0 && want.running ? [restoringBy(checker)] : [];
  const steps = [
    ...drains,
    ...switches,
    ...tell,
    ...(lines.length > 0 ? [edit(lines, `putting back what ${checker.name} declares: ${lines.join("; ")}`)] : []),
    ...daemon,
    ...restore,
    ...(want.running && (loads || missing > 0) ? [firstChecks(want)] : []),
  ];
  return absent.reduce<Step[]>((all, { match }) => sparingUs(all, match), steps);
}

function restoringBy({ name, unit, restore }: CheckerDaemon): Step {
  return {
    run: { argv: ["systemctl", restore, unit] },
    purpose: `making ${name} put back the virtual services that are missing`,
  };
}

function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  const checker = checkerDaemon(had.keepalived);
  const holder = checkerEntry(checker);
  const keepsRunning = found?.daemon.running === true && seen.daemon.exists;
  const tables = Object.entries(checked(had?.services)).flatMap(([key, { match }]) => {
    // A service that somebody else declares now has another owner, and stays. A service that was declared by another when it was
    // found was made by us, so there is nothing to put back.
    const fixed = fixedEntry(match);
    const there = seen.table[spelled(match)];
    const target = found?.fixed.includes(fixed) ? undefined : found?.table[spelled(match)];
    if (seen.fixed.includes(fixed)) return [];
    if (!target) return there ? endService(match, holder, there, had.drain) : [];
    const lines = restoring(match, there, target);
    return lines.length > 0 ? [edit(lines, `putting the virtual service ${key} back as it was found`)] : [];
  });
  return [
    // If the daemon took up its old configuration by a reload, it would delete all services of the present one.
    ...(keepsRunning && seen.verb !== "" && seen.verb !== "restart" ? [notingRestart(checker)] : []),
    ...systemdService.plan({ had: daemonOf(had), found: found?.daemon }, seen.daemon),
    ...tables,
    ...seen.borrowed.map((key) => switchBackStep(key, holder)),
  ];
}

function notingRestart({ name, unit }: CheckerDaemon): Step {
  return {
    run: restartWhenPutBack(unit),
    purpose: `noting that ${name} is restarted when its configuration is put back`,
  };
}
