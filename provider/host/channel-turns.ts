import { statistics } from "./statistics";

/** Channels that are open on one connection at a time. sshd allows 10 by default (MaxSessions); two are left to other users. */
const CHANNELS = 8;

/** Whose turn it is to open a channel on a connection: as many commands run at a time as sshd has channels for. */
export class ChannelTurns {
  #width = CHANNELS;
  #inFlight = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #shells: () => number;

  /** @param shells the number of channels that shells have which stay open */
  constructor(shells: () => number) {
    this.#shells = shells;
  }

  /** The number of commands that have their turn. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** One more channel can be opened. */
  get hasRoom(): boolean {
    return this.#inFlight + this.#shells() < this.#width;
  }

  /** No command runs, and none waits for its turn. */
  get isIdle(): boolean {
    return this.#inFlight + this.#waiting.length === 0;
  }

  /** Waits for a turn. A command does not wait for shells alone: they need not end. */
  async take(): Promise<void> {
    while (this.#inFlight > 0 && !this.hasRoom) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inFlight++;
    this.count();
  }

  /** Ends a turn. */
  give(): void {
    this.#inFlight--;
    this.#waiting.shift()?.();
  }

  /** From now on fewer commands run at a time than do now. */
  narrow(): void {
    this.#width = Math.max(1, Math.min(this.#width, this.#inFlight) - 1);
  }

  /** The connection is lost: nobody waits any longer. */
  end(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Notes how many channels were open at the same time at the most. */
  count(): void {
    statistics.channels = Math.max(statistics.channels, this.#inFlight + this.#shells());
  }
}
