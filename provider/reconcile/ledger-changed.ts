import { setTimeout as sleep } from "node:timers/promises";
import { LvsError } from "../host/errors";

/** Another run changed the ledger's entry after our look and before our first change. The caller looks again. */
export class LedgerChanged extends LvsError {
  override readonly name = "LedgerChanged";

  constructor(host: string) {
    super(`host ${host}: other runs changed the ledger's entry again and again. Run again`);
  }
}

/** Tries of one run. Of as many runs that change one entry at the same time, the last one still gets through. */
const TRIES = 60;
/** The longest pause between two tries, in milliseconds. */
const PAUSE = 1_000;

/**
 * Does the work again if another run was faster. Of several runs that try at the same time, one gets through. The pauses are
 * random and grow: otherwise the others would try at the same moment again.
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
