import type { DestinationStatus, HostStatus, ServiceStatus, Status } from "pulumi-lvs-provider/operations";

/** Marks of a sparkline from nothing to the most: Unicode's block elements, and what stands for them elsewhere. */
export const MARKS = { utf8: "▁▂▃▄▅▆▇█", ascii: "_.,-=+*#" } as const;

/**
 * The values as a line, a character each. Nothing has the lowest mark, and anything more another one.
 *
 * @param values undefined where nothing is known: a blank
 * @param most what has the highest mark
 */
export function sparkline(values: readonly (number | undefined)[], most: number, marks: string): string {
  const highest = marks.length - 1;
  const mark = (value: number | undefined) =>
    value === undefined
      ? " "
      : marks[value > 0 ? Math.min(highest, Math.max(1, Math.ceil((value / most) * highest))) : 0];
  return values.map(mark).join("");
}

/** The rates of new connections of the last looks, of each destination. */
export class Trends {
  readonly #rates: Map<string, number>[] = [];

  constructor(
    private readonly marks: string = MARKS.utf8,
    /** How many looks are kept. */
    private readonly kept = 20,
  ) {}

  /** Takes in what the hosts say now. */
  add(status: Status): void {
    const each = status.hosts.flatMap((host) =>
      host.services.flatMap((service) =>
        service.destinations.map((one) => [key(host, service, one), one.rate.connections] as const),
      ),
    );
    this.#rates.push(new Map(each));
    if (this.#rates.length > this.kept) this.#rates.shift();
  }

  /** A destination's rates, the last one at the end. All destinations of a service have one scale, so they compare. */
  of(host: HostStatus, service: ServiceStatus, destination: DestinationStatus): string {
    const ratesOf = (one: DestinationStatus) => this.#rates.map((rates) => rates.get(key(host, service, one)));
    const most = Math.max(1, ...service.destinations.flatMap(ratesOf).map((rate) => rate ?? 0));
    return sparkline(ratesOf(destination), most, this.marks);
  }
}

function key({ host }: HostStatus, { service }: ServiceStatus, { destination }: DestinationStatus): string {
  return [host, service, destination].join(" ");
}
