import { type Fact, facts, map } from "../host/fact";
import { checked } from "../ipvs/checked-services";
import { checkerDaemon, checkerEntry, ownedByOthers } from "../ipvs/checker-daemon";
import type { Checked } from "../ipvs/health-table";
import { parseSpelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import { inMaintenance, intended, type OutOfService, outOfService, staysOut } from "../ipvs/maintenance";
import type { Table } from "../ipvs/table";
import { verbOf } from "../linux/loaded-files";
import { heldSwitches } from "../linux/switches";
import { type Match, parseHostPort } from "../model";
import { about, type Change } from "../reconcile/kind";
import { daemonOf, type Want } from "./health-checks-inputs";
import { systemdService, type UnitState } from "./systemd-service";

// What a host shows of the daemon, of its services in the kernel's table, and of what is out of them.

export interface Seen {
  readonly daemon: UnitState;
  /** The verb by which the daemon takes up files that are put back (`verbOf`). */
  readonly verb: string;
  /** The whole table. What was found is kept from the first look, and services may be added to the declaration later. */
  readonly table: Table;
  /** The ledger's entries of services that others declare. A service that is among them gets another owner. */
  readonly fixed: readonly string[];
  /** The kernel switches that are on for this declaration. */
  readonly borrowed: readonly string[];
  /** Those of them that are off all the same. */
  readonly off?: readonly string[];
  /** The destinations of each service that are in maintenance and still in the table, with weight 0. */
  readonly out?: Readonly<Record<string, readonly string[]>>;
  /** The addresses of the real servers in maintenance that the daemon would bring back. */
  readonly away?: readonly string[];
}

export function lookAt({ had, want }: Change<Want>): Fact<Seen> {
  const checker = checkerDaemon(about<Want>({ had, want }).keepalived);
  const all = facts({
    table: kernelTable(want !== undefined),
    verb: verbOf(checker.unit),
    fixed: ownedByOthers(checker),
    switches: heldSwitches(checkerEntry(checker)),
    out: outOfService(),
    daemon: systemdService.look({ had: had && daemonOf(had), want: want && daemonOf(want) }),
  });
  return map(all, ({ table, out, switches: { keys, off }, ...rest }) => ({
    ...rest,
    borrowed: keys,
    ...(off.length > 0 && { off }),
    ...(out.length > 0 && {
      out: Object.fromEntries(
        Object.entries(table).map(([at, service]) => [
          at,
          inMaintenance(parseSpelled(at) as Match, service, out).map(({ key }) => key),
        ]),
      ),
      away: awayFrom(Object.values(checked(want?.services)), out),
    }),
    table: Object.fromEntries(
      Object.entries(table).map(([at, service]) => [at, intended(parseSpelled(at) as Match, service, out)]),
    ),
  }));
}

/** The real servers of these services that a rollout has taken out of one of them, or an operator altogether. */
function awayFrom(services: readonly (Checked & { match: Match })[], out: OutOfService): string[] {
  const away = services.flatMap(({ match, destinations }) => staysOut(match, Object.keys(destinations), out));
  return [...new Set(away.map((key) => parseHostPort(key)?.address ?? key))];
}
