import { sh } from "../host/command";
import { type Fact, known, printed } from "../host/fact";
import { around, inShell, intoPlace, quote } from "../host/shell";
import { fragment, removeBoot, writeBoot } from "../reconcile/boot";
import type { Risk, Step } from "../reconcile/kind";
import { entryName } from "../reconcile/ledger";
import { unprovenMark } from "../reconcile/risky";
import { ACTIVE } from "./active";

// Files and units on which it depends who can log in.

/** sshd's own files. Of those that begin with `ssh_`, the host keys are its own, and the rest is that of clients. */
const SSHD = /^\/etc\/ssh\/(?!ssh_(?!host_))/;
const HOST_KEY = /^\/etc\/ssh\/ssh_host_/;

/** Files by which sshd, PAM or sudo decide, and those that a shell runs before it runs ours. */
const DECIDING = [
  SSHD,
  /^\/etc\/(pam\.d|security|sudoers\.d|dropbear)\//,
  /^\/etc\/(sudoers|sudo\.conf|pam\.conf|nologin|login\.access|hosts\.(allow|deny)|passwd|shadow|group|gshadow|nsswitch\.conf|shells|securetty)$/,
  /^\/etc\/(environment|bash\.bashrc|bashrc|(zsh\/)?zshenv|csh\.cshrc|fish\/config\.fish)$/,
  /\/(\.ssh\/(authorized_keys2?|rc|environment)|\.(bash|z|c|tc|k)shrc|\.bashrc|\.zshenv|\.config\/fish\/config\.fish)$/,
];

// A changed configuration counts at the next start of sshd at the latest, when nobody may be there to help. So it counts at once.
// A socket-activated sshd reads its configuration when it is needed.
const RELOAD = `for sshd in $(command -v sshd) /usr/sbin/sshd; do break; done
[ ! -e /etc/ssh/sshd_config ] || "$sshd" -t && {
  if [ -d /run/systemd/system ]; then
    ${ACTIVE}
    for unit in ssh sshd; do active "$unit" && { systemctl reload "$unit" || exit; }; done; :
  elif [ -r /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"; fi
}`;

const FOLDER = "/var/lib/lvs/former";

/**
 * The step that changes a file. If it depends on the file who can log in, the step is guarded: sshd takes its files up at once,
 * and the proof of a new connection is needed. Before that, what is there is kept, and a boot fragment puts it back if the host
 * is started anew before the proof.
 */
export function sparingLogins(path: string, step: Step): Step[] {
  if (!isDeciding(path)) return [step];
  const { name, paths } = wayBack(path);
  const reload = SSHD.test(path) ? `{ ${RELOAD}; }` : ":";
  const keep = `umask 077; rm -f "$2"; [ ! -e "$1" ] && [ ! -L "$1" ] || { mkdir -p ${FOLDER} && cp -a -- "$1" "$2.new" && ${intoPlace('"$2.new"', '"$2"')}; }`;
  const back = `if [ -e "$2" ] || [ -L "$2" ]; then cp -a -- "$2" "$3" && ${intoPlace('"$3"', '"$1"')}; else rm -f "$1"; fi
    ${LEAVE}; ${reload}`;
  const script = `${inShell(step.run)}
    r=$?; [ $r = 0 ] || exit $r
    (${reload}) || { r=$?; ${back}; exit $r; }`;
  const { mark, armed } = unprovenMark(name);
  const atBoot = `[ ! -e ${quote(mark)} ] || [ -d ${quote(armed)} ] || {
    set -- ${paths.map(quote).join(" ")}; rm -f ${quote(mark)}\n${back}\n}`;
  const undoing = fragment(0, "undo-File", path, atBoot);
  const risky: Risk = {
    undo: sh(`(${back})\n${inShell(removeBoot(undoing).run)}`, ...paths),
    touches: "logins",
    lasting: true,
    advice: HOST_KEY.test(path)
      ? "Does the Host's hostKey, or known_hosts, have the new key as well as the former one?"
      : `Does ${path} let Pulumi's user log in, with its key and from where Pulumi runs?`,
  };
  return [
    { run: sh(keep, ...paths), purpose: `keeping ${path} for the way back` },
    writeBoot(undoing),
    { ...step, run: around(step.run, script, ...paths), risky },
    ...forgettingWayBack(path),
  ];
}

function isDeciding(path: string): boolean {
  return DECIDING.some((one) => one.test(path));
}

