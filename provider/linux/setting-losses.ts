import { sh } from "../host/command";
import { type Fact, facts, map } from "../host/fact";
import { listed } from "./ip";

/** What a host loses when a setting of IPv6 comes to another value, and would not get back with the former value. */
export interface Losses {
  /** The interfaces whose default route the kernel forgets when it begins to forward. */
  readonly routers?: readonly string[];
  /** The addresses that the kernel takes away when it ends IPv6. */
  readonly addresses?: readonly string[];
}

/** The answer throws where the host could not be asked: that matters only where there is such a setting. */
export function lossesOf(file: string, value: string): Fact<() => Losses> {
  const device = takesAddressesOf(file, value);
  const all = facts<Losses>({
    ...(takesRouters(file, value) && { routers: routersHeard }),
    ...(device !== undefined && { addresses: givenAddresses(device) }),
  });
  const some = (losses: Losses) => Object.fromEntries(Object.entries(losses).filter(([, list]) => list.length > 0));
  return { ask: all.ask, read: (replies) => () => some(all.read(replies)) };
}

/**
 * Whether the default routes that routers have advertised go. A kernel that forwards IPv6, on whichever interface, listens to no
 * router from then on, unless accept_ra is 2 (addrconf_fixup_forwarding in net/ipv6/addrconf.c, rt6_purge_dflt_routers).
 */
function takesRouters(file: string, value: string): boolean {
  return /^net\/ipv6\/conf\/(?!default\/)[^/]+\/forwarding$/.test(file) && value !== "0";
}

/** The interface whose addresses of IPv6 go, or "all". */
function takesAddressesOf(file: string, value: string): string | undefined {
  return value === "0" ? undefined : /^net\/ipv6\/conf\/(?!default\/)([^/]+)\/disable_ipv6$/.exec(file)?.[1];
}

/** The interfaces on which the kernel would listen to no router any more: see `takesRouters`. */
const ROUTERS = sh(`routes=$(ip -6 -o route show default proto ra) || exit
  printf '%s\\n' "$routes" | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | sort -u | while read -r device; do
    [ "$(cat "/proc/sys/net/ipv6/conf/$device/accept_ra")" != 1 ] || echo "$device"
  done`);
const routersHeard = map(listed(ROUTERS, "the routes of IPv6"), (output) => output.split("\n").filter(Boolean));

/** The addresses of IPv6 that somebody has given an interface, or all of them. Those of routers come back by themselves. */
function givenAddresses(device: string): Fact<string[]> {
  const ask = {
    argv: ["ip", "-6", "-o", "address", "show", ...(device === "all" ? [] : ["dev", device]), "permanent"],
  };
  return map(listed(ask, "the addresses of IPv6"), (output) =>
    [...output.matchAll(/^\d+: (\S+) +inet6 (\S+) .*\bscope global\b/gm)].map(([, on, one]) => `${one} on ${on}`),
  );
}
