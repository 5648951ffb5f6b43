import { intoPlace } from "../host/shell";
import type { Match } from "../model";
import { BOOT_LOCKED, fragment } from "../reconcile/boot";
import type { BootFile } from "../reconcile/kind";
import { destinationLine, inTable } from "./ipvsadm";
import type { Destination } from "./table";

// After a reboot the services have the declared weights at first. A fragment comes after them, and takes the weights of a real
// server away that an operator has taken out.

/** A destination that is out after a reboot as well. */
export interface BootEntry {
  readonly path: string;
  readonly script: string;
}

export function maintenanceAtBoot(
  address: string,
  places: readonly { readonly match: Match; readonly key: string; readonly to: Destination }[],
): BootFile {
  return fragment(60, "Maintenance", address, places.map(({ match, key, to }) => script(match, key, to)).join("\n"));
}

/** What the fragment has of one destination. */
export function bootEntry(address: string, match: Match, key: string, to: Destination): BootEntry {
  return { path: maintenanceAtBoot(address, []).path, script: script(match, key, to) };
}

function script(match: Match, key: string, to: Destination): string {
  const line = destinationLine("-e", match, key, { ...to, weight: 0 });
  return `(ipvsadm -Sn | grep -qF -- '${inTable(match, key)}' || exit 0; ipvsadm -R <<'END'\n${line}\nEND\n)`;
}

/** Shell: adds a destination to a fragment, if there is one. With ldirectord there is none. */
export function appendBoot(path: string, entry: string): string {
  return `(${BOOT_LOCKED}\n[ ! -e ${path} ] || { { cat ${path} && printf '%s\\n' ${entry}; } >${path}.new && ${intoPlace(`${path}.new`, path)}; })`;
}
