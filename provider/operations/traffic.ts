import { type Fact, facts, map, printed } from "../host/fact";
import { columnsOf } from "../ipvs/ipvsadm";
import { ipvsadm } from "../ipvs/kernel-table";

/** What goes through one destination of a service. */
export interface Traffic {
  /** Open connections. */
  readonly open: number;
  /** Connections that have ended, or are about to open. */
  readonly others: number;
  /** A second, as the kernel estimates it. With direct routing and tunnels the director sees no answers. */
  readonly rate: { readonly connections: number; readonly bytesIn: number; readonly bytesOut: number };
  /** Since the destination was added. */
  readonly total: { readonly connections: number; readonly bytesIn: number; readonly bytesOut: number };
}

/** The traffic of a service's destination; the names are as in the table. */
export type TrafficOf = (service: string, destination: string) => Traffic;

/** What goes through all services of a director. */
export const traffic: Fact<TrafficOf> = map(
  facts({
    listing: printed(ipvsadm(false, "-Ln"), columnsOf),
    rate: printed(ipvsadm(false, "-Ln", "--rate", "--exact"), columnsOf),
    stats: printed(ipvsadm(false, "-Ln", "--stats", "--exact"), columnsOf),
  }),
  ({ listing, rate, stats }) =>
    (service, destination) => {
      const [, , open, others] = numbers(listing.get(service)?.get(destination));
      // The columns are: connections, packets in, packets out, bytes in, bytes out.
      const of = ([connections = 0, , , bytesIn = 0, bytesOut = 0]: number[]) => ({ connections, bytesIn, bytesOut });
      const [now, all] = [rate, stats].map((columns) => of(numbers(columns.get(service)?.get(destination))));
      return { open: open ?? 0, others: others ?? 0, rate: now as Traffic["rate"], total: all as Traffic["total"] };
    },
);

function numbers(columns: readonly string[] = []): number[] {
  return columns.map(Number);
}
