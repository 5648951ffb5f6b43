import type { Resource, Status } from "pulumi-lvs-provider/operations";
import type { StackState } from "../state";
import type { DeclaredService } from "./declared-services";

/** Directors that stand in for each other. */
interface Failover {
  readonly instance: string;
  readonly addresses: readonly string[];
  readonly directors: readonly string[];
  /** Who had the addresses at the last look; "" for nobody, or several. */
  readonly holder?: string;
}

/** What a director does for a service that others can take over. */
export type Standing = "has the VIP" | "stands by" | "may have the VIP";

export interface Failovers {
  /** The failover that the service's director is in. */
  of(service: DeclaredService): Failover | undefined;
  /** What a director does for a service; undefined where nobody stands in for it. */
  says(service: DeclaredService, director: string): Standing | undefined;
}

/** The failovers of the state. Where the hosts were asked, what they say counts. */
export function failoversOf({ resources }: StackState, status?: Status): Failovers {
  const failovers = resources.filter(({ kind }) => kind === "Failover").map(failoverOf);
  const of = ({ director, addresses }: DeclaredService) =>
    failovers.find((one) => one.directors.includes(director) && addresses.some((vip) => one.addresses.includes(vip)));
  const says = (service: DeclaredService, director: string) => {
    const failover = of(service);
    if (!failover) return undefined;
    const seen = status?.hosts.find(({ host }) => host === director)?.instances ?? [];
    const state = seen.find(({ instance }) => instance === failover.instance)?.state;
    if (status) return state === undefined ? "may have the VIP" : state === "MASTER" ? "has the VIP" : "stands by";
    if (!failover.holder) return "may have the VIP";
    return failover.holder === director ? "has the VIP" : "stands by";
  };
  return { of, says };
}

function failoverOf({ inputs, state }: Resource): Failover {
  const { instance, addresses = [], directors = [] } = inputs as Partial<Record<string, unknown[]>>;
  return {
    instance: String(instance),
    addresses: addresses.map(String),
    directors: directors.map((host) => String((host as { name?: unknown }).name)),
    ...(state.holder !== undefined && { holder: String(state.holder) }),
  };
}
