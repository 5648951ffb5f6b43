import { access, constants, stat } from "node:fs/promises";
import type { Answer, Script, Session } from "./command";
import type { Connection } from "./connection";
import type { DeclaredHost } from "./declared";
import { HostError, LvsError, StepFailed } from "./errors";
import { type Execution, type ExecutionResult, type Kept, Lost, NotStarted } from "./execution";
import type { Looks } from "./looks";
import { hostError, oneLine } from "./naming";
import { before, commandLine, type Limits, whyNotRun } from "./privilege";
import { type Rendered, render } from "./shell";

/** Gives a session the present connection to its host. */
export interface Connector {
  readonly looks: Looks;
  connect(): Promise<Connection>;
  reconnect(): Promise<void>;
}

/** Default limit of a script, in seconds. */
const LIMIT = 120;
/** Bytes a second of the slowest link for which the time of an upload suffices. */
const SLOWEST = 64 * 1024;
/** Seconds that we wait longer than the host does, for the answer on its way. */
const TRAVEL = 10;

export class HostSession implements Session {
  readonly #host: DeclaredHost;
  readonly #connector: Connector;

  constructor(host: DeclaredHost, connector: Connector) {
    this.#host = host;
    this.#connector = connector;
  }

  get name(): string {
    return this.#host.name;
  }

