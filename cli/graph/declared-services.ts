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

/** A virtual service, as the program declares it for one director. */
export interface DeclaredService {
  readonly director: string;
  /** As `matchKey` says it, and `status` shows it. */
  readonly key: string;
  /** The virtual addresses; none where packets of a mark are marked by somebody else. */
  readonly addresses: readonly string[];
  /** What the service catches, and how it chooses: a line each. */
  readonly lines: readonly string[];
  readonly destinations: readonly DeclaredDestination[];
}

interface DeclaredDestination {
  readonly destination: string;
  readonly forwarding: string;
  readonly weight: number;
  /** What the health checker made of it at the last look. */
  readonly health?: string;
}

/** The inputs of a `VirtualService`, and of one service of `HealthChecks`. */
interface Inputs {
  readonly scheduler?: string;
  readonly persistence?: { readonly timeout?: number };
  readonly onePacket?: boolean;
  readonly forwarding?: string;
  /** Each is a text in the state, and was an object in states of before. */
  readonly destinations?: Readonly<Record<string, unknown>>;
}

type Destinations = Record<string, { readonly weight?: number; readonly forwarding?: string }>;

/** All virtual services of the state, by directors. */
export function declaredServices({ resources }: StackState): DeclaredService[] {
  const marks = byHost(resources.filter(({ kind }) => kind === "FirewallMark"));
  const ownOf = (director: string) => marks.find(({ host }) => host.name === director)?.own ?? [];
  return resources.flatMap((resource) => {
    const director = hostOf(resource)?.name;
    if (director === undefined) return [];
    const health = (resource.state.health ?? {}) as Record<string, Record<string, string>>;
    return matches(resource).map(([match, inputs]) => {
      const key = matchKey(match);
      const caught = caughtBy(ownOf(director), match);
      return {
        ...{ director, key, addresses: caught.map(({ address }) => address) },
        lines: [...caught.map(caughtText), ...("mark" in match ? [matchName(match)] : []), howText(inputs)],
        destinations: destinationsOf(inputs).map((one) => {
          const found = health[key]?.[one.destination];
          return { ...one, ...(found !== undefined && { health: found }) };
        }),
      };
    });
  });
}

function destinationsOf({ destinations = {}, ...service }: Inputs): DeclaredDestination[] {
  const values = destinationValues(destinations) as Destinations;
  return Object.entries(values).map(([destination, { weight = 1, forwarding = service.forwarding ?? "dr" }]) => {
    return { destination, forwarding, weight };
  });
}

function matches({ kind, inputs }: Resource): [Match, Inputs][] {
  if (kind === "VirtualService") {
    const { mark, family = "ipv4", protocol = "tcp", address, port } = inputs;
    return [[(mark === undefined ? { protocol, address, port } : { mark, family }) as Match, inputs as Inputs]];
  }
  const services = kind === "HealthChecks" ? ((inputs.services ?? {}) as Record<string, Inputs>) : {};
  return Object.entries(services).flatMap(([key, it]) => {
    const match = parseMatchKey(key);
    return match ? [[match, it]] : [];
  });
}

function howText({ scheduler = "wlc", persistence, onePacket }: Inputs): string {
  const kept = persistence && `persistent ${persistence.timeout ?? 300} s`;
  return [scheduler, kept, onePacket && "one packet at a time"].filter(Boolean).join(", ");
}
