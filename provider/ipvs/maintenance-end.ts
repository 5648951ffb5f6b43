import { inShell, quote } from "../host/shell";
import { SWITCH_BACK } from "../linux/switches";
import { removeBoot } from "../reconcile/boot";
import type { Step } from "../reconcile/kind";
import { NODEST, QUIESCENT } from "./drain";
import { type Holder, type Maintenance, recordName } from "./maintenance";
import { maintenanceAtBoot } from "./maintenance-boot";
import { forgetPlaces } from "./maintenance-record";

/**
 * The step that takes places out of records. With its last place goes a record, and what lasts as long as it.
 *
 * @param records the places that go, by record
 */
export function forgetting(records: readonly Maintenance[]): Step {
  const addresses = [...new Set(records.map(({ address }) => address))];
  const last = [
    ...[NODEST, QUIESCENT].map(
      (key) =>
        `( for name; do shift; set -- "$@" "${HOLDER}$name"; done; set -- ${key} "$@"; ${SWITCH_BACK} ) || exit 1`,
    ),
    ...records
      .filter(({ site }) => site === undefined)
      .map((record) => {
        const gone = inShell(removeBoot(maintenanceAtBoot(record.address, [])).run);
        return `case " $* " in *${quote(` ${recordName(record)} `)}*) ${gone} || exit 1;; esac`;
      }),
  ];
  return {
    run: forgetPlaces(records, last.join("\n")),
    purpose: `forgetting the maintenance of ${addresses.join(", ")}`,
  };
}

const HOLDER = "maintenance.";

/** The holder of the kernel switches that a maintenance needs. */
export function switchHolder(holder: Holder): string {
  return `${HOLDER}${recordName(holder)}`;
}
