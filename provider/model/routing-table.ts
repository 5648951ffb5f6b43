/** The tables that every Linux has (rtnetlink(7)), by number. `ip` prints these names, and knows them on every host. */
const OWN: Readonly<Record<number, string>> = { 253: "default", 254: "main", 255: "local" };

/** Whether a text can be one routing table's name or number. What `ip` takes for every table, or for none, is not. */
export function isTable(text: string): boolean {
  return /^\w+$/.test(text) && !/^(all|cache|unspec)$/.test(text) && numberOf(text) !== 0;
}

/**
 * One spelling of a table: a name of the kernel's own, or a decimal number. Which table another name means is known on a host
 * alone, so such a name stays as it is.
 */
export function normalTable(text: string): string {
  const number = numberOf(text);
  return number === undefined ? text : (OWN[number] ?? String(number));
}

/** The other spellings that a table of the kernel's own had in earlier versions. */
export function formerTables(normal: string): string[] {
  return Object.entries(OWN).flatMap(([number, name]) => (name === normal ? [number] : []));
}

/** As strtoul(3) reads a number for `ip`. */
function numberOf(text: string): number | undefined {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0x[\da-f]+|0|[1-9]\d*)$/i.test(text) ? Number(text) : undefined;
}
