import { type Command, sh } from "../host/command";
import { LOCKS } from "../host/shell";
import { bitsOf, familyOf } from "../model";
import type { Risk, Step } from "../reconcile/kind";
import { familyOption } from "./ip";

// An address on an interface, and the steps that bring it and take it away.

/** Where an address is, or shall be. */
interface Place {
  readonly address: string;
  readonly device: string;
}

/** The address on the interface, as `ip address` shows it. */
export interface Entry {
  readonly prefix: number;
  readonly broadcast?: string | undefined;
  /** The label. Without one, the kernel takes the interface's name. */
  readonly label?: string | undefined;
  readonly scope: string;
  /** Further words of `ip address add`. Entries that earlier versions found have none. */
  readonly more?: readonly string[];
  /** Why the entry could not be put back as it is. */
  readonly bound?: string;
}

export function family({ address }: Pick<Place, "address">): "-4" | "-6" {
  return familyOption(familyOf(address));
}

/** Further words of an entry that we make. Every server of a site has the address, so IPv6 must not look for duplicates. */
export function wordsOfOurs(about: Pick<Place, "address">): readonly string[] {
  return family(about) === "-6" ? ["nodad"] : [];
}

export function peerOf({ more = [] }: Entry): string | undefined {
  return more.includes("peer") ? more[more.indexOf("peer") + 1] : undefined;
}

/** The words of an entry that `ip address` takes. */
export function spec(about: Place, entry: Entry): string[] {
  const { broadcast, label, scope, more = wordsOfOurs(about) } = entry;
  return [
    own(about, entry)[0] as string,
    ...(broadcast ? ["broadcast", broadcast] : []),
    ...["dev", about.device],
    ...(label && label !== about.device ? ["label", label] : []),
    ...(scope === "global" ? [] : ["scope", scope]),
    ...more,
  ];
}

/** The words by which the kernel knows an entry. With a peer, the prefix is the peer's. */
function own({ address: vip }: Place, entry: Entry): string[] {
  const peer = peerOf(entry);
  return peer === undefined ? [`${vip}/${entry.prefix}`] : [vip, "peer", peer];
}

export function add(about: Place, entry: Entry): Step {
  return {
    run: { argv: ["ip", family(about), "address", "add", ...spec(about, entry)] },
    purpose: `adding ${about.address}/${entry.prefix} on ${entry.label ?? about.device}`,
    advice: ({ stderr }) => whyNotAdded(about, stderr),
    risky: risk(about, removal(about, entry), isAlone(entry, about)),
  };
}

function whyNotAdded(about: Place, stderr: string): string | undefined {
  if (/Cannot find device/.test(stderr)) return "`ip link` on the host lists its interfaces";
  // The kernel's words for an interface on which IPv6 is switched off, and for a kernel without IPv6.
  return family(about) === "-6" && /Permission denied|IPv6 is disabled|not supported/.test(stderr)
    ? `IPv6 is off on ${about.device}, or on the whole host: set net.ipv6.conf.${about.device}.disable_ipv6 = 0 (Sysctl), if the kernel has it`
    : undefined;
}

export function remove(about: Place, entry: Entry): Step {
  return {
    run: removal(about, entry),
    purpose: `removing ${about.address}/${entry.prefix} from ${about.device}`,
    // With its last address an interface loses all its routes. lo has one of its own.
    risky: risk(
      about,
      { argv: ["ip", family(about), "address", "add", ...spec(about, entry)] },
      about.device === "lo" && isAlone(entry, about),
    ),
  };
}

/** Whether an entry takes the place of another one. An interface has an IPv6 address once, and an IPv4 address once a prefix. */
export function isInsteadOf(about: Place, next: Entry, old: Entry): boolean {
  return family(about) === "-6" || next.prefix === old.prefix;
}

/**
 * One step, which puts back the routes that go with an address: it may be the host's own. They are noted before, where the lock
 * of the trip is: /tmp may be full.
 */
export function swap(about: Place, old: Entry, next: Entry): Step {
  const script = `family=$1 old=$2 peer=$3 device=$4; shift 4
    routes=$(mktemp ${LOCKS}/routes.XXXXXX) && ip "$family" route save table all type unicast >"$routes" || { r=$?; rm -f "$routes"; exit $r; }
    ip "$family" address del "$old" \${peer:+peer "$peer"} dev "$device" && ip "$family" address add "$@"; r=$?
    [ ! -s "$routes" ] || ip "$family" route restore <"$routes" 2>/dev/null; rm -f "$routes"; exit $r`;
  const swapped = (from: Entry, to: Entry) => {
    const [it, , peer = ""] = own(about, from);
    return sh(script, family(about), it as string, peer, about.device, ...spec(about, to));
  };
  return {
    run: swapped(old, next),
    purpose: `adding ${about.address}/${next.prefix} on ${next.label ?? about.device} in the place of the one that is there`,
    risky: risk(about, swapped(next, old)),
  };
}

/**
 * The kernel deletes an interface's other addresses of the same network with the first one, unless promote_secondaries says
 * otherwise (ip-sysctl.rst).
 */
function removal(about: Place, entry: Entry): Command {
  const of = [...own(about, entry), "dev", about.device];
  if (family(about) === "-6") return { argv: ["ip", "-6", "address", "del", ...of] };
  // An address that is alone in its network has none behind it. /proc/sys may be read-only, as in a container.
  const otherwise = isAlone(entry, about) ? "" : " || exit 1";
  return sh(
    `switch="/proc/sys/net/ipv4/conf/$1/promote_secondaries" found=$(cat "/proc/sys/net/ipv4/conf/$1/promote_secondaries")
    shift; switched=; [ "$found" = 1 ] || { echo 1 >"$switch" && switched=1; }${otherwise}
    ip -4 address del "$@"; r=$?; [ -z "$switched" ] || echo "$found" >"$switch"; exit $r`,
    about.device,
    ...of,
  );
}

// The kernel deletes the route to an address's network with the address, and answers to an address of ours never leave the host.
function risk({ address }: Place, undo: Command, alone = false): Risk {
  const advice = `Is ${address} the address by which Pulumi comes in, or one on its way?`;
  return { undo, touches: "way", ...(alone && { only: address }), advice };
}

/** Whether the entry brings no route but that to its own address. */
function isAlone(entry: Entry, about: Place): boolean {
  return entry.prefix === bitsOf(familyOf(about.address)) && peerOf(entry) === undefined;
}

export function routeWords({ address: vip, device: at }: Place, verb: string): string[] {
  return ["ip", "-4", "route", ...verb.split(" "), vip, "dev", at, "table", "main"];
}

// `append` keeps a route to the same address on another interface. That route is not ours to remove.
export function addRoute(about: Place): Step {
  const run: Command = { argv: routeWords(about, "append") };
  return { run, purpose: `setting the host route to ${about.address} on ${about.device}` };
}

// The kernel itself deletes the routes of an interface with its last address.
export function removeRoute(about: Place): Step {
  const run = sh(
    `ip "$@" || [ -z "$(ip -4 route show exact "$4" dev "$6" table main)" ]`,
    ...routeWords(about, "del").slice(1),
  );
  return { run, purpose: `deleting the host route to ${about.address} on ${about.device}` };
}
