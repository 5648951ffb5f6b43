import type { Session } from "../../host/command";
import { each, find } from "../../host/fact";
import { poll } from "../../host/poll";
import { type VrrpState, vrrpState } from "../../linux/vrrp";
import { isFit } from "./fit";
import type { FailoverInputs } from "./inputs";
import { type Judged, judged } from "./judged";

/** Seconds in which a director takes over, or is fit again, however slow the hosts are. */
const CHANGE = 20;

/** What the directors show once another one than this has the addresses, or the time is up. */
export function takenOver(failover: FailoverInputs, from: string, within = CHANGE): Promise<Judged> {
  return poll(
    () => judged(failover),
    ({ holder, wrong }) => wrong === undefined && holder?.name !== from,
    { within, every: 0.5 },
  );
}

/** The states of these instances on a director, once all of them are fit, or the time is up. */
export function fitAgain(session: Session, instances: readonly string[]): Promise<VrrpState[]> {
  return poll(
    () => find(session, each(instances.map(vrrpState))),
    (states) => states.every(({ state }) => isFit(state)),
    { within: CHANGE, every: 0.5 },
  );
}
