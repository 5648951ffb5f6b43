import { inline, Secret, sh } from "../host/command";
import { type Fact, fact } from "../host/fact";
import {
  ENABLED_FOR_GOOD,
  forGood,
  hold,
  INPUT_ON_DISK,
  intoPlace,
  LOCKS_THERE,
  NEW_INTO_PLACE,
  quote,
  TRIPS,
  withFormerLocks,
} from "../host/shell";
import { VRRP_PARTS } from "../model";
import { entryName } from "./entry-name";
import { digest } from "./equality";
import type { BootFile, FormerBootFile, Step } from "./kind";

/**
 * A boot file in /etc/lvs/boot.d. lvs-boot.service runs these fragments in the order of their names. They bring a declared
 * thing back after a reboot, after a restart of the network manager and after a link was down. A thing for which the system has
 * a folder of its own (sysctl.d, modules-load.d) needs no fragment.
 */
export function fragment(order: number, kind: string, identity: string, script: string): BootFile {
  return { path: `${FRAGMENTS}/${order}-${entryName(kind, identity)}`, text: `${script}\n` };
}

/** The fragments of a kind, for the shell. */
export function fragmentsOf(order: number, kind: string): string {
  return `${FRAGMENTS}/${order}-${entryName(kind, "")}*`;
}

/** The same fragment as earlier versions named and wrote it. */
export function formerFragment(order: number, words: readonly unknown[], script: string): FormerBootFile {
  const name = words.join("-").replace(/[^\w.-]+/g, "_");
  const text = `${withFormerLocks(script)}\n`;
  return { path: `${FRAGMENTS}/${order}-${name}`, text, shared: name !== words.join("-") };
}

const FRAGMENTS = "/etc/lvs/boot.d";
const RUNNER = "/etc/lvs/boot";
const SYSTEM = "/etc/systemd/system";

// A fragment must be idempotent, because it runs several times. A network manager that restarts deletes routes and addresses
// some seconds after systemd counts it as started, so the fragments run again a little later. They also run again whenever a
// link comes up, and when another unit says so ("again").
export const runner = `#!/bin/sh
# Runs the fragments in ${FRAGMENTS}. Written by pulumi-lvs.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# An address that floats comes by keepalived, and another host may have it now.
floats() {
  case $1 in ${fragmentsOf(20, "VipAlias")}) ;; *) return 1;; esac
  at=$(echo "\${1##*/20-VipAlias.}" | sed 's/%3A/:/g; s/%20/ /')
  grep -qsE "^ +\${at% *}/[0-9]+ dev \${at#* }$" ${VRRP_PARTS}/*.conf
}
apply() {
  # Not while a run of Pulumi is removing something: its fragment goes last.
  ${LOCKS_THERE}; exec 7>${TRIPS}; flock -w 100 7
  failed=
  for fragment in ${FRAGMENTS}/*; do
    case $fragment in *.new) continue;; esac
    [ -f "$fragment" ] || continue
    ! floats "$fragment" || continue
    sh "$fragment" 7>&- || failed="$failed $fragment"
  done
  exec 7>&-
  [ -z "$failed" ]
}
if [ "$1" = again ]; then
  for pause in 0 1 3; do sleep $pause; apply; done
  exit 0
fi
tries=0
until apply; do
  tries=$((tries + 1))
  [ $tries -lt 30 ] || { echo "gave up on:$failed" >&2; break; }
  sleep 1
done
systemd-notify --ready
for pause in 2 3 5; do sleep $pause; apply; done
ip -o monitor link | while read -r line; do
  case $line in *"state UP"*) sleep 1; apply; sleep 3; apply;; esac
done
`;

// What others load anew is gone for a moment, and ours with it: services that load a whole set of rules, by a start, a restart
// or a reload. A network manager that configures a link anew keeps a file for each link, and writes it then.
const RULES = "nftables.service netfilter-persistent.service iptables.service ip6tables.service";

const unit = `[Unit]
Description=Linux Virtual Server: addresses, routes, marks and rules
After=network.target systemd-networkd.service NetworkManager.service networking.service
After=${RULES}
Before=ldirectord.service keepalived.service
PartOf=systemd-networkd.service NetworkManager.service networking.service
ReloadPropagatedFrom=${RULES} firewalld.service ufw.service

[Service]
Type=notify
NotifyAccess=all
ExecStart=${RUNNER}
ExecReload=${RUNNER} again
Restart=on-failure

[Install]
WantedBy=multi-user.target systemd-networkd.service NetworkManager.service
`;

const again = `[Unit]
Description=Linux Virtual Server: what was taken away meanwhile
After=lvs-boot.service ${RULES}

[Service]
Type=oneshot
ExecStart=${RUNNER} again

[Install]
WantedBy=${RULES}
`;

const watch = `[Unit]
Description=Linux Virtual Server: links that are configured anew

[Path]
PathChanged=/run/systemd/netif/links
PathChanged=/run/NetworkManager/devices
Unit=lvs-boot-again.service

[Install]
WantedBy=multi-user.target
`;

