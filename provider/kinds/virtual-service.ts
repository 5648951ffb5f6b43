import { servicesAdvice } from "../advice";
import { facts, map } from "../host/fact";
import { type DeclaredService, declaredService, matchOf } from "../ipvs/declared-service";
import { edit, endService, NODEST, QUIESCENT, sparingLoginsAt, summary, switchBackStep, takeOut } from "../ipvs/drain";
import { destinationLine, printed, serviceLine, spelled } from "../ipvs/ipvsadm";
import { kernelService } from "../ipvs/kernel-table";
import {
  goneOf,
  inMaintenance,
  intended,
  type Maintenance,
  outOfService,
  overtaken,
  staysOut,
} from "../ipvs/maintenance";
import { bootEntry } from "../ipvs/maintenance-boot";
import { forgetting } from "../ipvs/maintenance-end";
import { rememberToo, rememberWeight } from "../ipvs/maintenance-record";
import { agrees, type Service, sameScheduling } from "../ipvs/table";
import { declaredScheduling, refusingNobody, rescheduling } from "../ipvs/weight-zero";
import { switchesOnFor, switchOn } from "../linux/switches";
import { destinationTexts, destinationValues, type Match, matchName, parseHostPort, rememberedOf } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";
import { entryName, isKept } from "../reconcile/ledger";

interface Seen {
  readonly service: Service | null;
  /** The kernel switches that are on for this service. */
  readonly borrowed: readonly string[];
  /** A health checker manages the service, too. One of the two resources is about to be deleted. */
  readonly kept?: boolean;
  /** The destinations that are in maintenance. `service` has the weights that they get back. Some may not be there yet. */
  readonly out?: readonly string[];
  /** The records of a maintenance that have destinations of this service that are not declared any more. */
  readonly over?: readonly Maintenance[];
}

/**
 * A virtual service and all of its destinations, keyed by address and port. Other services of the director are not touched.
 */
export const virtualService: Kind<DeclaredService, Seen> = {
  name: "VirtualService",
  inputs: declaredService,
  identity: (want) => matchName(matchOf(want)),
  wire: { destinations: { to: destinationTexts, from: destinationValues } },

  look(change) {
    const it = about(change);
    const match = matchOf(it);
    const all = facts({
      service: kernelService(match, change.want !== undefined),
      borrowed: switchesOnFor(holder(it)),
      kept: isKept(holder(it)),
      out: outOfService(),
    });
    return map(all, ({ service, borrowed, kept, out }) => {
      const declared = Object.keys(change.want?.destinations ?? {});
      const absent = declared.filter((key) => !service?.destinations[key]);
      const keys = [
        ...(service ? inMaintenance(match, service, out).map(({ key }) => key) : []),
        ...staysOut(match, absent, out),
      ];
      const over = kept ? [] : overtaken(match, declared, out);
      return {
        service: intended(match, service, out),
        borrowed,
        ...(kept && { kept }),
        ...(keys.length > 0 && { out: keys }),
        ...(over.length > 0 && { over }),
      };
    });
  },
  plan(change, seen) {
    const { want, found } = change;
    const it = about(change);
    const kept = want ? switchesOf(want) : [];
    const steps = want ? delta(it, seen, table(want, seen.out), it.drain, kept) : putBack(it, found, seen);
    const missing = kept.filter((key) => !seen.borrowed.includes(key));
    const drains = steps.some(({ until }) => until);
    const needed = want && !drains ? [NODEST, ...kept] : want ? seen.borrowed : [];
    const idle = seen.borrowed.filter((key) => !needed.includes(key));
    const all = [
      ...missing.map((key) => switchOnStep(key, it)),
      ...steps,
      ...idle.map((key) => switchBackStep(key, holder(it))),
      ...forgettingGone(matchOf(it), Object.keys(want?.destinations ?? {}), seen.over ?? []),
    ];
    return seen.service || !want ? all : sparingLoginsAt(all, matchOf(it));
  },
  report: (want, { service }) => ({
    ...schedulingOf(want, service),
    persistence: service?.persistence,
    onePacket: service?.onePacket ?? false,
    destinations: Object.fromEntries(
      Object.entries(service?.destinations ?? {}).map(([key, { forwarding, ...to }]) => {
        // The listing of a local destination does not show its tunnel.
        const tunnel = forwarding === "local" ? want.destinations[key]?.tunnel : to.tunnel;
        const as = forwarding === "local" || forwarding === want.forwarding ? {} : { forwarding };
        return [key, { ...to, tunnel, ...as }];
      }),
    ),
  }),

  advice: (want, context) => servicesAdvice([{ ...want, match: matchOf(want) }], context),

  boot: (want) => [fragment(50, "VirtualService", matchName(matchOf(want)), atBoot(want))],
  formerly(want) {
    const declared = declaredTable(want);
    const script = sameScheduling(table(want), declared) ? atBoot(want) : scriptOf(want, declared);
    const { mark: value, family, protocol, address: vip, port: own } = want;
    const words = value === undefined ? [protocol, vip, own] : ["mark", value, family];
    return { boot: [formerFragment(50, ["service", ...words], script)] };
  },
};

/** The step that takes places out of records, of destinations that are not declared any more. */
function forgettingGone(match: Match, declared: readonly string[], over: readonly Maintenance[]): Step[] {
  const gone = over.map((record) => ({ ...record, places: goneOf(match, declared, record.places) }));
  return gone.length > 0 ? [forgetting(gone)] : [];
}

