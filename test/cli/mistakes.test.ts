import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exported } from "./shown-site";

// Mistakes on the command line. Each is answered by what is wrong and what to write, before any host is asked.

interface Mistake {
  readonly mistake: string;
  readonly words: readonly string[];
  readonly says: RegExp;
  /** Default: 2, the words of the command line are wrong. */
  readonly exit?: 1;
}

const mistakes: readonly Mistake[] = [
  { mistake: "a command that there is not", words: ["stats"], says: /unknown command 'stats'.*Did you mean status\?/s },
  {
    mistake: "an option that there is not",
    words: ["status", "--jsno"],
    says: /unknown option '--jsno'.*Did you mean --json\?/s,
  },
  { mistake: "a word too many", words: ["status", "rs1"], says: /too many arguments for 'status'/ },
  { mistake: "nothing to drain", words: ["drain", "--reason", "a disk"], says: /missing required argument 'server'/ },
  {
    mistake: "a drain without a reason",
    words: ["drain", "rs1"],
    says: /required option '--reason <text>' not specified/,
  },
  {
    mistake: "a reason without words",
    words: ["drain", "rs1", "--reason"],
    says: /option '--reason <text>' argument missing/,
  },
  {
    mistake: "a reason that is empty",
    words: ["drain", "rs1", "--reason", " "],
    says: /'--reason <text>' argument ' ' is invalid\. some words/,
  },
  {
    mistake: "a stack where nothing is up yet",
    words: ["-s", "empty", "status"],
    says: /the stack's state is empty: run `pulumi up` first, or name another stack by --stack/,
    exit: 1,
  },
  {
    mistake: "a stack of something else",
    words: ["-s", "else", "doctor"],
    says: /the stack else\/dev has no host of pulumi-lvs: run `pulumi up` first, or name another stack/,
    exit: 1,
  },
  {
    mistake: "a wrong passphrase",
    words: ["-s", "locked", "status"],
    says: /reading the stack's state by `pulumi stack export`: error: incorrect passphrase \(the same passphrase as for/,
    exit: 1,
  },
  {
    mistake: "a picture of a program that declares nothing of ours",
    words: ["-s", "empty", "graph", "--program"],
    says: /the program declares no host of pulumi-lvs/,
    exit: 1,
  },
  {
    mistake: "a picture of a program that fails",
    words: ["-s", "broken", "graph", "--program"],
    says: /previewing the program by `pulumi preview`: error: it is wrong\n$/,
    exit: 1,
  },
  {
    mistake: "a page of what is not up",
    words: ["graph", "--program", "--format", "html"],
    says: /--program asks no host: leave --now out, and say --format svg or mermaid/,
  },
  {
    mistake: "a time with its unit",
    words: ["drain", "rs1", "--reason", "a disk", "--timeout", "5m"],
    says: /'--timeout <seconds>' argument '5m' is invalid. seconds, from 0 to 86400/,
  },
  {
    mistake: "watch every 0 s",
    words: ["watch", "--every", "0"],
    says: /'--every <seconds>' argument '0' is invalid. a number from 1 to/,
  },
  {
    mistake: "an order that there is not",
    words: ["watch", "--sort", "names"],
    says: /argument 'names' is invalid. Allowed choices are name, connections, rate, weight/,
  },
  {
    mistake: "a format that there is not",
    words: ["graph", "--format", "png"],
    says: /argument 'png' is invalid. Allowed choices are mermaid, svg, html/,
  },
  {
    mistake: "a live picture that is no page",
    words: ["graph", "--live"],
    says: /say --format html, and where by --output/,
  },
  {
    mistake: "a picture every two seconds that is not live",
    words: ["graph", "--every", "2"],
    says: /--every is for --live: say --live --format html, and where by --output, or leave it out/,
  },
  {
    mistake: "three pictures that are not live",
    words: ["graph", "--format", "svg", "--times", "3"],
    says: /--times is for --live: say --live/,
  },
  { mistake: "the claims of no host", words: ["claims"], says: /missing required argument 'host'/ },
  {
    mistake: "the claims of a host that the stack has not",
    words: ["claims", "rs9"],
    says: /the stack has no host rs9: it has director, rs1, rs2, rs3/,
    exit: 1,
  },
  {
    mistake: "a time that an empty variable gives",
    words: ["drain", "rs1", "--reason", "a disk", "--timeout", ""],
    says: /'--timeout <seconds>' argument '' is invalid. seconds, from 0 to 86400/,
  },
  {
    mistake: "a stack that an empty variable names: the selected one is another",
    words: ["-s", "", "status"],
    says: /--stack is empty: name the stack, or leave the option out/,
    exit: 1,
  },
  {
    mistake: "a project that is somewhere else",
    words: ["-C", "/", "status"],
    says: /neither \/ nor a folder above it has a Pulumi\.yaml: name the project's folder by --cwd/,
    exit: 1,
  },
  { mistake: "nobody to take over", words: ["adopt"], says: /missing required argument 'host'/ },
  {
    mistake: "a host to take over that is none",
    words: ["adopt", "root@"],
    says: /host root-: address: is neither an address nor a host's name: write it like/,
    exit: 1,
  },
  {
    mistake: "a host to take over as a URL",
    words: ["adopt", "ssh://root@192.0.2.1"],
    says: /"ssh:\/\/root@192\.0\.2\.1" names no host: write \[name=\]\[user@\]address\[:port\]/,
    exit: 1,
  },
  {
    mistake: "a host to take over whose name ends with a colon",
    words: ["adopt", "director:root@192.0.2.1"],
    says: /"director:root@192\.0\.2\.1" names no host: write/,
    exit: 1,
  },
  {
    mistake: "a port to reach a host by that there is not",
    words: ["adopt", "rs1=192.0.2.1:99999"],
    says: /host rs1: port: is more than 65535: give at most 65535/,
    exit: 1,
  },
  {
    mistake: "two hosts of one name",
    words: ["adopt", "a=192.0.2.1", "a=192.0.2.2"],
    says: /two hosts are named a: give/,
    exit: 1,
  },
  {
    mistake: "a way through a host that is not named",
    words: ["adopt", "192.0.2.1", "--jump", "gate"],
    says: /--jump gate: none of the hosts has this name: 192\.0\.2\.1/,
    exit: 1,
  },
  {
    mistake: "a folder that is there",
    words: ["adopt", "192.0.2.1", "--out", "/"],
    says: /\/ is there already: name a new folder by --out/,
    exit: 1,
  },
  {
    mistake: "a stack for a program that is written, and an empty variable names it",
    words: ["-s", "", "adopt", "192.0.2.1", "--out", "/nonexistent/adopted"],
    says: /--stack is empty: name the stack, or leave the option out/,
    exit: 1,
  },
  {
    mistake: "a private key that is not there",
    words: ["adopt", "192.0.2.1", "--identity", "/nonexistent/id"],
    says: /--identity \/nonexistent\/id: there is no file \/nonexistent\/id: name one that is there/,
    exit: 1,
  },
  { mistake: "a shell without completion", words: ["completion", "csh"], says: /csh/ },
];

