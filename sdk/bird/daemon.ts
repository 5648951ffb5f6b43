// BIRD's own files: what is the same for every announcement of a host, and how BIRD judges a file before it goes live.

import { BIRD_MAIN, BIRD_PARTS } from "pulumi-lvs-provider/model";

export const MAIN = BIRD_MAIN;
export const DROP_IN = "/etc/systemd/system/bird.service.d/lvs.conf";

/** The parts are read in the order of their names: the tables come first. */
export const PARTS = `${BIRD_PARTS}/*.conf`;
export const TABLES = `${BIRD_PARTS}/0-tables.conf`;

export function partOf(name: string): string {
  return `${BIRD_PARTS}/${name}.conf`;
}

/** A bird.conf that somebody has changed belongs to somebody: to replace it would end his sessions. */
export const VALIDATE_MAIN = [
  "sh",
  "-c",
  `conf=${MAIN}
[ ! -e "$conf" ] || head -n 1 "$conf" | grep -q 'Written by pulumi-lvs' || cmp -s "$conf" /usr/share/bird2/bird.conf || {
  echo "its owner would lose sessions" >&2; exit 1; }
exec bird -p -c "$1"`,
  "sh",
  "%s",
];

/** A part is judged together with all others: BIRD would not load any of them if two had one name. */
export function validatePart(path: string): string[] {
  const script = `conf=$(mktemp) || exit 1
{ echo 'router id 192.0.2.1;'; echo 'protocol device { }'; echo 'protocol bfd { }'
for one in "\${2%/*}"/*.conf; do [ "$one" = "$2" ] || [ ! -e "$one" ] || echo "include \\"$one\\";"; done
echo "include \\"$1\\";"; } >"$conf"
bird -p -c "$conf"; r=$?; rm -f "$conf"; exit $r`;
  return ["sh", "-c", script, "sh", "%s", path];
}

/** The package's unit brings a BIRD back only if it ended by a signal of its own fault. A reload takes no session away. */
export const UNIT_DROP_IN = `[Unit]
After=lvs-boot.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
`;
