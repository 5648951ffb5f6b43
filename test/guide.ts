import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { transformSync } from "@swc/core";

// What README and the guides show, as tests execute it: a command as a shell gets it, and a program as Pulumi runs it. Each stands
// there for the addresses and names of the guide, and runs with those of the test's hosts.

/** Words of a guide, mostly addresses, and what the test's hosts have in their place. */
export type Words = Readonly<Record<string, string>>;

/** The whole text of a guide. */
export const textOf = (guide: string) => readFileSync(join(__dirname, "..", guide), "utf8");

/** The blocks of a guide that are in a language: "text". */
export function blocksOf(guide: string, language: string, words: Words = {}): string[] {
  const fence = new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, "gs");
  return [...textOf(guide).matchAll(fence)].map(([, block = ""]) => replaced(block, words));
}

/** The longest words first, because 10.0.0.1 is the beginning of 10.0.0.11. */
function replaced(text: string, words: Words): string {
  const order = Object.keys(words).sort((a, b) => b.length - a.length);
  return order.reduce((now, word) => now.replaceAll(word, words[word] as string), text);
}

/**
 * The commands in a section of a guide, without comments, and with some words replaced. A section has one block of
 * commands or several.
 *
 * @param guide its path in the checkout: "docs/own-hosts.md"
 * @param heading as it stands there: "## The first experiment"
 */
export function commandsOf(guide: string, heading: string, words: Words = {}): string[] {
  const section = `\n${textOf(guide)}`.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? "";
  const blocks = [...section.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block]) => block ?? "");
  if (blocks.length === 0) throw new Error(`${guide} has no commands under "${heading}"`);
  const commands = blocks.flatMap((block) => block.split("\n")).map((line) => line.replace(/ +# .*/, ""));
  return commands.map((line) => replaced(line, words));
}

/** A piece of code that a guide shows, and where the code stands. */
export interface Shown {
  readonly from: string;
  readonly code: string;
}

/** The programs of a guide. */
export function programsOf(guide: string): Shown[] {
  return blocksOf(guide, "ts").map((code, at) => ({
    from: `${guide}, program ${at + 1}: ${(code.split("\n")[0] ?? "").trim()}`,
    code,
  }));
}

/** A line of a program that stands for what is left out. */
export const LEFT_OUT = /^\s*(\/\/ )?…,?$/gm;

/** What a test gives to a program of a guide. */
export interface Given {
  readonly words?: Words;
  /** What the program names without making it, as `director`: `test/sdk/lab/snippets.ts` has them all. */
  readonly named?: Readonly<Record<string, unknown>>;
  /** The properties for which a line `…` stands. */
  readonly leftOut?: object;
}

/**
 * Runs a program of a guide. Returns what the program exports.
 *
 * @param having a text that one program of the guide has, and no other one
 */
export function runProgram(guide: string, having: string, given: Given = {}): Record<string, unknown> {
  const found = programsOf(guide).filter(({ code }) => code.includes(having));
  const [program] = found;
  if (!program || found.length > 1) throw new Error(`${guide} has ${found.length} programs with "${having}"`);
  const { words = {}, named = {}, leftOut } = given;
  if (!leftOut && program.code.search(LEFT_OUT) >= 0) throw new Error(`${program.from}: what does "…" stand for?`);
  const { code } = transformSync(replaced(program.code, words).replace(LEFT_OUT, "...leftOut,"), {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs" },
  });
  const names = { ...require("pulumi-lvs"), pulumi, ...named, leftOut };
  const exported = {};
  new Function("exports", "require", ...Object.keys(names), code)(exported, require, ...Object.values(names));
  return exported;
}

/** What a program of a guide gives to the only thing that it makes of this class: the name, and the arguments. */
// biome-ignore lint/suspicious/noExplicitAny: the caller's own declaration is compiled with them.
export function givenTo(made: string, guide: string, having: string, given: Given = {}): [name: string, args: any] {
  const calls: unknown[][] = [];
  class Recorder {
    constructor(...call: unknown[]) {
      calls.push(call);
    }
  }
  runProgram(guide, having, { ...given, named: { ...given.named, [made]: Recorder } });
  const [call] = calls;
  if (!call || calls.length > 1) throw new Error(`${guide}: ${calls.length} of ${made}`);
  return call as [string, unknown];
}
