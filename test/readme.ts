import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The commands in a section of the README, without comments, and with some words replaced. A section has one block of
 * commands or several.
 *
 * @param heading as it stands there: "## An experiment on hosts of your own"
 */
export function readme(heading: string, words: Readonly<Record<string, string>>): string[] {
  const text = readFileSync(join(__dirname, "..", "README.md"), "utf8");
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? "";
  const blocks = [...section.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block]) => block ?? "");
  if (blocks.length === 0) throw new Error(`README.md has no commands under "${heading}"`);
  const commands = blocks.flatMap((block) => block.split("\n")).map((line) => line.replace(/ +# .*/, ""));
  // The longest words first, because 10.0.0.1 is the beginning of 10.0.0.11.
  const order = Object.keys(words).sort((a, b) => b.length - a.length);
  return commands.map((line) => order.reduce((now, word) => now.replaceAll(word, words[word] as string), line));
}
