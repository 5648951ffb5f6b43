import { sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { KEEPALIVED, VRRP_STATES } from "../model";

/** What an instance of keepalived says of itself. */
export interface VrrpState {
  /** MASTER, BACKUP, FAULT; STOPPED where keepalived does not run; UNKNOWN where the instance has not said anything yet. */
  readonly state: string;
  /** The time of the last change, as in ISO 8601. */
  readonly since?: string;
}

/** The state that an instance has noted by its notify script. */
export function vrrpState(instance: string): Fact<VrrpState> {
  const ask = sh(
    `if systemctl -q is-active ${KEEPALIVED}; then cat "${VRRP_STATES}/$1" 2>/dev/null || :; else echo STOPPED; fi`,
    instance,
  );
  return printed(ask, (text) => {
    const [, state = "UNKNOWN", seconds] = /^([A-Z]+)(?: (\d{1,12}))?$/.exec(text.trim()) ?? [];
    return { state, ...(seconds && { since: new Date(Number(seconds) * 1000).toISOString() }) };
  });
}
