import { HostError, LvsError } from "../../host/errors";
import { poll } from "../../host/poll";
import { type DirectorView, getsNewClients, servicesLeftWithout } from "./director-view";
import type { Directors } from "./directors";
import type { RolloutServer } from "./inputs";
import type { ServerSwitch } from "./server-switch";

/** Seconds to wait until another server serves, before servers are taken out of the table. */
const OTHERS = 60;

/**
 * Waits until others of a site's servers serve. Throws if `leaving` are still the only ones: without them a service would serve
 * nobody.
 *
 * @param seen what the directors have shown just now
 */
export async function othersServe(
  leaving: readonly RolloutServer[],
  all: readonly RolloutServer[],
  directors: Directors,
  servers: ServerSwitch,
  seen: readonly DirectorView[],
): Promise<void> {
  let views: readonly DirectorView[] | undefined = seen;
  const look = async () => {
    const now = views ?? [...(await directors.views()).values()];
    views = undefined;
    return leftWithout(leaving, all, now, servers);
  };
  const alone = await poll(look, ({ services }) => services.length === 0, { within: OTHERS, every: 2 });
  if (alone.services.length === 0) return;
  const names = leaving.map(({ host }) => host.name).join(", ");
  const [are, them] = leaving.length === 1 ? ["is the only real server", "it"] : ["are the only real servers", "them"];
  throw new LvsError(
    `${names} ${are} left in ${alone.services.join(", ")}: taking ${them} out would interrupt the service. ` +
      `${alone.unfit.map((reason) => `${reason}. `).join("")}` +
      'Bring another one back first, or declare alone: "interrupt"',
  );
}

/**
 * The services that would serve nobody without these servers, and what the other servers lack. Servers that are not ready
 * themselves serve nobody now, so the others need not be ready for their sake.
 */
async function leftWithout(
  leaving: readonly RolloutServer[],
  all: readonly RolloutServer[],
  views: readonly DirectorView[],
  servers: ServerSwitch,
): Promise<{ services: string[]; unfit: string[] }> {
  const addresses = leaving.map(({ address }) => address);
  const without = (others: readonly RolloutServer[]) => {
    const unfit = others.map(({ address }) => address);
    return [...new Set(views.flatMap((view) => servicesLeftWithout(view, addresses, unfit)))];
  };
  // One that serves is enough, and the first mostly does.
  const [first, ...rest] = leaving as [RolloutServer, ...RolloutServer[]];
  const nobodyServes = async () => {
    if ((await servers.unready(first)) === undefined) return false;
    const lacks = await Promise.all(rest.map((server) => servers.unready(server)));
    return lacks.every((missing) => missing !== undefined);
  };
  if (without([]).length > 0 || (await nobodyServes())) return { services: without([]), unfit: [] };
  const unfit = new Map<RolloutServer, string>();
  // One that is out already is not asked: its host may be down.
  let unknown = all.filter(
    (other) => !leaving.includes(other) && views.some((view) => getsNewClients(view, other.address)),
  );
  // One that is ready may be enough for all services, so the others are not asked at the same time.
  for (const other of unknown) {
    if (without([...unknown, ...unfit.keys()]).length === 0) break;
    unknown = unknown.filter((one) => one !== other);
    const missing = await servers.unready(other).catch(notReached);
    if (missing) unfit.set(other, `${other.host.name}: ${missing}`);
  }
  return { services: without([...unfit.keys()]), unfit: [...unfit.values()] };
}

function notReached(error: unknown): string {
  if (error instanceof HostError) return error.message;
  throw error;
}
