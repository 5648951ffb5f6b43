import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { programOf, type Sdk } from "../../cli/main";

// The commands that README and the guides show are there, with these options and as many words.

const root = join(__dirname, "../..");
const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const guides = ["README.md", ...docs.map((name) => `docs/${name}`)];

const lines = guides.flatMap((guide) => shown(readFileSync(join(root, guide), "utf8")).map((line) => [guide, line]));

/** Lines of shell, and code in a sentence that has more than the command's name. */
function shown(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n(.*?)\n```/gs)].flatMap(([, block = ""]) => block.split("\n"));
  const said = [...text.replace(/```.*?```/gs, "").matchAll(/`(pulumi-lvs [^`<]+)`/g)].map(([, line = ""]) => line);
  // `completion` is not among the commands of the program itself: a library brings it.
  return [...blocks, ...said]
    .filter((line) => /^(npx )?pulumi-lvs (?!completion)/.test(line))
    .map((line) => line.replace(/ +#.*| \|.*/, ""));
}

function faults(program: Command, line: string, whole: boolean): string[] {
  const [name = "", ...words] = (line.replace(/^(npx )?pulumi-lvs /, "").match(/"[^"]*"|\S+/g) ?? []) as string[];
  const command = program.commands.find((one) => one.name() === name);
  if (!command) return [`there is no command ${name}`];
  const options = [...command.options, ...program.options];
  const wrong: string[] = [];
  const given: string[] = [];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const option = options.find((one) => one.long === word || one.short === word);
    if (option) {
      if (option.required) words.shift();
    } else if (word.startsWith("-")) wrong.push(`${name} has no option ${word}`);
    else given.push(word);
  }
  const { registeredArguments: wanted } = command;
  if (given.length > wanted.length && !wanted.some((one) => one.variadic))
    wrong.push(`${name} takes no ${given.pop()}`);
  const missing = wanted.filter((one) => one.required).length > given.length;
  return whole && missing ? [...wrong, `${name} wants more words`] : wrong;
}

test("there are some", () => {
  expect(lines.length).toBeGreaterThan(15);
});

test.each(lines)("%s: %s", (guide, line) => {
  const program = programOf({} as Sdk);
  const inBlock = readFileSync(join(root, guide as string), "utf8").includes(`\n${line}`);
  expect(faults(program, line as string, inBlock)).toEqual([]);
});

test.each([
  ["npx pulumi-lvs stats", "there is no command stats"],
  ["npx pulumi-lvs drain rs1 --why disk", "drain has no option --why"],
  ["npx pulumi-lvs drain", "drain wants more words"],
])("a fault is found: %s", (line, fault) => {
  expect(faults(programOf({} as Sdk), line, true)).toContain(fault);
});
