import { removeBoot } from "../reconcile/boot";
import type { Step } from "../reconcile/kind";
import { NODEST, QUIESCENT, switchBackStep } from "./drain";
import { type Holder, type Maintenance, type Place, recordName } from "./maintenance";
import { maintenanceAtBoot } from "./maintenance-boot";
import { forgetPlaces } from "./maintenance-record";

/** The step that takes places out of a record. With the last one go the record, and what lasts as long as it. */
export function forgetting(record: Maintenance, places: readonly Place[]): Step {
  const { address, site } = record;
  const last = [
    ...[NODEST, QUIESCENT].map((key) => switchBackStep(key, switchHolder(record))),
    ...(site === undefined ? [removeBoot(maintenanceAtBoot(address, []))] : []),
  ];
  const run = forgetPlaces(
    record,
    places,
    last.map((one) => one.run),
  );
  return { run, purpose: `forgetting the maintenance of ${address}` };
}

/** The holder of the kernel switches that a maintenance needs. */
export function switchHolder(holder: Holder): string {
  return `maintenance.${recordName(holder)}`;
}
