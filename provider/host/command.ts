/** Text that must not be seen: it goes to a host on standard input, and prints as `[secret]` everywhere else. */
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

/** One command on a host. What is secret goes by `stdin`; `argv` may be seen by anyone on the host, in logs and in errors. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string | Secret;
  /** A script of ours: it needs no shell of its own, only a subshell. Starting a program costs a host five times as much. */
  readonly ours?: true;
}

/** What a command answered. `exit` is undefined when it did not run, because a step before it had failed. */
export interface Reply {
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Commands that make one trip to the host together. */
export interface Script {
  /** Run in order; the first that fails ends the steps. */
  readonly steps?: readonly Command[];
  /** Run after the steps, each of them, whatever happened before. */
  readonly looks?: readonly Command[];
  /** Held while the script runs, so that two writers of the same thing take turns: a name for `flock`. */
  readonly lock?: string;
  /** After how many seconds both sides give up; waiting for the lock may take as long again. Default 120. */
  readonly limit?: number;
}

export interface Answer {
  /** The content of /etc/machine-id, "" where there is none. */
  readonly machine: string;
  readonly steps: readonly Reply[];
  readonly looks: readonly Reply[];
}

/** A host on which scripts can be run. The only way in which anything of this package touches a host. */
export interface Session {
  /** The host's name, for messages. */
  readonly name: string;
  run(script: Script): Promise<Answer>;
  /** Copies a file of the machine where Pulumi runs to a path of the host, whose folder is there. Root's alone. */
  upload(file: string, to: string): Promise<void>;
  /** Gives up the present connection and proves that a new one can be made. */
  reconnect(): Promise<void>;
}

/** A script, for what needs a pipeline; the arguments are `$1`, `$2`, …, so that nothing has to be quoted. */
export function sh(script: string, ...args: string[]): Command {
  return { argv: ["sh", "-c", script, "sh", ...args], ours: true };
}
