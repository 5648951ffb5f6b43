import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { host, makeScripts } from "./provider-scripts";
import { recordedScripts } from "./recorder";
import { sdkScripts } from "./sdk-scripts";
import { findings, type Script } from "./shellcheck";

jest.mock("../../provider/host/command", () =>
  jest.requireActual("./recorder").recording(jest.requireActual("../../provider/host/command")),
);
jest.mock("../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: unknown) => unknown) => work(host),
}));

const root = join(__dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

function filesIn(room: string): string[] {
  return (readdirSync(join(root, room), { recursive: true }) as string[])
    .map((name) => join(room, name))
    .filter((file) => !/\/(node_modules|dist)(\/|$)/.test(file) && statSync(join(root, file)).isFile());
}

/** The places where the provider makes a script, like "provider/kinds/file.ts:84". */
const places = filesIn("provider")
  .filter((file) => /\.ts$/.test(file) && file !== "provider/host/command.ts")
  .flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, i) => (/\b(sh|inline)\(/.test(line) ? [`${file}:${i + 1}`] : [])),
  );

let others: Script[];
beforeAll(async () => {
  others = await makeScripts();
});

test("every script of the provider is among those that are checked", () => {
  const made = recordedScripts().map(({ from }) => from);
  expect(places.filter((place) => !made.includes(place))).toEqual([]);
  expect(places.length).toBeGreaterThan(0);
});

/** What changes the shell that runs it, outside of a subshell. */
const CHANGES =
  /(?<![\w"$/.-])(exit|cd|exec|return|trap|umask|eval|for|while|until|case|read|export|unset|readonly|local|alias|function|getopts|command exec|set (?!-- ))(?![\w/.-])|(?<![\w"'-])[A-Za-z_]\w*=|:=/;

/** What is left of a script without its subshells and what they print. */
function outside(script: string): string {
  const patternsOfCase = /(?<=\bin |;; ?)[^()\s;]+\)/g;
  const strip = (text: string): string => {
    const less = text.replace(/\$?\([^()]*\)/g, " ");
    return less === text ? text : strip(less);
  };
  return strip(script.replaceAll("()", " function").replace(patternsOfCase, " "));
}

test("a script that runs in the trip's own shell leaves that as it is", () => {
  const inline = recordedScripts().filter((script) => script.inline);
  expect(inline.length).toBeGreaterThan(5);
  expect(inline.filter(({ text }) => CHANGES.test(outside(text)))).toEqual([]);
  for (const text of ["x=1; echo $x", "cd /etc && ls", '[ -e "$1" ] || exit', "for one in *; do :; done", "f() { :; }"])
    expect(outside(text)).toMatch(CHANGES);
});

test("scripts for hosts", () => {
  expect(findings([...recordedScripts(), ...others, ...sdkScripts()])).toEqual([]);
});

test("shell files of the repository", () => {
  const own = [".ci", "examples", "test", "tools"]
    .flatMap(filesIn)
    .filter((file) => !/\.\w+$/.test(file))
    .map((file) => ({ from: file, text: read(file) }))
    .filter(({ text }) => /^#!.*sh\n/.test(text));
  expect(own.map(({ from }) => from)).toContain(".ci/run");
  expect(findings(own)).toEqual([]);
});

test.each([
  ["a variable without quotes", 'rm -rf "/srv/"$1', "SC2086"],
  ["what POSIX does not have", "[[ -e /srv ]]", "SC3010"],
  ["a fault in a script within a script", `setsid sh -c 'rm -rf $1' sh "$1"`, "SC2086"],
])("%s is found", (_, text, code) => {
  expect(findings([{ from: "it", text }])).toEqual([expect.stringContaining(`it: ${code}: `)]);
});
