import type { Session } from "../../host/command";
import { LvsError } from "../../host/errors";
import type { Maintenance } from "../../ipvs/maintenance";
import { putBackIntoTable, runAndLook } from "./director-table";
import { type DirectorView, getsNewClients, lookAtDirector, type Scope } from "./director-view";
import { type By, comingBack, heldBy, keptOutBy } from "./holding";

/** A real server that comes back, and how it is called. */
interface Named {
  readonly address: string;
  readonly name: string;
}

interface Waiting extends Named {
  resolve(back: Back): void;
  reject(reason: unknown): void;
}

/** What has come of a real server that was to come back. */
interface Back {
  /** Who else has taken the server out: it stays out. */
  readonly answer: readonly Maintenance[];
  /** What the director shows now. */
  readonly view: DirectorView;
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

  /** Puts a server back, unless somebody else has taken it out as well. */
  back(session: Session, server: Named): Promise<Back> {
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { ...server, resolve, reject }];
      this.#turn = this.#turn.then(() => this.#next(session));
    });
  }

  /** One turn. It takes along who gets ready while the director is looked at. */
  async #next(session: Session): Promise<void> {
    if (this.#waiting.length === 0) return;
    const look = await lookAtDirector(session, this.scope).then(
      (view) => ({ view }),
      (failure: Error) => ({ failure }),
    );
    const all = this.#waiting;
    this.#waiting = [];
    if ("view" in look) await this.#together(session, all, look.view);
    else for (const one of all) one.reject(look.failure);
  }

  /** What stops one server does not stop the others: they come back one by one then. */
  async #together(session: Session, all: readonly Waiting[], view?: DirectorView): Promise<void> {
    try {
      const addresses = all.map(({ address }) => address);
      const { before, after } = await broughtBack(session, this.scope, this.by, addresses, view);
      for (const one of all) {
        const held = heldBy(this.by, before, one.address);
        const serves = comingBack(held, before).some(({ weight }) => weight > 0);
        if (serves && !getsNewClients(after, one.address)) one.reject(notBack(session, one));
        else one.resolve({ answer: keptOutBy(held, before), view: after });
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
 * @param seen what the director has shown just now
 * @returns what the director showed before and after
 */
export async function broughtBack(
  session: Session,
  scope: Scope,
  by: By,
  addresses: readonly string[],
  seen?: DirectorView,
): Promise<{ before: DirectorView; after: DirectorView }> {
  for (let tries = 3; ; tries--) {
    const before = (tries === 3 && seen) || (await lookAtDirector(session, scope));
    const steps = putBackIntoTable(before, addresses, by);
    if (steps.length === 0) return { before, after: before };
    const { failure, after } = await runAndLook(session, steps, scope).catch(async (failure: Error) => ({
      failure,
      after: await lookAtDirector(session, scope),
    }));
    if (!failure) return { before, after };
    if (tries === 1 || holders(after, addresses) === holders(before, addresses)) throw failure;
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
