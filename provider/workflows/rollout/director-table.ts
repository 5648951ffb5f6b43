import type { Session } from "../../host/command";
import { LvsError } from "../../host/errors";
import { named } from "../../host/fact";
import { type Drain, draining, lettingClientsGo, toWeightZero, untilEnded } from "../../ipvs/drain";
import { destinationLine, editingWhatIsThere, spelled } from "../../ipvs/ipvsadm";
import { distinct, type Holder, type Place, placeName } from "../../ipvs/maintenance";
import { maintenanceAtBoot } from "../../ipvs/maintenance-boot";
import { forgetting, switchHolder } from "../../ipvs/maintenance-end";
import { asSeen, noteMaintenance, remember } from "../../ipvs/maintenance-record";
import type { Destination, Service } from "../../ipvs/table";
import { beforeLeaving, replacedScheduler, rescheduling } from "../../ipvs/weight-zero";
import type { OperatorNote } from "../../model";
import { writeBoot } from "../../reconcile/boot";
import type { Step } from "../../reconcile/kind";
import { act, runSteps, type Wait } from "../../reconcile/steps";
import { endMaintenance, startMaintenance } from "./checker-steps";
import { type DirectorView, placesOf, type Scope, serviceOf, viewOf } from "./director-view";
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
  const holder = ({ address }: Leaving) => switchHolder(holderOf(by, address));
  return [
    ...recording(view, leaving, by, note),
    ...[...matches.values()].flatMap((match) => beforeLeaving(match, serviceOf(view, match) as Service)),
    ...lettingClientsGo(
      leaving.map(holder),
      leaving.filter(({ places }) => places.some((place) => persists(view, place))).map(holder),
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
function recording(view: DirectorView, leaving: readonly Leaving[], by: By, note?: OperatorNote): Step[] {
  const boot = ({ address, present }: Leaving) =>
    maintenanceAtBoot(
      address,
      present.map((place) => ({ ...place, to: destinationOf(view, place)[1] })),
    );
  const records = leaving.map(({ address, places }) => ({ ...holderOf(by, address), places }));
  const addresses = leaving.map(({ address }) => address).join(", ");
  return [
    ...leaving.flatMap((one) => [
      ...(note ? [{ run: noteMaintenance(one.address, note), purpose: `noting why ${one.address} is out` }] : []),
      ...(by === "operator" && view.checkers.length === 0 ? [writeBoot(boot(one))] : []),
    ]),
    { run: remember(records), purpose: `noting the weights of ${addresses}` },
  ];
}

function holderOf(by: By, address: string): Holder {
  return by === "operator" ? { address } : { address, site: by.site };
}

/** How it is waited until the connections of a real server have ended. After a failure, `putBackIntoTable` brings it back. */
export function untilConnectionsEnd(view: DirectorView, address: string, drain: Drain): Wait[] {
  return leavingOf(view, address)
    .present.filter(({ match }) => !("protocol" in match && match.protocol === "udp"))
    .map((place) => {
      const leaving = [destinationOf(view, place)];
      return { purpose: draining(place.match, leaving), until: untilEnded(place.match, leaving, drain) };
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
    ...tells.flatMap((one) => [
      endMaintenance(
        one,
        told.map(({ address }) => address),
        told.flatMap(({ places }) => places),
      ),
      ...asKnown,
    ]),
    // The checker may have put a server back already, or may not have noticed that the server was out.
    ...(lines.length > 0 ? [{ run: editingWhatIsThere(lines), purpose: comesBack(addresses) }] : []),
    ...schedulersBack(view, places),
    forgetting(returning.flatMap(({ held }) => held.mine)),
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

/** The lock of whoever takes real servers out or brings them back. */
const LOCK = "maintenance";

/** Runs the steps of a maintenance. Two runs on one director take turns. */
export function run(session: Session, steps: readonly Step[]): Promise<void> {
  return act(session, LOCK, steps);
}

/** Runs the steps of a maintenance, and looks in the same trip. The failure is that of a step. */
export async function runAndLook(
  session: Session,
  steps: readonly Step[],
  scope: Scope,
): Promise<{ failure: LvsError | undefined; after: DirectorView }> {
  const { ask, read } = viewOf(session, scope);
  const { replies, failure } = await runSteps(session, LOCK, steps, ask);
  return { failure, after: named(session, () => read(replies)) };
}
