import { sh } from "../host/command";
import { WALK } from "../linux/walk";
import type { Step } from "../reconcile/kind";
import { ldirectordSettings } from "./ldirectord-settings";

// How health checkers learn which real servers are out, before they start. They would bring the servers back.

export function tellLdirectord(addresses: readonly string[]): Step {
  return {
    run: sh(
      `${WALK}
      folder=$(${ldirectordSettings("maintenancedir")} | tail -n 1); folder=\${folder#* }
      [ -n "$folder" ] || { echo "its configuration has no maintenancedir, and $* would come back into the table" >&2; exit 1; }
      mkdir -p "$folder" && guard "$folder" && for address; do : >"./$address" || exit 1; done`,
      ...addresses,
    ),
    purpose: `telling ldirectord that ${addresses.join(", ")} is in maintenance`,
    advice: () => 'Declare globals: { maintenanceDirectory: "/etc/ha.d/maintenance" }, or bring the servers back first',
  };
}

export function tellKeepalived(folder: string, addresses: readonly string[]): Step {
  return {
    run: sh(
      `${WALK}\nmkdir -p "$1" && guard "$1" && shift && for address; do echo 1 >"./$address" || exit 1; done`,
      folder,
      ...addresses,
    ),
    purpose: `telling keepalived that ${addresses.join(", ")} is in maintenance`,
  };
}
