import { type Command, type Reply, type Session, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import { type Drain, NODEST, QUIESCENT, quiesce } from "../../ipvs/drain";
import { destinationLine, editing, inTable, parseSpelled, parseTable, spelled } from "../../ipvs/ipvsadm";
import {
  forgetMaintenance,
  lookAtMaintenance,
  type OutOfService,
  type Place,
  parseMaintenance,
  remember,
} from "../../ipvs/maintenance";
import type { Destination, Service, Table } from "../../ipvs/table";
import { switchBack } from "../../linux/switches";
import { hostPort, type Match } from "../../model";
import type { Step } from "../../reconcile/kind";
import { runSteps } from "../../reconcile/steps";

// A real server leaves the table of a director for maintenance, and comes back.

/** A director as far as one site is concerned. */
export interface DirectorView {
  /** The director's name. */
  readonly host: string;
  /** The site's services. */
  readonly table: Table;
  readonly out: OutOfService;
  /** ldirectord keeps the table. */
  readonly checker?: Checker | undefined;
}

interface Checker {
  /** The folder by whose files it is told of maintenance. */
  readonly folder: string;
  /** Seconds within which it notices. */
  readonly patience: number;
}

const OPTIONAL = "command -v ipvsadm >/dev/null || exit 0; ";

/** Before a director is one, it has no table. */
const LOOKS: readonly Command[] = [
  sh(`${OPTIONAL}ipvsadm -Sn`),
  sh(`${OPTIONAL}ipvsadm -Ln`),
  sh(`${OPTIONAL}ipvsadm -Ln --thresholds`),
  lookAtMaintenance(),
  sh(`systemctl -q is-active ldirectord.service 2>/dev/null || exit 0
    echo active
    sed -n 's/^[[:space:]]*\\(virtual6\\{0,1\\}\\|maintenancedir\\|checkinterval\\|negotiatetimeout\\|checktimeout\\)[[:space:]]*=[[:space:]]*"\\{0,1\\}\\([^"]*\\).*/\\1 \\2/p' \\
      /etc/ha.d/ldirectord.cf`),
];

export async function lookAtDirector(session: Session, vip: string, mark: number): Promise<DirectorView> {
  const { looks } = await session.run({ looks: LOOKS });
  return { host: session.name, ...parseDirector(looks, vip, mark) };
}

function parseDirector(
  [saved, listing, thresholds, out, checker]: readonly Reply[],
  vip: string,
  mark: number,
): Omit<DirectorView, "host"> {
  const table = parseTable({
    saved: saved?.stdout ?? "",
    listing: listing?.stdout ?? "",
    thresholds: thresholds?.stdout ?? "",
  });
  const own = (match: Match) => ("mark" in match ? match.mark === mark : match.address === vip);
  const services = Object.entries(table).filter(([at]) => own(parseSpelled(at) as Match));
  return {
    table: Object.fromEntries(services),
    out: parseMaintenance(out),
    checker: parseChecker(
      checker?.stdout ?? "",
      services.map(([at]) => at.split(" ")[1] ?? ""),
    ),
  };
}

// ldirectord.cf(5) has these defaults.
function parseChecker(said: string, services: readonly string[]): Checker | undefined {
  const [first, ...lines] = said.trim().split("\n");
  if (first !== "active") return undefined;
  const settings = lines.map((line) => line.split(" ") as [string, string]);
  // It may run for the sake of others.
  if (!settings.some(([name, value]) => name.startsWith("virtual") && services.includes(value))) return undefined;
  const folder = settings.find(([name]) => name === "maintenancedir")?.[1];
  const seconds = (name: string, or: number) =>
    Math.max(or, ...settings.filter(([key]) => key === name).map(([, value]) => Number(value)));
  const patience =
    2 * seconds("checkinterval", 5) + Math.max(seconds("negotiatetimeout", 5), seconds("checktimeout", 5));
  return { folder: folder ?? "", patience };
}

/** The real server's places in the table. */
export function placesOf({ table }: DirectorView, address: string): Place[] {
  return Object.entries(table).flatMap(([at, { destinations }]) =>
    Object.entries(destinations)
      .filter(([key]) => isAt(key, address))
      .map(([key, { weight }]) => ({ match: parseSpelled(at) as Match, key, weight })),
  );
}

function serviceOf({ table }: DirectorView, match: Match): Service | undefined {
  return table[spelled(match)];
}

/** It gets new clients. */
export function serves(view: DirectorView, address: string): boolean {
  return placesOf(view, address).some(({ weight }) => weight > 0);
}

/** Services in which nobody else would be left. */
export function dependingOn({ table }: DirectorView, address: string): string[] {
  return Object.entries(table)
    .filter(([, { destinations }]) => {
      const fit = Object.entries(destinations).filter(([, { weight }]) => weight > 0);
      return fit.length > 0 && fit.every(([key]) => isAt(key, address));
    })
    .map(([at]) => at);
}

/** Of "address:port": whether it has this address. */
function isAt(key: string, address: string): boolean {
  return key.startsWith(hostPort(address, 0).slice(0, -1));
}

/**
 * It gets no new clients, and its connections have ended. ldirectord knows that it is out, and does not bring it back. Of a drain
 * that was interrupted the director remembers the weights; its connections are waited for again.
 */
export function leave(view: DirectorView, address: string, drain: Drain): Step[] {
  const known = (view.out.get(address) ?? []).filter(({ match, key }) => serviceOf(view, match)?.destinations[key]);
  const fresh = placesOf(view, address).filter(
    ({ match, key, weight }) =>
      weight > 0 && !known.some((place) => spelled(place.match) === spelled(match) && place.key === key),
  );
  const places = [...known, ...fresh];
  const { checker } = view;
  if (places.length === 0) return [];
  if (checker?.folder === "")
    throw new LvsError(
      `host ${view.host}: ldirectord keeps the table, and its configuration has no maintenancedir: it would bring a server back ` +
        'that is taken out. Declare globals: { maintenanceDirectory: "/etc/ha.d/maintenance" }',
    );
  const noting = { run: remember(address, places), purpose: `noting the weights of real server ${address}` };
  return [
    ...(fresh.length > 0 ? [noting] : []),
    ...places.flatMap(({ match, key }) => {
      const service = serviceOf(view, match) as Service;
      const destination = service.destinations[key] as Destination;
      return quiesce(match, holder(address), [[key, destination]], drain, Boolean(service.persistence));
    }),
    ...(checker ? [sqlStep(checker, address, places)] : []),
  ];
}

function sqlStep({ folder, patience }: Checker, address: string, places: readonly Place[]): Step {
  return {
    run: sh(`mkdir -p "$1" && : >"$1/$2"`, folder, address),
    purpose: `telling ldirectord that ${address} is in maintenance`,
    until: {
      look: sh("ipvsadm -Sn"),
      // Where quiescent destinations stay in the table, nothing shows that it has noticed: then it has had its time.
      missing: ({ stdout }) =>
        places.some(({ match, key }) => stdout.includes(inTable(match, key))) ? "it has not noticed yet" : undefined,
      within: patience,
      goOn: true,
    },
  };
}

/** It gets its weights back. */
export function comeBack(view: DirectorView, address: string): Step[] {
  const places = view.out.get(address) ?? [];
  const { checker } = view;
  const lines = places.flatMap(({ match, key, weight }) => {
    const present = serviceOf(view, match)?.destinations[key];
    return present && present.weight !== weight ? [destinationLine("-e", match, key, { ...present, weight })] : [];
  });
  const back = `real server ${address} comes back into the table`;
  return [
    ...(checker && checker.folder !== "" ? [recalling(checker, address, places)] : []),
    // ldirectord may have put it in already, or not have noticed that it was out.
    ...(lines.length > 0 ? [{ run: editing(lines), purpose: back }] : []),
    ...[NODEST, QUIESCENT].map((key) => ({ run: switchBack(key, holder(address)), purpose: `putting ${key} back` })),
    { run: forgetMaintenance(address), purpose: `forgetting the maintenance of ${address}` },
  ];
}

function recalling({ folder, patience }: Checker, address: string, places: readonly Place[]): Step {
  return {
    run: sh(`rm -f "$1/$2"`, folder, address),
    purpose: `waiting for ldirectord to take ${address} back`,
    until: {
      look: sh("ipvsadm -Sn"),
      missing: ({ stdout }) =>
        places.every(({ match, key, weight }) =>
          stdout
            .split("\n")
            .some((line) => line.startsWith(inTable(match, key)) && / -w (\d+)/.exec(line)?.[1] === String(weight)),
        )
          ? undefined
          : "it is not in the table yet",
      within: patience + 10,
      goOn: true,
    },
  };
}

function holder(address: string): string {
  return `maintenance.${address}`;
}

export async function run(session: Session, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return;
  const { failure } = await runSteps(session, "maintenance", steps, []);
  if (failure) throw failure;
}
