import { createReadStream } from "node:fs";
import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { DeclaredHost } from "./declared";
import { type Dialled, keepsProcess } from "./dial";
import { hostError } from "./naming";
import { statistics, trace } from "./statistics";

/** Nothing ran on the host: the same may be tried again. */
export class NotStarted extends Error {}

/** The connection was lost after the script had, perhaps in part, been sent. */
export class Lost extends Error {}

export interface Order {
  readonly command: string;
  readonly input: string;
  /** A file of this machine that follows the input. */
  readonly file?: string;
  /** Milliseconds after which the connection is taken for dead: the host should have ended the command before. */
  readonly limit: number;
  /** Whether the output is whole. Asked once the command has exited. */
  isWhole(stdout: string, stderr: string): boolean;
}

export interface Outcome {
  readonly exit: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** sshd's MaxSessions is 10 by default; the rest is left to whoever else uses the connection. */
const CHANNELS = 8;
/** How long a host may take to open a channel, before its connection is taken for dead. */
const OPEN = 20_000;
/** Beyond this, output is a mistake that would end the process. */
const OUTPUT = 64 * 1024 * 1024;

/** One SSH connection, and the order in which its channels are used. */
export class Connection {
  /** Whether first boot is known to be over. */
  booted = false;
  #width = CHANNELS;
  #inFlight = 0;
  #forwards = 0;
  #retired = false;
  #lost: Error | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly #onLost = new Set<(why: Error) => void>();
  readonly #host: DeclaredHost;
  readonly #dialled: Dialled;

