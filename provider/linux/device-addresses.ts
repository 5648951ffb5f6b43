import { inline } from "../host/command";
import { type Fact, map } from "../host/fact";
import { contains } from "../model";
import { listed } from "./ip";
import { wordAfter } from "./routes";

// The addresses of an interface, as `ip -o address` lists them and `ip address add` takes them.

export interface DeviceAddress {
  readonly address: string;
  readonly prefix: number;
  readonly broadcast?: string | undefined;
  /** Only IPv4 addresses have one. */
  readonly label?: string | undefined;
  readonly scope: string;
  /** Further words of `ip address add` by which the address is as it is. */
  readonly more: readonly string[];
  /** The address of an IPv4 network that another address had first. The kernel deletes it with that one. */
  readonly secondary: boolean;
  /** Why `ip address add` cannot make such an address. */
  readonly odd?: string | undefined;
}

const PAIRS = new Set(["peer", "metric", "proto"]);
const FLAGS = new Set(["noprefixroute", "mngtmpaddr", "home", "nodad", "autojoin"]);
/** What the kernel finds out about an address by itself, or what other words say as well. */
const FOUND_OUT = new Set(["secondary", "tentative", "optimistic", "dadfailed", "permanent"]);

export function parseAddresses(listing: string): DeviceAddress[] {
  return listing.split("\n").flatMap((line) => parseAddress(line) ?? []);
}

// An interface may be called like any of the words.
// 2: eth0    inet 10.0.0.9/32 brd 10.0.0.9 scope global eth0:0\       valid_lft forever preferred_lft forever
function parseAddress(line: string): DeviceAddress | undefined {
  const [words = [], life = []] = line.split("\\").map((part) => part.trim().split(/\s+/));
  const at = words.findIndex((word, i) => i > 1 && (word === "inet" || word === "inet6"));
  const [family, own = "", ...rest] = words.slice(at);
  if (at < 0 || !rest.includes("scope")) return undefined;
  const said: Record<string, string> = {};
  const more: string[] = [];
  let odd: string | undefined;
  const label = family === "inet" ? rest.pop() : undefined;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string;
    const value = rest[i + 1] as string;
    if (word === "scope" || word === "brd" || PAIRS.has(word)) {
      said[word] = value;
      if (PAIRS.has(word)) more.push(word, value);
      i++;
    } else if (word === "deprecated") more.push("preferred_lft", "0");
    else if (FLAGS.has(word)) more.push(word);
    else if (!FOUND_OUT.has(word)) odd ??= `with "${word}"`;
  }
  const [address, ownPrefix] = own.split("/") as [string, string?];
  const prefix = said.peer?.split("/")[1] ?? ownPrefix ?? (family === "inet" ? 32 : 128);
  const [valid = "forever", preferred = "forever"] = ["valid_lft", "preferred_lft"].map((word) =>
    wordAfter(life, word),
  );
  if (valid !== "forever" || !/^(forever|0sec)$/.test(preferred)) odd = "for a time only";
  return {
    address,
    prefix: Number(prefix),
    broadcast: said.brd,
    label,
    scope: said.scope as string,
    more,
    secondary: family === "inet" && rest.includes("secondary"),
    odd,
  };
}

/** Routes of the main table and all others that need an address: first those that name it as their source. */
export interface Using {
  readonly bySource: readonly string[];
  /** Those of the interface go with its last address. */
  readonly ofDevice: readonly string[];
}

export function routesUsing(family: "-4" | "-6", address: string, device: string): Fact<Using> {
  const ask = inline(
    'ip "$1" -o route show table all src "$2" && echo -- && ip "$1" -o route show table all dev "$3"',
    family,
    address,
    device,
  );
  return map(listed(ask, `the routes of ${address} and ${device}`), (output) => {
    const [bySource = [], ofDevice = []] = output
      .split(/^--$/m)
      .map((text) => text.split("\n").map((line) => line.trim()));
    return { bySource, ofDevice };
  });
}

/** What would be lost with the address, or would be otherwise after it came back; undefined if nothing. */
export function whyBound(one: DeviceAddress, all: readonly DeviceAddress[], using: Using): string | undefined {
  if (one.odd !== undefined) return `${one.odd}, and could not put it back`;
  const others = disturbed(one, all).map(({ address, prefix }) => `${address}/${prefix}`);
  if (others.length > 0) return `before ${others.join(", ")}, which would go with it or take its place`;
  const routes = dependent(one, all, using).map((route) => `"${route}"`);
  return routes.length > 0 ? `for ${routes.join(", ")}, which would go with it` : undefined;
}

/** Other addresses behind a network's own. Its secondary ones are deleted with it, and the order of the others decides which is a source. */
function disturbed(one: DeviceAddress, all: readonly DeviceAddress[]): DeviceAddress[] {
  if (one.secondary || one.label === undefined || one.prefix === 32) return [];
  const behind = all.slice(all.indexOf(one) + 1).filter(({ address }) => address !== one.address);
  const network = `${one.address}/${one.prefix}`;
  return behind.filter(
    (other) => !other.secondary || (other.prefix === one.prefix && contains(network, other.address)),
  );
}

function dependent(one: DeviceAddress, all: readonly DeviceAddress[], { bySource, ofDevice }: Using): string[] {
  const isLast = one.label !== undefined && one.prefix === 32 && all.every((other) => other === one);
  return [...new Set([...bySource, ...(isLast ? ofDevice : [])])].filter(
    (route) =>
      route !== "" &&
      (!route.includes("proto kernel") || isOnlyWay(route, one, all)) &&
      !route.startsWith(`${one.address} `),
  );
}

/** The kernel's route to the network of an address, where no other address of the interface leads there. */
function isOnlyWay(route: string, one: DeviceAddress, all: readonly DeviceAddress[]): boolean {
  const [network = ""] = route.split(" ");
  if (one.prefix >= 31 || !network.endsWith(`/${one.prefix}`) || !contains(network, one.address)) return false;
  const others = all.filter((other) => other !== one && other.prefix <= one.prefix);
  return !others.some((other) => contains(`${other.address}/${other.prefix}`, one.address));
}
