// What can be said to `npm start`, `npm test` and `npm run …`, and the answer to a word that is none of it. This file is plain
// Node: the answer comes before anything is installed, compiled or made.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The tiers of tests, cheapest first. */
export const TIERS = {
  style: "lint, format, shell scripts and types",
  units: "kinds, reconcile, SDK, SSH sessions, the real dynamic-provider process",
  namespaces: "hosts as network namespaces with their own sshd",
  kernel: "real Linux kernels with real IPVS, without machines",
  engine: "`pulumi` and its own engine, on hosts without machines: replace, rename, move, interrupt",
  lab: "real VMs, real units and reboots, real `pulumi up`",
};

/** Words for several tiers. */
export const SEVERAL = { quick: ["style", "units", "namespaces", "kernel"] };

/** The experiments, each by the comment at the beginning of its file. */
export function experiments() {
  const folder = join(root, "examples");
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => [file.slice(0, -".ts".length), readFileSync(join(folder, file), "utf8")]);
  const described = texts.map(([name, text]) => [
    name,
    /^\/\/ Experiment(?: \d+)?: ([\s\S]*?\.)(?=\s)/m.exec(text)?.[1],
  ]);
  return Object.fromEntries(
    described.filter(([, says]) => says).map(([name, says]) => [name, says.replaceAll("\n// ", " ")]),
  );
}

/** @typedef {{ usage: string, says: string, options?: Record<string, string> }} Described */

/** @type {Record<string, Described>} */
export const LAB = {
  up: {
    usage: "up <stack>",
    says: "bring a stack's lab up, or repair it",
    options: {
      "--clients <number>": "client hosts on the LAN, 0 to 50; default: as many as the lab has, at first 2",
      "--debian <number>": "the release of the guests' Debian, 12 or 13; default: that of the lab, at first 12",
      "--routed <vm...>": "guests to manage over their default route, so that a wrong one cuts us off",
    },
  },
  down: {
    usage: "down <stack>",
    says: "take a stack's lab down: machines, network, state",
    options: { "--all": "every lab of this checkout" },
  },
  status: { usage: "status", says: "which labs are up, and their guests" },
  ssh: { usage: "ssh <stack/vm> [command...]", says: "a login on a guest, or one command" },
  console: { usage: "console <stack/vm>", says: "a guest's serial console; Ctrl-] leaves it" },
  run: {
    usage: "run <stack> <command...>",
    says: "a command in the lab's own network",
    options: { "--client <number>": "from this client host" },
  },
  save: {
    usage: "save <stack> <name>",
    says: "keep a stack's guests, keys, state and configuration as they are now, outside the checkout",
  },
  restore: {
    usage: "restore <stack> <name>",
    says: "bring a lab into a state that was saved, in the place of what is there",
  },
  saves: { usage: "saves", says: "what was saved, and whether it can be restored here" },
};

/** The questions of the benchmark: the files of test/bench. */
export const QUESTIONS = ["fleet", "pulumi", "far-host", "large-fleet", "resource", "large-table", "release"];

/** @type {Record<string, Described>} */
export const COMMANDS = {
  start: {
    usage: "npm start [experiment]",
    says: "bring up an experiment in the embedded lab and show its traffic; default: nat",
    options: {
      "--stack <name>": "the stack's name; default: the experiment's",
      "--debian <number>": "the release of the machines' Debian, 12 or 13; default: that of the lab, at first 12",
    },
  },
  test: {
    usage: "npm test [tiers or files...]",
    says: "all tests, or these; ends with how long they took and what failed",
    options: { "-t, --name <pattern>": "only tests whose names match" },
  },
  bench: {
    usage: "npm run bench [questions...]",
    says: `how fast we are beside other tools: ${QUESTIONS.join(", ")}; writes docs/performance.md`,
    options: { "--quick": "few hosts, one round, nothing is written" },
  },
  lab: { usage: "npm run lab -- <command>", says: "the embedded lab: its machines and its network" },
  pulumi: {
    usage: "npm run pulumi -- <command>",
    says: "the Pulumi CLI in the right environment and namespace: up, preview, refresh, destroy, config …",
  },
  build: { usage: "npm run build", says: "install and compile everything" },
  artefact: { usage: "npm run artefact", says: "build the shop of examples/shop, and say where it lies" },
  release: {
    usage: "npm run release",
    says: "pack what is published, try it as a new user does, and publish it",
    options: { "--dry-run": "all but the publishing" },
  },
  types: { usage: "npm run types", says: "check the types of the packages, the tools, the examples and the tests" },
  docs: {
    usage: "npm run docs",
    says: "make the reference of the SDK, with the guides beside it: docs/.site/index.html",
  },
  pictures: {
    usage: "npm run pictures",
    says: "make docs/pictures anew: the experiments from their programs, and the page of pulumi-lvs graph",
  },
};

/**
 * The answer that needs nothing but this file; undefined where the command can go on.
 *
 * @param {readonly string[]} args
 * @returns {{ text: string, exit: number } | undefined}
 */
