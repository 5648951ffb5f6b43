import { LvsError } from "../host/errors";
import { type Fact, fact, facts } from "../host/fact";

/** ufw(8): whether it filters, and the rules that were added, as its own arguments. */
export interface Ufw {
  readonly active: boolean;
  readonly added: readonly string[];
}

export const ufwThere: Fact<Ufw> = facts<Ufw>({
  active: says(["status"], (text) => text.startsWith("Status: active")),
  added: says(["show", "added"], (text) => text.split("\n")),
});

/** A host without ufw has no rules of it. One that does not answer may have some. */
function says<T>(words: readonly string[], read: (output: string) => T): Fact<T> {
  return fact({ argv: ["ufw", ...words] }, ({ exit, stdout, stderr }) => {
    if (exit !== 0 && exit !== 127)
      throw new LvsError(
        `ufw does not answer: ${(stderr + stdout).trim()}. Does "ufw ${words.join(" ")}" work there? Mend that, and run again`,
      );
    return read(stdout);
  });
}
