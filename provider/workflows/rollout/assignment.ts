import type { Runs } from "./application-server";
import { type DirectorView, placesOf } from "./director-view";
import { drainedOn, heldBy } from "./holding";
import type { RolloutInputs, RolloutServer } from "./inputs";
import { isFine } from "./server-switch";

/** Which servers a rollout works on, and how. */
interface Assignment {
  /** Those that do not run the release, or not properly. */
  readonly behind: readonly RolloutServer[];
  /** Those that an interrupted rollout of this site has left out. */
  readonly left: readonly RolloutServer[];
  /** Switched at the same time, before the batches: they are in no director's table. */
  readonly first: readonly RolloutServer[];
  /** Exchanged beside the batches: an operator has drained them. */
  readonly aside: readonly RolloutServer[];
  /** Exchanged in batches, in this order. */
  readonly queue: readonly RolloutServer[];
  /** How many run the release, and have clients. */
  readonly served: number;
}

/** @param running what runs on the servers that were reached */
export function assigned(
  want: RolloutInputs,
  views: readonly DirectorView[],
  running: ReadonlyMap<RolloutServer, Runs>,
): Assignment {
  const { servers, release } = want;
  const drained = drainedOf(want, views);
  const reached = [...running.keys()];
  const behind = reached.filter((server) => !isFine(running.get(server) as Runs, release));
  const left = servers.filter(({ address }) => views.some((view) => heldBy(want, view, address).mine.length > 0));
  const serving = (server: RolloutServer) =>
    !drained.includes(server) &&
    (left.includes(server) || views.some((view) => placesOf(view, server.address).length > 0));
  // Servers that are out since an interrupted rollout come first: others can be taken out only when they are back.
  const out = left.filter(serving);
  const needy = (server: RolloutServer) => behind.includes(server) || left.includes(server);
  return {
    ...{ behind, left },
    first: behind.filter((server) => !serving(server) && !drained.includes(server)),
    aside: drained.filter((server) => reached.includes(server) && needy(server)),
    queue: [...out, ...behind.filter((server) => serving(server) && !out.includes(server))],
    served: servers.filter((server) => serving(server) && !behind.includes(server)).length,
  };
}

/** The servers that an operator has drained. */
export function drainedOf({ servers }: RolloutInputs, views: readonly DirectorView[]): RolloutServer[] {
  return servers.filter(({ address }) => drainedOn(views, address));
}
