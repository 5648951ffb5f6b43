import type { Session } from "../../host/command";
import { LvsError } from "../../host/errors";
import type { Maintenance } from "../../ipvs/maintenance";
import { putBackIntoTable, run } from "./director-table";
import { type DirectorView, getsNewClients, lookAtDirector, type Scope } from "./director-view";
import { type By, comingBack, heldBy, keptOutBy } from "./holding";

/** A real server that comes back, and how it is called. */
interface Named {
  readonly address: string;
  readonly name: string;
}

interface Waiting extends Named {
  resolve(others: readonly Maintenance[]): void;
  reject(reason: unknown): void;
}

/**
 * The real servers that come back into the table of a director, one turn after the other. Those that are ready while a turn is
 * going on come back together, by the next one: a large batch takes a few turns.
 */
export class Returns {
  #waiting: readonly Waiting[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly scope: Scope,
    private readonly by: By,
  ) {}

  /** Puts a server back. Returns who else has taken it out: it then stays out. */
  back(session: Session, server: Named): Promise<readonly Maintenance[]> {
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { ...server, resolve, reject }];
      this.#turn = this.#turn.then(() => {
        const all = this.#waiting;
        this.#waiting = [];
        return this.#together(session, all);
      });
    });
  }

  /** What stops one server does not stop the others: they come back one by one then. */
  async #together(session: Session, all: readonly Waiting[]): Promise<void> {
    if (all.length === 0) return;
    try {
      const view = await broughtBack(
        session,
        this.scope,
        this.by,
        all.map(({ address }) => address),
      );
      const after = await lookAtDirector(session, this.scope);
      for (const one of all) {
        const held = heldBy(this.by, view, one.address);
        const serves = comingBack(held, view).some(({ weight }) => weight > 0);
        if (serves && !getsNewClients(after, one.address)) one.reject(notBack(session, one));
        else one.resolve(keptOutBy(held, view));
      }
    } catch (failure) {
      if (all.length === 1) all[0]?.reject(failure);
      else for (const one of all) await this.#together(session, [one]);
    }
  }
}

/**
 * Brings servers back as far as nobody else holds them. If somebody takes one out meanwhile, that counts.
 *
 * @returns what the director showed before
 */
export async function broughtBack(
  session: Session,
  scope: Scope,
  by: By,
  addresses: readonly string[],
): Promise<DirectorView> {
  for (let tries = 3; ; tries--) {
    const view = await lookAtDirector(session, scope);
    try {
      await run(session, putBackIntoTable(view, addresses, by));
      return view;
    } catch (failure) {
      const now = await lookAtDirector(session, scope);
      if (tries === 1 || holders(now, addresses) === holders(view, addresses)) throw failure;
    }
  }
}

/** Who has taken the servers out, as text for a comparison. */
function holders({ out }: DirectorView, addresses: readonly string[]): string {
  const theirs = out.filter((one) => addresses.includes(one.address));
  return JSON.stringify(theirs.map(({ address, site, note }) => [address, site, note]));
}

function notBack(session: Session, { address, name }: Named): LvsError {
  return new LvsError(
    `host ${session.name}: real server ${name === address ? address : `${name} (${address})`} did not come back into the table. ` +
      "Is it fit for ldirectord's checks, or did somebody delete it there? `pulumi up --refresh` repairs what the program declares",
  );
}
