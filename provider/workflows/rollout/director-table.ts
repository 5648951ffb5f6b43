import { type Session, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import { facts, find, printed } from "../../host/fact";
import { type Drain, NODEST, QUIESCENT, quiesce } from "../../ipvs/drain";
import { destinationLine, editing, inTable, parseSpelled, spelled } from "../../ipvs/ipvsadm";
import { kernelTable } from "../../ipvs/kernel-table";
import { forgetMaintenance, type OutOfService, outOfService, type Place, remember } from "../../ipvs/maintenance";
import type { Destination, Service, Table } from "../../ipvs/table";
import { beforeLeaving, replacedScheduler, rescheduling } from "../../ipvs/weight-zero";
import { switchBack } from "../../linux/switches";
import { WALK } from "../../linux/walk";
import { hostPort, type Match } from "../../model";
import type { Step } from "../../reconcile/kind";
import { act } from "../../reconcile/steps";

// A real server leaves the table of a director for maintenance, and comes back.

/** What a director has of one site. */
export interface DirectorView {
  /** The director's name. */
  readonly host: string;
  /** The site's services. */
  readonly table: Table;
  readonly out: OutOfService;
  /** ldirectord, if it manages the site's services. */
  readonly checker?: Checker | undefined;
}

interface Checker {
  /** The folder with a file for each real server in maintenance (ldirectord.cf(5), `maintenancedir`); "" if there is none. */
  readonly folder: string;
  /** Seconds within which ldirectord notices a change of that folder. */
  readonly patience: number;
}

// ldirectord.cf is read on the host: what counts is the configuration of the daemon that runs now, and the program only has the
// one that comes after the rollout (docs/decisions/0023).
const VIEW = facts({
  // A host that is no director yet has no table; that is no error here.
  table: kernelTable(false),
  out: outOfService(),
  checker: printed(
    sh(`systemctl -q is-active ldirectord.service 2>/dev/null || exit 0
    echo active
    sed -n 's/^[[:space:]]*\\(virtual6\\{0,1\\}\\|maintenancedir\\|checkinterval\\|negotiatetimeout\\|checktimeout\\)[[:space:]]*=[[:space:]]*"\\{0,1\\}\\([^"]*\\).*/\\1 \\2/p' \\
      /etc/ha.d/ldirectord.cf`),
    (output) => output,
  ),
});

export async function lookAtDirector(session: Session, vip: string, mark: number): Promise<DirectorView> {
  const { table, out, checker } = await find(session, VIEW);
  const own = (match: Match) => ("mark" in match ? match.mark === mark : match.address === vip);
  const services = Object.entries(table).filter(([at]) => own(parseSpelled(at) as Match));
  const names = services.map(([at]) => at.split(" ")[1] ?? "");
  return { host: session.name, table: Object.fromEntries(services), out, checker: parseChecker(checker, names) };
}

// The defaults are those of ldirectord.cf(5).
function parseChecker(output: string, services: readonly string[]): Checker | undefined {
  const [first, ...lines] = output.trim().split("\n");
  if (first !== "active") return undefined;
  const settings = lines.map((line) => line.split(" ") as [string, string]);
  // ldirectord may run for other services alone.
  if (!settings.some(([name, value]) => name.startsWith("virtual") && services.includes(value))) return undefined;
  const folder = settings.find(([name]) => name === "maintenancedir")?.[1];
  const seconds = (name: string, or: number) =>
    Math.max(or, ...settings.filter(([key]) => key === name).map(([, value]) => Number(value)));
  const patience =
    2 * seconds("checkinterval", 5) + Math.max(seconds("negotiatetimeout", 5), seconds("checktimeout", 5));
  return { folder: folder ?? "", patience };
}

/** The destinations of the table that are on the real server with this address. */
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

/** Whether the real server gets new clients. */
export function getsNewClients(view: DirectorView, address: string): boolean {
  return placesOf(view, address).some(({ weight }) => weight > 0);
}

/**
 * The services that would have no destination for new clients without the real server with this address.
 *
 * @param unfit the addresses of other real servers that cannot serve these clients
 */
export function servicesLeftWithout({ table }: DirectorView, address: string, unfit: readonly string[]): string[] {
  return Object.entries(table)
    .filter(([, { destinations }]) => {
      const serving = Object.keys(destinations).filter((key) => (destinations[key]?.weight ?? 0) > 0);
      const without = serving.filter((key) => ![address, ...unfit].some((one) => isAt(key, one)));
      return without.length === 0 && serving.some((key) => isAt(key, address));
    })
    .map(([at]) => at);
}

/** Whether a destination's key ("address:port") has this address. */
function isAt(key: string, address: string): boolean {
  return key.startsWith(hostPort(address, 0).slice(0, -1));
}

/**
 * The steps that take a real server out of the table. After them, the server gets no new clients, its connections have ended,
 * and ldirectord knows of the maintenance and does not put the server back. If an earlier run was interrupted while it drained,
 * the director's record has the weights, and the steps wait for the connections again.
 */
export function takeOutOfTable(view: DirectorView, address: string, drain: Drain): Step[] {
  const recorded = (view.out.get(address) ?? []).filter(({ match, key }) => serviceOf(view, match)?.destinations[key]);
  const fresh = placesOf(view, address).filter(
    ({ match, key, weight }) =>
      // A health checker gives a weight of 0 to what is not fit, and takes it away by itself.
      (weight > 0 || !view.checker) &&
      !recorded.some((place) => spelled(place.match) === spelled(match) && place.key === key),
  );
  const replaced = ({ match }: Place) => replacedScheduler(serviceOf(view, match) as Service);
  const places = [...recorded, ...fresh.map((place) => ({ ...place, scheduler: replaced(place) }))];
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
      const drained = quiesce(match, holder(address), [[key, destination]], drain, Boolean(service.persistence));
      return [...beforeLeaving(match, service), ...drained];
    }),
    ...(checker ? [startMaintenance(checker, address, places)] : []),
  ];
}

