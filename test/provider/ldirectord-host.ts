import { chmodSync } from "node:fs";
import { join } from "node:path";
import { FAKES } from "./fakes";
import type { MemoryHost } from "./memory-host";

// A director for tests. The IPVS table is in /run/table, in the format of `ipvsadm -Sn`. ldirectord copies
// /run/made-by-ldirectord over the table whenever its unit is started or reloaded. `ldirectord <file> status` is the
// real ldirectord where it is installed.

const ipvsadm = `
# Most of what a director is asked. No other program is started for that.
show() { while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"$1"; exit 0; }
echo "ipvsadm $*" >>/run/log
[ -e /run/table ] || : >/run/table
case "$*" in
-Sn) show /run/table;;
"-Ln --thresholds"*) [ ! -e /run/thresholds ] || show /run/thresholds;;
-Ln*) [ ! -e /run/connections ] || show /run/connections;;
-R) while read -r command letter match rest; do
  echo "$command $letter $match $rest" >>/run/log
  at="$letter $match"
  case $command in
  -A) echo "-A $at $rest" >>/run/table;;
  -E) sed -i "s|^-A $at .*|-A $at $rest|" /run/table;;
  -D) grep -v -e "^-[Aa] $at " /run/table >/run/table.new; mv /run/table.new /run/table;;
  -a) echo "-a $at $rest" >>/run/table;;
  -e) set -- $rest; sed -i "s|^-a $at -r $2 .*|-a $at $rest|" /run/table;;
  -d) set -- $rest; grep -v -e "^-a $at -r $2 " /run/table >/run/table.new; mv /run/table.new /run/table;;
  esac
done;;
esac
exit 0`;

const systemctl = `
(${(FAKES.systemctl as string).slice("#!/bin/sh".length)}) || exit
case " $* " in
*" start "*|*" restart "*|*" reload-or-restart "*) [ ! -e /run/made-by-ldirectord ] || cat /run/made-by-ldirectord >/run/table;;
esac`;

export function makeDirector(host: MemoryHost): void {
  const tools = { ipvsadm, systemctl };
  for (const [name, body] of Object.entries(tools)) {
    host.write(`/usr/local/sbin/${name}`, `#!/bin/sh\n${body}`);
    chmodSync(join(host.root, "/usr/local/sbin", name), 0o755);
  }
  host.write("/run/units/ldirectord.service/enabled", "enabled\n");
  host.write("/run/units/ldirectord.service/active", "active\n");
  host.write("/run/table", "");
}
