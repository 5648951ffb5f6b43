import { type Session, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import { type Drain, draining, lettingClientsGo, NODEST, QUIESCENT, toWeightZero, untilEnded } from "../../ipvs/drain";
import { destinationLine, editing, inTable, spelled } from "../../ipvs/ipvsadm";
import { forgetMaintenance, type Place, remember } from "../../ipvs/maintenance";
import type { Destination, Service } from "../../ipvs/table";
import { beforeLeaving, replacedScheduler, rescheduling } from "../../ipvs/weight-zero";
import { switchBack } from "../../linux/switches";
import { WALK } from "../../linux/walk";
import type { Step } from "../../reconcile/kind";
import { act } from "../../reconcile/steps";
import { type Checker, type DirectorView, placesOf, serviceOf } from "./director-view";

// The steps by which real servers leave the table of a director for maintenance, and come back.

/** What of a real server is in a director's table, and was not recorded as out before. */
interface Leaving {
  readonly address: string;
  readonly places: readonly Place[];
  /** The director's record has none of these places yet. */
  readonly fresh: boolean;
}

/**
 * The places that a real server leaves. If an earlier run was interrupted while the server drained, the director's record has the
 * weights.
 */
function leavingOf(view: DirectorView, address: string): Leaving {
  const recorded = (view.out.get(address) ?? []).filter(({ match, key }) => serviceOf(view, match)?.destinations[key]);
  const fresh = placesOf(view, address).filter(
    ({ match, key, weight }) =>
      // A health checker gives a weight of 0 to what is not fit, and takes it away by itself.
      (weight > 0 || !view.checker) &&
      !recorded.some((place) => spelled(place.match) === spelled(match) && place.key === key),
  );
  const replaced = ({ match }: Place) => replacedScheduler(serviceOf(view, match) as Service);
  const places = [...recorded, ...fresh.map((place) => ({ ...place, scheduler: replaced(place) }))];
  return { address, places, fresh: fresh.length > 0 };
}

/** The steps by which real servers get no new clients, all at the same time. The director's record gets their weights first. */
export function leaveTable(view: DirectorView, addresses: readonly string[]): Step[] {
  const leaving = addresses.map((address) => leavingOf(view, address)).filter(({ places }) => places.length > 0);
  if (leaving.length === 0) return [];
  if (view.checker?.folder === "")
    throw new LvsError(
      `host ${view.host}: ldirectord keeps the table, and its configuration has no maintenancedir: it would bring a server back ` +
        'that is taken out. Declare globals: { maintenanceDirectory: "/etc/ha.d/maintenance" }',
    );
  const all = leaving.flatMap(({ places }) => places);
  const matches = new Map(all.map(({ match }) => [spelled(match), match]));
  return [
    ...leaving
      .filter(({ fresh }) => fresh)
      .map(({ address, places }) => ({
        run: remember(address, places),
        purpose: `noting the weights of real server ${address}`,
      })),
    ...[...matches.values()].flatMap((match) => beforeLeaving(match, serviceOf(view, match) as Service)),
    ...leaving.flatMap(({ address, places }) =>
      lettingClientsGo(
        holder(address),
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

/**
 * The steps that wait until the connections of a real server have ended.
 *
 * @param view the director before the server left: a drain that comes to its bound puts back the weights of this view
 */
export function untilConnectionsEnd(view: DirectorView, address: string, drain: Drain): Step[] {
  return leavingOf(view, address)
    .places.filter(({ match }) => !("protocol" in match && match.protocol === "udp"))
    .map((place) => {
      const leaving = [destinationOf(view, place)];
      const until = untilEnded(place.match, holder(address), leaving, drain, persists(view, place));
      return { run: { argv: ["true"] }, purpose: draining(place.match, leaving), until };
    });
}

function destinationOf(view: DirectorView, { match, key }: Place): [string, Destination] {
  return [key, serviceOf(view, match)?.destinations[key] as Destination];
}

function persists(view: DirectorView, { match }: Place): boolean {
  return Boolean(serviceOf(view, match)?.persistence);
}

/** The steps by which ldirectord learns that a real server without connections is in maintenance, and does not put it back. */
export function tellChecker(view: DirectorView, address: string): Step[] {
  const { places } = leavingOf(view, address);
  return view.checker && places.length > 0 ? [startMaintenance(view.checker, address, places)] : [];
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
