import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { TIERS } =
  jest.requireActual<typeof import("../../tools/test/tiers.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/test/tiers",
  );

// What can be said to the commands is answered in a fresh clone, where nothing is installed, compiled or made.

const root = join(__dirname, "../..");
const clone = mkdtempSync(join(tmpdir(), "lvs-clone-"));
const files = ["bootstrap.mjs", "cache-place.cjs", "commands.mjs", "compile.mjs", "npm-packages.mjs"];
beforeAll(() => {
  for (const file of files) cpSync(join(root, "tools", file), join(clone, "tools", file));
  for (const file of readdirSync(join(root, "examples")).filter((name) => name.endsWith(".ts")))
    cpSync(join(root, "examples", file), join(clone, "examples", file));
});
afterAll(() => rmSync(clone, { recursive: true }));

function said(...args: string[]) {
  const ran = spawnSync(process.execPath, [join(clone, "tools/bootstrap.mjs"), ...args], {
    cwd: clone,
    encoding: "utf8",
  });
  // A fresh clone has no package-lock.json here: what goes on fails at once.
  return { exit: ran.status, text: ran.stdout || ran.stderr };
}

const goesOn = expect.stringContaining("package-lock.json");

const experiments = ["bare", "dr", "ecmp", "ha", "health", "nat", "persistence", "shop"];

test.each<[string[], RegExp[]]>([
  [["start", "--help"], experiments.map((name) => new RegExp(`^  ${name} +\\S.{10,}\\.$`, "m"))],
  [["start", "nat", "--stack", "x", "--help"], [/--stack <name>/]],
  [
    ["test", "--help"],
    [...Object.entries(TIERS).map(([tier, says]) => new RegExp(`^  ${tier} +${says}$`, "m")), /^ {2}quick /m],
  ],
  [
    ["lab", "--help"],
    ["up", "down", "status", "ssh", "console", "run", "save", "restore", "saves"].map(
      (word) => new RegExp(`^  ${word}\\b.* {2}\\S`, "m"),
    ),
  ],
  [
    ["lab", "up", "--help"],
    [/--clients <number> +client hosts/, /--routed/],
  ],
  [["lab", "run", "-h"], [/--client <number>/]],
  [["pulumi", "--help"], [/Pulumi CLI/]],
  [["build", "--help"], [/install and compile/]],
  [["types", "--help"], [/check the types/]],
  [["docs", "--help"], [/reference/]],
  [["pictures", "--help"], [/docs\/pictures anew: the experiments/]],
  [
    ["bench", "--help"],
    [/beside other tools/, /--quick/],
  ],
  [["release", "--help"], [/--dry-run/]],
  [["artefact", "--help"], [/shop/]],
])("%j is described", (args, lines) => {
  const { exit, text } = said(...args);
  expect(exit).toBe(0);
  for (const line of lines) expect(text).toMatch(line);
});

test("every question of the benchmark is described", () => {
  const questions = readdirSync(join(root, "test/bench")).flatMap((file) => /^(.*)\.bench\.ts$/.exec(file)?.[1] ?? []);
  const { text } = said("bench", "realease");
  expect(
    text
      .replace(/.*There are: /, "")
      .trim()
      .split(", ")
      .sort(),
  ).toEqual(questions.sort());
});

test("every command of package.json is described", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const ours = Object.entries(scripts).filter(([, runs]) => String(runs).includes("bootstrap.mjs"));
  expect(ours.length).toBeGreaterThan(8);
  for (const [command] of ours) expect(said(command, "--help")).toMatchObject({ exit: 0 });
});

test.each<[string[], string]>([
  [
    ["start", "nta"],
    'There is no experiment "nta". Did you mean nat? There are: bare, dr, ecmp, ha, health, nat, persistence, shop',
  ],
  [["start", "hosts"], 'There is no experiment "hosts". '],
  [["test", "kernal"], 'There is no tier "kernal". Did you mean kernel? There are: style, '],
  [["test", "units", "test/none.test.ts"], "test: no file test/none.test.ts"],
  [["lab", "stauts"], 'There is no command of the lab "stauts". Did you mean status? '],
  [["lab"], "npm run lab -- <command>"],
  [["lab", "down"], "lab down: which one? "],
  [["release", "--dryrun"], 'There is no option of release "--dryrun". Did you mean --dry-run? '],
  [
    ["start", "--stak", "x"],
    'There is no option of start "--stak". Did you mean --stack? There are: --stack, --debian, --help',
  ],
  [["build", "--fast"], 'There is no option of build "--fast". '],
  [["bench", "realease"], 'There is no question of bench "realease". Did you mean release? '],
  [["strat"], 'There is no command "strat". Did you mean start? '],
])("%j is answered, and nothing is made", (args, words) => {
  const { exit, text } = said(...args);
  expect(exit).toBe(1);
  expect(text).toContain(words);
  expect(readdirSync(clone).sort()).toEqual(["examples", "tools"]);
  expect(readdirSync(join(clone, "tools")).sort()).toEqual(files);
});

test.each([
  [["start"]],
  [["start", "--stack", "mine"]],
  [["start", "--stack=mine"]],
  [["test", "--name=nothing", "units"]],
  [["bench", "--quick", "far-host"]],
  [["release", "--dry-run"]],
  [["start", "dr", "--stack", "mine"]],
  [["test", "-t", "nothing", "units"]],
  [["lab", "down", "nat"]],
  [["lab", "down", "--all"]],
  [["lab", "ssh", "nat/rs1", "ls", "--help"]],
  [["lab", "run", "nat", "curl", "--help"]],
  [["pulumi", "up", "--help"]],
  [["pulumi", "help"]],
])("%j goes on", (args) => {
  expect(said(...args)).toEqual({ exit: 1, text: goesOn });
});
