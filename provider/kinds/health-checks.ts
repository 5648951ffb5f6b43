import type { z } from "zod";
import { servicesAdvice } from "../advice";
import { checked, fixedEntry } from "../ipvs/checked-services";
import { type CheckerDaemon, checkerDaemon, checkerEntry } from "../ipvs/checker-daemon";
import { edit, endService, QUIESCENT, sparingLoginsAt, takeOut } from "../ipvs/drain";
import { firstChecks } from "../ipvs/first-checks";
import { type Checked, edits, healthOf, surplus, withoutHealth } from "../ipvs/health-table";
import { spelled } from "../ipvs/ipvsadm";
import { isQuiet, quietSwitches } from "../ipvs/quiet-switches";
import type { Service } from "../ipvs/table";
import { beforeLeaving, rescheduling } from "../ipvs/weight-zero";
import type { Match } from "../model";
import type { Kind, Step } from "../reconcile/kind";
import { daemonOf, declaration, type Want } from "./health-checks-inputs";
import { putBack } from "./health-checks-removal";
import { lookAt, type Seen } from "./health-checks-seen";
import { systemdService } from "./systemd-service";

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

  look: lookAt,
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

/** A declared service. */
type Declared = Checked & { readonly match: Match };

function apply(had: Want | undefined, want: Want, seen: Seen): Step[] {
  const wanted = checked(want.services);
  const leaving = Object.entries(checked(had?.services)).flatMap(([key, it]) => (key in wanted ? [] : [it]));
  const checker = checkerDaemon(want.keepalived);
  const daemon = systemdService.plan({ want: daemonOf(want, verbFor(want, leaving, seen)) }, seen.daemon);
  const loads = daemon.some((step) => !step.remembers);
  const present = Object.values(wanted).flatMap((it) => {
    const there = seen.table[spelled(it.match)];
    return there ? [{ it, there }] : [];
  });
  const absent = Object.values(wanted).filter(({ match }) => !seen.table[spelled(match)]);
  const missing = absent.length;

  const drains = [...endings(want, leaving, seen), ...present.flatMap(({ it, there }) => takingOut(want, it, there))];
  const switches = quietSwitches(checkerEntry(checker), wanted, drains.length > 0, seen);
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
  return absent.reduce<Step[]>((all, { match }) => sparingLoginsAt(all, match), steps);
}

/**
 * The verb by which the daemon takes up its configuration. When a daemon reloads, it deletes the services that left its
 * configuration from the table. When it restarts, it leaves them. So a restart is needed if another resource has taken over such
 * a service.
 */
function verbFor({ configuration }: Want, leaving: readonly Declared[], seen: Seen): "reload" | "restart" {
  // systemd gives a daemon the environment of a changed drop-in only when it starts.
  // One that ran before us would delete its services when it ends.
  const isNewUnit = Object.entries(configuration).some(([path, sha256]) => {
    const loaded = path.startsWith("/etc/systemd/system/") ? seen.daemon.loaded[path] : undefined;
    return loaded !== undefined && loaded.sha256 !== sha256;
  });
  const isTakenOver = leaving.some(({ match }) => seen.fixed.includes(fixedEntry(match)));
  return isTakenOver || isNewUnit ? "restart" : "reload";
}

/** The kernel switches that the declaration needs besides a drain. */
function keptSwitches({ services }: Want): string[] {
  return isQuiet(checked(services)) ? [QUIESCENT] : [];
}

/** Ends the services that are no longer declared, unless another resource has taken them over. */
function endings(want: Want, leaving: readonly Declared[], seen: Seen): Step[] {
  const holder = checkerEntry(checkerDaemon(want.keepalived));
  return leaving.flatMap(({ match }) => {
    const there = seen.table[spelled(match)];
    if (!there || seen.fixed.includes(fixedEntry(match))) return [];
    return endService(match, holder, there, want.drain, keptSwitches(want));
  });
}

/** Takes the destinations that are not declared out of a service. */
function takingOut(want: Want, it: Declared, there: Service): Step[] {
  const destinations = surplus(it, there);
  if (destinations.length === 0) return [];
  const { match } = it;
  const holder = checkerEntry(checkerDaemon(want.keepalived));
  const isPersistent = Boolean(there.persistence);
  const before = beforeLeaving(match, there);
  const drained = takeOut({ match, holder, destinations, isPersistent, kept: keptSwitches(want) }, want.drain);
  return [...before, ...drained, ...before.map(() => rescheduling(match, there))];
}

function restoringBy({ name, unit, restore }: CheckerDaemon): Step {
  return {
    run: { argv: ["systemctl", restore, unit] },
    purpose: `making ${name} put back the virtual services that are missing`,
  };
}
