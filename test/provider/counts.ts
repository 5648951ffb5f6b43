/** How many inputs of each type came to which end. A test of many random inputs prints them: its name says only that none failed. */
export class Counts<End extends string> {
  readonly #counted = new Map<string, Map<End, number>>();

  /** @param ends in the order in which they are printed; each is printed for every type */
  constructor(
    private readonly title: string,
    private readonly ends: readonly End[],
  ) {}

  add(type: string, end: End, many = 1): void {
    const counted = this.#counted.get(type) ?? new Map<End, number>();
    counted.set(end, (counted.get(end) ?? 0) + many);
    this.#counted.set(type, counted);
  }

  /** Prints a line for each type. */
  tell(): void {
    const lines = [...this.#counted].map(([type, counted]) => {
      const tried = [...counted.values()].reduce((sum, many) => sum + many, 0);
      return `  ${type}: ${tried} tried: ${this.ends.map((end) => `${end} ${counted.get(end) ?? 0}`).join(", ")}`;
    });
    process.stderr.write(`${this.title}\n${lines.join("\n")}\n`);
  }
}
