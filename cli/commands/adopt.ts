import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { counted, issuesNow } from "pulumi-lvs-provider/model";
import { type DeclaredHost, declaredHost, HostError, LvsError } from "pulumi-lvs-provider/operations";
import { type Adoption, adoption } from "../adopt/adopt";
import type { Sdk } from "../adopt/program";
import { render, variable } from "../adopt/render";
import { print, say } from "../ending";
import { shown } from "../graph/shown";
import { refuseEmptyStack } from "../stack";

interface Options {
  readonly out: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly jump?: string;
  readonly sudo?: boolean;
}

/** `adopt`: writes a program that declares what hosts have already, and proves that its first `up` changes nothing. */
export function adopt(program: Command, sdk: Sdk): void {
  program
    .command("adopt")
    .argument("<host...>", "a director and its real servers, each as [name=][user@]address[:port]")
    .description(
      "look at hosts that are a site already, and write the program that declares it; changes nothing on any host",
    )
    .option("-o, --out <folder>", "the new folder for the program", "adopted")
    .option("-i, --identity <file>", "the private key (default: the agent's, then those in ~/.ssh)")
    .option("--known-hosts <file>", "the known_hosts file that has the hosts' keys (default: ~/.ssh/known_hosts)")
    .option("--jump <name>", "the one of the hosts through which the others are reached")
    .option("--sudo", "become root by sudo, without a password")
    .action(async (words: string[], options: Options, command: Command) => {
      const { stack, json } = command.optsWithGlobals<{ stack?: string; json?: boolean }>();
      refuseEmptyStack(stack);
      const hosts = hostsOf(words, options);
      const folder = resolve(options.out);
      if (existsSync(folder)) throw new LvsError(`${folder} is there already: name a new folder by --out`);
      const declared = declaredHosts(hosts);
      process.stderr.write(
        `looking at ${counted(hosts.size, "host")}, and asking there for all that may be declared\n`,
      );
      const found = await adoption(declared, sdk).catch(inOptions);
      const name = stack?.split("/").at(-1) ?? "adopted";
      const files = filesOf(basename(folder).replace(/[^\w.-]/g, "-"), name, hosts, found);
      await write(folder, files);
      if (stack !== undefined) await keepSecrets(folder, stack, found.secrets);
      const { things, notes, warnings, declarations } = found;
      if (json)
        return print({
          folder,
          declarations: declarations.map(({ class: type, name }) => ({ type, name })),
          things: things.length,
          notes,
          warnings,
        });
      say(`${files["ADOPTED.md"]}\nWritten to ${folder}\n`);
    });
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  } catch (error) {
    throw new LvsError(`--out: ${(error as Error).message}. Name a folder that you may make`);
  }
}

/** How a host is reached, as `hosts` of the configuration has it. */
type Reached = Record<string, string | number | boolean>;

