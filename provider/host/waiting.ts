/** Seconds between two lines about one wait. */
const EVERY = 60;
/** Seconds after which a line may follow that says something else: numbers of connections change all the time. */
const SOON = 10;

/** Tells what is waited for, and since when: when it has changed, and once a minute. */
export class Waiting {
  #told = Number.NEGATIVE_INFINITY;
  #said = "";

  /**
   * @param what who is waited for, and until what, as the beginning of a line
   * @param after seconds of waiting that are not worth a line
   */
  constructor(
    private readonly what: string,
    private readonly after = 0,
  ) {}

  /** @param seconds for which it has been waited */
  tell(missing: string, seconds: number): void {
    if (seconds < this.after || seconds - this.#told < (missing === this.#said ? EVERY : SOON)) return;
    const since = seconds >= SOON ? `, for ${Math.round(seconds)} s` : "";
    console.log(`${this.what}: ${missing}${since}`);
    this.#told = seconds;
    this.#said = missing;
  }
}
