import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";
import { type Execution, type ExecutionResult, type Kept, Lost, NotStarted, OUTPUT } from "./execution";
import { statistics } from "./statistics";
import { after } from "./timer";

/** A script for a shell that stays open, and where its answer goes. */
export interface Job {
  readonly execution: Execution & { readonly kept: Kept };
  resolve(outcome: ExecutionResult): void;
  reject(error: Error): void;
}

/** What happens to a shell. */
export interface Watcher {
  /** The shell has answered for the first time. */
  works(): void;
  /** All its scripts have ended. */
  idle(): void;
  ended(): void;
  /** The shell does not answer. Nothing that changes the host was sent to it. */
  mute(jobs: readonly Job[]): void;
  /** A script did not end in time, on a shell that has answered before. */
  stuck(milliseconds: number): void;
}

/**
 * A shell on a host that stays open. Scripts follow each other in it. Each is a process of its own, with an input of its own,
 * so nothing that a script does to its shell reaches the next one.
 *
 * A mark that is drawn for each script ends its output. What a script left running could write into the next script's answer.
 * So a script that changes something writes to readers that end with the script.
 */
export class KeptShell {
  readonly key: string;
  #answered: boolean;
  #jobs: Job[] = [];
  #mark = "";
  readonly #marks: string[] = [];
  readonly #out = new Stream();
  readonly #err = new Stream();
  #timer: NodeJS.Timeout | undefined;
  #exit: number | undefined;
  #signal: string | undefined;
  readonly #channel: ClientChannel;
  readonly #watcher: Watcher;
  readonly #patience: number;

  /**
   * @param answered shells of this connection have answered before
   * @param patience milliseconds for the first answer otherwise
   */
  constructor(channel: ClientChannel, jobs: readonly Job[], watcher: Watcher, answered: boolean, patience: number) {
    const [first] = jobs as [Job];
    this.key = first.execution.kept.key;
    this.#channel = channel;
    this.#watcher = watcher;
    this.#answered = answered;
    this.#patience = patience;
    channel.on("error", () => {});
    channel.stderr.on("error", () => {});
    channel.on("data", (chunk: Buffer) => this.#hear(this.#out, chunk));
    channel.stderr.on("data", (chunk: Buffer) => this.#hear(this.#err, chunk));
    channel.on("exit", (code: number | null, name?: string) => {
      this.#exit = code ?? undefined;
      this.#signal = name;
    });
    channel.on("close", () => this.#ended());
    this.#write(first.execution.kept.opening.input);
    this.run(jobs);
  }

  get isIdle(): boolean {
    return this.#jobs.length === 0;
  }

  /** Runs scripts one after the other. They travel together. */
  run(jobs: readonly Job[]): void {
    const wasIdle = this.isIdle;
    const texts = jobs.map(({ execution: { kept } }) => {
      const mark = `lvs-${randomBytes(9).toString("hex")}`;
      this.#marks.push(mark);
      return framed(kept, mark);
    });
    this.#jobs.push(...jobs);
    if (wasIdle) this.#begin();
    this.#write(texts.join(""));
  }

  close(): void {
    this.#channel.end();
    this.#channel.close();
  }

  /**
   * The connection is lost. A script that was sent may still run. A look may run twice: the connection may have been dead for
   * a while, and nobody noticed.
   */
  lost(why: Error): void {
    const said = this.#out.text();
    for (const [i, job] of this.#takeJobs().entries()) {
      const { looks, began } = job.execution.kept;
      const again = looks && this.#answered && !(i === 0 && began(said));
      job.reject(again ? new NotStarted(why.message) : new Lost(why.message));
    }
  }

  #write(text: string): void {
    statistics.sent += text.length;
    this.#channel.write(text);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#mark = this.#marks.shift() ?? "";
    const [job] = this.#jobs;
    if (!job) return;
    const { limit } = job.execution;
    this.#timer = after(this.#answered ? limit : Math.min(limit, this.#patience), () => {
      if (this.#answered) this.#watcher.stuck(limit);
      else this.#useless();
    });
  }

  #hear(stream: Stream, chunk: Buffer): void {
    statistics.received += chunk.length;
    if (this.isIdle) return;
    stream.add(chunk);
    if (this.#out.size + this.#err.size > OUTPUT) {
      const jobs = this.#takeJobs();
      for (const job of jobs) job.reject(new Lost(`it printed more than ${OUTPUT / 1024 / 1024} MiB`));
      this.close();
      return;
    }
    while (!this.isIdle && this.#out.holds(this.#mark) && this.#err.holds(this.#mark)) this.#answer();
  }

  #answer(): void {
    const job = this.#jobs[0] as Job;
    const { said: stdout, word } = this.#out.take(this.#mark);
    const { said: stderr } = this.#err.take(this.#mark);
    if (!this.#answered && !job.execution.isWhole(stdout, stderr)) {
      this.#useless();
      return;
    }
    if (!this.#answered) this.#watcher.works();
    this.#answered = true;
    this.#jobs.shift();
    this.#begin();
    job.resolve({ exit: Number(word), signal: undefined, stdout, stderr });
    if (this.isIdle) this.#watcher.idle();
  }

  /** The login does not keep a shell open: it waits for the end of its input, perhaps. */
  #useless(): void {
    const jobs = this.#takeJobs();
    this.close();
    this.#watcher.mute(jobs);
  }

