import { type Command, sh } from "../host/command";
import { answered, type Fact } from "../host/fact";
import { counted, type Match, normalAddress, parseAddress } from "../model";

// Open connections, as a director's kernel lists them: "TCP 0A000015 9C40 0A000009 0050 0A00000B 0050 ESTABLISHED 900". The
// first seven words name a connection.

const LISTING = "/proc/net/ip_vs_conn";

/** How many connections are asked for. A busy site has hundreds of thousands, and many of them speak for all. */
const SAMPLE = 2000;

const lines = (output: string) => output.split("\n").filter((line) => line !== "");

/** Open connections of a director, taken at random if there are many. */
export const someOpen: Fact<string[]> = answered(
  "the open connections",
  sh(`[ -e ${LISTING} ] || exit 0
  open() { awk '$8 == "ESTABLISHED" { print $1, $2, $3, $4, $5, $6, $7 }' ${LISTING} || echo '!' >&3; }
  some=$({ open | shuf -n ${SAMPLE}; } 3>&1) || exit
  case $some in *'!'*) exit 1;; esac
  printf '%s\\n' "$some"`),
  lines,
);

/** Which of these connections are open on a director. */
export function stillOpen(connections: readonly string[]): Fact<string[]> {
  return answered("the open connections", compare(connections, true), lines);
}

/** Which of these connections a director has not heard of. */
export function notKnown(connections: readonly string[]): Fact<string[]> {
  return answered("the connections that it knows", compare(connections, false), lines);
}

/** Whose connections these are, in words: their clients, or how many there are. */
export function clientsOf(connections: readonly string[]): string {
  const clients = [...new Set(connections.map((one) => asAddress(one.split(" ")[1] ?? "")))];
  return clients.length > 5 ? counted(clients.length, "client") : clients.join(", ");
}

/** An address as people write it: "0A000015" is 10.0.0.21. */
function asAddress(listed: string): string {
  if (listed.includes(":")) return normalAddress(listed);
  return [...Buffer.from(listed, "hex")].join(".");
}

function compare(connections: readonly string[], open: boolean): Command {
  // Those that are asked for have seven words, and lines of the listing more. A host that has no IPVS knows of none.
  const script = `[ -e ${LISTING} ] && listing=${LISTING} || listing=/dev/null
    awk -v open="$1" 'NF == 7 { asked[$0]; next }
    $8 == "ESTABLISHED" { it = $1 " " $2 " " $3 " " $4 " " $5 " " $6 " " $7; if (it in asked) seen[it] }
    END { for (it in asked) if ((it in seen) == open) print it }' - "$listing"`;
  return { ...sh(script, open ? "1" : "0"), stdin: connections.map((one) => `${one}\n`).join("") };
}

/** The line that a director prints all of whose open connections are another one's. */
const HEARD_OF = "heard of from another director";

/**
 * Lists a service, and says whether its open connections go through this director. An entry that another director has told of
 * (connection synchronization) stays for 15 minutes after its connection has ended, unless packets come by: those go where the
 * VIP is. A service of a mark has the VIPs of its connections. Where `ip` fails, the connections count as this director's.
 */
export function listingOf(match: Match, words: readonly string[]): Command {
  const vip = "mark" in match ? "" : hexadecimal(match.address);
  const script = `ipvsadm "$@"; grep -qs ' SYNC ' ${LISTING}_sync || exit 0
    own=$(ip -o -4 address show) || exit 0
    { printf '%s\\n' "$own"; cat /proc/net/if_inet6 ${LISTING}_sync; } 2>/dev/null | awk '
      $3 == "inet" { split($4, at, "[./]"); own[sprintf("%02X%02X%02X%02X", at[1], at[2], at[3], at[4])]; next }
      NF == 6 { own[toupper($1)]; next }
      $8 !~ /^(ESTABLISHED|SYN_SENT|SYN_RECV|SYNACK)$/ { next }
      { vip = toupper($4); gsub(":", "", vip) }
      "${vip}" != "" && vip != "${vip}" { next }
      $9 == "SYNC" && !(vip in own) { heard = 1; next }
      { here = 1 }
      END { if (heard && !here) print "${HEARD_OF}" }'`;
  return sh(script, "-Ln", ...words);
}

/** Whether the open connections of a listing are all another director's. */
export function areHeardOf(listing: string): boolean {
  return listing.includes(HEARD_OF);
}

/** An address as the kernel's listing has it, without colons. */
function hexadecimal(address: string): string {
  return Buffer.from(parseAddress(address)?.toByteArray() ?? [])
    .toString("hex")
    .toUpperCase();
}
