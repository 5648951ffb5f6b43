import { type ChildProcess, execFile } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "./engine";

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command `pulumi-lvs` as it is installed. A program in Pulumi's place prints the stack's state. */
export class Installed {
  readonly #project = mkdtempSync(join(tmpdir(), "lvs-operate-"));

  constructor(private readonly stack: Stack) {
    writeFileSync(join(this.#project, "Pulumi.yaml"), "name: operate\nruntime: nodejs\n");
    const pulumi = join(this.#project, "pulumi");
    writeFileSync(pulumi, `#!/bin/sh\n[ "$1 $2" = "stack export" ] && cat ${join(this.#project, "state.json")}\n`);
    chmodSync(pulumi, 0o755);
  }

  run(...words: string[]): Promise<Ran> {
    return this.begin(...words).ended;
  }

  /** Runs the command. `says` waits until it has said this on standard error, or has ended; `interrupt` is Ctrl-C. */
  begin(...words: string[]): { readonly ended: Promise<Ran>; says(text: string): Promise<unknown>; interrupt(): void } {
    this.writeState();
    const bin = join(__dirname, "../../sdk/dist/bin.js");
    const env = { ...process.env, PATH: `${this.#project}:${process.env.PATH}` };
    let child: ChildProcess | undefined;
    const ended = new Promise<Ran>((done) => {
      child = execFile(process.execPath, [bin, ...words], { cwd: this.#project, env }, (error, stdout, stderr) =>
        done({ exit: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
    const says = (text: string) =>
      new Promise<void>((said) => {
        let all = "";
        child?.stderr?.on("data", (some) => {
          all += some;
          if (all.includes(text)) said();
        });
      });
    return { ended, says: (text) => Promise.race([says(text), ended]), interrupt: () => child?.kill("SIGINT") };
  }

  /** Runs the command on a terminal of 160 columns, and returns what it wrote there. */
  onTerminal(...words: string[]): Promise<string> {
    this.writeState();
    const argv = [process.execPath, join(__dirname, "../../sdk/dist/bin.js"), ...words].map((word) => `'${word}'`);
    const { CI: _, ...own } = process.env;
    const env = { ...own, PATH: `${this.#project}:${process.env.PATH}`, TERM: "xterm", LC_ALL: "C.UTF-8" };
    const script = ["-qec", `stty cols 160 rows 40; ${argv.join(" ")}`, "/dev/null"];
    return new Promise((done) =>
      execFile("script", script, { cwd: this.#project, env }, (_, stdout, stderr) => done(stdout + stderr)),
    );
  }

  async json(...words: string[]) {
    const { stdout, stderr } = await this.run(...words, "--json");
    try {
      return JSON.parse(stdout);
    } catch {
      throw new Error(`no JSON: ${stdout}\n${stderr}`);
    }
  }

  /** As `pulumi stack export --show-secrets` prints a state, with a private key that is a secret. */
  private writeState(): void {
    const resources = this.stack.made.map(({ kind, name, id, inputs, state }) => ({
      ...{ urn: `urn:pulumi:site::operate::pulumi-nodejs:dynamic/lvs:${kind}::${name}`, custom: true, id },
      ...{ type: `pulumi-nodejs:dynamic/lvs:${kind}`, inputs: secret(inputs), outputs: secret(state) },
    }));
    writeFileSync(join(this.#project, "state.json"), JSON.stringify({ version: 3, deployment: { resources } }));
  }
}

function secret(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(secret);
  if (value === null || typeof value !== "object") return value;
  const parts = Object.entries(value).map(([key, one]) => [
    key,
    key === "privateKey"
      ? { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(one) }
      : secret(one),
  ]);
  return Object.fromEntries(parts);
}
