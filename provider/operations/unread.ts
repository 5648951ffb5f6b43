import { HostError } from "../host/errors";

/** What of a host cannot be read. The rest is shown. */
export class Unread {
  readonly #reasons = new Set<string>();

  get reasons(): string[] {
    return [...this.#reasons];
  }

  /**
   * What a look has found, or what stands for it where it cannot be read. A host that is not reached is thrown: there is no rest.
   *
   * @param what the resource that cannot be read, where the reason does not say so
   */
  async or<T>(otherwise: T, look: Promise<T>, what?: string): Promise<T> {
    try {
      return await look;
    } catch (error) {
      // A look that hangs cuts its connection, and not those of the others.
      if (error instanceof HostError && error.what !== "cut" && error.what !== "timeout") throw error;
      const { message } = error as Error;
      // What all resources of a host need is told once.
      if (!this.#reasons.has(message)) this.#reasons.add(what === undefined ? message : `${what}: ${message}`);
      return otherwise;
    }
  }
}