/** The hosts that the words name. The program lies in a folder of its own, so the paths of files are whole. */
export function hostsOf(
  words: readonly string[],
  { identity, knownHosts, jump, sudo }: Omit<Options, "out">,
): Map<string, Reached> {
  const hosts = new Map<string, Reached>();
  for (const word of words) {
    const [, given, user, six, four, port] =
      /^(?:([\w.-]+)=)?(?:([^@\s:/]+)@)?(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/.exec(word) ?? [];
    const address = six ?? four;
    if (address === undefined) throw new LvsError(`"${word}" names no host: write [name=][user@]address[:port]`);
    const name = given ?? address.replace(/[^\w.-]/g, "-");
    const alike = [...hosts.keys()].find((other) => variable(other) === variable(name));
    if (alike !== undefined)
      throw new LvsError(
        alike === name
          ? `two hosts are named ${name}: give one another name, as in rs2=${address}`
          : `the hosts ${alike} and ${name} would have one name in the program: give one another name, as in rs2=${address}`,
      );
    hosts.set(name, {
      address,
      ...(user && { user }),
      ...(port && { port: Number(port) }),
      ...(sudo && user && user !== "root" && { sudo }),
      ...(identity && { privateKeyFile: fileOf("--identity", identity) }),
      ...(knownHosts && { knownHosts: fileOf("--known-hosts", knownHosts) }),
      ...(jump !== undefined && jump !== name && { jump }),
    });
  }
  if (jump === undefined) return hosts;
  const first = hosts.get(jump);
  if (!first) throw new LvsError(`--jump ${jump}: none of the hosts has this name: ${[...hosts.keys()].join(", ")}`);
  return new Map([[jump, first], ...hosts]);
}

/** The whole path of a file. The home folder stays a word: on another machine it is another one. */
function fileOf(option: string, path: string): string {
  const inHome = path.startsWith("~/");
  const whole = inHome ? join(homedir(), path.slice(2)) : resolve(path);
  if (!existsSync(whole)) throw new LvsError(`${option} ${path}: there is no file ${whole}: name one that is there`);
  return inHome ? path : whole;
}

/** What keeps us out names properties of a program. Here they are options. */
function inOptions(error: unknown): never {
  const cure = error instanceof HostError && OPTIONS[error.what];
  throw cure ? new LvsError(`${error.message}. Of this command: ${cure}`) : error;
}

const OPTIONS: Readonly<Partial<Record<HostError["what"], string>>> = {
  refused: "--identity names the private key, and user@ before the address who logs in",
  untrusted: "--known-hosts names the file that has the hosts' keys",
  privilege: "root@ before the address logs in as root, and --sudo becomes root without a password",
};

/** The hosts as the provider takes them: a host that others are reached through stands first. */
function declaredHosts(hosts: ReadonlyMap<string, Reached>): DeclaredHost[] {
  const made = new Map<string, DeclaredHost>();
  for (const [name, { jump, ...reached }] of hosts) {
    const inputs = { name, ...reached, jump: made.get(String(jump)) };
    const wrong = issuesNow(declaredHost, inputs);
    if (wrong.length > 0)
      throw new LvsError(wrong.map(({ path, reason }) => `host ${name}: ${path.join(".")}: ${reason}`).join("\n"));
    made.set(name, declaredHost.parse(inputs) as DeclaredHost);
  }
  return [...made.values()];
}

export function filesOf(
  project: string,
  stack: string,
  hosts: ReadonlyMap<string, Reached>,
  found: Adoption,
): Record<string, string> {
  const heading = ["What these hosts had when they were looked at. The first `up` changes none of it."];
  const configuration = { config: { [`${project}:hosts`]: Object.fromEntries(hosts) } };
  return {
    // JSON is YAML, in which a name like 2024 or true would be none without its quotes.
    "index.ts": render(found.declarations, heading),
    "Pulumi.yaml": `name: ${JSON.stringify(project)}\nruntime: nodejs\ndescription: A Linux Virtual Server site that was taken over\n`,
    [`Pulumi.${stack}.yaml`]: `${JSON.stringify(configuration, null, 2)}\n`,
    "package.json": `${JSON.stringify({ name: project, private: true, main: "index.ts", ...PACKAGES }, null, 2)}\n`,
    "ADOPTED.md": report(found),
  };
}

/** Pulumi runs a program by the TypeScript of its project, and cannot do so by TypeScript 7. */
const PACKAGES = {
  dependencies: { "@pulumi/pulumi": "^3.142.0", "pulumi-lvs": "*" },
  devDependencies: { "@types/node": "^20.0.0", typescript: "^5.0.0" },
};

/** The report: what is declared, which secrets the configuration still needs, and what was not taken over. */
function report({ declarations, things, notes, warnings, places }: Adoption): string {
  const secrets = Object.entries(places);
  return [
    `# Taken over: ${things.length} things in ${declarations.length} declarations`,
    "",
    ...declarations.map(({ class: type, name }) => `- ${type} ${name}`),
    "",
    "Each was asked for on its host: it is as declared, and the first `up` sends no step that changes it. `up` notes in",
    "/var/lib/lvs what was found, and writes files that bring it back at boot.",
    ...(secrets.length > 0
      ? [
          "",
          "## Secrets",
          "",
          "Their values stand in none of these files. Unless --stack named a stack, set them:",
          "",
          ...secrets.map(([key, place]) => `- \`pulumi config set --secret ${key}\` (the value stands in ${place})`),
        ]
      : []),
    "",
    notes.length > 0 ? "## Not taken over, and why" : "Nothing was left out.",
    ...(notes.length > 0
      ? ["", ...notes.map(({ host, what, why }) => `- ${host}: ${shown(what)}: ${shown(why)}.`)]
      : []),
    ...(warnings.length > 0
      ? ["", "## What the preview warns of", "", ...warnings.map((warning) => `- ${shown(warning)}`)]
      : []),
    "",
  ].join("\n");
}

/** Hands the secrets to the Pulumi CLI, on its standard input. The stack is made where there is none of this name. */
async function keepSecrets(folder: string, stack: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  await pulumi(folder, ["stack", "select", "--create", stack]);
  for (const [key, value] of Object.entries(secrets))
    await pulumi(folder, ["config", "set", "--secret", "--stack", stack, key], value);
}

function pulumi(cwd: string, words: readonly string[], input = ""): Promise<void> {
  return new Promise((done, failed) => {
    const child = execFile("pulumi", [...words, "--non-interactive"], { cwd }, (error, _, stderr) => {
      const why = error?.code === "ENOENT" ? "no `pulumi` is on the PATH" : stderr.trim() || error?.message;
      if (error)
        failed(new LvsError(`the program is written to ${cwd}, but \`pulumi ${words.join(" ")}\` failed: ${why}`));
      else done();
    });
    child.stdin?.end(input);
  });
}
