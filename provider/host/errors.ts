/**
 * An error that a user can act on: its message is one complete sentence that names the host or the property, the cause and the
 * cure. Only the message reaches Pulumi's engine.
 */
export class LvsError extends Error {
  override readonly name: string = "LvsError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // The dynamic-provider process prints the stack of an error beside it; where in our code it was noticed helps no user.
    this.stack = "";
  }
}

/** The host cannot be used: not reached, not trusted, not let in, or not allowed to act. */
export class HostError extends LvsError {
  override readonly name = "HostError";
  constructor(
    message: string,
    /** `unreachable`: nothing was changed by this attempt; `cut`: the connection was lost while a script ran. */
    readonly what: "unreachable" | "untrusted" | "refused" | "privilege" | "cut" | "timeout",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A step was refused by the host. */
export class StepFailed extends LvsError {
  override readonly name = "StepFailed";
}

/** Everything ran, and the host still is not as declared. */
export class NotConverged extends LvsError {
  override readonly name = "NotConverged";
}

/** Somebody else declares the same thing differently. */
export class Conflict extends LvsError {
  override readonly name = "Conflict";
}
