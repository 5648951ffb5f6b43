import type { Host } from "../host/host";
import type { Role } from "./traffic-rules";

const roles = new WeakMap<Host, Role>();

/** Notes what hosts are in a cluster. The notes go with the program's hosts. */
export function noteRoles(director: Host, realServers: readonly Host[]): void {
  for (const host of realServers) roles.set(host, "real server");
  roles.set(director, "director");
}

export function roleOf(host: Host | undefined): Role | undefined {
  return host && roles.get(host);
}
