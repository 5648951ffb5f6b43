// Routes as `ip route` lists them and takes them.

export interface ListedRoute {
  /** The words of the route that `ip route` prints and takes. */
  readonly spec: readonly string[];
  readonly via: string | undefined;
  readonly device: string | undefined;
  readonly source: string | undefined;
  /** The route is in the kernel for some time only: a router advertised it. */
  readonly ends?: true;
}

export function parseRoutes(listing: string, ipv6: boolean): ListedRoute[] {
  return listing
    .split("\n")
    .flatMap((line) => (ipv6 ? siblings(line) : line))
    .flatMap(parse);
}

// Words of `ip route show` that describe the present state of a route. `ip route replace` does not take them.
const FLEETING = new Set(["linkdown", "dead", "offload", "trap", "rt_offload"]);
const FLEETING_PAIRS = new Set(["expires", "error", "cache"]);

// IPv6 has no route over several gateways. `ip` prints routes of one metric so, each of which comes and goes alone:
// default proto static metric 1024 pref medium \  nexthop via fd00::1 dev eth0 weight 1 \  nexthop via fd00::2 dev eth0 weight 1
function siblings(line: string): string[] {
  const [route = "", ...gateways] = line.replaceAll("\\", " ").split(/\bnexthop\b/);
  if (gateways.length === 0) return [line];
  return gateways.map((gateway) => `${route.trim()} ${gateway.replace(/\bweight \d+/, "").trim()}`);
}

function parse(line: string): ListedRoute[] {
  const words = line.replaceAll("\\", " ").trim().split(/\s+/);
  if (words[0] === "") return [];
  const kept = lasting(words);
  const ends = words.includes("expires") || wordAfter(words, "proto") === "ra";
  const [via, device, source] = ["via", "dev", "src"].map((word) => wordAfter(kept, word));
  return [{ spec: kept, via, device, source, ...(ends && { ends }) }];
}

/** The words without those of the route's present state. */
function lasting([word, ...rest]: readonly string[]): string[] {
  if (word === undefined) return [];
  if (FLEETING.has(word)) return lasting(rest);
  if (FLEETING_PAIRS.has(word)) return lasting(rest.slice(1));
  const taken = word === "dev" ? 1 : 0;
  return [word, ...rest.slice(0, taken), ...lasting(rest.slice(taken))];
}

/** What stands after a word. An interface may be called like any of the words. */
export function wordAfter(words: readonly string[], word: string): string | undefined {
  const at = words.findIndex((one, i) => one === word && words[i - 1] !== "dev");
  return at < 0 ? undefined : words[at + 1];
}

/** Words of a listing that `ip route` takes back: alone, and with a value. */
const ALONE = new Set(["onlink", "nexthop"]);
const PAIRS = new Set(
  "via dev src metric proto scope mtu advmss window hoplimit initcwnd initrwnd rto_min rtt rttvar ssthresh cwnd reordering quickack congctl features realm realms pref weight".split(
    " ",
  ),
);
const TYPES = new Set("unicast local broadcast multicast anycast throw unreachable prohibit blackhole nat".split(" "));

/** The first word of a route that `ip route` would not take back; undefined if it takes them all. */
export function oddWord(spec: readonly string[]): string | undefined {
  return oddIn(spec.slice(TYPES.has(spec[0] ?? "") ? 2 : 1));
}

function oddIn([word, value, ...rest]: readonly string[]): string | undefined {
  if (word === undefined) return undefined;
  if (ALONE.has(word)) return oddIn(value === undefined ? [] : [value, ...rest]);
  if (!PAIRS.has(word) || value === undefined) return word;
  // "via inet6 fe80::1", "mtu lock 1400"
  return oddIn(/^(inet6?|lock)$/.test(value) ? rest.slice(1) : rest);
}
