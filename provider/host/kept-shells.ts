import type { ClientChannel } from "ssh2";
import { Lost, NotStarted } from "./execution";
import { type Job, KeptShell, type Watcher } from "./kept-shell";

/** Shells that are kept open on one connection. Other channels need room as well: files that are sent, long scripts. */
const SHELLS = 4;
/** Scripts that travel together to one shell, where they run one after the other. More of them go to a further shell. */
const TOGETHER = 8;
/** Milliseconds for the first answer of a shell, besides those for first boot. */
const FIRST = 20_000;

/** What the shells need of their connection. */
export interface Line {
  open<T>(command: string, use: (channel: ClientChannel) => T): Promise<T>;
  /** Whether one more channel may be opened. */
  hasRoom(): boolean;
  /** Runs a script on a channel of its own. */
  alone(job: Job): void;
  lose(why: Error): void;
  /** Nothing runs any more. */
  idle(): void;
}

/**
 * The shells that stay open on one connection, and the scripts that wait for them. A script costs one round trip there. On a
 * channel of its own it costs three, and a process of sshd besides.
 *
 * The first script must be a look. Where a login keeps no shell open, it is repeated on a channel of its own, and so are all
 * others from there on.
 */
export class KeptShells {
  /** Undefined before the first answer. */
  #works: boolean | undefined;
  #most = SHELLS;
  #opening = 0;
  #asked = false;
  readonly #waiting: Job[] = [];
  readonly #shells = new Set<KeptShell>();

  constructor(private readonly line: Line) {}

  /** How many channels they take. */
  get count(): number {
    return this.#shells.size + this.#opening;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#opening === 0 && [...this.#shells].every((shell) => shell.isIdle);
  }

  takes({ execution: { kept } }: Job): boolean {
    return this.#works ?? kept.looks;
  }

  /** What is asked for at the same time travels together. */
  run(job: Job): void {
    this.#waiting.push(job);
    if (this.#asked) return;
    this.#asked = true;
    setImmediate(() => {
      this.#asked = false;
      this.dispatch();
    });
  }

  dispatch(): void {
    for (const key of new Set(this.#waiting.map(keyOf))) {
      const idle = [...this.#shells].filter((shell) => shell.isIdle && shell.key === key);
      const each = Math.min(
        Math.ceil(this.#waiting.filter((job) => keyOf(job) === key).length / idle.length),
        TOGETHER,
      );
      for (const shell of idle) this.#give(key, each, (jobs) => shell.run(jobs));
      this.#give(
        key,
        TOGETHER,
        (jobs) => this.#open(jobs),
        () => this.#mayOpen(),
      );
    }
  }

  /** sshd allows too few sessions. */
  none(): void {
    this.#giveUp();
  }

  lost(why: Error): void {
    for (const job of this.#waiting.splice(0)) job.reject(new NotStarted(why.message));
    for (const shell of this.#shells) shell.lost(why);
    this.#shells.clear();
  }

  /** Takes some scripts with this key out of the queue, as long as `may` says so. */
  #give(key: string, most: number, to: (jobs: Job[]) => void, may?: () => boolean): void {
    do {
      const jobs = this.#waiting.filter((job) => keyOf(job) === key).slice(0, most);
      if (jobs.length === 0 || may?.() === false) return;
      for (const job of jobs) this.#waiting.splice(this.#waiting.indexOf(job), 1);
      to(jobs);
    } while (may);
  }

  #mayOpen(): boolean {
    if (this.count < this.#most && this.line.hasRoom()) return true;
    // A shell of another user or another way to become root makes room.
    const other = [...this.#shells].find((shell) => shell.isIdle);
    if (other) this.#shut(other);
    return false;
  }

  #open(jobs: readonly Job[]): void {
    const [first] = jobs as [Job];
    const { opening } = first.execution.kept;
    this.#opening++;
    const made = (channel: ClientChannel) => {
      this.#opening--;
      const watcher: Watcher = {
        works: () => {
          this.#works ??= true;
        },
        idle: () => {
          if (this.#waiting.length > 0) this.dispatch();
          this.line.idle();
        },
        ended: () => {
          this.#shells.delete(shell);
          this.dispatch();
          this.line.idle();
        },
        mute: (left) => {
          this.#giveUp();
          for (const job of left) this.line.alone(job);
        },
        stuck: (limit) => this.line.lose(new Error(`nothing was heard for ${Math.round(limit / 1000)} s`)),
      };
      const patience = FIRST + first.execution.limit - first.execution.kept.seconds * 1000;
      const shell: KeptShell = new KeptShell(channel, jobs, watcher, this.#works === true, patience);
      this.#shells.add(shell);
    };
    this.line.open(opening.command, made).catch((error: Error) => {
      this.#opening--;
      if (error instanceof NotStarted || error instanceof Lost) for (const job of jobs) job.reject(error);
      else this.#refused(jobs);
    });
  }

  /** sshd refused a channel, because its MaxSessions is small. The shells that are there have to do. */
  #refused(jobs: readonly Job[]): void {
    if (this.count === 0) {
      for (const job of jobs) this.line.alone(job);
      return;
    }
    this.#most = this.count;
    this.#waiting.unshift(...jobs);
    this.dispatch();
  }

  #giveUp(): void {
    this.#works = false;
    for (const job of this.#waiting.splice(0)) this.line.alone(job);
    for (const shell of this.#shells) if (shell.isIdle) this.#shut(shell);
  }

  #shut(shell: KeptShell): void {
    this.#shells.delete(shell);
    shell.close();
  }
}

function keyOf({ execution: { kept } }: Job): string {
  return kept.key;
}
