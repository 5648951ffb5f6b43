import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Starter } from "../starter";

/**
 * Shell: mounts what the table "$1" says. Then it runs every script that it is told of, in the background: the file N.in, whose
 * output goes to N.out and N.err, and says that it has ended.
 */
const MAKER = `mount --all --fstab "$1" || exit 1
talk=$2
while read -r script network SSH_CONNECTION; do
  export SSH_CONNECTION
  case $network in own) set -- unshare --net sh;; *) set -- sh;; esac
  ("$@" <"$script.in" >"$script.out" 2>"$script.err"; echo "$talk said $script") &
done`;

/** What a script wrote. */
export interface Written {
  readonly stdout: string;
  readonly stderr: string;
}

/** The shells of a host for tests, in one mount namespace. One small process makes the namespace, once, and starts all shells. */
export class Shells {
  readonly #folder = mkdtempSync(join(tmpdir(), "lvs-shells-"));
  readonly #maker: ReturnType<Starter["talk"]>;
  readonly #running = new Map<string, (ended: boolean) => void>();
  #hasEnded = false;
  #scripts = 0;

  /** @param mounts as in fstab(5) */
  constructor(mounts: string) {
    const table = join(this.#folder, "fstab");
    writeFileSync(table, mounts);
    this.#maker = starter().talk(["unshare", "--mount", "sh", "-c", MAKER, "sh", table], (script) => {
      if (script !== undefined) return this.#running.get(script)?.(true);
      this.#hasEnded = true;
      for (const told of this.#running.values()) told(false);
    });
  }

  /**
   * Runs a script.
   *
   * @param connection what sshd would say of the connection
   * @param hasOwnNetwork the script has a network of its own
   */
  async run(text: string, connection: string, hasOwnNetwork: boolean): Promise<Written> {
    this.#scripts += 1;
    const script = join(this.#folder, String(this.#scripts));
    writeFileSync(`${script}.in`, text);
    const ended = await new Promise<boolean>((resolve) => {
      if (this.#hasEnded) resolve(false);
      this.#running.set(script, resolve);
      this.#maker.say(`${script} ${hasOwnNetwork ? "own" : "shared"} ${connection}`);
    });
    this.#running.delete(script);
    if (!ended) throw new Error("the shell of a host for tests has ended: can it make a mount namespace?");
    return { stdout: readFileSync(`${script}.out`, "utf8"), stderr: readFileSync(`${script}.err`, "utf8") };
  }

  /** No script may run any more. */
  end(): void {
    this.#maker.end();
    rmSync(this.#folder, { recursive: true });
  }
}
