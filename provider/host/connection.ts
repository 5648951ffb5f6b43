import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientChannel } from "ssh2";
import { ChannelTurns } from "./channel-turns";
import type { DeclaredHost } from "./declared";
import { keepsProcess } from "./dial";
import { type Execution, type ExecutionResult, execute, Lost, NotStarted } from "./execution";
import type { Dialled } from "./handshake";
import type { Job } from "./kept-shell";
import { KeptShells } from "./kept-shells";
import { hostError } from "./naming";
import { statistics, trace } from "./statistics";
import { after } from "./timer";

/** Milliseconds after which a connection on which no channel opens is taken for dead. */
const OPEN = 20_000;

/** One SSH connection. A command waits for its turn while all channels are in use. Shells stay open on it. */
export class Connection {
  /** First boot is known to be over. */
  booted = false;
  #forwards = 0;
  #retired = false;
  #lost: Error | undefined;
  readonly #onLost = new Set<(why: Error) => void>();
  readonly #host: DeclaredHost;
  readonly #dialled: Dialled;
  readonly #turns: ChannelTurns = new ChannelTurns(() => this.#shells.count);
  readonly #shells: KeptShells = new KeptShells({
    open: (command, use) => this.#open(command, use),
    hasRoom: () => this.#turns.hasRoom,
    alone: ({ execution, resolve, reject }) => void this.#alone(execution).then(resolve, reject),
    lose: (why) => this.#lose(why),
    idle: () => this.#closeIfDone(),
  });

  constructor(host: DeclaredHost, dialled: Dialled) {
    this.#host = host;
    this.#dialled = dialled;
    dialled.client.on("error", (error) => this.#lose(error));
    // setImmediate lets the channels deliver the output that arrived together with the end.
    dialled.client.on("end", () => setImmediate(() => this.#lose(new Error("the host closed the connection"))));
    dialled.client.on("close", () => this.#lose(new Error("the connection was closed")));
  }

  /** Calls `tell` when the connection is lost; at once if the connection is lost already. */
  onLost(tell: (why: Error) => void): void {
    if (this.#lost) tell(this.#lost);
    else this.#onLost.add(tell);
  }

  keepsProcess(keeps: boolean): void {
    keepsProcess(this.#dialled.socket, keeps);
  }

  /** Closes the connection as soon as nothing uses it. */
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

  /** Opens a channel to another host. MaxSessions does not count such a channel. */
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
      timer = after(limit, () => reject(new Error(`no answer within ${Math.round(limit / 1000)} s`)));
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
      // Reason 1 is "administratively prohibited" (RFC 4254, 5.1). A later attempt would be refused, too.
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

  async run(execution: Execution): Promise<ExecutionResult> {
    const facts = { host: this.#host.name, sent: execution.input.length };
    const start = performance.now();
    statistics.scripts++;
    try {
      const outcome = await this.#inShell(execution);
      const received = outcome.stdout.length + outcome.stderr.length;
      trace("exec", { ...facts, received, exit: outcome.exit, ms: Math.round(performance.now() - start) });
      return outcome;
    } catch (error) {
      if (error instanceof Lost) trace("exec", { ...facts, lost: true, ms: Math.round(performance.now() - start) });
      throw error;
    }
  }

  /** Runs a script in a shell that stays open, if it may run there. */
  #inShell(execution: Execution): Promise<ExecutionResult> {
    const { kept } = execution;
    if (!kept) return this.#alone(execution);
    if (this.#lost) return Promise.reject(new NotStarted(this.#lost.message));
    return new Promise((resolve, reject) => {
      const job: Job = { execution: { ...execution, kept }, resolve, reject };
      if (this.#shells.takes(job)) this.#shells.run(job);
      else this.#alone(execution).then(resolve, reject);
    });
  }

  /** Runs a command on a channel of its own. */
  async #alone(execution: Execution): Promise<ExecutionResult> {
    await this.#turns.take();
    try {
      return await this.#exec(execution);
    } finally {
      this.#next();
    }
  }

  #next(): void {
    this.#turns.give();
    this.#shells.dispatch();
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#retired || this.#lost || !this.#shells.isIdle) return;
    if (this.#forwards === 0 && this.#turns.isIdle) this.close();
  }

  /**
   * Marks the connection as lost and destroys its socket. Client.destroy() of ssh2 would do nothing after the socket was ended,
   * and on a dead link the end is never acknowledged.
   */
  #lose(why: Error, linger = 0): void {
    if (this.#lost) return;
    this.#lost = why;
    after(linger, () => this.#dialled.socket.destroy()).unref();
    for (const tell of [...this.#onLost]) tell(why);
    this.#onLost.clear();
    this.#turns.end();
    this.#shells.lost(why);
  }

  /** Opens a channel for a command. `use` is called in the same turn, because the command may end at once. */
  #open<T>(command: string, use: (channel: ClientChannel) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(new NotStarted(this.#lost.message));
        return;
      }
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#onLost.delete(lost);
        act();
      };
      const lost = (why: Error) => settle(() => reject(new NotStarted(why.message)));
      const timer = after(OPEN, () => this.#lose(new Error(`no channel within ${OPEN / 1000} s`)));
      this.#onLost.add(lost);
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (this.#lost) return;
        if (!error) statistics.execs++;
        settle(() => (error ? reject(error) : resolve(use(channel))));
        this.#turns.count();
      };
      try {
        this.#dialled.client.exec(command, opened);
      } catch (error) {
        this.#lose(error as Error);
      }
    });
  }

  async #exec(execution: Execution, patience = 3): Promise<ExecutionResult> {
    try {
      return await this.#open(execution.command, (channel) => this.#ended(channel, execution));
    } catch (error) {
      if ((error as { reason?: unknown }).reason === undefined) throw error;
      return this.#refused(execution, error as Error, patience);
    }
  }

  #ended(channel: ClientChannel, execution: Execution): Promise<ExecutionResult> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#onLost.delete(lost);
        act();
      };
      const lost = (why: Error) => settle(() => reject(new Lost(why.message)));
      const timer = after(execution.limit, () =>
        this.#lose(new Error(`nothing was heard for ${Math.round(execution.limit / 1000)} s`)),
      );
      this.#onLost.add(lost);
      execute(channel, execution).then(
        (outcome) => settle(() => resolve(outcome)),
        (failure) => settle(() => reject(failure)),
      );
    });
  }

  /** sshd refused a channel, because its MaxSessions is smaller than we took it for. Runs fewer at a time, and this command again. */
  async #refused(execution: Execution, error: Error, patience: number): Promise<ExecutionResult> {
    if (this.#turns.inFlight <= 1) {
      if (patience === 0) throw hostError(this.#host, `sshd does not run commands: ${error.message}`, "refused", error);
      // sshd counts a session until its shell has ended, some time after its channel.
      this.#shells.none();
      await sleep(200);
      return this.#exec(execution, patience - 1);
    }
    this.#turns.narrow();
    this.#next();
    await this.#turns.take();
    return this.#exec(execution, patience);
  }
}
