import type { Command, Reply, Session } from "./command";
import { LvsError } from "./errors";
import { whatTools } from "./tools";

/** Something that can be found out about a host: the commands that ask the host, and the meaning of their replies. */
export interface Fact<T> {
  readonly ask: readonly Command[];
  /**
   * @param replies one for each command of `ask`
   * @throws LvsError if the replies do not answer the question
   */
  read(replies: readonly Reply[]): T;
}

/** A fact from the reply of one command. */
export function fact<T>(ask: Command, read: (reply: Reply) => T): Fact<T> {
  return { ask: [ask], read: ([reply]) => read(reply as Reply) };
}

/** A fact from the standard output of one command, whether the command succeeds or not. */
export function printed<T>(ask: Command, read: (stdout: string) => T): Fact<T> {
  return fact(ask, ({ stdout }) => read(stdout));
}

/** A fact from the standard output of one command that ends well. One that fails has not said "none" or "no". */
export function answered<T>(what: string, ask: Command, read: (stdout: string) => T): Fact<T> {
  return fact(ask, ({ exit, stdout, stderr }) => {
    if (exit !== 0)
      throw new LvsError(`reading ${what}: ${stderr.trim() || `exit ${exit}`}. Mend that on the host, and run again`);
    return read(stdout);
  });
}

/**
 * Reads JSON that a host printed. The error does not quote the text, which may hold a secret.
 *
 * @param broken says which text cannot be read, and the cure
 */
export function jsonOf<T>(text: string, broken: (why: string) => string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new LvsError(broken(text.trim() === "" ? "it is empty" : "it is no JSON"));
  }
}

/** A fact that is known without asking the host. */
export function known<T>(value: T): Fact<T> {
  return { ask: [], read: () => value };
}

/** Several named facts as one fact. */
export function facts<T extends object>(parts: { readonly [K in keyof T]: Fact<T[K]> }): Fact<T> {
  const named = Object.entries(parts) as [string, Fact<unknown>][];
  return {
    ask: named.flatMap(([, { ask }]) => ask),
    read(replies) {
      const left = [...replies];
      return Object.fromEntries(named.map(([name, { ask, read }]) => [name, read(left.splice(0, ask.length))])) as T;
    },
  };
}

/** A list of facts as one fact. The values keep the order of the list. */
export function each<T>(all: readonly Fact<T>[]): Fact<T[]> {
  return map(facts<Record<string, T>>(Object.fromEntries(all.map((one, i) => [`${i}`, one]))), Object.values);
}

/** A fact that is computed from another one. */
export function map<T, U>({ ask, read }: Fact<T>, follows: (value: T) => U): Fact<U> {
  return { ask, read: (replies) => follows(read(replies)) };
}

/** Asks the host for a fact, in one trip. */
export async function find<T>(session: Session, { ask, read }: Fact<T>): Promise<T> {
  const { looks } = await session.run({ looks: ask });
  return named(session, () => read(looks));
}

/** Adds the host's name to an error of what does not know the host: a fact, a kind; and the cure where the host's tools do less. */
export function named<T>(session: Session, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof LvsError)) throw error;
    const cure = whatTools(error.message);
    throw new LvsError(`host ${session.name}: ${error.message}${cure ? `. ${cure}` : ""}`, { cause: error });
  }
}
