/** One of several things to do. */
export interface Turn {
  /** The turn waits for the tool chain, which is made in the background. */
  readonly needsToolchain: boolean;
  /** How much of the machine the turn takes, up to 1. */
  readonly share: number;
}

/** Shares of a third may add up to a little more. */
const WHOLE = 1 + 1e-9;

/**
 * Runs the turns in their order, several at a time: each takes its share of the machine. A turn that needs no tool chain does not
 * wait behind a turn that does.
 *
 * @param toolchain settles when the tool chain is there, or will never be
 */
export async function inTurn<T extends Turn>(
  turns: readonly T[],
  toolchain: Promise<unknown>,
  work: (turn: T) => Promise<void>,
): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  toolchain.then(settle, settle);
  const left = [...turns];
  let taken = 0;
  const begin = async (): Promise<void> => {
    const ready = left.findIndex(({ needsToolchain }) => settled || !needsToolchain);
    const place = Math.max(ready, 0);
    const turn = left[place];
    if (!turn || taken + turn.share > WHOLE) return;
    left.splice(place, 1);
    taken += turn.share;
    const ended = work(turn).then(() => {
      taken -= turn.share;
      return begin();
    });
    await Promise.all([ended, begin()]);
  };
  await begin();
}
