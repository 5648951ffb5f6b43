import type { Resource, Status } from "pulumi-lvs-provider/operations";
import type { StackState } from "../state";
import { type Announcing, announcementsOf } from "./announcements";
import type { DeclaredService } from "./declared-services";
import { listIn, recordIn } from "./given";

/** Directors that stand in for each other. */
interface Failover {
  readonly instance: string;
  readonly addresses: readonly string[];
  readonly directors: readonly string[];
  /** Who had the addresses at the last look; "" for nobody, or several. */
  readonly holder?: string;
}

/** What a director does for a service that others can take over. */
export type Standing = "has the VIP" | "stands by" | Announcing;

/** Whether a director with this standing gets no clients. */
export function isIdle(says: Standing | undefined): boolean {
  return says === "stands by" || says === "is withdrawn" || says === "is heard by nobody";
}

export interface Failovers {
  /** What the directors of the service have in common; undefined where the director is alone. */
  of(service: DeclaredService): string | undefined;
  /** What a director does for a service; undefined where nobody stands in for it. */
  says(service: DeclaredService, director: string): Standing | undefined;
}

/** The failovers of the state. Where the hosts were asked, what they say counts. */
export function failoversOf(state: StackState, status?: Status): Failovers {
  const failovers = state.resources.filter(({ kind }) => kind === "Failover").map(failoverOf);
  const announcements = announcementsOf(state, status);
  const floating = ({ director, addresses }: DeclaredService) =>
    failovers.find((one) => one.directors.includes(director) && addresses.some((vip) => one.addresses.includes(vip)));
  const announced = ({ addresses }: DeclaredService, director: string) =>
    announcements.find((one) => one.director === director && addresses.some((vip) => one.addresses.includes(vip)));
  const says = (service: DeclaredService, director: string) => {
    const failover = floating(service);
    if (!failover) return announced(service, director)?.says;
    const seen = status?.hosts.find(({ host }) => host === director)?.instances ?? [];
    const state = seen.find(({ instance }) => instance === failover.instance)?.state;
    if (status) return state === undefined ? "may have the VIP" : state === "MASTER" ? "has the VIP" : "stands by";
    if (!failover.holder) return "may have the VIP";
    return failover.holder === director ? "has the VIP" : "stands by";
  };
  return { of: (service) => floating(service)?.instance ?? announced(service, service.director)?.name, says };
}

function failoverOf({ inputs, state }: Resource): Failover {
  const { instance, addresses, directors } = inputs;
  return {
    instance: String(instance),
    addresses: listIn(addresses).map(String),
    directors: listIn(directors).map((host) => String(recordIn(host).name)),
    ...(state.holder !== undefined && { holder: String(state.holder) }),
  };
}
