import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// The commands of the checkout that README and the guides show: `npm start`, `npm test`, `npm run …`. Each is there, takes these
// words and options, and gets them: npm keeps an option for itself that stands before `--`.

const root = join(__dirname, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const names = (folder: string) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
const guides = ["README.md", "DESIGN.md", "CONTRIBUTING.md", ...names("docs").map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith(".md") && !name.startsWith("docs/.site"),
);

/** Commands in blocks, and in the code of a sentence or a table. A word `<…>` or `…` is the reader's. */
function shown(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n(.*?)\n```/gs)].flatMap(([, block = ""]) => block.split("\n"));
  const said = [...text.replace(/```.*?```/gs, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...blocks, ...said]
    .flatMap((line) => line.replace(/\s#.*/, "").split(/ && |; | \| /))
    .map((line) => line.replace(/^([A-Z_]+=\S+ )+|( 2>&1)?$/g, "").trim())
    .filter((line) => /^npm (start|test|run)\b/.test(line) && !/<|…/.test(line) && !NAMES.includes(line));
}

/** What a sentence calls many commands by. */
const NAMES = ["npm run", "npm run lab"];

const lines = guides.flatMap((guide) => shown(read(guide)).map((line) => [guide, line] as const));

interface Tools {
  readonly answers: readonly ({ readonly text: string; readonly exit: number } | null)[];
  readonly lab: Readonly<Record<string, { readonly options?: Readonly<Record<string, string>> }>>;
}

/** What the first step of these commands says, without running any of them. */
function answers(all: readonly (readonly string[])[]): Tools {
  const script = `import { answer, LAB } from ${JSON.stringify(join(root, "tools/commands.mjs"))};
    const answers = JSON.parse(process.argv[1]).map((words) => answer(words) ?? null);
    console.log(JSON.stringify({ answers, lab: LAB }));`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", script, JSON.stringify(all)], {
    ...{ cwd: root, encoding: "utf8" },
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

/** The words that the command gets, and those that npm keeps. */
function wordsOf(line: string): { script: string; words: string[]; kept: string[] } {
  const all = (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
  const [script = "", ...rest] = all[0] === "run" ? all.slice(1) : all;
  const end = rest.indexOf("--");
  const before = end < 0 ? rest : rest.slice(0, end);
  const kept = before.filter((word) => word.startsWith("-"));
  return {
    script,
    words: [...before.filter((word) => !word.startsWith("-")), ...rest.slice(end < 0 ? rest.length : end + 1)],
    kept,
  };
}

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
/** The keys of a stack's configuration that the experiments read. */
const keys = new Set(
  names("examples")
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => [...read(`examples/${name}`).matchAll(/onfig(?:\(\))?\.\w+(?:<.*?>)?\(\s*"(\w+)"/g)])
    .map(([, key]) => key as string),
);

function faults(all: readonly string[]): string[][] {
  const parsed = all.map(wordsOf);
  const { answers: said, lab } = answers(parsed.map(({ script, words }) => [script, ...words]));
  return parsed.map(({ script, words, kept }, at) => {
    const wrong = kept.map((option) => `npm keeps ${option} for itself: it stands before --`);
    if (!(script in scripts)) return [...wrong, `there is no script ${script}`];
    if (/^biome/.test(scripts[script] as string)) return wrong;
    const answer = said[at];
    if (answer && answer.exit !== 0) wrong.push(answer.text);
    if (script === "lab") {
      const options = Object.keys(lab[words[0] as string]?.options ?? {}).map((one) => one.split(" ")[0]);
      // What follows a guest or a stack is a command there.
      const own = words[0] === "ssh" ? [] : words[0] === "run" ? words.slice(1, 2) : words.slice(1);
      wrong.push(
        ...own.filter((word) => /^-/.test(word) && !options.includes(word)).map((word) => `lab has no ${word}`),
      );
    }
    if (script === "pulumi" && words[0] === "config" && words[1] === "set") {
      const [key = ""] = words.slice(2).filter((word) => !word.startsWith("-"));
      const first = key.replace(/^[\w-]+:/, "").split(/[.[]/)[0] as string;
      if (!keys.has(first)) wrong.push(`no experiment reads ${first}`);
    }
    return wrong;
  });
}

test("the commands of README and the guides are there, and take these words", () => {
  expect(lines.length).toBeGreaterThan(80);
  expect(keys.size).toBeGreaterThan(20);
  const found = faults(lines.map(([, line]) => line));
  expect(
    lines.flatMap(([guide, line], at) => (found[at] as string[]).map((fault) => `${guide}: ${line}: ${fault}`)),
  ).toEqual([]);
});

test.each([
  ["npm run labs -- status", "there is no script labs"],
  ["npm start net", 'There is no experiment "net"'],
  ["npm start nat --stack x", "npm keeps --stack for itself"],
  ["npm test test/kernel/none.test.ts", "no file test/kernel/none.test.ts"],
  ["npm run lab -- up nat --client 3", "lab has no --client"],
  ["npm run pulumi -- config set --path 'host.director.address' 10.0.0.1 -s shop", "no experiment reads host"],
])("a fault is found: %s", (line, fault) => {
  expect((faults([line])[0] as string[]).join()).toContain(fault);
});
