import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** The checkout. */
const root = join(__dirname, "..", "..");

/**
 * Somebody who has hosts and this checkout, and runs its commands: with a home directory, a key, known hosts and a
 * Pulumi backend of their own.
 */
export class OwnUser {
  readonly home = mkdtempSync(join(tmpdir(), "lvs-home-"));

  /**
   * @param stack the stack's name; its configuration is a file in the checkout, which `leave` removes
   * @param knownHosts lines of known_hosts
   */
  constructor(
    readonly stack: string,
    privateKey: string,
    knownHosts: readonly string[],
  ) {
    rmSync(this.configuration, { force: true });
    const ssh = join(this.home, ".ssh");
    mkdirSync(ssh, { mode: 0o700 });
    writeFileSync(join(ssh, "id_ed25519"), privateKey, { mode: 0o600 });
    writeFileSync(join(ssh, "known_hosts"), knownHosts.map((line) => `${line}\n`).join(""));
  }

  /** Runs a script in the checkout. Any exit status but 0 is an error. */
  async sh(script: string): Promise<string> {
    const { exit, output, text } = await this.try(script);
    if (exit !== 0) throw new Error(`${script}: exit ${exit}\n${text}`);
    return output;
  }

  /** Runs a script in the checkout. A failure is returned and not thrown. */
  try(script: string): Promise<{ exit: number; output: string; text: string }> {
    return new Promise((done) => {
      const options = { cwd: root, env: this.environment, maxBuffer: 2 ** 26 };
      execFile("sh", ["-e", "-c", script], options, (error, stdout, stderr) =>
        done({ exit: error ? Number(error.code ?? 1) : 0, output: stdout, text: stdout + stderr }),
      );
    });
  }

  /**
   * Runs a guide's lines that call nothing but `npm run pulumi`, by the CLI itself: a third of the time. That the commands of the
   * checkout do the same is shown by the guide's first experiment in own-hosts.
   */
  guide(lines: readonly string[]): Promise<string> {
    const other = lines.find((line) => !line.startsWith("npm run pulumi -- "));
    if (other !== undefined) throw new Error(`the guide has another command: ${other}`);
    const { pulumi } = JSON.parse(process.env.LVS_TOOLCHAIN as string);
    return this.sh([`npm() { shift 3; PULUMI_SKIP_UPDATE_CHECK=true ${pulumi} "$@"; }`, ...lines].join("\n"));
  }

  /** Runs Pulumi on the stack, by the checkout's command without npm around it. */
  pulumi(words: string): Promise<string> {
    return this.sh(this.command(words));
  }

  /** Runs Pulumi on the stack, and kills all of its processes at once when `moment` has come. */
  async killed(words: string, moment: () => Promise<unknown>): Promise<void> {
    const argv = ["-e", "-c", `exec ${this.command(words)}`];
    // A process group of its own, and only this group is killed.
    const child = spawn("sh", argv, { cwd: root, env: this.environment, detached: true, stdio: "ignore" });
    const ended = once(child, "exit");
    await moment();
    process.kill(-(child.pid as number), "SIGKILL");
    await ended;
  }

  /** The command that runs Pulumi on the stack. */
  command(words: string): string {
    return `node tools/bootstrap.mjs pulumi ${words} -s ${this.stack} --color never`;
  }

  leave(): void {
    rmSync(this.configuration, { force: true });
    rmSync(this.home, { recursive: true, force: true });
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOME: this.home,
      // Pulumi's plugins stay in the real home directory.
      PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"),
      PULUMI_BACKEND_URL: `file://${this.home}`,
      PULUMI_CONFIG_PASSPHRASE: "of their own",
    };
  }

  private get configuration(): string {
    return join(root, `Pulumi.${this.stack}.yaml`);
  }
}
