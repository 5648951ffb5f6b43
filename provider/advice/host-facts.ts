import { inline, sh } from "../host/command";
import { type Fact, facts, map, printed } from "../host/fact";
import { BIRD_PARTS, type Family, familyOf, normalAddress } from "../model";
import { parseIptables } from "./iptables";
import { parseNft } from "./nft";
import type { Chain } from "./verdict";

/** What advice has to know of a host. What could not be read is missing, and breaks no rule. */
export interface HostFacts {
  readonly addresses: readonly AddressFacts[];
  /** The bytes that a packet may have on an interface. */
  readonly mtu: Readonly<Record<string, number>>;
  /** How the host reaches each of the addresses that were asked for. */
  readonly routes: Readonly<Record<string, RouteFacts>>;
  /** The default routes. */
  readonly defaults: readonly (RouteFacts & { readonly family: Family })[];
  /** Kernel settings by their path below /proc/sys/net: "ipv4/ip_forward". */
  readonly settings: Readonly<Record<string, string>>;
  /** Kernel modules that are loaded, among those that rules ask for. */
  readonly modules: readonly string[];
  /** What the kernel's sync daemons do: "master", "backup". */
  readonly sync: readonly string[];
  /** The addresses that keepalived lets float: the host has them now and then. */
  readonly floating: readonly string[];
  /** The routers with which BIRD agreed on BFD. */
  readonly bfd: readonly string[];
  /** The chains of netfilter that filter. */
  readonly chains: readonly Chain[];
}

export interface AddressFacts {
  readonly device: string;
  readonly address: string;
  readonly prefix: number;
}

export interface RouteFacts {
  readonly device: string;
  /** The next hop; undefined on the interface's own network. */
  readonly via: string | undefined;
  readonly local: boolean;
}

/** More real servers than these show nothing new, and asking for each would take long. */
const MOST = 50;

const SETTINGS = `cd /proc/sys/net || exit 0
grep -sH '' ipv4/ip_forward ipv6/conf/all/forwarding ipv4/vs/conntrack ipv4/vs/pmtu_disc ipv4/vs/backup_only \\
  ipv4/conf/*/rp_filter ipv4/conf/*/arp_ignore ipv4/conf/*/arp_announce ipv4/conf/*/send_redirects
[ ! -e /sys/module/ip_vs_ftp ] || echo module:ip_vs_ftp
command -v ipvsadm >/dev/null && ipvsadm -L --daemon 2>/dev/null | sed 's/ .*//; s/^/sync:/'
sed -n '/virtual_ipaddress/,/}/s#^ *\\([0-9a-fA-F:.]*\\)/.*#floating:\\1#p' /etc/keepalived/lvs.d/*.conf 2>/dev/null
for session in ${BIRD_PARTS}/session_*.conf; do
  ! grep -qs '^ *bfd {' "$session" || sed -n 's/^ *neighbor \\([^ ]*\\) as .*/bfd:\\1/p' "$session"
done; :`;

/** A firewall of more bytes is not judged. */
const LONGEST = 400_000;

// iptables-legacy makes its tables when it is asked for them, so it is asked only where the kernel has them.
const FIREWALL = `has() { command -v "$1" >/dev/null; }
{ if has nft; then echo "# nft"; nft -s list ruleset 2>/dev/null; fi
  for family in ip ip6; do
    grep -qx filter /proc/net/\${family}_tables_names 2>/dev/null || continue
    tool=\${family}tables-legacy; has "$tool" || tool=\${family}tables
    case $("$tool" -V 2>/dev/null) in ''|*nf_tables*) continue;; esac
    echo "# $tool"; "$tool" -w 5 -S 2>/dev/null
  done
} | head -c ${LONGEST}`;

/** The facts of a host, and how it reaches these addresses. */
export function hostFacts(towards: readonly string[] = []): Fact<HostFacts> {
  const asked = [...new Set(towards)].slice(0, MOST);
  const routes = {
    ...sh("ip -o -force -batch - 2>/dev/null; :"),
    stdin: asked.map((to) => `route get ${to}\n`).join(""),
  };
  const all = facts({
    addresses: printed(inline("ip -o address show"), parseAddresses),
    mtu: printed(inline("ip -o link show"), parseMtu),
    routes: printed(routes, parseRoutes),
    defaults: printed(inline("ip -o route show default; ip -o -6 route show default"), parseDefaults),
    settings: printed(sh(SETTINGS), (text) => text),
    firewall: printed(sh(FIREWALL), parseFirewall),
  });
  return map(all, ({ settings, firewall, ...network }) => ({ ...network, ...parseSettings(settings), ...firewall }));
}

function parseAddresses(text: string): AddressFacts[] {
  return [...text.matchAll(/^\d+: (\S+) +inet6? ([\da-f.:]+)(?: peer \S+)?\/(\d+)/gm)].map(
    ([, device = "", address = "", prefix]) => ({ device, address: normalAddress(address), prefix: Number(prefix) }),
  );
}

function parseMtu(text: string): Record<string, number> {
  const links = [...text.matchAll(/^\d+: ([^\s:@]+)(?:@\S+)?: .* mtu (\d+)/gm)];
  return Object.fromEntries(links.map(([, device, mtu]) => [device, Number(mtu)]));
}

function parseRoutes(text: string): Record<string, RouteFacts> {
  const lines = text.split("\n").flatMap((line) => {
    const [, type, to] = /^(local )?(\S+) .*\bdev\b/.exec(line) ?? [];
    const route = routeOf(line);
    return to && route ? [[normalAddress(to), { ...route, local: type !== undefined }] as const] : [];
  });
  return Object.fromEntries(lines);
}

function parseDefaults(text: string): HostFacts["defaults"] {
  return text.split("\n").flatMap((line) => {
    const route = line.startsWith("default") ? routeOf(line) : undefined;
    return route ? [{ ...route, family: familyOf(route.via ?? line.split(" dev ")[0] ?? "") }] : [];
  });
}

function routeOf(line: string): RouteFacts | undefined {
  const [, device] = /\bdev (\S+)/.exec(line) ?? [];
  const [, via] = /\bvia (?:inet6? )?(\S+)/.exec(line) ?? [];
  return device === undefined ? undefined : { device, via, local: false };
}

function parseSettings(text: string): Pick<HostFacts, "settings" | "modules" | "sync" | "floating" | "bfd"> {
  const lines = text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]);
  const of = (name: string) => lines.filter(([key]) => key === name).map(([, value]) => value as string);
  const listed = { modules: of("module"), sync: of("sync"), floating: of("floating"), bfd: of("bfd") };
  return { settings: Object.fromEntries(lines), ...listed };
}

function parseFirewall(text: string): Pick<HostFacts, "chains"> {
  if (text.length >= LONGEST) return { chains: [] };
  const parts = text.split(/^# (?=[\w-]+$)/m).map((part) => [part.slice(0, part.indexOf("\n")), part] as const);
  const chains = parts.flatMap(([tool, part]) => {
    if (tool === "nft") return parseNft(part);
    return tool.includes("tables") ? parseIptables(tool, tool.startsWith("ip6") ? "ipv6" : "ipv4", part) : [];
  });
  return { chains };
}
