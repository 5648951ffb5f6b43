import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reply } from "../../provider/host/command";
import type { Change, Kind } from "../../provider/reconcile/kind";

/**
 * A case is data: cases/<Kind>/*.json holds one, or a list of them. `want` and `had` are inputs, as a user writes them.
 *
 * - inputs → `problems` (property, part of the reason), or the normal form `normal`
 * - want or had, replies → `seen`, and what is `reported` of it, or the `error`
 * - had, want, found, seen → `steps`: the purpose of each, and of its command `argv`, `args` (those of a script) or `stdin`;
 *   and the files that act at boot; or the `error`
 * - want, seen → `refused`: why what is there could not be put back
 */
export interface Case {
  name: string;
  inputs?: Record<string, unknown>;
  problems?: { property: string; reason: string }[];
  normal?: object;
  had?: Record<string, unknown>;
  want?: Record<string, unknown>;
  found?: object;
  replies?: (Partial<Reply> | string)[];
  seen?: object | null;
  reported?: object;
  error?: string;
  refused?: string;
  steps?: { purpose: string; argv?: string[]; args?: string[]; stdin?: string }[];
  boot?: { path: string; text: string }[];
}

const folder = join(__dirname, "cases");

/** The names of the kinds that have cases. */
export const kindsWithCases = readdirSync(folder);

export function casesOf(kindName: string): Case[] {
  return readdirSync(join(folder, kindName)).flatMap((file) => {
    const data = JSON.parse(readFileSync(join(folder, kindName, file), "utf8")) as Case | Case[];
    return [data].flat().map((one) => ({ ...one, name: one.name ?? file }));
  });
}

export function changeOf(kind: Kind, { had, want, found }: Pick<Case, "had" | "want" | "found">): Change<object> {
  return {
    ...(had && { had: kind.inputs.parse(had) }),
    ...(want && { want: kind.inputs.parse(want) }),
    ...(found && { found }),
  };
}

/** A reply in full. A text alone is the output of a command that succeeded. */
export function reply(given: Partial<Reply> | string): Reply {
  return { exit: 0, stdout: "", stderr: "", ...(typeof given === "string" ? { stdout: given } : given) };
}
