/** Measures how long something went on. Time in which it goes on several times at once counts once. */
export class Stopwatch {
  seconds = 0;
  #going = 0;
  #since = 0;

  /** @param now in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#going++ === 0) this.#since = this.now();
    try {
      return await work();
    } finally {
      if (--this.#going === 0) this.seconds += (this.now() - this.#since) / 1000;
    }
  }
}
