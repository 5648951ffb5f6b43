import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";

// Open connections, as a director's kernel lists them: "TCP 0A000015 9C40 0A000009 0050 0A00000B 0050 ESTABLISHED 900". The
// first seven words name a connection.

const LISTING = "/proc/net/ip_vs_conn";

/** How many connections are asked for. A busy site has hundreds of thousands, and many of them speak for all. */
const SAMPLE = 2000;

const lines = (output: string) => output.split("\n").filter((line) => line !== "");

/** Open connections of a director, taken at random if there are many. */
export const someOpen: Fact<string[]> = printed(
  sh(`awk '$8 == "ESTABLISHED" { print $1, $2, $3, $4, $5, $6, $7 }' ${LISTING} 2>/dev/null | shuf -n ${SAMPLE}`),
  lines,
);

/** Which of these connections are open on a director. */
export function stillOpen(connections: readonly string[]): Fact<string[]> {
  return printed(compare(connections, true), lines);
}

/** Which of these connections a director has not heard of. */
export function notKnown(connections: readonly string[]): Fact<string[]> {
  return printed(compare(connections, false), lines);
}

function compare(connections: readonly string[], open: boolean): Command {
  // Those that are asked for have seven words, and lines of the listing more.
  const script = `awk -v open="$1" 'NF == 7 { asked[$0]; next }
    $8 == "ESTABLISHED" { it = $1 " " $2 " " $3 " " $4 " " $5 " " $6 " " $7; if (it in asked) seen[it] }
    END { for (it in asked) if ((it in seen) == open) print it }' - ${LISTING}`;
  return { ...sh(script, open ? "1" : "0"), stdin: connections.map((one) => `${one}\n`).join("") };
}
