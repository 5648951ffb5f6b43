import { addressInKey } from "../../model";
import { givenUpText } from "./holder";
import type { Asked } from "./judged";

/** The services of a director, by its name, that new clients get an answer from. */
export type Serves = (director: string) => readonly string[];

/** Whether an instance of VRRP has its addresses, or could take them. */
export function isFit(state: string): boolean {
  return state === "MASTER" || state === "BACKUP";
}

/** Why a director cannot take over; undefined if it can. */
export function whyUnfit(one: Asked, from: Asked, serves: Serves): string | undefined {
  const { name, state } = one;
  if (one.unreachable !== undefined) return one.unreachable;
  if (one.givenUp) return `${givenUpText(one)} was given up as well: \`pulumi-lvs return ${name}\``;
  if (state === "STOPPED") return `keepalived does not run on ${name}: \`pulumi up --refresh\` starts it`;
  if (!isFit(state))
    return `${name} is ${state}: an interface has no link, or nothing answers of what must be reached (journalctl -u keepalived)`;
  if (from.sync.includes("master") && !one.sync.includes("backup"))
    return `${name} does not hear of connections, its sync daemon is gone: \`pulumi up --refresh\` starts it`;
  const there = serves(name);
  const lacking = serves(from.name).filter((service) => !there.includes(service) && comes(service, from.has));
  return lacking.length > 0
    ? `${name} has no destination for ${lacking.join(", ")}: \`pulumi up --refresh\` repairs its table`
    : undefined;
}

/** Whether a service's clients come with these addresses. Those of a mark may. */
function comes(service: string, addresses: readonly string[]): boolean {
  const at = addressInKey(service);
  return at === undefined || addresses.includes(at);
}
