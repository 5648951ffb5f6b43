import { type Command, inline, type Reply } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, facts, map } from "../host/fact";
import type { Match } from "../model";
import { parseTable, spelled } from "./ipvsadm";
import type { Service, Table } from "./table";

// The table of virtual services that the running kernel has.

/**
 * All services.
 *
 * @param needed whether a host without ipvsadm is an error; otherwise the table of such a host is empty
 */
export function kernelTable(needed: boolean): Fact<Table> {
  return listed(needed, []);
}

/** The service with this match; null if there is none. */
export function kernelService(match: Match, needed: boolean): Fact<Service | null> {
  return map(listed(needed, spelled(match).split(" ")), (table) => table[spelled(match)] ?? null);
}

/** Whether the kernel has services. The list begins with the names of its columns. */
const SERVES = "grep -qsE '^(TCP|UDP|SCTP|FWM) ' /proc/net/ip_vs";

/**
 * Asks ipvsadm. A host without ipvsadm answers nothing, and that is a failure only if ipvsadm is needed, or if the kernel has
 * services: it goes on with them when the package is removed.
 */
export function ipvsadm(needed: boolean, ...words: string[]): Command {
  const asks = needed ? "" : `! { command -v ipvsadm >/dev/null || ${SERVES}; } || `;
  return inline(`${asks}ipvsadm "$@"`, ...words);
}

/** The error of a host that has no IPVS. */
export function noIpvs(reading: string, { stderr }: Reply): LvsError {
  return new LvsError(
    `reading ${reading}: ${stderr
      .trim()
      .split("\n")
      .pop()
      ?.replace(/^\S*sh: (line )?\d+: /, "")}. Is ipvsadm installed, and does the running kernel have IPVS ` +
      "(modprobe ip_vs)? Director declares both",
  );
}

function listed(needed: boolean, of: readonly string[]): Fact<Table> {
  const replies = facts({
    saved: asked(ipvsadm(needed, "-Sn")),
    listing: asked(ipvsadm(needed, "-Ln", ...of)),
    thresholds: asked(ipvsadm(needed, "-Ln", "--thresholds", ...of)),
  });
  return map(replies, ({ saved, listing, thresholds }) => {
    if (saved.exit !== 0) throw noIpvs("the IPVS table", saved);
    // The other two listings fail for a service that is not there. The first listing then has no line of the service.
    return parseTable({ saved: saved.stdout, listing: listing.stdout, thresholds: thresholds.stdout });
  });
}

function asked(ask: Command): Fact<Reply> {
  return { ask: [ask], read: ([reply]) => reply as Reply };
}
