import { LvsError } from "../host/errors";

/** The ledger's entry was changed by another run between our look and our act: look again. */
export class Moved extends LvsError {
  override readonly name = "Moved";
}
