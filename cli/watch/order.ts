import type { DestinationStatus, Status } from "pulumi-lvs-provider/operations";
import { serverOf } from "../state";

/** By what a service's destinations can stand in order. Names begin with the lowest, everything else with the highest. */
export const ORDERS = ["name", "connections", "rate", "weight"] as const;
export type Order = (typeof ORDERS)[number];

const figures: Record<Exclude<Order, "name">, (one: DestinationStatus) => number> = {
  connections: ({ open }) => open,
  rate: ({ rate }) => rate.connections,
  weight: ({ weight }) => weight,
};

/** rs10 comes after rs2. */
const collator = new Intl.Collator("en", { numeric: true });

/** The same status with each service's destinations in this order. Equal ones stand by name. */
export function sorted(status: Status, by: Order, names: ReadonlyMap<string, string>): Status {
  const name = ({ destination }: DestinationStatus) => `${names.get(serverOf(destination)) ?? ""} ${destination}`;
  const figure = by === "name" ? () => 0 : figures[by];
  const compare = (one: DestinationStatus, other: DestinationStatus) =>
    figure(other) - figure(one) || collator.compare(name(one), name(other));
  const hosts = status.hosts.map((host) => ({
    ...host,
    services: host.services.map((service) => ({ ...service, destinations: service.destinations.toSorted(compare) })),
  }));
  return { ...status, hosts };
}
