import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "@swc/core";

const root = join(__dirname, "..", "..");

/** How a command of Pulumi ended. */
export interface Ran {
  readonly exit: number;
  /** Standard output and standard error, as they came. */
  readonly text: string;
}

/** A resource as the state has it. */
export interface Stored {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * A project of Pulumi in a folder of its own, with one program and a backend of its own. Pulumi's real engine runs it.
 * The program is chosen anew by each command, like a program that somebody has edited.
 */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "lvs-engine-"));
  stack = "site";
  #name = "";

  /**
   * @param hosts what the programs know of the hosts, as JSON
   * @param programs the file that has the programs
   */
  constructor(
    private readonly hosts: unknown,
    programs = join(__dirname, "program.ts"),
  ) {
    mkdirSync(join(this.folder, "state"));
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    writeFileSync(join(this.folder, "package.json"), "{}");
    this.name("engine");
    const { code } = transformSync(readFileSync(programs, "utf8"), {
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
      module: { type: "commonjs" },
    });
    writeFileSync(join(this.folder, "index.js"), code);
  }

  /** Gives the project a name. */
  name(project: string): void {
    this.#name = project;
    const runtime = "runtime: { name: nodejs, options: { typescript: false } }";
    writeFileSync(join(this.folder, "Pulumi.yaml"), `name: ${project}\n${runtime}\nmain: index.js\n`);
  }

  /** Runs Pulumi with this program. Any exit status but 0 ends the test with the output. */
  async must(program: string, ...words: string[]): Promise<string> {
    const ran = await this.run(program, ...words);
    if (ran.exit !== 0) throw new Error(`pulumi ${words.join(" ")}: exit ${ran.exit}\n${ran.text}`);
    return ran.text;
  }

  /** Runs Pulumi with this program. */
  run(program: string, ...words: string[]): Promise<Ran> {
    const { argv, options } = this.#command(program, words);
    return new Promise((done) => {
      const [command, ...args] = argv as [string, ...string[]];
      let text = "";
      const child = execFile(command, args, { ...options, maxBuffer: 2 ** 26 }, (error) => {
        done({ exit: error ? Number(error.code ?? 1) : 0, text });
      });
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (some) => (text += some));
    });
  }

  /**
   * Runs Pulumi with this program, and sends a signal to all of its processes once it has printed these words: SIGINT as
   * a terminal does for Ctrl-C. Further signals follow after half a second each.
   */
  interrupted(words: string, signals: readonly NodeJS.Signals[], program: string, ...command: string[]): Promise<Ran> {
    const { argv, options } = this.#command(program, command);
    const child = spawn(argv[0] as string, argv.slice(1), { ...options, detached: true });
    let text = "";
    let sent = false;
    const send = ([signal, ...later]: readonly NodeJS.Signals[]) => {
      if (!signal || child.exitCode !== null) return;
      process.kill(-(child.pid as number), signal);
      setTimeout(send, 500, later);
    };
    return new Promise((done) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (some: Buffer) => {
          text += some.toString();
          if (sent || !text.includes(words)) return;
          sent = true;
          send(signals);
        });
      child.on("close", (code) => done({ exit: code ?? 1, text }));
    });
  }

  /** The resources of kinds in the state, by name, as the backend has them: secrets are encrypted. */
  state(): Record<string, Stored> {
    const file = join(this.folder, "state", ".pulumi", "stacks", this.#name, `${this.stack}.json`);
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: { latest: { resources?: Stored[] } };
    };
    const kinds = (checkpoint.latest.resources ?? []).filter(isKind);
    return Object.fromEntries(kinds.map((one) => [one.urn.split("::").at(-1), one]));
  }

  urn(name: string): string {
    const found = this.state()[name];
    if (!found) throw new Error(`the state has no ${name}`);
    return found.urn;
  }

  /**
   * Marks everything as `state taint` marks one resource. The command is for one, and each costs a second: the engine's own mark
   * is read off the first, and given to all others.
   */
  async taintAll(): Promise<void> {
    const [first] = Object.values(this.state());
    await this.must("nothing", "state", "taint", "--yes", first?.urn as string);
    const stack = JSON.parse(await this.must("nothing", "stack", "export")) as {
      deployment: { resources: (Stored & { taint?: boolean })[] };
    };
    const { resources } = stack.deployment;
    const [marked, ...more] = resources.filter(({ taint }) => taint);
    if (marked?.urn !== first?.urn || more.length > 0) throw new Error("the engine marks a resource in another way");
    for (const one of resources) if (isKind(one)) one.taint = true;
    const file = join(this.folder, "tainted.json");
    writeFileSync(file, JSON.stringify(stack));
    await this.must("nothing", "stack", "import", "--file", file);
  }

  /** `pulumi up`. Returns what the engine did, a line each: "created File motd". */
  async up(program: string, ...words: string[]): Promise<string[]> {
    return done(await this.must(program, "up", "--yes", "--skip-preview", ...words));
  }

  /** `pulumi refresh`. Returns what differed. */
  async refresh(program: string, ...words: string[]): Promise<string[]> {
    return done(await this.must(program, "refresh", "--yes", "--skip-preview", ...words));
  }

  async destroy(program: string, ...words: string[]): Promise<string[]> {
    return done(await this.must(program, "destroy", "--yes", "--skip-preview", ...words));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(program: string, words: readonly string[]) {
    const { LVS_TOOLCHAIN = "" } = process.env;
    const { pulumi, environment } = JSON.parse(LVS_TOOLCHAIN);
    const env = {
      ...process.env,
      ...environment,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      LVS_PROGRAM: program,
      LVS_HOSTS: JSON.stringify(this.hosts),
    };
    const argv = [
      pulumi,
      ...words,
      "--non-interactive",
      "--color",
      "never",
      ...(words[1] === "move" ? [] : ["-s", this.stack]),
    ];
    return { argv, options: { cwd: this.folder, env } };
  }
}

function isKind({ type }: Stored): boolean {
  return type.startsWith("pulumi-nodejs:dynamic");
}

/** What Pulumi did with kinds, from its progress: "created File motd". */
export function done(text: string): string[] {
  const line = /^ .{2} pulumi-nodejs:dynamic\/lvs:(\w+) (\S+) ([a-z ]+?) \([\d.]+s\)/gm;
  return [...text.matchAll(line)]
    .map(([, kind, name, verb]) => `${verb} ${kind} ${name}`)
    .filter((one) => !/^\w+ing /.test(one))
    .sort();
}
