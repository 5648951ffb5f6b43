import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type LabStack, must, type Ran, root, run } from "./stack";

/**
 * A user who has hosts and no lab. The user works in a lab's network, with a home directory, keys and a Pulumi backend
 * of their own. The guests are ordinary hosts for the user, each with sshd and an address.
 */
export class User {
  private constructor(
    readonly lab: LabStack,
    readonly home: string,
  ) {}

  static async in(lab: LabStack): Promise<User> {
    const home = await mkdtemp(join(tmpdir(), "lvs-home-"));
    const folder = join(root, ".lab", lab.name);
    await mkdir(join(home, ".ssh"), { mode: 0o700 });
    await cp(join(folder, "keys", "id_ed25519"), join(home, ".ssh", "id_ed25519"));
    await cp(join(folder, "known_hosts"), join(home, ".ssh", "known_hosts"));
    return new User(lab, home);
  }

  /** Removes the user's home directory, with all of the user's stacks. */
  leave(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }

  /** Runs a command in the lab's network. A failure is returned and not thrown. */
  try(...command: string[]): Promise<Ran> {
    return run(["lab", "run", this.lab.name, ...command], this.environment);
  }

  /** Runs a shell script in the lab's network. */
  sh(script: string): Promise<string> {
    return must(["lab", "run", this.lab.name, "sh", "-e", "-c", script], this.environment);
  }

  private get environment(): Record<string, string> {
    return {
      HOME: this.home,
      // Pulumi's plugins stay in the real home directory.
      PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"),
      PULUMI_BACKEND_URL: `file://${this.home}`,
      PULUMI_CONFIG_PASSPHRASE: "of their own",
    };
  }
}
