import { sh } from "../../host/command";
import { inTable } from "../../ipvs/ipvsadm";
import type { Place } from "../../ipvs/maintenance";
import { WALK } from "../../linux/walk";
import type { Step } from "../../reconcile/kind";
import type { Checker } from "./director-view";

/** A health checker learns that a real server is in maintenance, and takes these places out. */
export function startMaintenance(
  { name, folder, content, patience }: Checker,
  address: string,
  places: readonly Place[],
): Step {
  return {
    run: sh(`${WALK}\nmkdir -p "$1" && guard "$1" && printf %s "$3" >"./$2"`, folder, address, content),
    purpose: `telling ${name} that ${address} is in maintenance`,
    until: {
      look: sh("ipvsadm -Sn"),
      // If the checker leaves quiescent destinations in the table, the table does not show that it has noticed the maintenance.
      // The step then goes on after `patience`.
      missing: ({ stdout }) =>
        places.some(({ match, key }) => stdout.includes(inTable(match, key))) ? "it has not noticed yet" : undefined,
      within: patience,
      goOn: true,
    },
  };
}

/** A health checker learns that real servers are fit again, and puts these places back. */
export function endMaintenance(
  { name, folder, patience }: Checker,
  addresses: readonly string[],
  places: readonly Place[],
): Step {
  return {
    run: sh(`${WALK}\nwalk "$1" && shift && for one; do rm -f "./$one" || exit; done`, folder, ...addresses),
    purpose: `waiting for ${name} to take ${addresses.join(", ")} back`,
    until: {
      look: sh("ipvsadm -Sn"),
      missing: ({ stdout }) =>
        places.every(({ match, key, weight }) =>
          stdout
            .split("\n")
            .some((line) => line.startsWith(inTable(match, key)) && / -w (\d+)/.exec(line)?.[1] === String(weight)),
        )
          ? undefined
          : "it is not in the table yet",
      within: patience + 10,
      goOn: true,
    },
  };
}
