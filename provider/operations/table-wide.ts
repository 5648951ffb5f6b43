import { sh } from "../host/command";
import { type Fact, fact, facts, map, printed } from "../host/fact";
import { parseTimeouts, type Timeouts } from "../ipvs/ipvsadm";
import { ipvsadm } from "../ipvs/kernel-table";
import { parseDaemons, type SyncDaemon, type SyncRole } from "../ipvs/sync-daemons";
import { parseValues, printValues } from "../linux/setting-values";

/** What IPVS has once a host, beside its services. */
export interface Wide {
  /** Undefined where the host has no IPVS. */
  readonly timeouts?: Timeouts | undefined;
  /** The threads that tell other directors of connections, and hear of theirs. */
  readonly daemons: Partial<Record<SyncRole, SyncDaemon>>;
  /** The kernel's settings `net.ipv4.vs.*`, by the last part of the key. */
  readonly settings: Readonly<Record<string, string>>;
}

export const wide: Fact<Wide> = map(
  facts({
    timeouts: fact(ipvsadm(false, "-L", "--timeout"), ({ stdout }) => parseTimeouts(stdout)),
    daemons: fact(ipvsadm(false, "-L", "--daemon"), ({ stdout }) => parseDaemons(stdout)),
    settings: printed(
      sh(`cd /proc/sys/net/ipv4/vs 2>/dev/null || exit 0\n${printValues("*")}`),
      // The kernel separates several numbers by tabs.
      (output) => parseValues(output.replaceAll("\t", " ").split("\n").filter(Boolean)),
    ),
  }),
  (all) => all,
);
