import { servicesAdvice } from "../advice";
import { facts, map } from "../host/fact";
import { type DeclaredService, declaredService, matchOf } from "../ipvs/declared-service";
import { edit, endService, NODEST, summary, switchBackStep, takeOut } from "../ipvs/drain";
import { destinationLine, printed, serviceLine, spelled } from "../ipvs/ipvsadm";
import { kernelService } from "../ipvs/kernel-table";
import { intended, outOfService } from "../ipvs/maintenance";
import { agrees, type Service } from "../ipvs/table";
import { switchesOnFor } from "../linux/switches";
import { matchName } from "../model";
import { fragment } from "../reconcile/boot";
import { digest } from "../reconcile/equality";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";
import { entryName, isKept } from "../reconcile/ledger";

interface Seen {
  readonly service: Service | null;
  /** The kernel switches that are on for this service. */
  readonly borrowed: readonly string[];
  /** A health checker manages the service, too. One of the two resources is about to be deleted. */
  readonly kept?: boolean;
}

/**
 * A virtual service and all of its destinations, keyed by address and port. Other services of the director are not touched.
 */
export const virtualService: Kind<DeclaredService, Seen> = {
  name: "VirtualService",
  inputs: declaredService,
  identity: (want) => matchName(matchOf(want)),

  look(change) {
    const it = about(change);
    const match = matchOf(it);
    const all = facts({
      service: kernelService(match, change.want !== undefined),
      borrowed: switchesOnFor(holder(it)),
      kept: isKept(holder(it)),
      out: outOfService(),
    });
    return map(all, ({ service, borrowed, kept, out }) => ({
      service: intended(match, service, out),
      borrowed,
      ...(kept && { kept }),
    }));
  },
  plan(change, seen) {
    const { want, found } = change;
    const it = about(change);
    const steps = want ? delta(it, seen.service, table(want), it.drain) : putBack(it, found, seen);
    const needed = want && steps.every(({ until }) => !until) ? [NODEST] : want ? seen.borrowed : [];
    const idle = seen.borrowed.filter((key) => !needed.includes(key));
    return [...steps, ...idle.map((key) => switchBackStep(key, holder(it)))];
  },
  report: (want, { service }) => ({
    scheduler: service?.scheduler ?? "",
    schedulerFlags: service?.flags ?? [],
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

  advice: (want, context) => servicesAdvice([{ ...want, match: matchOf(want), quiescent: false }], context),

  boot(want) {
    const at = matchOf(want);
    const lines = delta(want, null, table(want))[0]?.run.stdin as string;
    // The fragment does nothing if the service is there. It must not bring back a destination that somebody has deleted since.
    const script = `ipvsadm -Sn | grep -qF -- '-A ${printed(at)} -s ' || ipvsadm -R <<'END'\n${lines}END`;
    const { mark: value, family, protocol, address: vip, port: own } = want;
    const name = value === undefined ? [protocol, vip, own] : ["mark", value, family];
    return [fragment(50, `service-${name.join("-")}`, script)];
  },
};

function holder(want: DeclaredService): string {
  return entryName("VirtualService", matchName(matchOf(want)));
}

function table(want: DeclaredService): Service {
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
  seen: Service | null,
  target: Service | null,
  drain?: DeclaredService["drain"],
): Step[] {
  const match = matchOf(want);
  if (!target) return seen ? endService(match, holder(want), seen, drain) : [];
  const { destinations: wanted, ...service } = target;
  const { destinations: present, ...now }: Partial<Service> & Pick<Service, "destinations"> = seen ?? {
    destinations: {},
  };
  const lines: string[] = [];
  const changes: string[] = [];
  if (!seen) lines.push(serviceLine("-A", match, service));
  else if (digest(now) !== digest(service)) lines.push(serviceLine("-E", match, service));
  if (lines.length > 0) changes.push(`${service.scheduler}`);
  for (const [key, to] of Object.entries(wanted)) {
    const has = present[key];
    if (has && agrees(has, to)) continue;
    lines.push(destinationLine(has ? "-e" : "-a", match, key, to));
    changes.push(`${key} weight ${to.weight}`);
  }
  const steps = lines.length > 0 ? [edit(lines, `virtual service ${spelled(match)}: ${summary(changes)}`)] : [];
  const surplus = Object.entries(present).filter(([key]) => !(key in wanted));
  if (surplus.length === 0) return steps;
  const persistent = Boolean(now.persistence ?? service.persistence);
  return [...steps, ...takeOut(match, holder(want), surplus, drain, persistent)];
}

/**
 * The steps of a delete. A service that a health checker manages stays. A service that a health checker managed when it was found
 * was made by us, so it is not put back.
 */
function putBack(had: DeclaredService, found: Seen | undefined, seen: Seen): Step[] {
  if (seen.kept) return [];
  const before = found?.kept ? null : (found?.service ?? null);
  const steps = delta(had, seen.service, before, had.drain);
  // Draining has switched NODEST on. `plan` cannot see that yet, so the switch goes back here if the service stays.
  const drained = before && steps.some(({ run }) => run.argv.includes(NODEST));
  return drained && !seen.borrowed.includes(NODEST) ? [...steps, switchBackStep(NODEST, holder(had))] : steps;
}
