import type { Command, Reply, Session } from "./command";

/** Something to find out about a host: the commands that ask, and what their replies mean. */
export interface Fact<T> {
  readonly ask: readonly Command[];
  /**
   * @param replies one for each command of `ask`
   * @throws LvsError where the host could not tell
   */
  read(replies: readonly Reply[]): T;
}

/** What one command tells. */
export function fact<T>(ask: Command, read: (reply: Reply) => T): Fact<T> {
  return { ask: [ask], read: ([reply]) => read(reply as Reply) };
}

/** What one command prints, whether it succeeds or not. */
export function printed<T>(ask: Command, read: (stdout: string) => T): Fact<T> {
  return fact(ask, ({ stdout }) => read(stdout));
}

/** What is known without asking. */
export function known<T>(value: T): Fact<T> {
  return { ask: [], read: () => value };
}

/** Several facts as one, by their names. */
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

/** Several facts of one shape, in their order. */
export function each<T>(all: readonly Fact<T>[]): Fact<T[]> {
  return map(facts<Record<string, T>>(Object.fromEntries(all.map((one, i) => [`${i}`, one]))), Object.values);
}

/** What follows from a fact. */
export function map<T, U>({ ask, read }: Fact<T>, follows: (value: T) => U): Fact<U> {
  return { ask, read: (replies) => follows(read(replies)) };
}

/** Finds a fact out, by one trip. */
export async function find<T>(session: Session, { ask, read }: Fact<T>): Promise<T> {
  return read((await session.run({ looks: ask })).looks);
}
