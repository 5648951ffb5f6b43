// keepalived's own files: what is the same for every instance of a host, and how keepalived judges an instance's file.

import { KEEPALIVED, VRRP_PARTS, VRRP_STATES } from "pulumi-lvs-provider/model";
import { READY, START_TIMEOUT } from "./ready";

export const MAIN = "/etc/keepalived/keepalived.conf";
export const DROP_IN = "/etc/systemd/system/keepalived.service.d/lvs.conf";
export const NOTIFY = "/etc/keepalived/lvs-notify";
export const REACH = "/etc/keepalived/lvs-reach";

/** The file of an instance. */
export function partOf(instance: string): string {
  return `${VRRP_PARTS}/${instance}.conf`;
}

/** Without it a script that others may write runs as root; with it keepalived leaves such a script out. */
const SECURITY = ["enable_script_security", "script_user root"];

export const GLOBALS = globals(...SECURITY);

function globals(...lines: readonly string[]): string {
  return `global_defs {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;
}

/** By which a keepalived.conf that somebody else has written takes up the instances' files. */
export const INCLUDE = `include ${VRRP_PARTS}/*.conf`;

/**
 * Every site has a file of its own, so that several share the daemon. What speaks VRRP comes before everything else that the host
 * does, and stays in memory: three adverts that are late give the addresses away. A real-time priority would come with a limit after
 * which the kernel kills the process.
 */
export const MAIN_TEXT = `# Written by pulumi-lvs: changes by hand are put back.
${globals(...SECURITY, "vrrp_priority -20", "vrrp_no_swap")}
${INCLUDE}
`;

/**
 * keepalived goes on with a script or an address that it has left out, and only says so: then it exits with 5. A keepalived.conf by which
 * keepalived does something for somebody else is not replaced: his addresses would go. A package may bring an example that nothing runs.
 */
export const VALIDATE_MAIN = [
  "sh",
  "-c",
  `conf=${MAIN}
works() {
  ! head -n 1 "$conf" | grep -q 'Written by pulumi-lvs' &&
    grep -Eq '^[[:space:]]*(@[^[:space:]]+[[:space:]]+)?(vrrp_instance|vrrp_sync_group|virtual_server|static_|include)' "$conf" &&
    { systemctl -q is-active ${KEEPALIVED} || systemctl -q is-enabled ${KEEPALIVED}; }
} 2>/dev/null
[ ! -e "$conf" ] || ! works || {
  echo "its owner would lose addresses" >&2; exit 1; }
exec keepalived -t -f "$1"`,
  "sh",
  "%s",
];

/**
 * A part is judged with the settings of the whole, and with the parts of other instances, also those of other stacks: with two of
 * one virtual router id keepalived would end. Where keepalived.conf is somebody else's, it has to include the parts, and its own
 * instances count as well. What else keepalived says of his is not ours.
 */
export function validatePart(path: string, main = true): string[] {
  const script = `parts() {
  for one in "\${3%/*}"/*.conf; do [ "$one" = "$3" ] || [ ! -e "$one" ] || echo "include $one"; done
  echo "include $1"
}
conf=$(mktemp) || exit 1
{ echo "$2"; parts "$@"; } >"$conf"
keepalived -t -f "$conf"; r=$?; rm -f "$conf"
`;
  const theirs = `[ $r = 0 ] || exit $r
line='^[[:space:]]*include[[:space:]]+"?${VRRP_PARTS.replace(".", "[.]")}/[*][.]conf'
grep -Eqs "$line" ${MAIN} || { echo "nobody would read it" >&2; exit 1; }
# What keepalived.conf includes may be named from its folder.
conf=$(mktemp ${MAIN}.XXXXXX) || exit 1
{ grep -Ev "$line" ${MAIN}; parts "$@"; } >"$conf"
said=$(keepalived -t -f "$conf" 2>&1); rm -f "$conf"
case $said in *[Dd]uplicate*) echo "$said" >&2; exit 1 ;; esac`;
  return ["sh", "-c", `${script}${main ? "exit $r" : theirs}`, "sh", "%s", GLOBALS, path];
}

/**
 * The package's unit has no Restart=: a keepalived that was killed would leave its addresses behind, and answer for them no more.
 * A stop tells keepalived itself, which takes the addresses away and ends its processes. A keepalived that cannot be held back starts.
 */
export const UNIT_DROP_IN = `[Unit]
After=lvs-boot.service
StartLimitIntervalSec=0

[Service]
ExecStartPre=-${READY}
TimeoutStartSec=${START_TIMEOUT}
KillMode=mixed
Restart=always
RestartSec=1
`;

/** keepalived calls this with "INSTANCE", the name, the state, and the priority. */
export const NOTIFY_TEXT = `#!/bin/sh
# Notes the state of a VRRP instance, and since when. Written by pulumi-lvs.
umask 077
mkdir -p ${VRRP_STATES} && printf '%s %s\\n' "$3" "$(date +%s)" >"${VRRP_STATES}/$2"
`;

/**
 * The first address is asked alone, which costs little and mostly suffices. Otherwise all are asked at once, three times each, and the
 * first answer is enough: a host that is cut off hears nothing for two seconds. A single answer may be late where the network or a host
 * is busy. Where two seconds have become four, this host itself stood still, and may not have looked for answers that came: it asks
 * again, and one that stands still three times is busy and not cut off. The directors of a cluster have one list, in which each may
 * find itself: a host that is cut off still answers itself. Each process that is started takes time on a host that has none.
 */
export const REACH_TEXT = `#!/bin/sh
# Succeeds where one of the addresses answers that are not the host's own. Written by pulumi-lvs.
others=
for address; do
  case $(ip -o route get "$address" 2>/dev/null) in local*) continue ;; esac
  [ -n "$others" ] || ! ping -n -c 1 -W 0.3 "$address" >/dev/null 2>&1 || exit 0
  others="$others $address"
done
for _ in 1 2 3; do
  read -r began _ </proc/uptime
  { for address in $others; do ping -n -c 3 -i 0.5 -W 1 "$address" & done; } 2>/dev/null | grep -q 'bytes from' && exit 0
  read -r ended _ </proc/uptime
  [ $((\${ended%.*} - \${began%.*})) -gt 3 ] || exit 1
done
`;

/** Without ping every director would count as cut off. */
export const VALIDATE_REACH = [
  "sh",
  "-c",
  `command -v ping >/dev/null && exec sh -n "$1"
echo "iputils is missing" >&2; exit 1`,
  "sh",
  "%s",
];