const LEAVE = `rm -f "$2" "$2.new"; rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null || :`;

/** The name of the file's entry, and the paths of the file, of what is kept of it for the way back, and of what takes its place then. */
function wayBack(path: string): { readonly name: string; readonly paths: readonly string[] } {
  const name = entryName("File", path);
  return {
    name,
    paths: [path, `${FOLDER}/${name}`, path.replace(/[^/]*$/, (base) => `.${base.slice(0, 200)}.lvs-back`)],
  };
}

/** The steps after the proof. */
export function forgettingWayBack(path: string): Step[] {
  const { paths } = wayBack(path);
  return [
    removeBoot(fragment(0, "undo-File", path, "")),
    { run: sh(LEAVE, ...paths), purpose: `removing what was kept of ${path}` },
  ];
}

/** Whether an interrupted run has left something of a way back: a copy of a file that may be secret, or its fragment. */
export function hasWayBack(path: string): Fact<boolean> {
  if (!isDeciding(path)) return known(false);
  const { paths } = wayBack(path);
  const ask = `for one; do [ ! -e "$one" ] && [ ! -L "$one" ] && [ ! -e "$one.new" ] || { echo left; break; }; done`;
  const places = [paths[1] as string, fragment(0, "undo-File", path, "").path];
  return printed(sh(ask, ...places), (output) => output !== "");
}

const FIREWALLS =
  /^(nftables|ip6?tables|netfilter-persistent|firewalld|ufw|shorewall6?|ferm|firehol|csf|lfd|fail2ban|ipset)\.service$/;
const DOORS = [
  /^((sshd?|dropbear)\.(service|socket)|(systemd-networkd|NetworkManager|networking|network|wicked|dhcpcd|connman)\.service)$/,
  // What brings an interface up, or a tunnel by which Pulumi may come.
  /^(ifup@.+|wpa_supplicant(@.+)?|wg-quick@.+|openvpn(-(client|server))?(@.+)?|strongswan(-starter)?|ipsec|tailscaled|zerotier-one)\.service$/,
  /^((netbird|nebula|netclient|tinc|openconnect|vpnc|xl2tpd|pppd?|cloudflared|teleport)(@.+)?|frr|quagga|zebra)\.service$/,
  // Who knows the users. As long as systemd-user-sessions does not run, root alone is let in (pam_nologin(8)).
  /^(sssd|winbind|nslcd|systemd-user-sessions)\.service$/,
];

/** Whether it depends on a unit who gets in: sshd, what manages the network, a firewall. */
export function isGate(unit: string): boolean {
  return FIREWALLS.test(unit) || DOORS.some((one) => one.test(unit));
}

/** Package managers call some units otherwise than systemd does. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ "network-manager": "NetworkManager", dhcpcd5: "dhcpcd", "iptables-persistent": "netfilter-persistent" },
};

/**
 * A step that installs a package, guarded if what the package starts by itself may cut us off: a firewall, or something that
 * gives the interfaces other addresses. The host then stops it, for the next boot as well.
 */
export function asGatePackage(name: string, step: Step): Step {
  const unit = `${UNITS[name] ?? name}.service`;
  if (!FIREWALLS.test(unit) && !/^(NetworkManager|connman|dhcpcd|wicked)\.service$/.test(unit)) return step;
  const undo = ["systemctl", "disable", "--now", unit];
  const risky: Risk = {
    undo: { argv: undo },
    undone: `run "${undo.join(" ")}"`,
    touches: "logins",
    advice: `Does ${unit} let Pulumi's SSH in, from where Pulumi runs, as soon as it is installed?`,
  };
  return { ...step, limit: 300, risky };
}

/** A step that starts, stops or reloads a unit, guarded if the unit is a gate. */
export function asGate(unit: string, step: Step, does: "start" | "stop" | "reload"): Step {
  if (!isGate(unit)) return step;
  // The configuration that a reload replaced is not known. A firewall is stopped then, anything else is started.
  const verb = does === "start" || (does === "reload" && FIREWALLS.test(unit)) ? "stop" : "start";
  const risky: Risk = {
    undo: { argv: ["systemctl", verb, unit] },
    undone: `run "systemctl ${verb} ${unit}"`,
    touches: "logins",
    advice: `Does ${unit} let Pulumi's SSH in, from where Pulumi runs?`,
  };
  return { ...step, limit: 60, risky };
}
