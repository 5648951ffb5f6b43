import { type Protocol, UNKNOWN } from "pulumi-lvs-provider/model";
import {
  byHost,
  caughtBy,
  caughtText,
  destinationValues,
  hostOf,
  type Match,
  matchKey,
  matchName,
  parseMatchKey,
  type Resource,
} from "pulumi-lvs-provider/operations";
import type { StackState } from "../state";
import { numberIn, recordIn, textIn } from "./given";

/** A virtual service, as the program declares it for one director. */
export interface DeclaredService {
  readonly director: string;
  readonly match: Match;
  /** As `matchKey` says it, and `status` shows it. */
  readonly key: string;
  /** The virtual addresses; none where packets of a mark are marked by somebody else. */
  readonly addresses: readonly string[];
  /** What the service catches, and how it chooses: a line each. */
  readonly lines: readonly string[];
  readonly destinations: readonly DeclaredDestination[];
}

export interface DeclaredDestination {
  readonly destination: string;
  readonly forwarding: string;
  readonly weight: number;
  /** What the health checker made of it at the last look. */
  readonly health?: string;
}

/** All virtual services of the state, by directors. */
export function declaredServices({ resources }: StackState): DeclaredService[] {
  const marks = byHost(resources.filter(({ kind }) => kind === "FirewallMark"));
  const ownOf = (director: string) => marks.find(({ host }) => host.name === director)?.own ?? [];
  return resources.flatMap((resource) => {
    const director = hostOf(resource)?.name;
    if (director === undefined) return [];
    const health = recordIn(resource.state.health);
    return matches(resource).map(([match, inputs]) => {
      const key = matchKey(match);
      const caught = caughtBy(ownOf(director), match);
      const found = recordIn(health[key]);
      return {
        ...{ director, match, key, addresses: caught.map(({ address }) => address) },
        lines: [
          ...caught.map(caughtText),
          ...("mark" in match ? [matchName(match)] : []),
          howText(inputs),
          ...(inputs.destinations === UNKNOWN ? ["real servers: known later"] : []),
        ],
        destinations: destinationsOf(inputs).map((one) => {
          const is = textIn(found[one.destination]);
          return { ...one, ...(is !== undefined && { health: is }) };
        }),
      };
    });
  });
}

type Inputs = Readonly<Record<string, unknown>>;

/** Each destination is a text in the state, and was an object in states of before. */
function destinationsOf({ destinations, forwarding }: Inputs): DeclaredDestination[] {
  return Object.entries(destinationValues(recordIn(destinations))).map(([destination, values]) => {
    const own = recordIn(values);
    return {
      destination,
      forwarding: textIn(own.forwarding) ?? textIn(forwarding) ?? "dr",
      weight: numberIn(own.weight) ?? 1,
    };
  });
}

/** The services of a resource, with the inputs of each: a `VirtualService`, and one service of `HealthChecks`. */
function matches({ kind, inputs }: Resource): [Match, Inputs][] {
  if (kind === "VirtualService") {
    const { mark, family, protocol, address, port } = inputs;
    const value = numberIn(mark);
    if (value !== undefined) return [[{ mark: value, family: family === "ipv6" ? "ipv6" : "ipv4" }, inputs]];
    const to = { address: textIn(address) ?? UNKNOWN, port: numberIn(port) ?? 0 };
    return [[{ protocol: (textIn(protocol) ?? "tcp") as Protocol, ...to }, inputs]];
  }
  const services = kind === "HealthChecks" ? recordIn(inputs.services) : {};
  return Object.entries(services).flatMap(([key, it]): [Match, Inputs][] => {
    const match = parseMatchKey(key);
    return match ? [[match, recordIn(it)]] : [];
  });
}

function howText({ scheduler, persistence, onePacket }: Inputs): string {
  const { timeout } = recordIn(persistence);
  const kept = persistence !== undefined && `persistent ${numberIn(timeout) ?? (timeout ? UNKNOWN : 300)} s`;
  return [textIn(scheduler) ?? "wlc", kept, onePacket === true && "one packet at a time"].filter(Boolean).join(", ");
}
