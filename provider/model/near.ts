import leven from "leven";

/** The name that a misspelled one is nearest to; undefined where none is near, or where most of its letters are others. */
export function nearest(names: readonly string[], misspelled: string): string | undefined {
  const distance = (name: string) => leven(name.toLowerCase(), misspelled.toLowerCase());
  const [first] = names.toSorted((a, b) => distance(a) - distance(b));
  return first !== undefined && distance(first) <= Math.round(0.4 * first.length) ? first : undefined;
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
  ["running", "started"],
];

/** The one of these names that says what another word says elsewhere. */
export function otherWord(names: readonly string[], word: string): string | undefined {
  for (const group of ALSO.filter((one) => one.includes(word))) {
    const found = group.find((one) => names.includes(one));
    if (found !== undefined) return found;
  }
  return undefined;
}
