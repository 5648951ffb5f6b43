import type { Match } from "../model";
import type { Step } from "../reconcile/kind";
import { edit } from "./drain";
import { serviceLine, spelled } from "./ipvsadm";
import { type Service, sameScheduling } from "./table";

// A destination of weight 0 gets no new connections. Some schedulers refuse the clients that they have for such a destination:
// here is how the kernel sends these clients to another one.

/** The flags by which a scheduler that hashes goes on to another destination (net/netfilter/ipvs/ip_vs_sh.c, ip_vs_mh.c). */
const FALLBACK: Readonly<Record<string, string>> = { sh: "sh-fallback", mh: "mh-fallback" };

/**
 * dh has no such flag (ip_vs_dh.c). lblc keeps the clients of one address on one destination as well, but not on one of
 * weight 0 (ip_vs_lblc.c).
 */
const STAND_IN: Readonly<Record<string, string>> = { dh: "lblc" };

/**
 * The service as the kernel has it, so that no client is refused over a weight of 0.
 *
 * @param leaving whether a destination is about to get weight 0
 */
export function refusingNobody<Of extends Service>(service: Of, leaving = false): Of {
  const { scheduler, flags, destinations } = service;
  const fallback = FALLBACK[scheduler];
  const isOut = leaving || Object.values(destinations).some(({ weight }) => weight === 0);
  return {
    ...service,
    scheduler: (isOut && STAND_IN[scheduler]) || scheduler,
    flags: fallback && !flags.includes(fallback) ? [...flags, fallback].sort() : flags,
  };
}

/** The scheduling as it was declared, where the kernel's differs by `refusingNobody` alone. */
export function declaredScheduling<Of extends Pick<Service, "scheduler" | "flags">>(
  seen: Of,
  { scheduler, flags }: Pick<Service, "scheduler" | "flags">,
): Of {
  const fallback = FALLBACK[scheduler];
  return {
    ...seen,
    scheduler: seen.scheduler === STAND_IN[scheduler] ? scheduler : seen.scheduler,
    flags: fallback && !flags.includes(fallback) ? seen.flags.filter((flag) => flag !== fallback) : seen.flags,
  };
}

/** The steps that let a service refuse nobody while a destination leaves; none where the service does not refuse anyway. */
export function beforeLeaving(match: Match, service: Service): Step[] {
  const safe = refusingNobody(service, true);
  return sameScheduling(safe, service) ? [] : [rescheduling(match, safe)];
}

/** The step that gives a service its scheduler and flags. */
export function rescheduling(match: Match, service: Service): Step {
  return edit([serviceLine("-E", match, service)], `virtual service ${spelled(match)}: ${service.scheduler}`);
}

/** The scheduler of the service, if another one stands in for it while a destination has weight 0. */
export function replacedScheduler({ scheduler }: Service): string | undefined {
  return STAND_IN[scheduler] && scheduler;
}
