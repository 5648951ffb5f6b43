import type { z } from "zod";
import { type Reply, sh } from "../host/command";
import type { Step } from "../reconcile/kind";
import { askingWhy, outOf, reasonsIn } from "./check-reasons";
import { checked, type checkedServices } from "./checked-services";
import { checkerDaemon } from "./checker-daemon";
import { edits, surplus, whenAllAreUp } from "./health-table";
import { deleteDestination, parseTable, spelled } from "./ipvsadm";
import type { Table } from "./table";

/** What a daemon checks, how long its first checks may take, and the files that it was started with. */
interface Awaited {
  readonly keepalived?: string | undefined;
  readonly services: z.output<typeof checkedServices>;
  /** In seconds. */
  readonly patience: number;
  readonly configuration: Readonly<Record<string, string>>;
}

const LISTINGS = "ipvsadm -Sn && echo -- && ipvsadm -Ln && echo -- && ipvsadm -Ln --thresholds";

/**
 * Waits for a daemon's first checks. A service that does not come into the table is a failure. The step also waits for the
 * destinations, so that `health` is reported after the first checks. A destination that stays out is no failure.
 */
export function firstChecks(want: Awaited): Step {
  const wanted = Object.values(checked(want.services));
  const allUp = wanted.flatMap((it) => whenAllAreUp(it.match, it));
  const script = `n=$1; shift
    all() { table=$(ipvsadm -Sn | sed 's/ *$//'); for line; do printf '%s\\n' "$table" | grep -qxF -e "$line" || return 1; done; }
    while [ "$n" -gt 0 ] && ! all "$@"; do n=$((n - 1)); sleep 1; done`;
  return {
    run: sh(script, String(Math.ceil(want.patience)), ...allUp),
    purpose: `waiting for ${checkerDaemon(want.keepalived).name}'s first checks`,
    limit: want.patience,
    until: {
      look: sh(LISTINGS),
      missing: (reply) => stillMissing(want, reply),
      within: want.patience,
      tell: (reply) => whyOut(want, listed(reply)),
    },
  };
}

function listed({ stdout }: Reply): Table {
  const [saved = "", listing = "", thresholds = ""] = stdout.split(/^--\n/m);
  return parseTable({ saved, listing, thresholds });
}

/** Asks the servers that are out after the first checks for the reason. */
function whyOut({ services, configuration }: Awaited, table: Table) {
  const out = Object.values(checked(services)).flatMap((it) => {
    const there = table[spelled(it.match)];
    return there ? [outOf(it.match, it, there)] : [];
  });
  const file = Object.keys(configuration).find((path) => path.endsWith(".cf"));
  const look = file && askingWhy(file, out);
  return look ? { look, words: ({ stdout }: Reply) => reasonsIn(stdout, out) } : undefined;
}

function stillMissing(want: Awaited, reply: Reply): string | undefined {
  if (reply.exit !== 0) return `reading the IPVS table: ${reply.stderr.trim()}`;
  const table = listed(reply);
  const reasons = Object.entries(checked(want.services)).flatMap(([key, it]) => {
    const there = table[spelled(it.match)];
    if (!there) return [`the kernel has no virtual service ${key}`];
    const left = [
      ...edits(it.match, it, there),
      ...surplus(it, there).map(([name]) => deleteDestination(it.match, name)),
    ];
    return left.length > 0 ? [`the virtual service ${key} still needs: ${left.join("; ")}`] : [];
  });
  if (reasons.length === 0) return undefined;
  const { name, log } = checkerDaemon(want.keepalived);
  return `${reasons.join(", ")}. ${name}'s own words are in ${log}`;
}
