import { type Session, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import { type Drain, draining, lettingClientsGo, toWeightZero, untilEnded } from "../../ipvs/drain";
import { destinationLine, editingWhatIsThere, inTable, spelled } from "../../ipvs/ipvsadm";
import { distinct, type Holder, type Place, placeName } from "../../ipvs/maintenance";
import { maintenanceAtBoot } from "../../ipvs/maintenance-boot";
import { forgetting, switchHolder } from "../../ipvs/maintenance-end";
import { asSeen, noteMaintenance, remember } from "../../ipvs/maintenance-record";
import type { Destination, Service } from "../../ipvs/table";
import { beforeLeaving, replacedScheduler, rescheduling } from "../../ipvs/weight-zero";
import { WALK } from "../../linux/walk";
import type { OperatorNote } from "../../model";
import { writeBoot } from "../../reconcile/boot";
import type { Step } from "../../reconcile/kind";
import { act } from "../../reconcile/steps";
import { type Checker, type DirectorView, placesOf, serviceOf } from "./director-view";
import { type By, comingBack, type Held, heldBy } from "./holding";

// The steps by which real servers leave the table of a director for maintenance, and come back.

/** A real server that leaves. */
interface Leaving {
  readonly address: string;
  /** What the server gets back, of the services that count. A health checker deletes what is out already. */
  readonly places: readonly Place[];
  /** Those that are in the table. */
  readonly present: readonly Place[];
}

/**
 * The places that a real server leaves. If somebody has taken the server out before, the director's records have the weights: an
 * earlier run that was interrupted, another site's rollout, or an operator.
 */
function leavingOf(view: DirectorView, address: string): Leaving {
  const all = view.out.flatMap(({ places }) => places);
  const recorded = distinct(
    view.out
      .filter((one) => one.address === address)
      .flatMap(({ places }) => places.filter(({ match }) => view.isOwn(match))),
  );
  const names = new Set(recorded.map(placeName));
  const fresh = placesOf(view, address).filter(
    (place) =>
      // A health checker gives a weight of 0 to what is not fit, and takes it away by itself.
      (place.weight > 0 || view.checkers.length === 0) && !names.has(placeName(place)),
  );
  // Where another server is out already, its record has the scheduler that was replaced.
  const replaced = ({ match }: Place) =>
    replacedScheduler(serviceOf(view, match) as Service) ??
    all.find((one) => one.scheduler && spelled(one.match) === spelled(match))?.scheduler;
  const places = [...recorded, ...fresh.map((place) => ({ ...place, scheduler: replaced(place) }))];
  return { address, places, present: places.filter(({ match, key }) => serviceOf(view, match)?.destinations[key]) };
}

/**
 * The steps by which real servers get no new clients, all at the same time. The director's record gets their weights first.
 *
 * @param note what the operator says
 */
export function leaveTable(view: DirectorView, addresses: readonly string[], by: By, note?: OperatorNote): Step[] {
  const leaving = addresses.map((address) => leavingOf(view, address)).filter(({ places }) => places.length > 0);
  if (leaving.length === 0) return [];
  if (view.checkers.some(({ folder }) => folder === ""))
    throw new LvsError(
      `host ${view.host}: ldirectord keeps the table, and its configuration has no maintenancedir: it would bring a server back ` +
        'that is taken out. Declare globals: { maintenanceDirectory: "/etc/ha.d/maintenance" }',
    );
  const all = leaving.flatMap(({ present }) => present);
  const matches = new Map(all.map(({ match }) => [spelled(match), match]));
  return [
    ...leaving.flatMap((one) => recording(view, one, by, note)),
    ...[...matches.values()].flatMap((match) => beforeLeaving(match, serviceOf(view, match) as Service)),
    ...leaving.flatMap(({ address, places }) =>
      lettingClientsGo(
        switchHolder(holderOf(by, address)),
        places.some((place) => persists(view, place)),
      ),
    ),
    ...[...matches].map(([at, match]) => {
      const places = all.filter((place) => spelled(place.match) === at);
      return toWeightZero(
        match,
        places.map((place) => destinationOf(view, place)),
      );
    }),
  ];
}

/** Writes down who is out. An operator's drain lasts over a reboot: a health checker has a file of its own for that. */
function recording(view: DirectorView, { address, places, present }: Leaving, by: By, note?: OperatorNote): Step[] {
  const boot = () =>
    maintenanceAtBoot(
      address,
      present.map((place) => ({ ...place, to: destinationOf(view, place)[1] })),
    );
  return [
    ...(note ? [{ run: noteMaintenance(address, note), purpose: `noting why ${address} is out` }] : []),
    ...(by === "operator" && view.checkers.length === 0 ? [writeBoot(boot())] : []),
    { run: remember(holderOf(by, address), places), purpose: `noting the weights of real server ${address}` },
  ];
}

function holderOf(by: By, address: string): Holder {
  return by === "operator" ? { address } : { address, site: by.site };
}

/** The steps that wait until the connections of a real server have ended. After a failure, `putBackIntoTable` brings it back. */
export function untilConnectionsEnd(view: DirectorView, address: string, drain: Drain): Step[] {
  return leavingOf(view, address)
    .present.filter(({ match }) => !("protocol" in match && match.protocol === "udp"))
    .map((place) => {
      const leaving = [destinationOf(view, place)];
      const until = untilEnded(place.match, leaving, drain);
      return { run: { argv: ["true"] }, purpose: draining(place.match, leaving), until };
    });
}

function destinationOf(view: DirectorView, { match, key }: Place): [string, Destination] {
  return [key, serviceOf(view, match)?.destinations[key] as Destination];
}

function persists(view: DirectorView, { match }: Place): boolean {
  return Boolean(serviceOf(view, match)?.persistence);
}

/** The steps by which the health checkers learn that a real server without connections is in maintenance, and do not put it back. */
export function tellChecker(view: DirectorView, address: string): Step[] {
  const { places } = leavingOf(view, address);
  return places.length > 0 ? view.checkers.map((one) => startMaintenance(one, address, places)) : [];
}

function startMaintenance(
  { name, folder, content, patience }: Checker,
  address: string,
  places: readonly Place[],
): Step {
  return {
    run: sh(`${WALK}\nmkdir -p "$1" && guard "$1" && printf %s "$3" >"./$2"`, folder, address, content),
    purpose: `telling ${name} that ${address} is in maintenance`,
    until: {
      look: sh("ipvsadm -Sn"),
      // If the checker leaves quiescent destinations in the table, the table does not show that it has noticed the maintenance.
      // The step then goes on after `patience`.
      missing: ({ stdout }) =>
        places.some(({ match, key }) => stdout.includes(inTable(match, key))) ? "it has not noticed yet" : undefined,
      within: patience,
      goOn: true,
    },
  };
}

/** A real server that comes back. */
interface Returning {
  readonly address: string;
  readonly held: Held;
  /** The places that get their weights back. */
  readonly places: readonly Place[];
}

/**
 * The steps that put real servers back into the table, with their weights. What somebody else has taken out as well stays out. The
 * steps fail where that has changed since the view.
 */
export function putBackIntoTable(view: DirectorView, addresses: readonly string[], by: By): Step[] {
  const returning = addresses
    .map((address) => ({ address, held: heldBy(by, view, address) }))
    .filter(({ held }) => held.mine.length > 0)
    .map((one): Returning => ({ ...one, places: comingBack(one.held, view) }));
  if (returning.length === 0) return [];
  const asKnown = returning.map(({ address }) => ({
    run: asSeen(address, view.out),
    purpose: `seeing who has taken ${address} out`,
  }));
  const places = returning.flatMap((one) => one.places);
  const lines = places.flatMap(({ match, key, weight }) => {
    const present = serviceOf(view, match)?.destinations[key];
    return present && present.weight !== weight ? [destinationLine("-e", match, key, { ...present, weight })] : [];
  });
  const told = returning.filter(({ held }) => held.others.length === 0);
  const tells = told.length > 0 ? view.checkers.filter(({ folder }) => folder !== "") : [];
  return [
    ...asKnown,
    ...tells.flatMap((one) => [endMaintenance(one, told), ...asKnown]),
    // The checker may have put a server back already, or may not have noticed that the server was out.
    ...(lines.length > 0 ? [{ run: editingWhatIsThere(lines), purpose: comesBack(addresses) }] : []),
    ...schedulersBack(view, places),
    ...returning.flatMap(({ held }) => held.mine.map((one) => forgetting(one, one.places))),
  ];
}

function comesBack(addresses: readonly string[]): string {
  return addresses.length === 1
    ? `real server ${addresses[0]} comes back into the table`
    : `real servers ${addresses.join(", ")} come back into the table`;
}

/** A service gets its scheduler back, which was replaced because it refuses clients of a weight of 0, with the last of these. */
function schedulersBack(view: DirectorView, places: readonly Place[]): Step[] {
  const back = new Map(places.map((place) => [placeName(place), place.weight]));
  const services = new Map(
    places.flatMap((place) => (place.scheduler ? [[spelled(place.match), place] as const] : [])),
  );
  return [...services.values()].flatMap(({ match, scheduler }) => {
    const service = serviceOf(view, match);
    const weights = Object.entries(service?.destinations ?? {}).map(
      ([key, { weight }]) => back.get(placeName({ match, key })) ?? weight,
    );
    return service && scheduler && weights.every((weight) => weight > 0)
      ? [rescheduling(match, { ...service, scheduler })]
      : [];
  });
}

function endMaintenance({ name, folder, patience }: Checker, returning: readonly Returning[]): Step {
  const addresses = returning.map(({ address }) => address);
  const places = returning.flatMap((one) => one.places);
  return {
    run: sh(`${WALK}\nwalk "$1" && shift && for one; do rm -f "./$one" || exit; done`, folder, ...addresses),
    purpose: `waiting for ${name} to take ${addresses.join(", ")} back`,
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

/** Runs the steps of a maintenance. Two runs on one director take turns. */
export function run(session: Session, steps: readonly Step[]): Promise<void> {
  return act(session, "maintenance", steps);
}