const UNITS = { "lvs-boot.service": unit, "lvs-boot-again.service": again, "lvs-boot-again.path": watch };
const NAMES = Object.keys(UNITS);
const FILES = NAMES.map((name) => `${SYSTEM}/${name}`);
const WANTED = ["lvs-boot.service", "lvs-boot-again.path"].map((name) => `${SYSTEM}/multi-user.target.wants/${name}`);

const isFragment = (file: BootFile) => file.path.startsWith(`${FRAGMENTS}/`);

/** Shell: whether there is a fragment. No program is started for that, because each look asks. */
const HAS_FRAGMENTS = `{ for one in ${FRAGMENTS}/*; do break; done; [ -e "$one" ] || [ -L "$one" ]; }`;

/** The state of a boot file. `idle`: the file is there, but it differs from the wanted one, or nothing would run it. */
export type BootState = "as wanted" | "idle" | "absent";

export function bootState(file: BootFile): Fact<BootState> {
  const enabled = `[ ! -d /run/systemd/system ] || { [ -x ${RUNNER} ]${[...WANTED, ...FILES].map((file) => ` && [ -e ${file} ]`).join("")}; }`;
  // A connection that is cut may leave a half-written file, or the folder without a fragment. The folder is empty for a moment
  // also while another run removes the last fragment and the folder. That run holds the lock, so the second look waits for it.
  // A folder that is a link, or a file system of its own, is somebody else's, and stays.
  const empty = `[ -d ${FRAGMENTS} ] && ! ${HAS_FRAGMENTS} && [ ! -L ${FRAGMENTS} ] && ! mountpoint -q ${FRAGMENTS}`;
  const there = `{ ${isFragment(file) ? enabled : ":"}; } || (exit 2)`;
  const begun = `[ -e "$1.new" ]`;
  const gone = isFragment(file)
    ? `({ ${empty} && (${BOOT_LOCKED}; ${empty}); } || ${begun} || exit 1; exit 2)`
    : `${begun} && (exit 2)`;
  const look = `if [ -e "$1" ] && cat "$1"; then ${there}; else ${gone}; fi`;
  return fact(inline(look, file.path), ({ exit, stdout }) => {
    if (exit === 1) return "absent";
    return exit === 0 && stdout === file.text ? "as wanted" : "idle";
  });
}

export function writeBoot(file: BootFile): Step {
  const hidden = file.secret ? 'rm -f "$1.new" && umask 077 && ' : "";
  const candidate = `{ [ -d "\${1%/*}" ] || mkdir -p "\${1%/*}"; } && ${hidden}${INPUT_ON_DISK}`;
  // The runner is installed before the fragment, because a fragment that is there counts as run at boot.
  const script = isFragment(file)
    ? `${BOOT_LOCKED}\n${candidate} && { ${installRunner} } && ${NEW_INTO_PLACE} && { ${startRunner} }`
    : `${candidate} && ${NEW_INTO_PLACE}`;
  const run = { ...sh(script, file.path), stdin: file.secret ? new Secret(file.text) : file.text };
  return { run, purpose: `writing ${file.path}, which brings it back at boot` };
}

export function removeBoot(file: BootFile): Step {
  const [gone, lasting] = [`rm -f "$1" "$1.new"`, forGood('"$1"')];
  const script = isFragment(file)
    ? `${BOOT_LOCKED}\n${gone} && { ${removeRunner} } && ${lasting}`
    : `${gone} && ${lasting}`;
  return { run: sh(script, file.path), purpose: `removing ${file.path}` };
}

/** Shell: two runs that write or remove fragments take turns. */
export const BOOT_LOCKED = hold("boot");

/** Shell: writes a file. */
function written(file: string, text: string, mode: string): string {
  return `printf %s ${quote(text)} >${file}.new && chmod ${mode} ${file}.new && ${intoPlace(`${file}.new`, file)}`;
}

const INSTALLED = [
  { file: RUNNER, text: runner, mode: "755" },
  ...Object.entries(UNITS).map(([name, text]) => ({ file: `${SYSTEM}/${name}`, text, mode: "644" })),
];
const SUMS = INSTALLED.map(({ file, text }) => `${digest(text)}  ${file}`);

const installRunner = `[ ! -d /run/systemd/system ] || {
    printf '%s\\n' ${SUMS.map(quote).join(" ")} | sha256sum -c >/dev/null 2>&1${WANTED.map((link) => ` && [ -e ${link} ]`).join("")} || {
      ${INSTALLED.map(({ file, text, mode }) => written(file, text, mode)).join(" &&\n      ")} && {
      systemctl -q enable ${NAMES.join(" ")} 2>/dev/null; ${ENABLED_FOR_GOOD}; }; }
  };`;

const startRunner = `[ ! -d /run/systemd/system ] || systemctl start --no-block lvs-boot.service lvs-boot-again.path;`;

const removeRunner = `${HAS_FRAGMENTS} || {
    if [ -e ${FILES[0]} ]; then
      systemctl -q disable --now ${NAMES.join(" ")} 2>/dev/null
      rm -f ${FILES.join(" ")} && systemctl daemon-reload && ${ENABLED_FOR_GOOD}
    fi
    rm -f ${[RUNNER, ...FILES].map((file) => `${file}.new`).join(" ")} ${RUNNER}; rmdir -p --ignore-fail-on-non-empty ${FRAGMENTS} 2>/dev/null || :
  };`;
