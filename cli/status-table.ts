import type { DestinationStatus, OperatorNote, ServiceStatus } from "pulumi-lvs-provider/operations";
import { serverOf } from "./state";
import { columns } from "./text";

// The destinations of a service, a line each.

interface Column {
  readonly title: string;
  readonly cell: (one: DestinationStatus) => string;
}

interface Showing {
  /** How the rate was lately, a mark for each look. */
  readonly lately?: ((one: DestinationStatus) => string) | undefined;
  /** The columns of the screen. */
  readonly width?: number | undefined;
}

/** The destinations under their titles. What matters least is left out where the screen is narrow. */
export function destinationTable(
  { destinations }: ServiceStatus,
  names: ReadonlyMap<string, string>,
  { lately, width = Number.POSITIVE_INFINITY }: Showing,
): string {
  if (destinations.length === 0) return "no destination\n";
  const trend: Column | undefined = lately && {
    title: "LATELY",
    cell: (one) => (width < WIDE ? lately(one).slice(-FEW) : lately(one)),
  };
  const all: readonly Column[] = [
    { title: "SERVER", cell: ({ destination }) => names.get(serverOf(destination)) ?? "" },
    { title: "DESTINATION", cell: ({ destination }) => destination },
    { title: "FORWARD", cell: forwardingText },
    { title: "WEIGHT", cell: weightText },
    { title: "OPEN", cell: ({ open }) => String(open) },
    { title: "OTHERS", cell: ({ others }) => String(others) },
    { title: "CONN/S", cell: ({ rate }) => String(rate.connections) },
    ...(trend ? [trend] : []),
    { title: "IN B/S", cell: ({ rate }) => String(rate.bytesIn) },
    { title: "OUT B/S", cell: ({ rate }) => String(rate.bytesOut) },
    { title: "STATE", cell: conditionText },
  ];
  const shown = fitting(all, destinations, width);
  return columns(
    shown.map(({ title }) => title),
    destinations.map((one) => shown.map(({ cell }) => cell(one))),
  );
}

/** On a screen that is narrower, LATELY has this many looks. */
const WIDE = 110;
const FEW = 10;

/** What is left out first on a narrow screen. What is with a server stays: that is what one looks for. */
const LEAST = ["OUT B/S", "IN B/S", "OTHERS", "FORWARD", "LATELY", "CONN/S", "OPEN"];

/** As much of STATE has to be on the screen: "out since 2026-01-02". */
const STATE_LEAST = 20;

function fitting(all: readonly Column[], rows: readonly DestinationStatus[], width: number): readonly Column[] {
  const sizes = new Map(
    all.map((column) => {
      const size = Math.max(column.title.length, ...rows.map((one) => column.cell(one).length));
      return [column, column.title === "STATE" ? Math.min(size, STATE_LEAST) : size];
    }),
  );
  const shown = [...all];
  const total = () => shown.reduce((sum, column) => sum + (sizes.get(column) ?? 0) + 2, -2);
  for (const title of LEAST)
    if (total() > width) {
      const at = shown.findIndex((column) => column.title === title);
      if (at >= 0) shown.splice(at, 1);
    }
  return shown;
}

/** How packets reach the destination: a tunnel with its encapsulation. */
export function forwardingText({ forwarding, tunnel }: DestinationStatus): string {
  if (!tunnel) return forwarding;
  return `${forwarding} ${tunnel.type}${tunnel.type === "gue" ? `:${tunnel.port}` : ""}`;
}

/** The weight now, and of a server that is out the weight that it gets back. */
export function weightText({ weight, out }: DestinationStatus): string {
  return out ? `${weight} of ${out.weight}` : String(weight);
}

/** What is with the destination: out since when, why and by whom, or its health; and how many connections it takes. */
export function conditionText({ out, health, upperThreshold, lowerThreshold }: DestinationStatus): string {
  const again = lowerThreshold === undefined ? "" : `, and again below ${lowerThreshold}`;
  const bound = upperThreshold !== undefined && `takes up to ${upperThreshold} connections${again}`;
  return [out ? `out${noteText(out)}` : health, bound].filter(Boolean).join("; ");
}

/** Since when something is out, why, and by whom. */
export function noteText({ since, reason, by }: Partial<OperatorNote>): string {
  return `${since ? ` since ${since}` : ""}${reason ? `: ${reason}${by ? ` (${by})` : ""}` : ""}`;
}
