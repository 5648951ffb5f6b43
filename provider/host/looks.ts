import type { Answer, Command, Reply } from "./command";
import { HostError } from "./errors";

/** How looks reach their host. */
interface Way {
  connect(): Promise<unknown>;
  run(looks: readonly Command[]): Promise<Answer>;
}

interface Asked extends Way {
  readonly looks: readonly Command[];
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Looks that travel together, at most. */
const TOGETHER = 16;

/**
 * Looks that are asked for at the same time on one host, or while it is dialled, travel as one script, and what several of them ask alike
 * is asked once. A script costs a host two programs, and a look about as much.
 */
export class Looks {
  readonly #waiting = new Map<string, Asked[]>();

  /** @param key looks with the same key may travel together */
  look(key: string, looks: readonly Command[], way: Way): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = { ...way, looks, resolve, reject };
      const waiting = this.#waiting.get(key);
      if (waiting) waiting.push(asked);
      else {
        this.#waiting.set(key, [asked]);
        void this.#depart(key, way);
      }
    });
  }

  async #depart(key: string, way: Way): Promise<void> {
    let failure: unknown;
    try {
      await way.connect();
      await new Promise((turn) => setImmediate(turn));
    } catch (error) {
      failure = error;
    }
    const all = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    if (failure) for (const { reject } of all) reject(failure);
    else for (let i = 0; i < all.length; i += TOGETHER) void travel(all.slice(i, i + TOGETHER));
  }
}

async function travel(all: readonly Asked[]): Promise<void> {
  const [first] = all as [Asked];
  const asked = onceEach(all.flatMap((one) => one.looks));
  try {
    const { looks, ...rest } = await first.run([...asked.values()]);
    const replies = new Map([...asked.keys()].map((key, at) => [key, looks[at] as Reply]));
    for (const { looks: own, resolve } of all)
      resolve({ ...rest, looks: own.map((look) => replies.get(sameAs(look)) as Reply) });
  } catch (error) {
    // One that hangs or prints too much must not harm the others.
    const alone = all.length > 1 && error instanceof HostError && OWN_FAULTS.includes(error.what);
    for (const { run, looks, resolve, reject } of all) {
      if (alone) run(looks).then(resolve, reject);
      else reject(error);
    }
  }
}

/** What several ask alike is asked once: by the last of them, because what stands before a look may prepare for it. */
function onceEach(looks: readonly Command[]): Map<unknown, Command> {
  const asked = new Map<unknown, Command>();
  for (const look of looks) {
    const key = sameAs(look);
    asked.delete(key);
    asked.set(key, look);
  }
  return asked;
}

/** Looks with the same key are one. A look with an input is one by itself. */
function sameAs(look: Command): unknown {
  return look.stdin === undefined ? JSON.stringify(look) : look;
}

const OWN_FAULTS: readonly HostError["what"][] = ["timeout", "refused", "cut"];
