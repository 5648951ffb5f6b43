import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelHost } from "../kernel/kernel";

const root = join(__dirname, "..", "..");

/** What `pulumi-lvs adopt` writes for hosts that are a site already, as a project of Pulumi with a backend of its own. */
export class AdoptedProject {
  readonly #home = mkdtempSync(join(tmpdir(), "lvs-adopted-"));
  readonly folder = join(this.#home, "shop");

  /** Runs the command on these hosts, and makes the stack as docs/adopting.md says. */
  async write(hosts: readonly KernelHost[]): Promise<void> {
    const [key, known] = [join(this.#home, "key"), join(this.#home, "known")];
    const { privateKey, hostKey } = (hosts[0] as KernelHost).connection;
    writeFileSync(key, privateKey, { mode: 0o600 });
    writeFileSync(known, hosts.map(({ address }) => `${address} ${hostKey}\n`).join(""));
    mkdirSync(join(this.#home, "state"));
    const words = hosts.map(({ name, address }) => `${name}=root@${address}`);
    const options = ["-i", key, "--known-hosts", known, "-o", this.folder];
    await this.#run([process.execPath, join(root, "sdk/dist/bin.js"), "adopt", ...words, ...options], root);
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    await this.pulumi("stack", "init", "adopted");
  }

  /** Runs Pulumi on the stack. Any exit status but 0 ends the test with the output. */
  pulumi(...words: string[]): Promise<string> {
    const { pulumi } = JSON.parse(process.env.LVS_TOOLCHAIN ?? "{}");
    return this.#run([pulumi, ...words, "--non-interactive", "--color", "never"], this.folder);
  }

  /** `pulumi up` without a preview. */
  up(...words: string[]): Promise<string> {
    return this.pulumi("up", "--yes", "--skip-preview", ...words);
  }

  /** Edits the program, as its owner does. */
  edit(change: (text: string) => string): void {
    const file = join(this.folder, "index.ts");
    writeFileSync(file, change(readFileSync(file, "utf8")));
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  #run([program, ...args]: string[], cwd: string): Promise<string> {
    const { environment } = JSON.parse(process.env.LVS_TOOLCHAIN ?? "{}");
    const own = { PULUMI_BACKEND_URL: `file://${join(this.#home, "state")}`, PULUMI_CONFIG_PASSPHRASE: "of a test" };
    const options = { cwd, env: { ...process.env, ...environment, ...own }, maxBuffer: 2 ** 26 };
    return new Promise((ended, failed) => {
      execFile(program as string, args, options, (error, stdout, stderr) => {
        if (error) failed(new Error(`${args.join(" ")}: exit ${error.code}\n${stdout}${stderr}`));
        else ended(stdout);
      });
    });
  }
}
