import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The commands in a section of a guide, without comments, and with some words replaced. A section has one block of
 * commands or several.
 *
 * @param guide its path in the checkout: "docs/own-hosts.md"
 * @param heading as it stands there: "## The first experiment"
 */
export function commandsOf(guide: string, heading: string, words: Readonly<Record<string, string>>): string[] {
  const text = readFileSync(join(__dirname, "..", guide), "utf8");
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? "";
  const blocks = [...section.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block]) => block ?? "");
  if (blocks.length === 0) throw new Error(`${guide} has no commands under "${heading}"`);
  const commands = blocks.flatMap((block) => block.split("\n")).map((line) => line.replace(/ +# .*/, ""));
  // The longest words first, because 10.0.0.1 is the beginning of 10.0.0.11.
  const order = Object.keys(words).sort((a, b) => b.length - a.length);
  return commands.map((line) => order.reduce((now, word) => now.replaceAll(word, words[word] as string), line));
}
