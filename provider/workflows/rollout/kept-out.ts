import type { Session } from "../../host/command";
import { after } from "../../host/timer";
import type { Director, Reach } from "./director";
import { leaveTable, run, tellChecker } from "./director-table";
import { type DirectorView, getsNewClients, lookAtDirector } from "./director-view";
import type { By } from "./holding";

/** Seconds between two looks at a director. */
const EVERY = 3;

/** Whose servers these are, and what is done about a director that does not know that they are out. */
export interface Keeping {
  readonly by: By;
  readonly reach: Reach;
  say(words: string): void;
  /** The director is reached, and is about to learn that servers are out. */
  isBack(director: Director): void;
}

/**
 * Sees that servers get no clients while they are exchanged. Of several directors one may be down when they leave, and another one
 * may be rebooted after that: both then have the declared weights, and may get the VIP at any moment.
 */
export class KeptOut {
  readonly #out = new Set<string>();
  readonly #looking = new Set<Director>();
  /** Directors that are learning it. No server comes back meanwhile. */
  readonly #corrections = new Set<Promise<void>>();

  constructor(
    private readonly directors: readonly Director[],
    private readonly keeping: Keeping,
  ) {}

  /** A server stays out until the work on it has ended. One director alone sends clients to nobody while it is down. */
  async during<T>(address: string, work: () => Promise<T>): Promise<T> {
    if (this.directors.length < 2) return work();
    this.#out.add(address);
    for (const director of this.directors) this.#look(director);
    try {
      return await work();
    } finally {
      this.#out.delete(address);
      await Promise.allSettled(this.#corrections);
    }
  }

  /** Looks again and again, as long as a server is out. Whoever is not reached is asked again. */
  async #look(director: Director): Promise<void> {
    if (this.#looking.has(director) || this.#out.size === 0) return;
    this.#looking.add(director);
    const look = this.keeping.reach(director.host, async (session) => {
      const view = await lookAtDirector(session, director.scope);
      const astray = [...this.#out].filter((address) => getsNewClients(view, address));
      if (astray.length > 0) await this.#correct(director, session, view, astray);
    });
    await look.catch(() => {});
    after(EVERY * 1000, () => {
      this.#looking.delete(director);
      this.#look(director);
    }).unref();
  }

  async #correct(
    director: Director,
    session: Session,
    view: DirectorView,
    addresses: readonly string[],
  ): Promise<void> {
    const { by, say, isBack } = this.keeping;
    say(`director ${director.host.name} does not know that ${addresses.join(", ")} is out, and learns it now`);
    isBack(director);
    const tell = addresses.flatMap((address) => tellChecker(view, address));
    const correction = run(session, [...leaveTable(view, addresses, by), ...tell]);
    this.#corrections.add(correction);
    await correction.finally(() => this.#corrections.delete(correction));
  }
}
