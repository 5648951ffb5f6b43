import { setTimeout as sleep } from "node:timers/promises";
import { LvsError } from "../host/errors";

/** Another run changed the ledger's entry after our look and before our first change. The caller looks again. */
export class LedgerChanged extends LvsError {
  override readonly name = "LedgerChanged";

  constructor(host: string) {
    super(`host ${host}: other runs changed the ledger's entry again and again. Run again`);
  }
}

/** Runs that meet on one entry: of so many at once, the last one still gets its turn. */
const TRIES = 60;
/** The longest pause between two tries, in milliseconds. */
const PAUSE = 1_000;

/**
 * Does the work again if another run was faster. Each try of all those who meet lets one of them through. The pauses are random,
 * and grow: otherwise all would come at the same moment again.
 */
export async function retryWhenChanged<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LedgerChanged) || tries === TRIES) throw error;
    }
    await sleep(Math.random() * Math.min(50 * tries, PAUSE));
  }
}
