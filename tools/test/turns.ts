/** One of several things to do. */
export interface Turn {
  /** The turn waits for the tool chain, which is made in the background. */
  readonly needsToolchain: boolean;
}

/**
 * Runs the turns in their order, several at a time. A turn that needs no tool chain does not wait behind a turn that does.
 *
 * @param abreast how many turns run at the same time
 * @param toolchain settles when the tool chain is there, or will never be
 */
export async function inTurn<T extends Turn>(
  turns: readonly T[],
  abreast: number,
  toolchain: Promise<unknown>,
  work: (turn: T) => Promise<void>,
): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  toolchain.then(settle, settle);
  const left = [...turns];
  const lane = async () => {
    while (left.length > 0) {
      const ready = left.findIndex(({ needsToolchain }) => settled || !needsToolchain);
      const [turn] = left.splice(Math.max(ready, 0), 1);
      if (turn) await work(turn);
    }
  };
  await Promise.all(Array.from({ length: abreast }, lane));
}
