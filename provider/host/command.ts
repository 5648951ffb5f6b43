/** A secret text. It travels to a host on standard input. Printing it or turning it into JSON gives `[secret]`. */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
}

/** One command on a host. A secret belongs into `stdin`: every user of the host can see `argv`, and logs and errors show it. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string | Secret;
  /**
   * `argv` is a script made by `sh` or `inline`. It runs in a subshell of the trip's shell, or in that shell itself. To start a new
   * shell takes five times as long.
   */
  readonly ours?: "subshell" | "inline";
}

/** What a command answered. `exit` is undefined if the command did not run because a step before it had failed. */
export interface Reply {
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Commands that make one trip to the host together. */
export interface Script {
  /** Run in order. After the first that fails, the rest do not run. */
  readonly steps?: readonly Command[];
  /** Run after the steps. All of them run, even if a step or another look failed. */
  readonly looks?: readonly Command[];
  /** The name of a lock (flock(1)) that is held while the script runs. Two runs that write the same thing take turns by it. */
  readonly lock?: string;
  /** Seconds after which both sides give up. Waiting for the lock may take as many seconds again. Default 120. */
  readonly limit?: number;
}

export interface Answer {
  /** The content of /etc/machine-id; "" if the host has no such file. */
  readonly machine: string;
  readonly steps: readonly Reply[];
  readonly looks: readonly Reply[];
}

/** A host on which scripts can be run. All code of this package touches hosts through this interface alone. */
export interface Session {
  /** The host's name, for messages. */
  readonly name: string;
  run(script: Script): Promise<Answer>;
  /**
   * Copies a file of the machine where Pulumi runs to a path of the host. The folder of the path must be there. The copy
   * belongs to root.
   */
  upload(file: string, to: string): Promise<void>;
  /** Gives up the present connection and proves that a new one can be made. */
  reconnect(): Promise<void>;
}

/** A command that is a shell script. The arguments are `$1`, `$2`, …, so the script needs no quoting of values. */
export function sh(script: string, ...args: string[]): Command {
  return { argv: ["sh", "-c", script, "sh", ...args], ours: "subshell" };
}

/**
 * The same for a script that leaves the shell as it finds it: it sets no variable and no option, goes nowhere, and does not exit,
 * unless it does so in a subshell of its own. No process is started for it by itself. That counts where a trip has a hundred
 * looks at what is seldom there. The tests of the tier style hold each script to that.
 */
export function inline(script: string, ...args: string[]): Command {
  return { ...sh(script, ...args), ours: "inline" };
}
