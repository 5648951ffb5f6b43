import { checked, fixedEntry } from "../ipvs/checked-services";
import { type CheckerDaemon, checkerDaemon, checkerEntry } from "../ipvs/checker-daemon";
import { edit, endService, switchBackStep } from "../ipvs/drain";
import { restoring } from "../ipvs/health-table";
import { spelled } from "../ipvs/ipvsadm";
import { restartWhenPutBack } from "../linux/loaded-files";
import type { Step } from "../reconcile/kind";
import { daemonOf, type Want } from "./health-checks-inputs";
import type { Seen } from "./health-checks-seen";
import { systemdService } from "./systemd-service";

/** Ends the checks. The daemon, the services and the kernel switches become as they were found. */
export function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  const checker = checkerDaemon(had.keepalived);
  const holder = checkerEntry(checker);
  const keepsRunning = found?.daemon.running === true && seen.daemon.exists;
  const tables = Object.entries(checked(had?.services)).flatMap(([key, { match }]) => {
    // A service that somebody else declares now has another owner, and stays. A service that was declared by another when it was
    // found was made by us, so there is nothing to put back.
    const fixed = fixedEntry(match);
    const there = seen.table[spelled(match)];
    const target = found?.fixed.includes(fixed) ? undefined : found?.table[spelled(match)];
    if (seen.fixed.includes(fixed)) return [];
    if (!target) return there ? endService(match, holder, there, had.drain) : [];
    const lines = restoring(match, there, target);
    return lines.length > 0 ? [edit(lines, `putting the virtual service ${key} back as it was found`)] : [];
  });
  return [
    // If the daemon took up its old configuration by a reload, it would delete all services of the present one.
    ...(keepsRunning && seen.verb !== "" && seen.verb !== "restart" ? [notingRestart(checker)] : []),
    ...systemdService.plan({ had: daemonOf(had), found: found?.daemon }, seen.daemon),
    ...tables,
    ...seen.borrowed.map((key) => switchBackStep(key, holder)),
  ];
}

function notingRestart({ name, unit }: CheckerDaemon): Step {
  return {
    run: restartWhenPutBack(unit),
    purpose: `noting that ${name} is restarted when its configuration is put back`,
  };
}
