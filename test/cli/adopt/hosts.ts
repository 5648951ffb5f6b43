import { type Around, parseTable } from "pulumi-lvs-provider/operations";
import { understood } from "../../../cli/adopt/found";
import { namesOf } from "../../../cli/adopt/names";
import { plan } from "../../../cli/adopt/plan";
import { whatElse } from "../../../cli/adopt/what-else";
import { parseSpelled } from "../../../provider/ipvs/ipvsadm";
import { parseAddresses } from "../../../provider/linux/device-addresses";
import { parseRoutes } from "../../../provider/linux/routes";
import type { Match } from "../../../provider/model";

// Hosts as `adopt` sees them, from what their tools print.

export interface Shape {
  readonly mentions?: readonly string[];
  readonly marks?: readonly string[];
  readonly arp?: readonly string[];
  readonly unread?: readonly string[];
  readonly table?: string;
  readonly addresses?: string;
  readonly routes?: string;
  readonly settings?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly running?: readonly string[];
  readonly wide?: Partial<Around["wide"]>;
}

export const names = namesOf("http 80/tcp www\n", "");

export const host = (name: string, shape: Shape) => seen(name, shape).found;

/** What is understood of a host, and what is told of it. */
export function seen(
  name: string,
  {
    table = "",
    addresses = "",
    routes = "",
    settings = {},
    files = {},
    running = [],
    wide = {},
    mentions = [],
    marks = [],
    arp = [],
    unread = [],
  }: Shape,
) {
  const services = parseTable({ saved: table, listing: "", thresholds: "" });
  const around: Around = {
    services: Object.entries(services).map(([at, service]) => ({ ...service, match: parseSpelled(at) as Match })),
    addresses: addresses
      .split("\n")
      .filter(Boolean)
      .flatMap((line) => parseAddresses(`1: ${line}`).map((one) => ({ ...one, device: line.split(" ")[0] as string }))),
    ...{
      routes: parseRoutes(routes, false),
      hostRoutes: [],
      settings,
      running,
      enabled: running,
      ...{ marks, mentions, arp, unread },
      wide: { daemons: {}, settings: {}, ...wide },
      ports: "",
    },
    files: Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, { text, mode: "0644", user: "root", group: "root" }]),
    ),
  };
  return understood(name, around, names);
}

export const rs = (last: number, more: Shape = {}) =>
  host(`rs${last}`, {
    addresses: `eth0 inet 10.0.0.${last}/24 brd 10.0.0.255 scope global eth0`,
    routes: "default via 10.0.0.1 dev eth0",
    ...more,
  });

export const director = (table: string, more: Shape = {}) =>
  host("director", {
    table,
    addresses:
      "eth0 inet 192.0.2.9/24 brd 192.0.2.255 scope global eth0\neth1 inet 10.0.0.1/24 brd 10.0.0.255 scope global eth1",
    ...more,
  });

/** The classes of the candidates of each part, and those of its smaller parts. */
export const shapeOf = (found: Parameters<typeof plan>[0]) => {
  const { parts, notes } = plan(found);
  const classes = (part: (typeof parts)[number]): unknown => [
    part.candidates.map((candidate) => candidate.map((one) => one.class).join()),
    ...(part.otherwise ?? []).map(classes),
  ];
  return { parts, classes: parts.map(classes), notes: notes.map(({ what, why }) => `${what}: ${why}`) };
};

type Part = ReturnType<typeof plan>["parts"][number];

/** All that the user is told of these hosts, before anything is proved on them; and all that may be declared, as text. */
export function reported(shapes: Readonly<Record<string, Shape>>): { told: string[]; declared: string } {
  const all = Object.entries(shapes).map(([name, shape]) => seen(name, shape));
  const { parts, notes } = plan(all.map(({ found }) => found));
  const leftOut = (part: Part): { what: string; why: string }[] =>
    part.candidates.length === 0 && !part.otherwise?.length
      ? [{ what: part.what, why: part.reason ?? "" }]
      : [
          ...(part.reason === undefined ? [] : [{ what: `${part.what} is declared in parts`, why: part.reason }]),
          ...(part.otherwise ?? []).flatMap(leftOut),
        ];
  const told = [
    ...all.flatMap((one) => one.notes),
    ...notes,
    ...parts.flatMap(leftOut),
    ...all.flatMap(({ found }) => whatElse(found)),
  ];
  const texts = (part: Part): string[] => [
    ...part.candidates.flat().map(({ class: type, args }) => `${type} ${JSON.stringify(args)}`),
    ...(part.otherwise ?? []).flatMap(texts),
  ];
  return { told: told.map(({ what, why }) => `${what}: ${why}`), declared: parts.flatMap(texts).join("\n") };
}
