import { LvsError } from "../host/errors";

/** Another run changed the ledger's entry after our look and before our first change. The caller looks again. */
export class LedgerChanged extends LvsError {
  override readonly name = "LedgerChanged";
}
