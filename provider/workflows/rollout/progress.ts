/** Milliseconds between two lines about what is waited for. */
const EVERY = 30_000;

/** Tells how far long work on several hosts has come: a line for each host that is done, and now and then who is waited for. */
export class Progress {
  readonly #begin = performance.now();
  readonly #waiting = new Map<string, { readonly what: string; readonly since: number }>();
  readonly #timer: NodeJS.Timeout;
  #done = 0;

  constructor(
    private readonly total: number,
    private readonly say: (words: string) => void,
  ) {
    this.#timer = setInterval(() => this.#tell(), EVERY).unref();
  }

  /** The host is waited for from now on, for this: "until its connections end". */
  waits(host: string, what: string): void {
    this.#waiting.set(host, { what, since: performance.now() });
  }

  done(host: string, words: string): void {
    this.#waiting.delete(host);
    this.#done++;
    this.say(`${host} ${words}: ${this.#done} of ${this.total}, after ${seconds(this.#begin)} s`);
  }

  failed(host: string): void {
    this.#waiting.delete(host);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const hosts = [...this.#waiting].map(([host, { what, since }]) => `${host} ${what} (${seconds(since)} s)`);
    if (hosts.length > 0)
      this.say(`${this.#done} of ${this.total} done after ${seconds(this.#begin)} s; waiting for ${hosts.join(", ")}`);
  }
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000);
}
