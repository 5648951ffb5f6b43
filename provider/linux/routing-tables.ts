import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, known, map, printed } from "../host/fact";
import { formerTables } from "../model";
import { entryName, FOLDER } from "../reconcile/ledger";

// Names of routing tables, which each host has in files of its own (rt_tables). What a name means is known there alone.

const FILES =
  "/etc/iproute2/rt_tables /etc/iproute2/rt_tables.d/*.conf /usr/share/iproute2/rt_tables /usr/lib/iproute2/rt_tables";

/** Prints the table's other name or number if the ledger has the thing under it, and not under this one. */
const SCRIPT = `[ ! -e "${FOLDER}/$2$1$3" ] || exit 0
for file in ${FILES}; do [ ! -r "$file" ] || cat "$file"; done | while read -r number name rest; do
  case $number in 0x*[!0-9A-Fa-f]*) ;; 0x?*) number=$((number));; esac
  case $1 in "$number") other=$name;; "$name") other=$number;; *) continue;; esac
  [ ! -e "${FOLDER}/$2$other$3" ] || echo "$other"
done`;

/**
 * Reading the fact throws an LvsError if somebody else declares the thing with the table's other name on this host. Each of the
 * two would take it away from the other.
 *
 * @param identityIn the thing's identity in a table of this name
 */
export function oneName(kind: string, table: string, identityIn: (table: string) => string): Fact<void> {
  // The kernel's own names are normal forms. Texts of two signs are no table's name.
  const [before, after] = entryName(kind, identityIn("~~")).split("~~");
  if (formerTables(table).length > 0 || before === undefined || after === undefined) return known(undefined);
  return map(
    printed(sh(SCRIPT, table, before, after), (output) => output.trim().split("\n")[0]),
    (other) => {
      if (!other) return;
      throw new LvsError(
        `the routing table ${table} is called ${other} on this host as well, and ${kind} ${identityIn(other)} is declared by ` +
          "somebody else. Declare the table's number in both",
      );
    },
  );
}
