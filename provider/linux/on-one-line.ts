// A file of several that one look reads, on a line of its own.

/** Shell: prints standard input on one line, for `textOf`. Each base64 wraps lines, and not each has an option against it. */
export const ON_ONE_LINE = "base64 | tr -d '\\n'; echo";

/** The text that `ON_ONE_LINE` has printed. */
export function textOf(line: string): string {
  return Buffer.from(line, "base64").toString();
}