/** Runs the command once for each, in one process. A word that is refused ends it before it reaches anybody. */
function answers(project: string): { text: string; exit: number }[] {
  const script = `
    const { main } = require(${JSON.stringify(require.resolve("../../cli/dist/main.js"))});
    (async () => {
      const told = [];
      const write = process.stderr.write.bind(process.stderr);
      for (const words of ${JSON.stringify(mistakes.map(({ words }) => words))}) {
        let text = "";
        process.exitCode = 0;
        process.chdir(${JSON.stringify(project)});
        process.stderr.write = (part) => (text += part, true);
        await main(words, {});
        process.stderr.write = write;
        told.push({ text, exit: process.exitCode });
      }
      process.exitCode = 0;
      process.stdout.write(JSON.stringify(told));
    })();`;
  const env = { ...process.env, PATH: `${project}:${process.env.PATH}` };
  const ran = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", env });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

const project = mkdtempSync(join(tmpdir(), "lvs-mistakes-"));
writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
// In the place of the Pulumi CLI: it prints a stack's state, whatever it is asked.
const elsewhere = {
  deployment: { resources: [{ urn: "urn:pulumi:dev::else::pulumi:pulumi:Stack::else-dev", type: "" }] },
};
const failing = { diagnostics: [{ severity: "error", message: "error: it is wrong\n" }] };
writeFileSync(
  join(project, "pulumi"),
  `#!/bin/sh
case "$*" in
  *"--stack empty") echo '{}';;
  *"--stack else") echo '${JSON.stringify(elsewhere)}';;
  *"--stack locked") echo "error: incorrect passphrase" >&2; exit 255;;
  *"--stack broken") echo "warning: about something" >&2; printf %s '${JSON.stringify(failing)}'; exit 255;;
  *) cat <<'END'
${JSON.stringify(exported)}
END
esac
`,
);
chmodSync(join(project, "pulumi"), 0o755);
const told = answers(project);
afterAll(() => rmSync(project, { recursive: true }));

test.each(mistakes.map((one, at) => [one.mistake, one, told[at]] as const))("%s", (_, { says, exit = 2 }, answer) => {
  expect(answer?.text).toMatch(says);
  expect(answer?.text).not.toMatch(/^\s+at |TypeError|undefined|ENOENT/m);
  expect(answer?.exit).toBe(exit);
});
