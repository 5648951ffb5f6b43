import { sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { isDown, LvsError } from "../host/errors";
import { find, printed } from "../host/fact";
import { withSession } from "../host/pool";
import type { Drain } from "../ipvs/drain";
import { spelled } from "../ipvs/ipvsadm";
import { holderInWords, isDrained, type Place } from "../ipvs/maintenance";
import { addressInKey, normalAddress, type OperatorNote, parseHostPort } from "../model";
import { catchUp } from "../workflows/rollout/catch-up";
import type { Director } from "../workflows/rollout/director";
import {
  allServices,
  type DirectorView,
  lookAtDirector,
  placesOf,
  servicesLeftWithout,
} from "../workflows/rollout/director-view";
import { Directors } from "../workflows/rollout/directors";
import { comingBack, heldBy } from "../workflows/rollout/holding";
import { hostOf, isTable, type Resource } from "./resource";

/** What a director has made of a request to drain a server, or to bring it back. */
export interface DirectorMove {
  readonly director: string;
  /** The services that have the server as a destination. */
  readonly services: readonly string[];
  /** The weights that the server gets back, or has got back, by service and destination. */
  readonly places: readonly { readonly service: string; readonly destination: string; readonly weight: number }[];
  /** Who else has taken the server out, in words: it stays out. */
  readonly stays?: string;
}

/** A director of a stack, and the VIPs by which clients reach its services. */
export interface Balancer {
  readonly director: DeclaredHost;
  readonly vips: readonly string[];
}

/** What the directors have made of a request, and why others were not reached. Those get it when they are reached again. */
export interface Moves {
  readonly moves: readonly DirectorMove[];
  readonly missed: readonly { readonly director: string; readonly reason: string }[];
}

export interface DrainOptions extends Drain {
  /** Drain the last server of a service, too. */
  readonly force?: boolean;
}

/**
 * Takes a real server out of the directors' tables: weight 0 on all of them, and wait until its connections have ended on those
 * that have a VIP. A refresh sees no difference. The server stays out until it is brought back, also over a rollout, and over a
 * reboot of a director. If its connections do not end, it comes back. A director that is not reached is left out.
 */
export async function drainServer(
  balancers: readonly Balancer[],
  address: string,
  note: OperatorNote,
  { force = false, ...drain }: DrainOptions,
): Promise<Moves> {
  const directors = await caughtUp(balancers, address, drain);
  const before = [...(await directors.views()).values()];
  for (const view of before) {
    const left = servicesLeftWithout(view, [address], []);
    if (left.length > 0 && !force)
      throw new LvsError(
        `host ${view.host}: ${address} is the last server of ${left.join(", ")}: draining it would refuse every client. ` +
          "Bring another one back first, or say --force",
      );
  }
  // A return that was interrupted is not completed any more.
  if (before.some(({ missed }) => missed.some((one) => one.address === address && one.returned)))
    await directors.owe(address);
  const wasOut = before.some(({ out }) => out.some((one) => one.address === address && isDrained(one)));
  try {
    const left = await directors.leave([address], note);
    await directors.owe(address);
    await directors.connectionsEnd(address, left);
  } catch (failure) {
    const reason = (failure as Error).message;
    if (wasOut) throw new LvsError(`${reason}. ${address} stays out, as it was before`, { cause: failure });
    const [other] = [...(await directors.putBack(address)).values()].flat();
    const now = other ? `stays out, for ${holderInWords(other)}` : "is back";
    throw new LvsError(`${reason}. ${address} ${now}: wait longer by --timeout, or end what is open by --cut`, {
      cause: failure,
    });
  }
  const after = [...(await directors.views()).values()];
  const moves = after.map((view) =>
    moved(
      view,
      address,
      heldBy("operator", view, address).mine.flatMap(({ places }) => places),
    ),
  );
  return { moves, missed: missedBy(directors) };
}

/** Brings a real server back into the directors' tables, with the weights that it had. */
export async function returnServer(balancers: readonly Balancer[], address: string): Promise<Moves> {
  // Nobody waits for connections where the VIP is: who has it does not matter.
  const directors = await caughtUp(
    balancers.map(({ director }) => ({ director, vips: [] })),
    address,
  );
  const before = await directors.views();
  await directors.announceReturn(address);
  const others = await directors.putBack(address);
  await directors.owe(address);
  const moves = [...before].map(([director, view]) => {
    const [holder] = others.get(director) ?? [];
    const places = comingBack(heldBy("operator", view, address), view);
    return { ...moved(view, address, places), ...(holder && { stays: holderInWords(holder) }) };
  });
  return { moves, missed: missedBy(directors) };
}

/** The directors, after they have got what they have missed of other servers. */
async function caughtUp(
  balancers: readonly Balancer[],
  address: string,
  drain: Drain = { timeout: 300, onTimeout: "fail" },
): Promise<Directors> {
  const all = balancers.map(({ director, vips }) => ({ host: director, scope: allServices(vips) }));
  const directors = (some: readonly Director[], how: Drain) =>
    new Directors(some, "operator", { drain: how, onDirectorDown: "tell" }, withSession, (words) => console.log(words));
  const operator = directors(all, drain);
  const views = [...(await operator.views()).values()];
  await catchUp(all, views, (some) => directors(some, { ...drain, onTimeout: "cut" }), address);
  return operator;
}

function missedBy({ missed }: Directors): Moves["missed"] {
  return [...missed].map(([director, { message: reason }]) => ({ director, reason }));
}

/** The addresses of the host, for finding its destinations. */
export function addressesOf(host: DeclaredHost): Promise<string[]> {
  const fact = printed(sh("ip -o address show scope global"), (text) =>
    [...text.matchAll(/ inet6? ([\da-f.:]+)/g)].map(([, address = ""]) => normalAddress(address)),
  );
  return withSession(host, (session) => find(session, fact));
}

/**
 * The addresses of the real servers in the director's table, and of those that are out; of a director that is down those that the
 * stack's resources declare there.
 */
export async function serversOf(director: DeclaredHost, resources: readonly Resource[]): Promise<string[]> {
  try {
    const { table, out } = await withSession(director, (session) => lookAtDirector(session, allServices()));
    const keys = Object.values(table).flatMap(({ destinations }) => Object.keys(destinations));
    return [...new Set([...keys.map(addressOf), ...out.map(({ address }) => address)])];
  } catch (error) {
    if (!isDown(error)) throw error;
    return [...new Set(on(director, resources).filter(isTable).flatMap(declaredKeys).map(addressOf))];
  }
}

function addressOf(key: string): string {
  return parseHostPort(key)?.address ?? key;
}

/** The destinations that a resource declares. */
function declaredKeys({ inputs: { destinations, services } }: Resource): string[] {
  const checked = Object.values((services ?? {}) as Record<string, { destinations?: object }>);
  return [...Object.keys(destinations ?? {}), ...checked.flatMap((one) => Object.keys(one.destinations ?? {}))];
}

function on({ name }: DeclaredHost, resources: readonly Resource[]): Resource[] {
  return resources.filter((resource) => hostOf(resource)?.name === name);
}

/** The director with the addresses by which clients reach its services. */
export function balancer(director: DeclaredHost, resources: readonly Resource[]): Balancer {
  return { director, vips: vipsOf(on(director, resources)) };
}

/** The addresses by which clients reach the services that resources declare. */
function vipsOf(resources: readonly Resource[]): string[] {
  const vips = resources.flatMap(({ kind, inputs: { address, services } }) => {
    if (kind === "VirtualService" || kind === "FirewallMark") return typeof address === "string" ? [address] : [];
    if (kind !== "HealthChecks") return [];
    return Object.keys(services as object).flatMap((key) => addressInKey(key) ?? []);
  });
  return [...new Set(vips.map(normalAddress))];
}

function moved(view: DirectorView, address: string, places: readonly Place[]): DirectorMove {
  const all = [...placesOf(view, address), ...places].map(({ match }) => spelled(match));
  return {
    director: view.host,
    services: [...new Set(all)],
    places: places.map(({ match, key, weight }) => ({ service: spelled(match), destination: key, weight })),
  };
}
