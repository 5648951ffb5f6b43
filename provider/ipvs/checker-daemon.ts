import { inline } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { inFolder } from "../host/shell";
import { CHECKS_FOLDER, checksUnit } from "../model";
import type { Step } from "../reconcile/kind";
import { entryName, FOLDER } from "../reconcile/ledger";
import { tellKeepalived, tellLdirectord } from "./maintenance-checker";

/** The daemon that keeps virtual services, and in what the daemons differ. */
export interface CheckerDaemon {
  /** In words. */
  readonly name: string;
  readonly unit: string;
  /** The identity of the declaration. A host has one ldirectord, and a keepalived for each site. */
  readonly identity: string;
  /** How a service that is missing in the table comes back. */
  readonly restore: "reload-or-restart" | "restart";
  /** What is in the table when the daemon loads its configuration stays as it is, and the daemon only says so in its log. */
  readonly leavesWhatIsThere: boolean;
  /** Where the daemon's own words are. */
  readonly log: string;
  /** Tells the daemon which real servers are out, before it starts: it would bring them back. */
  tell(addresses: readonly string[]): Step;
}

/** @param site of keepalived; undefined of ldirectord */
export function checkerDaemon(site: string | undefined): CheckerDaemon {
  if (site === undefined) return ldirectord;
  const unit = checksUnit(site);
  return {
    name: "keepalived",
    unit,
    identity: `keepalived ${site}`,
    restore: "restart",
    leavesWhatIsThere: true,
    log: `the journal (journalctl -u ${unit})`,
    tell: (addresses) => tellKeepalived(CHECKS_FOLDER, addresses),
  };
}

const ldirectord: CheckerDaemon = {
  name: "ldirectord",
  unit: "ldirectord.service",
  identity: "ldirectord",
  restore: "reload-or-restart",
  leavesWhatIsThere: false,
  log: "its log (/var/log/ldirectord.log)",
  tell: tellLdirectord,
};

/** The ledger's entry of a daemon. It is the holder of the kernel switches that are on for the daemon. */
export function checkerEntry({ identity }: CheckerDaemon): string {
  return entryName("HealthChecks", identity);
}

/** The entries of services with another owner: those with fixed destinations, and those that another checker keeps. */
export function ownedByOthers(checker: CheckerDaemon): Fact<readonly string[]> {
  const script = `for entry in VirtualService.*; do [ ! -e "$entry" ] || echo "$entry"; done
    for entry in HealthChecks.*; do
      [ -e "$entry" ] && [ "$entry" != "$1" ] || continue
      sed -n 's/.*"keeps":\\[\\([^]]*\\)\\].*/\\1/p' "$entry" | tr -d '"' | tr , '\\n'
    done`;
  return printed(inline(inFolder(FOLDER, script), checkerEntry(checker)), (output) =>
    output.split("\n").filter((name) => name !== "" && !name.endsWith(".found")),
  );
}