  /** Looks of several sessions travel together. */
  async run(script: Script): Promise<Answer> {
    const { looks = [], steps = [], ...rest } = script;
    if (looks.length === 0 || steps.length > 0 || Object.keys(rest).length > 0) return this.#run(script);
    return this.#connector.looks.look(this.#key(), looks, {
      connect: () => this.#connector.connect(),
      run: (all) => this.#run({ looks: all }),
    });
  }

  async #run(script: Script): Promise<Answer> {
    const host = this.#host;
    const rendered = render(script);
    const limit = script.limit ?? LIMIT;
    // Waiting for the lock may take as long as the limit of the script that holds the lock.
    const seconds = script.lock ? 2 * limit : limit;
    const { outcome, limits } = await this.#send(seconds, {
      input: rendered.text,
      isWhole: (stdout, stderr) => isWhole(rendered, stdout, stderr),
      // What may take longer than others would keep them waiting.
      ...(limit === LIMIT && { began: rendered.began, looks: !script.steps?.length && !script.lock }),
    });
    try {
      return rendered.read(outcome.stdout, outcome.stderr);
    } catch (error) {
      const { exit, stdout, stderr } = outcome;
      const ended = exit !== undefined && { exit, began: rendered.began(stdout), output: stderr, noise: stdout };
      const problem = ended ? whyNotRun(host, limits, ended) : undefined;
      throw problem ?? unfinished(host, outcome, error as Error);
    }
  }

  /** dd copies its standard input to the path. SFTP would write as the user that logs in, not as root by sudo. */
  async upload(file: string, to: string): Promise<void> {
    if (!/^[\w/.-]+$/.test(to)) throw new Error(`an upload's path has letters, digits, ., - and _ alone: ${to}`);
    const size = await sizeOf(file).catch((error: Error) => {
      throw new LvsError(
        `reading ${file} for host ${this.name}: ${error.message}. Was it built, and does it lie there?`,
      );
    });
    const seconds = LIMIT + Math.ceil(size / SLOWEST);
    const program = `dd of=${to} bs=64k iflag=fullblock status=none`;
    const { outcome, limits } = await this.#send(seconds, { input: "", file, program, isWhole: () => true });
    if (outcome.exit === 0) return;
    const { exit, stderr } = outcome;
    const refused = /^dd: .*/m.exec(stderr)?.[0];
    const ended = exit !== undefined && { exit, began: refused !== undefined, output: stderr };
    const problem = ended ? whyNotRun(this.#host, limits, ended) : undefined;
    if (problem) throw problem;
    if (refused) throw new StepFailed(`host ${this.name}: uploading ${file} to ${to}: exit ${exit}: ${refused}`);
    throw unfinished(this.#host, outcome, new Error(`uploading ${file} to ${to}: ${stderr}`));
  }

  reconnect(): Promise<void> {
    return this.#connector.reconnect();
  }

  #kept({ script: seconds, boot }: Limits, script: string, more: Pick<Kept, "began" | "looks">): Kept {
    const opening = { command: commandLine(this.#host, { script: undefined, boot }), input: before(this.#host) };
    return { ...more, key: this.#key(), opening, script, seconds: seconds ?? LIMIT };
  }

  /** Sessions with the same key speak to their host in the same way. */
  #key(): string {
    const host = this.#host;
    return JSON.stringify([
      host.name,
      commandLine(host, { script: undefined, boot: Math.ceil(host.ready) }),
      before(host),
    ]);
  }

  /** A kept connection may prove dead when it is used again. As long as nothing ran on the host, a new connection is tried. */
  async #send(
    seconds: number,
    { input, program, began, looks = false, ...execution }: Sent,
  ): Promise<{ outcome: ExecutionResult; limits: Limits }> {
    const host = this.#host;
    for (let attempts = 1; ; attempts++) {
      const connection = await this.#connector.connect();
      const limits: Limits = { script: seconds, boot: connection.booted ? undefined : Math.ceil(host.ready) };
      try {
        const outcome = await connection.run({
          ...execution,
          command: commandLine(host, limits, program),
          input: before(host) + input,
          limit: (seconds + (limits.boot ?? 0) + TRAVEL) * 1000,
          ...(began && { kept: this.#kept(limits, input, { began, looks }) }),
        });
        if (outcome.exit === 0) connection.booted = true;
        return { outcome, limits };
      } catch (error) {
        if (error instanceof NotStarted && attempts < 3) continue;
        throw broken(host, error as Error);
      }
    }
  }
}

/** What is sent to a host. With `began` it is a script that may run in a shell that stays open. */
interface Sent extends Pick<Execution, "input" | "file" | "isWhole">, Partial<Pick<Kept, "began" | "looks">> {
  readonly program?: string;
}

/** The size of a file. Throws if the file cannot be read. */
async function sizeOf(file: string): Promise<number> {
  await access(file, constants.R_OK);
  const found = await stat(file);
  if (!found.isFile()) throw new Error("it is no file");
  return found.size;
}

function isWhole(rendered: Rendered, stdout: string, stderr: string): boolean {
  try {
    rendered.read(stdout, stderr);
    return true;
  } catch {
    return false;
  }
}

function broken(host: DeclaredHost, error: Error): HostError {
  if (error instanceof HostError) return error;
  if (error instanceof NotStarted)
    return hostError(
      host,
      `the connection was lost before anything ran, again and again: ${error.message}`,
      "unreachable",
      error,
    );
  const what = /nothing was heard/.test(error.message) ? "timeout" : "cut";
  const done = error instanceof Lost ? "; what it began may be half done. Run again to complete it" : "";
  return hostError(host, `the connection was lost while a script ran: ${error.message}${done}`, what, error);
}

function unfinished(host: DeclaredHost, outcome: ExecutionResult, error: Error): HostError {
  if (outcome.exit === undefined && outcome.signal === undefined)
    return hostError(
      host,
      "the connection was lost while a script ran; what it began may be half done. Run again to complete it",
      "cut",
      error,
    );
  const end = outcome.signal ? `ended by ${outcome.signal}` : `exit ${outcome.exit}`;
  const words = `${end}: ${oneLine(error.message)}`;
  // bash keeps a long script, which a shell that stays open hands on, in /tmp.
  if (/No space left on device|Read-only file system/.test(error.message))
    return hostError(
      host,
      `a script did not run to its end, ${words}. A file system there is full or read-only, perhaps that of /tmp: make room (df -h ` +
        "and df -i say where), and run again",
      "refused",
      error,
    );
  return outcome.exit === 127
    ? hostError(
        host,
        `its login shell does not find what is needed, ${words}. Are coreutils (timeout) installed there?`,
        "refused",
        error,
      )
    : hostError(
        host,
        `a script did not run to its end, ${words}. May ${host.user} log in with a shell there, and without a command that sshd forces ` +
          "(ForceCommand, command= in authorized_keys)? Does a start-up file of the shell (.bashrc) end it or run another one?",
        "refused",
        error,
      );
}