  constructor(host: DeclaredHost, dialled: Dialled) {
    this.#host = host;
    this.#dialled = dialled;
    dialled.client.on("error", (error) => this.#lose(error));
    // What arrived with the end is still on its way through the channels.
    dialled.client.on("end", () => setImmediate(() => this.#lose(new Error("the host closed the connection"))));
    dialled.client.on("close", () => this.#lose(new Error("the connection was closed")));
  }

  /** Tells when the connection is of no more use; at once if it already is. */
  onLost(tell: (why: Error) => void): void {
    if (this.#lost) tell(this.#lost);
    else this.#onLost.add(tell);
  }

  keepsProcess(keeps: boolean): void {
    keepsProcess(this.#dialled.socket, keeps);
  }

  /** Closes as soon as nothing is in flight. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  close(): void {
    if (this.#lost) return;
    this.#dialled.client.end();
    this.keepsProcess(false);
    this.#lose(new Error("closed by us"), 1_000);
  }

  /** A channel to another host. It counts as no session: MaxSessions does not apply to it. */
  async forward(address: string, port: number, limit: number): Promise<Duplex> {
    if (this.#lost) throw new NotStarted(this.#lost.message);
    this.#forwards++;
    const done = () => {
      this.#forwards--;
      this.#closeIfDone();
    };
    let timer: NodeJS.Timeout | undefined;
    const opening = this.#dialled.ssh.forwardOut("127.0.0.1", 0, address, port);
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(limit / 1000)} s`)), limit);
      this.onLost((why) => reject(new NotStarted(why.message)));
    });
    try {
      const channel = await Promise.race([opening, late]);
      channel.on("error", () => {});
      channel.once("close", done);
      return channel;
    } catch (error) {
      opening.then((channel) => channel.destroy()).catch(() => {});
      done();
      // The reason of RFC 4254, 5.1 that no later attempt changes.
      if ((error as { reason?: unknown }).reason === 1)
        throw hostError(
          this.#host,
          `it does not forward connections to ${address}:${port}. Set \`AllowTcpForwarding yes\` in its sshd_config, or another jump host`,
          "refused",
          error,
        );
      throw error;
    } finally {
      clearTimeout(timer);
      late.catch(() => {});
    }
  }

  async run(order: Order): Promise<Outcome> {
    await this.#turn();
    const facts = { host: this.#host.name, sent: order.input.length };
    const start = Date.now();
    try {
      const outcome = await this.#exec(order);
      const received = outcome.stdout.length + outcome.stderr.length;
      trace("exec", { ...facts, received, exit: outcome.exit, ms: Date.now() - start });
      return outcome;
    } catch (error) {
      if (error instanceof Lost) trace("exec", { ...facts, lost: true, ms: Date.now() - start });
      throw error;
    } finally {
      this.#next();
    }
  }

  async #turn(): Promise<void> {
    while (this.#inFlight >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inFlight++;
    statistics.channels = Math.max(statistics.channels, this.#inFlight);
  }

  #next(): void {
    this.#inFlight--;
    this.#waiting.shift()?.();
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#retired && !this.#lost && this.#inFlight + this.#forwards + this.#waiting.length === 0) this.close();
  }

  /** Client.destroy() does nothing once the socket was ended, and a dead link acknowledges no end: hence the socket itself. */
  #lose(why: Error, linger = 0): void {
    if (this.#lost) return;
    this.#lost = why;
    setTimeout(() => this.#dialled.socket.destroy(), linger).unref();
    for (const tell of [...this.#onLost]) tell(why);
    this.#onLost.clear();
    for (const go of this.#waiting.splice(0)) go();
  }

  #exec(order: Order): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(new NotStarted(this.#lost.message));
        return;
      }
      let started = false;
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#onLost.delete(lost);
        act();
      };
      const lost = (why: Error) => settle(() => reject(started ? new Lost(why.message) : new NotStarted(why.message)));
      let timer = setTimeout(() => this.#lose(new Error(`no channel within ${OPEN / 1000} s`)), OPEN);
      this.#onLost.add(lost);
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (this.#lost) return;
        if (error) {
          settle(() => this.#refused(order, error).then(resolve, reject));
          return;
        }
        started = true;
        statistics.execs++;
        clearTimeout(timer);
        timer = setTimeout(
          () => this.#lose(new Error(`nothing was heard for ${Math.round(order.limit / 1000)} s`)),
          order.limit,
        );
        collect(channel, order).then(
          (outcome) => settle(() => resolve(outcome)),
          (failure) => settle(() => reject(failure)),
        );
        feed(channel, order);
      };
      try {
        this.#dialled.client.exec(order.command, opened);
      } catch (error) {
        this.#lose(error as Error);
      }
    });
  }

  /** A host with a smaller MaxSessions than ours: fewer at once, and this one again. */
  async #refused(order: Order, error: Error): Promise<Outcome> {
    if ((error as { reason?: unknown }).reason === undefined || this.#inFlight <= 1)
      throw hostError(this.#host, `sshd does not run commands: ${error.message}`, "refused", error);
    this.#width = Math.max(1, Math.min(this.#width, this.#inFlight) - 1);
    this.#next();
    await this.#turn();
    return this.#exec(order);
  }
}

/** What a channel does not take (the command ended) tells nothing: how the command ended does. */
function feed(channel: ClientChannel, { input, file }: Order): void {
  statistics.sent += input.length;
  if (!file) {
    channel.end(input);
    return;
  }
  if (input) channel.write(input);
  const content = createReadStream(file);
  content.on("data", (some) => {
    statistics.sent += some.length;
  });
  content.on("error", () => channel.close());
  content.pipe(channel);
}

/**
 * Ends with the command, not with the last process that holds its output: a daemon that a step started may keep it open for
 * ever, and sshd closes the channel only after that.
 */
function collect(channel: ClientChannel, order: Order): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let exit: number | undefined;
    let signal: string | undefined;
    let exited = false;
    // Decoded as a whole: a character may be split between two packets.
    const said = () => ({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    const finish = () => resolve({ exit, signal, ...said() });
    const endIfWhole = () => {
      if (!exited) return;
      const { stdout, stderr } = said();
      if (!order.isWhole(stdout, stderr)) return;
      finish();
      channel.close();
    };
    const take = (chunks: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      statistics.received += chunk.length;
      if (size > OUTPUT) {
        reject(new Lost(`it printed more than ${OUTPUT / 1024 / 1024} MiB`));
        channel.close();
        return;
      }
      chunks.push(chunk);
      endIfWhole();
    };
    channel.on("error", () => {});
    channel.stderr.on("error", () => {});
    channel.on("data", take(stdout));
    channel.stderr.on("data", take(stderr));
    channel.on("exit", (code: number | null, name?: string) => {
      exited = true;
      exit = code ?? undefined;
      signal = name;
      endIfWhole();
    });
    channel.on("close", finish);
  });
}
