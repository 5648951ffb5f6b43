import { type Session, sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { find, printed } from "../host/fact";
import { withSession } from "../host/pool";
import type { Drain } from "../ipvs/drain";
import { destinationLine, inTable, spelled } from "../ipvs/ipvsadm";
import { noteMaintenance } from "../ipvs/maintenance-note";
import type { Destination } from "../ipvs/table";
import { normalAddress, type OperatorNote, parseHostPort } from "../model";
import { fragment, removeBoot, writeBoot } from "../reconcile/boot";
import type { BootFile, Step } from "../reconcile/kind";
import {
  leaveTable,
  putBackIntoTable,
  run,
  tellChecker,
  untilConnectionsEnd,
} from "../workflows/rollout/director-table";
import {
  type DirectorView,
  getsNewClients,
  lookAtDirector,
  placesOf,
  servicesLeftWithout,
} from "../workflows/rollout/director-view";

/** What a director has made of a request to drain a server, or to bring it back. */
export interface Moved {
  readonly director: string;
  /** The services that have the server as a destination. */
  readonly services: readonly string[];
  /** The weights that the server gets back, or has got back, by service and destination. */
  readonly places: readonly { readonly service: string; readonly destination: string; readonly weight: number }[];
}

export interface DrainOptions extends Drain {
  /** Drain the last server of a service, too. */
  readonly force?: boolean;
}

/**
 * Takes a real server out of the director's table: weight 0, and wait until its connections have ended. A refresh sees no
 * difference. The server stays out until it is brought back, also over a reboot of the director.
 */
export async function drainServer(
  director: DeclaredHost,
  address: string,
  note: OperatorNote,
  { force = false, ...drain }: DrainOptions,
): Promise<Moved> {
  return withSession(director, async (session) => {
    const view = await lookAtDirector(session);
    const left = servicesLeftWithout(view, [address], []);
    if (left.length > 0 && !force)
      throw new LvsError(
        `host ${session.name}: ${address} is the last server of ${left.join(", ")}: draining it would refuse every client. ` +
          "Bring another one back first, or say --force",
      );
    const leaving = leaveTable(view, [address]);
    if (leaving.length === 0) return moved(session, view, address);
    const steps = [...leaving, ...untilConnectionsEnd(view, address, drain), ...tellChecker(view, address)];
    // ldirectord has a file of its own for maintenance, which a reboot leaves.
    const boot = view.checker ? [] : [writeBoot(bootFile(view, address))];
    const why: Step = { run: noteMaintenance(address, note), purpose: `noting why ${address} is out` };
    await run(session, [why, ...boot, ...steps]);
    return moved(session, await lookAtDirector(session), address);
  });
}

/** Brings a real server back into the director's table, with the weights that it had. */
export async function returnServer(director: DeclaredHost, address: string): Promise<Moved> {
  return withSession(director, async (session) => {
    const view = await lookAtDirector(session);
    const before = moved(session, view, address);
    if (!view.out.has(address)) return { ...before, places: [] };
    await run(session, [removeBoot(bootFile(view, address)), ...putBackIntoTable(view, address)]);
    const after = await lookAtDirector(session);
    if (before.places.some(({ weight }) => weight > 0) && !getsNewClients(after, address))
      throw new LvsError(
        `host ${session.name}: ${address} did not come back into the table. Is it fit for ldirectord's checks, or did somebody ` +
          "delete it there? `pulumi up --refresh` repairs what the program declares",
      );
    return before;
  });
}

/** The addresses of the host, for finding its destinations. */
export function addressesOf(host: DeclaredHost): Promise<string[]> {
  const fact = printed(sh("ip -o address show scope global"), (text) =>
    [...text.matchAll(/ inet6? ([\da-f.:]+)/g)].map(([, address = ""]) => normalAddress(address)),
  );
  return withSession(host, (session) => find(session, fact));
}

/** The addresses of the real servers in the director's table, and of those that are out. */
export async function serversOf(director: DeclaredHost): Promise<string[]> {
  const { table, out } = await withSession(director, lookAtDirector);
  const keys = Object.values(table).flatMap(({ destinations }) => Object.keys(destinations));
  return [...new Set([...keys.map((key) => parseHostPort(key)?.address ?? key), ...out.keys()])];
}

function moved({ name }: Session, view: DirectorView, address: string): Moved {
  const places = (view.out.get(address) ?? []).map(({ match, key, weight }) => ({
    ...{ service: spelled(match), destination: key, weight },
  }));
  const services = [
    ...new Set([
      ...placesOf(view, address).map(({ match }) => spelled(match)),
      ...places.map(({ service }) => service),
    ]),
  ];
  return { director: name, services, places };
}

/** After a reboot the services have the declared weights at first. This comes after them, and takes the weight away again. */
function bootFile(view: DirectorView, address: string): BootFile {
  const lines = placesOf(view, address).map(({ match, key }) => {
    const to = view.table[spelled(match)]?.destinations[key] as Destination;
    return `ipvsadm -Sn | grep -qF -- '${inTable(match, key)}' || exit 0; ipvsadm -R <<'END'\n${destinationLine("-e", match, key, { ...to, weight: 0 })}\nEND`;
  });
  return fragment(60, "Maintenance", address, lines.map((line) => `(${line}\n)`).join("\n"));
}
