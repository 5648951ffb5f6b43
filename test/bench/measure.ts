import { spawn } from "node:child_process";
import { writeSync } from "node:fs";

const isQuick = Boolean(process.env.LVS_BENCH_QUICK);

/** How many rounds: the median of five, or one while somebody works on the benchmark. */
export const ROUNDS = isQuick ? 1 : 5;
/** How many rounds of what takes minutes. */
export const FEW_ROUNDS = isQuick ? 1 : 3;
/** How many hosts the fleet has. */
export const MANY = isQuick ? 10 : 50;
/** How many hosts the large fleet has. */
export const VERY_MANY = isQuick ? 20 : 500;
/** How many resources one host has, where nothing but their number counts. */
export const RESOURCES = isQuick ? 50 : 300;
/** How many destinations the large table has. */
export const DESTINATIONS = isQuick ? 200 : 10_000;
/** How many servers get a release, in five batches. */
export const RELEASED = isQuick ? 5 : 50;

/** A figure of docs/performance.md. */
export interface Figure {
  readonly scenario: string;
  readonly tool: string;
  /** Wall seconds, one a round. */
  readonly seconds: readonly number[];
  /** What was counted beside the time. */
  readonly counts?: string;
}

/** Runs a command to its end. Returns its wall seconds and its output; an exit status but 0 throws. */
export function timed(argv: readonly string[], env: NodeJS.ProcessEnv = {}, input = "", cwd?: string) {
  const [command, ...args] = argv as [string, ...string[]];
  const start = performance.now();
  return new Promise<{ seconds: number; text: string }>((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, cwd });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (some) => (text += some));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, text });
      else reject(new Error(`${argv.join(" ")}: exit ${code}\n${text.slice(-3000)}`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** Figures of several tools, each measured in turn, round by round: what else the machine does meets all of them alike. */
export class Figures {
  readonly #seconds = new Map<string, number[]>();
  readonly #counts = new Map<string, string>();

  add(scenario: string, tool: string, seconds: number, counts?: string): void {
    const key = JSON.stringify([scenario, tool]);
    this.#seconds.set(key, [...(this.#seconds.get(key) ?? []), seconds]);
    if (counts) this.#counts.set(key, counts);
    process.stderr.write(`${scenario}: ${tool}: ${seconds.toFixed(2)} s ${counts ?? ""}\n`);
  }

  /** Adds to what was counted beside the last time. */
  count(scenario: string, tool: string, more: string): void {
    const key = JSON.stringify([scenario, tool]);
    const counts = this.#counts.get(key);
    this.#counts.set(key, counts ? `${counts}, ${more}` : more);
    process.stderr.write(`${scenario}: ${tool}: ${more}\n`);
  }

  /** Hands the figures to `npm run bench`. */
  tell(): void {
    // A file descriptor: nothing is left behind.
    const to = process.env.LVS_BENCH_FIGURES;
    for (const [key, seconds] of this.#seconds) {
      const [scenario, tool] = JSON.parse(key) as [string, string];
      const figure: Figure = { scenario, tool, seconds, counts: this.#counts.get(key) ?? "" };
      if (to) writeSync(Number(to), `${JSON.stringify(figure)}\n`);
    }
  }
}
