import { LvsError } from "../host/errors";

/** The ledger's entry was changed by another run between our look and our act: look again. */
export class LedgerChanged extends LvsError {
  override readonly name = "LedgerChanged";
}
