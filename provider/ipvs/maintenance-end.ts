import { removeBoot } from "../reconcile/boot";
import type { Step } from "../reconcile/kind";
import { NODEST, QUIESCENT, switchBackStep } from "./drain";
import { type Holder, type Maintenance, type Place, placeName, recordName } from "./maintenance";
import { maintenanceAtBoot } from "./maintenance-boot";
import { forgetMaintenance, remember } from "./maintenance-record";

/** The steps that take places out of a record. With the last one go the record, and what lasts as long as it. */
export function forgetting(record: Maintenance, places: readonly Place[]): Step[] {
  const { address, site } = record;
  const rest = record.places.filter((place) => !places.some((one) => placeName(one) === placeName(place)));
  const purpose = `forgetting the maintenance of ${address}`;
  if (rest.length > 0) return [{ run: remember(record, rest), purpose: `${purpose} in part` }];
  return [
    ...[NODEST, QUIESCENT].map((key) => switchBackStep(key, switchHolder(record))),
    ...(site === undefined ? [removeBoot(maintenanceAtBoot(address, []))] : []),
    { run: forgetMaintenance(record), purpose },
  ];
}

/** The holder of the kernel switches that a maintenance needs. */
export function switchHolder(holder: Holder): string {
  return `maintenance.${recordName(holder)}`;
}
