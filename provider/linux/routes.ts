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
  const kept = words.filter(
    (word, i) => !FLEETING.has(word) && !FLEETING_PAIRS.has(word) && !FLEETING_PAIRS.has(words[i - 1] ?? ""),
  );
  const ends = words.includes("expires") || wordAfter(words, "proto") === "ra";
  const [via, device, source] = ["via", "dev", "src"].map((word) => wordAfter(kept, word));
  return [{ spec: kept, via, device, source, ...(ends && { ends }) }];
}

export function wordAfter(words: readonly string[], word: string): string | undefined {
  return words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
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
