import type { Problem } from "pulumi-lvs-provider/model";
import type { Say } from "../arguments/checked-services";

// What stands as it is in keepalived.conf: a sign of a comment, an escape or a variable would mean something else there.

/** A word of a line, and of a command. */
export const WORD = /^[\w.,:/=%+@-]+$/;

export function unwritable(text: string): string {
  return text === ""
    ? "is empty: leave it out"
    : `${JSON.stringify(text)} has a sign that means something else in keepalived.conf: leave it out`;
}

/** The problems of a command that keepalived runs. */
export function commandProblems(property: string, argv: readonly string[] | undefined, say: Say): Problem[] {
  if (!argv) return [];
  const bad = argv.find((word) => !WORD.test(word));
  return [
    ...say(
      property,
      !argv[0]?.startsWith("/") && "begins with the program's path: write it whole, like /usr/local/bin/check",
    ),
    ...say(property, bad !== undefined && unwritable(bad)),
  ];
}
