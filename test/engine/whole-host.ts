import { snapshot } from "../namespaces/snapshot";

/**
 * Everything about a host that stays as it is while resources are made anew: see `snapshot`. Of the ledger only the names of
 * its entries count, because each says who declares the thing now. How many connections a destination has is left out.
 */
export async function whole(host: { run(script: string): Promise<string> }): Promise<string> {
  const lines = (await snapshot(host)).split("\n");
  const entry = /^var \.\/lib\/lvs\/ledger\/\S+ regular file /;
  const isWhose = (line: string, i: number) => /^[0-9a-f]{64} /.test(line) && entry.test(lines[i - 1] ?? "");
  const kept = lines.filter((line, i) => !isWhose(line, i));
  return `${kept.join("\n").replace(/^( +-> \S+ +\w+ +\d+) .*$/gm, "$1")}${await host.run(OWN_FILES)}`;
}

/**
 * What is on file systems of its own, where `snapshot` does not look: the configuration of PostgreSQL. The process of each unit:
 * another one has been started.
 */
const OWN_FILES = `for folder in /etc/postgresql /run/units; do [ ! -d $folder ] ||
  find $folder ! -name '*.log' -printf '%p %M %u %g\\n' -type f -exec sha256sum {} + | sort; done`;
