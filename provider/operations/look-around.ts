import { sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { type Fact, facts, find, map, printed } from "../host/fact";
import { withSession } from "../host/pool";
import { parseSpelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import type { Service } from "../ipvs/table";
import { type DeviceAddress, parseAddresses } from "../linux/device-addresses";
import { type ListedRoute, parseRoutes } from "../linux/routes";
import type { Match } from "../model";

/** What a host shows of Linux Virtual Server, whoever set it up. */
export interface Around {
  readonly services: readonly (Service & { readonly match: Match })[];
  readonly addresses: readonly (DeviceAddress & { readonly device: string })[];
  /** The routes of the main table. */
  readonly routes: readonly ListedRoute[];
  /** The interfaces on which a route leads straight to an address: "10.0.0.9 lo". */
  readonly hostRoutes: readonly string[];
  /** Kernel settings by key, those that Linux Virtual Server needs. */
  readonly settings: Readonly<Record<string, string>>;
  /** The texts of configuration files, by path. */
  readonly files: Readonly<Record<string, FoundFile>>;
  /** Units of health checkers and such, by name, that run. */
  readonly running: readonly string[];
  readonly enabled: readonly string[];
  /** The file that a running daemon was told to read, by the daemon's unit, where it is not the usual one. */
  readonly told?: Readonly<Record<string, string>>;
  /** Rules of netfilter that mark packets, as the host's tools print them. */
  readonly marks: readonly string[];
  /** Lines of start-up files that set something of the site: "/etc/rc.local:4: ipvsadm -C". */
  readonly mentions: readonly string[];
  /** `getent services`. */
  readonly ports: string;
}

export interface FoundFile {
  readonly text: string;
  readonly mode: string;
  readonly user: string;
  readonly group: string;
}

/** Looks at a host, and changes nothing there. */
export function lookAround(host: DeclaredHost): Promise<Around> {
  return withSession(host, (session) => find(session, around));
}

/** The addresses of these names on a host: lines "address name". */
export function namedAddresses(host: DeclaredHost, names: readonly string[]): Promise<string> {
  const ask = sh(
    'for name; do for how in ahostsv4 ahostsv6; do getent $how "$name" | while read -r at _; do echo "$at $name"; done; done; done; :',
    ...names,
  );
  return withSession(host, (session) =>
    find(
      session,
      printed(ask, (output) => output),
    ),
  );
}

const UNITS = ["ldirectord", "keepalived"];
const FILES = [
  "/etc/ha.d/ldirectord.cf",
  "/etc/keepalived/keepalived.conf",
  "/etc/ipvsadm.rules",
  "/etc/sysconfig/ipvsadm",
];

/** Where start-up is written down: scripts, sysctl(8), units, networks. What this package wrote is left out. */
const PLACES = [
  "/etc/rc.local",
  "/etc/rc.d/rc.local",
  "/etc/sysctl.conf",
  "/etc/sysctl.d",
  "/etc/systemd/system",
  "/etc/network",
  "/etc/systemd/network",
  "/etc/netplan",
  "/etc/NetworkManager/system-connections",
  "/etc/NetworkManager/dispatcher.d",
  "/etc/networkd-dispatcher",
  "/etc/dhcpcd.conf",
  "/etc/ufw/sysctl.conf",
  "/etc/sysconfig/network-scripts",
  "/etc/cron.d",
  "/etc/crontab",
  "/var/spool/cron",
  "/etc/ipvsadm.rules",
  "/etc/sysconfig/ipvsadm",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/root/bin",
];
/** Scripts of the administrator's lie here beside those of packages. */
const SCRIPTS = ["/etc/init.d", "/etc/rc.d/init.d"];
const WORDS = "ipvsadm|ip_forward|arp_ignore|arp_announce|send_redirects|rp_filter|ip_vs";

const lines = (output: string) => output.split("\n").filter((line) => line.trim() !== "");

const around: Fact<Around> = map(
  facts({
    table: kernelTable(false),
    addresses: printed(sh("ip -o address show"), (output) =>
      lines(output).flatMap((line) => {
        const device = /^\d+: ([^\s@:]+)/.exec(line)?.[1] ?? "";
        return parseAddresses(line).map((one) => ({ ...one, device }));
      }),
    ),
    routes4: printed(sh("ip -4 -o route show table main"), (output) => parseRoutes(output, false)),
    routes6: printed(sh("ip -6 -o route show table main"), (output) => parseRoutes(output, true)),
    settings: printed(
      sh(`cd /proc/sys && for f in net/ipv4/ip_forward net/ipv6/conf/all/forwarding net/ipv4/conf/*/arp_ignore \
        net/ipv4/conf/*/arp_announce net/ipv4/conf/*/send_redirects net/ipv4/conf/*/rp_filter; do
        [ ! -r "$f" ] || printf '%s %s\\n' "$f" "$(cat "$f")"; done`),
      (output) =>
        Object.fromEntries(
          lines(output).map((line) => {
            const [path = "", value = ""] = line.split(" ");
            return [path.includes(".") ? path : path.replaceAll("/", "."), value];
          }),
        ),
    ),
    files: files(FILES, "/etc/keepalived"),
    units: printed(
      sh(
        `for unit; do
          case $(systemctl is-active "$unit" 2>/dev/null) in active) echo "running $unit";; esac
          case $(systemctl is-enabled "$unit" 2>/dev/null) in enabled) echo "enabled $unit";; esac
        done
        for pid in /run/*.pid /run/keepalived/*.pid; do
          case $pid in */keepalived.pid) of=keepalived;; */ldirectord*.pid) of=ldirectord;; *) continue;; esac
          [ -d "/proc/$(cat "$pid")" ] || continue
          echo "running $of"
          if [ "$of" = keepalived ]; then
            tr '\\0' '\\n' <"/proc/$(cat "$pid")/cmdline" | sed -n '
              /^\\(-f\\|--use-file\\)$/{n;s/^/told keepalived /p;};s/^\\(-f\\|--use-file=\\)\\(.\\)/told keepalived \\2/p'
          else
            name=\${pid##*/ldirectord.}; echo "told ldirectord \${name%.pid}"
          fi
        done`,
        ...UNITS,
      ),
      lines,
    ),
    marks: printed(
      sh(`if command -v nft >/dev/null; then nft list ruleset 2>/dev/null; fi | grep -F "mark set" || :
        for tool in iptables ip6tables; do command -v $tool >/dev/null && $tool -t mangle -S 2>/dev/null; done | grep -F -e "-j MARK" || :`),
      lines,
    ),
    mentions: printed(mentioning(), lines),
    ports: printed(sh("getent services"), (output) => output),
  }),
  ({ table, routes4, routes6, units, ...rest }) => {
    const routes = [...routes4, ...routes6];
    const are = (state: string) => [
      ...new Set(units.filter((line) => line.startsWith(`${state} `)).map((line) => line.slice(state.length + 1))),
    ];
    const told = toldOf(units);
    return {
      ...rest,
      ...(Object.keys(told).length > 0 && { told }),
      routes,
      services: Object.entries(table).map(([at, service]) => ({ ...service, match: parseSpelled(at) as Match })),
      hostRoutes: routes.filter(({ via }) => via === undefined).map(({ spec, device }) => `${spec[0]} ${device}`),
      running: are("running"),
      enabled: are("enabled"),
    };
  },
);

/** The files that daemons were told to read. Of ldirectord the name of the process's own file says which (`ldirectord [FILE] start`). */
function toldOf(units: readonly string[]): Record<string, string> {
  const usual = ["/etc/keepalived/keepalived.conf", "ldirectord", "ldirectord.cf"];
  const all = units.map((line) => /^told (\S+) (.+)$/.exec(line)).filter((found) => found !== null);
  return Object.fromEntries(
    all.flatMap(([, unit = "", file = ""]) => (usual.includes(file) ? [] : [[unit, file] as const])),
  );
}

/**
 * Lines of start-up files that set something of the site. They have one of the words, or an address of the host that it has for
 * a service: on lo, or as an address by itself that a service of the host's table has. What packages bring is left out.
 */
function mentioning() {
  return sh(
    `words=$1; shift
    alone=$(ip -o address show | awk '$4 ~ /\\/(32|128)$/ && $4 != "::1/128" { sub(/\\/.*/, "", $4); print $2, $4 }')
    served=$(ipvsadm -Sn 2>/dev/null | sed -n 's/^-A -[a-z-]* \\[\\{0,1\\}\\([0-9a-f.:]*\\)\\]\\{0,1\\}:[0-9]* .*/ \\1 /p')
    for vip in $(echo "$alone" | while read -r device address; do
      case $device in lo|dummy*) echo "$address"; continue;; esac
      case $served in *" $address "*) echo "$address";; esac
    done | sort -u | sed 's/[.]/[.]/g'); do
      words="$words|(^|[^0-9a-f.:])$vip([^0-9a-f.:]|$)"
    done
    {
      grep -rnIE --exclude='zz-lvs-*' -e "$words" "$@"
      grep -rnIE --exclude=ipvsadm --exclude=keepalived --exclude=ldirectord -e "$words" ${SCRIPTS.join(" ")}
    } 2>/dev/null | grep -v '^[^:]*:[0-9]*:[[:space:]]*[#;]' | head -n 200 || :`,
    WORDS,
    ...PLACES,
  );
}

/** Files with their texts, these and those below a folder. Base64 keeps what the text itself may have at its end. */
function files(paths: readonly string[], folder: string): Fact<Record<string, FoundFile>> {
  const ask = sh(
    `folder=$1; shift
    { printf '%s\\n' "$@"; find -L "$folder" -type f ! -name '*[[:space:]]*' -size -65k 2>/dev/null | sort | head -n 100; } |
      while read -r f; do
        [ ! -f "$f" ] || printf '%s %s %s\\n' "$f" "$(stat -L -c '%a %U %G' "$f")" "$(base64 -w 0 "$f")"
      done`,
    folder,
    ...paths,
  );
  return printed(ask, (output) =>
    Object.fromEntries(
      lines(output).map((line) => {
        const [path = "", mode = "", user = "", group = "", text = ""] = line.split(" ");
        return [path, { text: Buffer.from(text, "base64").toString(), mode: mode.padStart(4, "0"), user, group }];
      }),
    ),
  );
}