function startMaintenance({ folder, patience }: Checker, address: string, places: readonly Place[]): Step {
  return {
    run: sh(`${WALK}\nmkdir -p "$1" && guard "$1" && : >"./$2"`, folder, address),
    purpose: `telling ldirectord that ${address} is in maintenance`,
    until: {
      look: sh("ipvsadm -Sn"),
      // If ldirectord leaves quiescent destinations in the table, the table does not show that it has noticed the maintenance.
      // The step then goes on after `patience`.
      missing: ({ stdout }) =>
        places.some(({ match, key }) => stdout.includes(inTable(match, key))) ? "it has not noticed yet" : undefined,
      within: patience,
      goOn: true,
    },
  };
}

/** The steps that put a real server back into the table, with its weights. */
export function putBackIntoTable(view: DirectorView, address: string): Step[] {
  const places = view.out.get(address) ?? [];
  const { checker } = view;
  const lines = places.flatMap(({ match, key, weight }) => {
    const present = serviceOf(view, match)?.destinations[key];
    return present && present.weight !== weight ? [destinationLine("-e", match, key, { ...present, weight })] : [];
  });
  const back = `real server ${address} comes back into the table`;
  const schedulers = places.flatMap(({ match, key, weight, scheduler }) => {
    const service = serviceOf(view, match);
    const others = Object.entries(service?.destinations ?? {}).filter(([other]) => other !== key);
    const serves = weight > 0 && others.every(([, { weight }]) => weight > 0);
    return service && scheduler && serves ? [rescheduling(match, { ...service, scheduler })] : [];
  });
  return [
    ...(checker && checker.folder !== "" ? [endMaintenance(checker, address, places)] : []),
    // ldirectord may have put the server back already, or may not have noticed that the server was out.
    ...(lines.length > 0 ? [{ run: editing(lines), purpose: back }] : []),
    ...schedulers,
    ...[NODEST, QUIESCENT].map((key) => ({ run: switchBack(key, holder(address)), purpose: `putting ${key} back` })),
    { run: forgetMaintenance(address), purpose: `forgetting the maintenance of ${address}` },
  ];
}

function endMaintenance({ folder, patience }: Checker, address: string, places: readonly Place[]): Step {
  return {
    run: sh(`${WALK}\nwalk "$1" && rm -f "./$2"`, folder, address),
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

/** Runs the steps of a maintenance. Two runs on one director take turns. */
export function run(session: Session, steps: readonly Step[]): Promise<void> {
  return act(session, "maintenance", steps);
}