const atBoot = rememberedOf((want: DeclaredService) => scriptOf(want, table(want)));

/** The script does nothing if the service is there. It must not bring back a destination that somebody has deleted since. */
function scriptOf(want: DeclaredService, target: Service): string {
  const lines = delta(want, { service: null }, target)[0]?.run.stdin as string;
  return `ipvsadm -Sn | grep -qF -- '-A ${printed(matchOf(want))} -s ' || ipvsadm -R <<'END'\n${lines}END`;
}

function holder(want: DeclaredService): string {
  return entryName("VirtualService", matchName(matchOf(want)));
}

/** The kernel switches without which a destination of weight 0 gets new connections: by reused ports, and by persistence. */
function switchesOf({ persistence, destinations }: DeclaredService): string[] {
  const isOut = Object.values(destinations).some(({ weight }) => weight === 0);
  return isOut ? [NODEST, ...(persistence ? [QUIESCENT] : [])] : [];
}

function switchOnStep(key: string, want: DeclaredService): Step {
  return { run: switchOn(key, holder(want)), purpose: `switching ${key} on for a destination of weight 0` };
}

function schedulingOf(want: DeclaredService, service: Service | null) {
  if (!service) return { scheduler: "", schedulerFlags: [] };
  const { scheduler, flags } = declaredScheduling(service, { scheduler: want.scheduler, flags: want.schedulerFlags });
  return { scheduler, schedulerFlags: flags };
}

/** What the kernel should have. `out` are destinations in maintenance, whose weight is 0 for now. */
function table(want: DeclaredService, out: readonly string[] = []): Service {
  return refusingNobody(declaredTable(want), out.length > 0);
}

function declaredTable(want: DeclaredService): Service {
  return {
    scheduler: want.scheduler,
    flags: want.schedulerFlags,
    persistence: want.persistence as Service["persistence"],
    onePacket: want.onePacket,
    destinations: Object.fromEntries(
      Object.entries(want.destinations).map(([key, to]) => [key, { forwarding: want.forwarding, ...to }]),
    ),
  };
}

/** The steps from the service in the kernel to the target: one edit of the table, and the draining of surplus destinations. */
function delta(
  want: DeclaredService,
  { service: seen, out = [] }: Pick<Seen, "service" | "out">,
  target: Service | null,
  drain?: DeclaredService["drain"],
  kept: readonly string[] = [],
): Step[] {
  const match = matchOf(want);
  if (!target) return seen ? endService(match, holder(want), seen, drain) : [];
  const present = seen?.destinations ?? {};
  const surplus = Object.entries(present).filter(([key]) => !(key in target.destinations));
  const meanwhile = surplus.length > 0 ? refusingNobody(target, true) : target;
  const scheduling =
    !seen || !sameScheduling(seen, meanwhile) ? [serviceLine(seen ? "-E" : "-A", match, meanwhile)] : [];
  const changed = Object.entries(target.destinations).filter(([key, to]) => !present[key] || !agrees(present[key], to));
  // A destination in maintenance stays at weight 0 until its maintenance ends.
  const weightNow = (key: string, { weight }: { weight: number }) => (out.includes(key) ? 0 : weight);
  const lines = changed.map(([key, to]) =>
    destinationLine(present[key] ? "-e" : "-a", match, key, { ...to, weight: weightNow(key, to) }),
  );
  const changes = [
    ...scheduling.map(() => meanwhile.scheduler),
    ...changed.map(([key, to]) => `${key} weight ${weightNow(key, to)}`),
  ];
  const isPersistent = Boolean(seen?.persistence ?? target.persistence);
  const leaving = { match, holder: holder(want), destinations: surplus, isPersistent, kept };
  const name = `virtual service ${spelled(match)}`;
  const back = changed.filter(([key, { weight }]) => out.includes(key) && present[key]?.weight !== weight);
  const joining = changed.filter(([key]) => out.includes(key) && !present[key]);
  return [
    ...back.map(([key, { weight }]) => ({
      run: rememberWeight({ match, key, weight }),
      purpose: `${name}: noting that ${key} comes back from its maintenance with weight ${weight}`,
    })),
    ...joining.map(([key, to]) => {
      const address = parseHostPort(key)?.address ?? key;
      const note = rememberToo(address, { match, key, weight: to.weight }, bootEntry(address, match, key, to));
      return { run: note, purpose: `${name}: noting that ${key} is out, as its real server is` };
    }),
    ...(changes.length > 0 ? [edit([...scheduling, ...lines], `${name}: ${summary(changes)}`)] : []),
    ...(surplus.length > 0 ? takeOut(leaving, drain) : []),
    ...(sameScheduling(meanwhile, target) ? [] : [rescheduling(match, target)]),
  ];
}

/**
 * The steps of a delete. A service that a health checker manages stays. A service that a health checker managed when it was found
 * was made by us, so it is not put back.
 */
function putBack(had: DeclaredService, found: Seen | undefined, seen: Seen): Step[] {
  if (seen.kept) return [];
  const before = found?.kept ? null : (found?.service ?? null);
  const steps = delta(had, seen, before, had.drain);
  // Draining has switched NODEST on. `plan` cannot see that yet, so the switch goes back here if the service stays.
  const drained = before && steps.some(({ run }) => run.argv.includes(NODEST));
  return drained && !seen.borrowed.includes(NODEST) ? [...steps, switchBackStep(NODEST, holder(had))] : steps;
}
