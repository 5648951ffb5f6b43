/** The tables that every Linux has (rtnetlink(7)), by number. `ip` prints these names, and knows them on every host. */
const OWN: ReadonlyMap<string, string> = new Map([
  ["253", "default"],
  ["254", "main"],
  ["255", "local"],
]);

/** One spelling of a table. Which table another name means is known on a host alone, so such a name stays as it is. */
export function normalTable(table: string): string {
  return OWN.get(table) ?? table;
}

/** The other spellings that a table of the kernel's own had in earlier versions. */
export function formerTables(normal: string): string[] {
  return [...OWN].flatMap(([number, name]) => (name === normal ? [number] : []));
}