export function answer([command = "", ...rest]) {
  const end = rest.indexOf("--");
  const own = end < 0 ? rest : rest.slice(0, end);
  const words = withoutOptions(own, (command in COMMANDS && COMMANDS[command].options) || {});
  // What comes after these words is for another program.
  const last = { pulumi: 0, ssh: 2, run: 2 }[command === "lab" ? words[0] : command];
  const before = last === undefined ? own : own.slice(0, own.indexOf(words[last] ?? "") + 1 || own.length);
  if (!(command in COMMANDS)) return wrong("command", command, Object.keys(COMMANDS));
  if (before.some((word) => word === "--help" || word === "-h") || (words[0] === "help" && command !== "pulumi"))
    return { text: help(command, words[0]), exit: 0 };
  const option = wrongOption(command, own);
  if (option) return option;
  const question = command === "bench" && words.find((word) => !QUESTIONS.includes(word));
  if (question) return wrong("question of bench", question, QUESTIONS);
  if (command === "start" && words[0] !== undefined && !(words[0] in experiments()))
    return wrong("experiment", words[0], Object.keys(experiments()));
  if (command === "lab" && words[0] === undefined) return { text: help("lab"), exit: 1 };
  if (command === "lab" && !(words[0] in LAB)) return wrong("command of the lab", words[0], Object.keys(LAB));
  if (command === "lab" && words[0] === "down" && words.length < 2 && !own.includes("--all"))
    return { text: "lab down: which one? Name a stack (npm run lab -- status lists them), or say --all", exit: 1 };
  return command === "test" ? wrongTest(words) : undefined;
}

/** The words without options, and without what follows an option that takes a value. */
function withoutOptions(words, options) {
  const takes = Object.keys(options)
    .filter((one) => one.includes("<"))
    .flatMap((one) => one.match(/--?\w+/g) ?? []);
  return words.filter((word, at) => !word.startsWith("-") && !takes.includes(words[at - 1]));
}

/** The commands of the lab and of Pulumi judge their options by themselves. */
function wrongOption(command, words) {
  if (command === "lab" || command === "pulumi") return undefined;
  const known = Object.keys(COMMANDS[command].options ?? {}).flatMap((one) => one.match(/--?[a-z-]+/g) ?? []);
  const isKnown = (word) => known.includes(word.replace(/=.*/, "")) || known.includes(/^-[a-z]/.exec(word)?.[0]);
  const unknown = words.find((word) => word.startsWith("-") && !isKnown(word));
  return unknown === undefined ? undefined : wrong(`option of ${command}`, unknown, [...known, "--help"]);
}

function wrongTest(words) {
  const known = [...Object.keys(TIERS), ...Object.keys(SEVERAL)];
  const unknown = words.find((word) => /^[a-z]+$/.test(word) && !known.includes(word));
  const missing = words.find((word) => word.endsWith(".test.ts") && !existsSync(word));
  if (missing !== undefined) return { text: `test: no file ${missing}`, exit: 1 };
  return unknown === undefined || words.some((word) => word.endsWith(".test.ts"))
    ? undefined
    : wrong("tier", unknown, known);
}

/** What can be said to a command, or to one of the lab's commands. */
export function help(command, word = "") {
  const described = COMMANDS[command];
  if (command === "lab" && word in LAB) return page({ ...LAB[word], usage: `npm run lab -- ${LAB[word].usage}` });
  if (command === "start") return page(described, ["Experiments:", experiments()]);
  if (command === "test")
    return page(
      described,
      ["Tiers:", { ...TIERS, ...several() }],
      "Files of tests run alone: npm test test/kernel/dr.test.ts",
    );
  if (command === "pulumi") return page(described, "Pulumi's own help: npm run pulumi -- help");
  const others = Object.keys(COMMANDS).filter((one) => one !== "start" && one !== "test");
  if (command !== "lab")
    return page(described, `All commands: npm start, npm test, npm run ${others.join("|")}, each with -- --help`);
  const commands = Object.values(LAB).map(({ usage, says }) => [usage, says]);
  return page(described, ["Commands:", Object.fromEntries(commands)], "One of them: npm run lab -- up --help");
}

function several() {
  return Object.fromEntries(
    Object.entries(SEVERAL).map(([word, tiers]) => [
      word,
      `${tiers.join(", ")}, without what takes long: what to run all the time`,
    ]),
  );
}

function page({ usage, says, options }, ...parts) {
  const all = [...parts, ...(options ? [["Options, after --:", options]] : [])];
  return [
    `${usage}\n\n  ${says}`,
    ...all.map((part) => (typeof part === "string" ? part : `${part[0]}\n${table(part[1])}`)),
  ].join("\n\n");
}

function table(lines) {
  const width = Math.max(...Object.keys(lines).map((name) => name.length)) + 2;
  return Object.entries(lines)
    .map(([name, says]) => `  ${name.padEnd(width)}${says}`)
    .join("\n");
}

function wrong(what, word, known) {
  const near = known.map((one) => [distance(one, word.toLowerCase()), one]).sort(([a], [b]) => a - b)[0];
  const hint = near && near[0] <= Math.max(2, 0.4 * near[1].length) ? ` Did you mean ${near[1]}?` : "";
  return { text: `There is no ${what} "${word}".${hint} There are: ${known.join(", ")}`, exit: 1 };
}

/** How many letters differ; two that changed places are one. The package leven would have to be installed first. */
function distance(one, other) {
  let before = [];
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, another] of [...other].entries()) {
      const swapped = i > 0 && j > 0 && letter === other[j - 1] && one[i - 1] === another;
      const changed = row[j] + (letter === another ? 0 : 1);
      next.push(Math.min(changed, row[j + 1] + 1, next[j] + 1, swapped ? before[j - 1] + 1 : changed));
    }
    [before, row] = [row, next];
  }
  return row[other.length];
}
