import leven from "leven";

/** The name that a misspelled one is nearest to; undefined where none is near, or where most of its letters are others. */
export function nearest(names: readonly string[], misspelled: string): string | undefined {
  const distance = (name: string) => leven(name.toLowerCase(), misspelled.toLowerCase());
  const [first] = names.toSorted((a, b) => distance(a) - distance(b));
  if (first === undefined) return undefined;
  const isNear = 2 * distance(first) < first.length || letters(first) === letters(misspelled);
  return isNear ? first : undefined;
}

/** Letters that have changed places are the same ones. */
function letters(word: string): string {
  return [...word.toLowerCase()].sort().join("");
}

/** What other tools, or other classes here, call a property, by the names that it has in one of ours. */
const ALSO: readonly (readonly string[])[] = [
  ["device", "interface", "outInterface", "inInterface", "dev", "iface"],
  ["via", "gateway", "gw"],
  ["address", "ip", "rip"],
  ["path", "dest"],
  ["content", "src", "source", "text"],
  ["package", "name"],
  ["unit", "service", "name"],
  ["running", "started", "state"],
  ["user", "username", "owner", "name"],
  ["key", "name"],
  ["module", "name"],
  ["validate", "check"],
  ["vip", "address"],
  ["address", "vip"],
  ["destinations", "realServers", "servers"],
  ["servers", "realServers"],
  ["realServers", "servers"],
  ["virtuals", "services"],
  ["asn", "remoteAs"],
  ["routerId", "virtualRouterId"],
  ["ready", "timeout"],
  ["port", "listen"],
];

/** The one of these names that says what another word says elsewhere. */
export function otherWord(names: readonly string[], word: string): string | undefined {
  for (const group of ALSO.filter((one) => one.includes(word))) {
    const found = group.find((one) => names.includes(one));
    if (found !== undefined) return found;
  }
  return undefined;
}
