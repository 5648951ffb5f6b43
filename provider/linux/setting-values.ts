/**
 * Shell: prints the values of kernel settings for `parseValues`. One process reads all of them, since a pattern may name a setting
 * of each of many interfaces. What is not there, or cannot be read, is left out.
 *
 * @param files words of the shell, from /proc/sys or a folder in it
 */
export function printValues(files: string): string {
  return `{ grep -sH '' -- ${files} || :; }`;
}

/** The value of each setting, by its file. */
export function parseValues(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => line.split(/:(.*)/).slice(0, 2) as [string, string]));
}
