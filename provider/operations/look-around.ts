import { sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { type Fact, facts, find, map, printed } from "../host/fact";
import { withSession } from "../host/pool";
import { parseSpelled } from "../ipvs/ipvsadm";
import { kernelTable } from "../ipvs/kernel-table";
import type { Service } from "../ipvs/table";
import { type DeviceAddress, parseAddresses } from "../linux/device-addresses";
import { ON_ONE_LINE, textOf } from "../linux/on-one-line";
import { type ListedRoute, parseRoutes } from "../linux/routes";
import { parseValues, printValues } from "../linux/setting-values";
import type { Match } from "../model";
import { mentioning } from "./start-up";
import { type Wide, wide } from "./table-wide";

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
  /** What IPVS has once a host, beside the services. */
  readonly wide: Wide;
  /** The texts of configuration files, by path. */
  readonly files: Readonly<Record<string, FoundFile>>;
  /** Files below /etc/keepalived that are too large or too many to be read, by path. */
  readonly unread?: readonly string[];
  /** Units of health checkers and such, by name, that run. */
  readonly running: readonly string[];
  readonly enabled: readonly string[];
  /** The file that a running daemon was told to read, by the daemon's unit, where it is not the usual one. */
  readonly told?: Readonly<Record<string, string>>;
  /** Rules of netfilter that mark packets, as the host's tools print them. */
  readonly marks: readonly string[];
  /** Rules about ARP, as the host's tools print them. */
  readonly arp: readonly string[];
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
  "/etc/default/ipvsadm",
];

const lines = (output: string) => output.split("\n").filter((line) => line.trim() !== "");

const SETTINGS = [
  ...["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"],
  ...["arp_ignore", "arp_announce", "send_redirects", "rp_filter"].map((name) => `net/ipv4/conf/*/${name}`),
].join(" ");

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
    settings: printed(sh(`cd /proc/sys && ${printValues(SETTINGS)}`), (output) =>
      Object.fromEntries(
        Object.entries(parseValues(lines(output))).map(([path, value]) => [
          path.includes(".") ? path : path.replaceAll("/", "."),
          value,
        ]),
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
      // iptables of the kernel's own table would load that table's module, where it is not loaded yet.
      sh(`{ if command -v nft >/dev/null; then nft list ruleset 2>/dev/null; fi | grep -F "mark set"
        for family in ip ip6; do for tool in "\${family}tables" "\${family}tables-legacy"; do
          case $("$tool" -V 2>/dev/null) in
            '') continue;;
            *nf_tables*) ;;
            *) grep -qsx mangle "/proc/net/\${family}_tables_names" || continue;;
          esac
          "$tool" -t mangle -S 2>/dev/null
        done; done | grep -e "-j MARK" -e "-j CONNMARK"; } | awk '!seen[$0]++'`),
      lines,
    ),
    arp: printed(
      sh("{ arptables-save || nft list ruleset arp; } 2>/dev/null | grep -E -e '^-A |arp [sd]addr' || :"),
      lines,
    ),
    wide,
    mentions: printed(mentioning(), lines),
    ports: printed(sh("getent services"), (output) => output),
  }),
  ({ table, routes4, routes6, units, files: { read, unread }, ...rest }) => {
    const routes = [...routes4, ...routes6];
    const are = (state: string) => [
      ...new Set(units.filter((line) => line.startsWith(`${state} `)).map((line) => line.slice(state.length + 1))),
    ];
    const told = toldOf(units);
    return {
      ...rest,
      files: read,
      ...(unread.length > 0 && { unread }),
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
 * Files with their texts, these and those below a folder. Base64 keeps what the text itself may have at its end. Of a large file,
 * and from the hundredth on, the path alone is told.
 */
function files(paths: readonly string[], folder: string): Fact<{ read: Record<string, FoundFile>; unread: string[] }> {
  const ask = sh(
    `folder=$1; shift
    told() { printf '%s %s %s\\n' "$1" "$(stat -L -c '%a %U %G' "$1")" "$({ ${ON_ONE_LINE}; } <"$1")"; }
    for f; do [ ! -f "$f" ] || told "$f"; done
    find -L "$folder" -type f ! -name '*[[:space:]]*' 2>/dev/null | sort | head -n 1100 | {
      read=0
      while read -r f; do
        if [ "$read" -lt 100 ] && [ "$(wc -c <"$f")" -le 65536 ]; then told "$f"; read=$((read + 1)); else echo "$f"; fi
      done
    }`,
    folder,
    ...paths,
  );
  return printed(ask, (output) => {
    const rows = lines(output).map((line) => line.split(" "));
    const read = rows.filter((row) => row.length > 1);
    return {
      read: Object.fromEntries(
        read.map(([path = "", mode = "", user = "", group = "", text = ""]) => [
          path,
          { text: textOf(text), mode: mode.padStart(4, "0"), user, group },
        ]),
      ),
      unread: rows.flatMap(([path = "", ...more]) => (more.length === 0 && !paths.includes(path) ? [path] : [])),
    };
  });
}
