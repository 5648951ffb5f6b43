/**
 * An error that a user can act on. The message is a complete sentence: it names the host or the property, the cause and the
 * cure. Pulumi's engine shows only the message.
 */
export class LvsError extends Error {
  override readonly name: string = "LvsError";

  constructor(message: string, options?: ErrorOptions) {
    super(harmless(message), options);
    // The dynamic-provider process prints an error's stack beside its message. The stack is of no use to a user.
    this.stack = "";
  }
}

/** A message may quote what a host said. A terminal obeys some signs: it would write over what stands there, or hide it. */
function harmless(message: string): string {
  return message.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, "\uFFFD");
}

/** The host cannot be used: it was not reached, is not trusted, or does not let the user log in or act. */
export class HostError extends LvsError {
  override readonly name = "HostError";
  /** The name of the host: of a jump host, where that is the one. */
  readonly host: string | undefined;
  constructor(
    message: string,
    /** `unreachable`: this attempt changed nothing. `cut`: the connection was lost while a script ran. */
    readonly what: "unreachable" | "untrusted" | "refused" | "privilege" | "cut" | "timeout",
    options?: ErrorOptions & { readonly host?: string },
  ) {
    super(message, options);
    this.host = options?.host;
  }
}

/** Whether a host is down, as far as can be known from here. One that refuses the login is not. */
export function isDown(error: unknown): error is HostError {
  return error instanceof HostError && ["unreachable", "cut", "timeout"].includes(error.what);
}

/** A step failed on the host. */
export class StepFailed extends LvsError {
  override readonly name = "StepFailed";

  /** What the step was to bring was refused, and nothing was changed. */
  readonly refused: boolean;

  constructor(message: string, { refused = false, ...options }: ErrorOptions & { readonly refused?: boolean } = {}) {
    super(message, options);
    this.refused = refused;
  }
}

/** Every step succeeded, and the host is still not as declared. */
export class NotConverged extends LvsError {
  override readonly name = "NotConverged";
}

/** Another owner declares the same thing differently. */
export class Conflict extends LvsError {
  override readonly name = "Conflict";
}