  #ended(): void {
    const [stdout, stderr] = [this.#out.text(), this.#err.text()];
    const [job, ...rest] = this.#takeJobs();
    if (job && !this.#answered && this.#exit === 0) this.#watcher.mute([job, ...rest]);
    else if (job) {
      // Before its first answer, how the shell ended says why: the login is none, or sudo refused.
      if (!this.#answered) job.resolve({ exit: this.#exit, signal: this.#signal, stdout, stderr });
      else if (job.execution.kept.began(stdout)) job.reject(new Lost("its shell was ended there"));
      else job.reject(new NotStarted("the shell was ended there"));
      for (const other of rest) other.reject(new NotStarted("the shell was ended there"));
    }
    this.#watcher.ended();
  }

  #takeJobs(): Job[] {
    clearTimeout(this.#timer);
    return this.#jobs.splice(0);
  }
}

/** A script in words for the shell that stays. The last line of each output is the mark, with the exit status on standard output. */
function framed({ script, seconds, looks }: Kept, mark: string): string {
  const run = `timeout -k 5 ${seconds} sh <<'${mark}'\n${script}${mark}\nr=$?; printf '\\n${mark} %s\\n' $r; printf '\\n${mark} \\n' >&2`;
  if (looks) return `${run}\n`;
  const reader = `sed '/^${mark} /q'`;
  return `{ { ${run}; } 2>&1 >&3 3>&- | ${reader} >&2 3>&-; } 3>&1 | ${reader}\n`;
}

/** What came over one of the two outputs since the last script's end. */
class Stream {
  size = 0;
  #chunks: Buffer[] = [];
  /** The end of the output: a mark may be split between two packets. */
  #end = Buffer.alloc(0);
  #sought = "";
  #found = false;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
    const recent = Buffer.concat([this.#end, chunk]);
    this.#end = recent.subarray(-100);
    this.#found ||= recent.includes(this.#sought);
  }

  /** Whether the mark came, with all of its line. */
  holds(mark: string): boolean {
    const sought = `\n${mark} `;
    if (sought !== this.#sought) {
      this.#sought = sought;
      this.#found = this.#all().includes(sought);
    }
    return this.#found && this.#all().includes("\n", this.#all().indexOf(sought) + 1);
  }

  /** Takes what came before the mark, and the word after it. */
  take(mark: string): { said: string; word: string } {
    const all = this.#all();
    const at = all.indexOf(`\n${mark} `);
    const end = all.indexOf("\n", at + 1);
    this.#chunks = [all.subarray(end + 1)];
    this.size = all.length - end - 1;
    return { said: all.subarray(0, at).toString(), word: all.subarray(at + mark.length + 2, end).toString() };
  }

  text(): string {
    return this.#all().toString();
  }

  #all(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }
}
