import { familyOf, isAddress, type Problem, ROUTER_ID } from "pulumi-lvs-provider/model";
import { plain } from "../arguments/plain";
import type { Host } from "../host/host";
import type { KeepalivedArgs } from "./args";
import { ROUTER } from "./config";

/** The instances of a host's virtual routers, by interface, address family and number. They go with the program's hosts. */
const routers = new WeakMap<Host, Map<string, string>>();

/** Two instances of one host would be one virtual router: keepalived refuses the second one. A value that comes later breaks no rule. */
export function sameRouter(instance: string, { host, device, source, routerId = ROUTER }: KeepalivedArgs): Problem[] {
  const [speaks, id] = [plain(source), plain(routerId)];
  if (speaks === undefined || id === undefined || !isAddress(speaks)) return [];
  const at = (number: number) => `${device} ${familyOf(speaks)} ${number}`;
  const known = routers.get(host) ?? new Map<string, string>();
  routers.set(host, known);
  const other = known.get(at(id));
  if (other === undefined || other === instance) {
    known.set(at(id), instance);
    return [];
  }
  const all = Array.from({ length: ROUTER_ID.most }, (_, n) => ((id + n) % ROUTER_ID.most) + 1);
  const free = all.find((number) => !known.has(at(number)));
  const reason =
    `${id} is the number of ${other} on ${device} of host ${host.name} already. Give this one another, ` +
    `as failover.routerId of its cluster${free === undefined ? "" : `: ${free} is free here`}`;
  return [{ property: "routerId", reason }];
}
