import { sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { find, printed } from "../host/fact";
import { withSession } from "../host/pool";
import type { Drain } from "../ipvs/drain";
import { spelled } from "../ipvs/ipvsadm";
import { holderInWords, isDrained, type Place } from "../ipvs/maintenance";
import { addressInKey, normalAddress, type OperatorNote, parseHostPort } from "../model";
import {
  allServices,
  type DirectorView,
  lookAtDirector,
  placesOf,
  servicesLeftWithout,
} from "../workflows/rollout/director-view";
import { Directors } from "../workflows/rollout/directors";
import { comingBack, heldBy } from "../workflows/rollout/holding";
import type { Resource } from "./resource";

/** What a director has made of a request to drain a server, or to bring it back. */
export interface Moved {
  readonly director: string;
  /** The services that have the server as a destination. */
  readonly services: readonly string[];
  /** The weights that the server gets back, or has got back, by service and destination. */
  readonly places: readonly { readonly service: string; readonly destination: string; readonly weight: number }[];
  /** Who else has taken the server out, in words: it stays out. */
  readonly stays?: string;
}

/** The directors of a stack that have a server in their tables, and the VIPs of the stack. */
export interface Balanced {
  readonly directors: readonly DeclaredHost[];
  readonly vips: readonly string[];
}

export interface DrainOptions extends Drain {
  /** Drain the last server of a service, too. */
  readonly force?: boolean;
}

/**
 * Takes a real server out of the directors' tables: weight 0 on all of them, and wait until its connections have ended on those
 * that have a VIP. A refresh sees no difference. The server stays out until it is brought back, also over a rollout, and over a
 * reboot of a director. If its connections do not end, it comes back.
 */
export async function drainServer(
  balanced: Balanced,
  address: string,
  note: OperatorNote,
  { force = false, ...drain }: DrainOptions,
): Promise<Moved[]> {
  const directors = asOperator(balanced, drain);
  const before = [...(await directors.views()).values()];
  for (const view of before) {
    const left = servicesLeftWithout(view, [address], []);
    if (left.length > 0 && !force)
      throw new LvsError(
        `host ${view.host}: ${address} is the last server of ${left.join(", ")}: draining it would refuse every client. ` +
          "Bring another one back first, or say --force",
      );
  }
  const wasOut = before.some(({ out }) => out.some((one) => one.address === address && isDrained(one)));
  try {
    await directors.connectionsEnd(address, await directors.leave([address], note));
  } catch (failure) {
    if (!wasOut) await directors.putBack(address);
    throw failure;
  }
  const after = [...(await directors.views()).values()];
  return after.map((view) =>
    moved(
      view,
      address,
      heldBy("operator", view, address).mine.flatMap(({ places }) => places),
    ),
  );
}

/** Brings a real server back into the directors' tables, with the weights that it had. */
export async function returnServer(balanced: Balanced, address: string): Promise<Moved[]> {
  const directors = asOperator(balanced);
  const before = await directors.views();
  const others = await directors.putBack(address);
  return [...before].map(([director, view]) => {
    const [holder] = others.get(director) ?? [];
    const places = comingBack(heldBy("operator", view, address), view);
    return { ...moved(view, address, places), ...(holder && { stays: holderInWords(holder) }) };
  });
}

function asOperator({ directors, vips }: Balanced, drain: Drain = { timeout: 300, onTimeout: "fail" }): Directors {
  const scope = allServices(vips);
  return new Directors(
    directors.map((host) => ({ host, scope })),
    "operator",
    { drain, onDirectorDown: "fail" },
    withSession,
    (words) => console.log(words),
  );
}

/** The addresses of the host, for finding its destinations. */
export function addressesOf(host: DeclaredHost): Promise<string[]> {
  const fact = printed(sh("ip -o address show scope global"), (text) =>
    [...text.matchAll(/ inet6? ([\da-f.:]+)/g)].map(([, address = ""]) => normalAddress(address)),
  );
  return withSession(host, (session) => find(session, fact));
}

/** The addresses of the real servers in the director's table, and of those that are out. */
export async function serversOf(director: DeclaredHost): Promise<string[]> {
  const { table, out } = await withSession(director, (session) => lookAtDirector(session, allServices()));
  const keys = Object.values(table).flatMap(({ destinations }) => Object.keys(destinations));
  return [...new Set([...keys.map((key) => parseHostPort(key)?.address ?? key), ...out.map(({ address }) => address)])];
}

/** The addresses by which clients reach the services of a stack. */
export function vipsOf(resources: readonly Resource[]): string[] {
  const vips = resources.flatMap(({ kind, inputs: { address, services } }) => {
    if (kind === "VirtualService" || kind === "FirewallMark") return typeof address === "string" ? [address] : [];
    if (kind !== "HealthChecks") return [];
    return Object.keys(services as object).flatMap((key) => addressInKey(key) ?? []);
  });
  return [...new Set(vips.map(normalAddress))];
}

function moved(view: DirectorView, address: string, places: readonly Place[]): Moved {
  const all = [...placesOf(view, address), ...places].map(({ match }) => spelled(match));
  return {
    director: view.host,
    services: [...new Set(all)],
    places: places.map(({ match, key, weight }) => ({ service: spelled(match), destination: key, weight })),
  };
}
