import { inline } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, printed } from "../host/fact";
import { inFolder } from "../host/shell";
import { type Match, type OperatorNote, parseHostPort, readNote } from "../model";
import { parseSpelled, spelled } from "./ipvsadm";
import type { Service } from "./table";

/**
 * The folder in which a director keeps a record of the real servers that are out of its table for maintenance. The record has
 * the weights that these servers get back. An interrupted run is continued from the record. A weight of 0 for maintenance is no
 * drift.
 */
export const FOLDER = "/var/lib/lvs/maintenance";

/** A destination of a service, and its weight outside of maintenance. */
export interface Place {
  readonly match: Match;
  readonly key: string;
  readonly weight: number;
  /** The service's scheduler, if another one stands in for it. */
  readonly scheduler?: string | undefined;
}

/** Who has taken a real server out. */
export interface Holder {
  /** The real server's address. */
  readonly address: string;
  /** The site whose rollout has taken the server out; undefined of an operator, and of a rollout of an earlier version. */
  readonly site?: string | undefined;
}

/**
 * A real server that somebody has taken out. Several may have taken out the same server, each by a record of its own. A place is
 * out until the last record of it is gone.
 */
export interface Maintenance extends Holder {
  readonly places: readonly Place[];
  /** ISO 8601. */
  readonly since?: string | undefined;
  /** What the operator has said. What can no longer be read of it is missing; a rollout has said nothing. */
  readonly note?: Partial<OperatorNote> | undefined;
}

export type OutOfService = readonly Maintenance[];

/** The name of a record's file. */
export function recordName({ address, site }: Holder): string {
  return site === undefined ? address : `${address}@${site}`;
}

/** The file beside a record that has an operator's note. */
export function noteName(address: string): string {
  return `.${address}.why`;
}

export function outOfService(): Fact<OutOfService> {
  // Another run may remove a record at any moment: the record is read whole, or it is gone. A record that lost its end has no end
  // of line. The shell reads by itself: a rollout asks often, and a program for each record would be most of what that takes.
  const script = `for record in *; do
      line='' text=''
      while IFS= read -r line; do text="$text$record|$line
"; done 2>/dev/null <"$record" || [ -e "$record" ] || continue
      [ -z "$line" ] || text=''
      printf %s "\${text:-$record|
}"
      [ ! -e ".$record.why" ] || { IFS= read -r why; printf '%s|why|%s\\n' "$record" "$why"; } 2>/dev/null <".$record.why"
      set -- "$@" "$record"
    done
    [ $# = 0 ] || TZ=UTC0 stat -c '%n|since|%y' "$@" 2>/dev/null | sed 's/ \\([0-9:]*\\).*/T\\1Z/'`;
  return printed(inline(inFolder(FOLDER, script)), parseMaintenance);
}

function parseMaintenance(output: string): OutOfService {
  const out = new Map<string, Maintenance>();
  for (const line of output.split("\n").filter((one) => one !== "")) {
    const [record = ""] = line.split("|");
    const [address = "", site] = record.split("@");
    const known = out.get(record) ?? { address, ...(site !== undefined && { site }), places: [] };
    out.set(record, { ...known, ...parseLine(record, line.slice(record.length + 1), known.places) });
  }
  return [...out.values()];
}

function parseLine(record: string, line: string, places: readonly Place[]): Partial<Maintenance> {
  if (line.startsWith("since|")) return { since: line.slice("since|".length) };
  if (line.startsWith("why|")) return { note: readNote(line.slice("why|".length)) };
  const [, at = "", key = "", weight, scheduler] = /^([^|]*)\|([^|]*)\|(\d+)(?:\|(\w+))?$/.exec(line) ?? [];
  const match = parseSpelled(at);
  if (!match) throw unreadable(record);
  return { places: [...places, { match, key, weight: Number(weight), ...(scheduler && { scheduler }) }] };
}

/** Without the record, the server's weight of 0 would count as drift, and be repaired while somebody works on the server. */
function unreadable(record: string): LvsError {
  return new LvsError(
    `${FOLDER}/${record}, which has the weights that this real server gets back, cannot be read: did the host lose power? ` +
      "Remove the file: the real server then gets its declared weights",
  );
}

/** The service as it would be without maintenance: a destination in maintenance has the weight that it will get back. */
export function intended<Of extends Service | null>(match: Match, service: Of, out: OutOfService): Of {
  if (!service) return service;
  const places = inMaintenance(match, service, out);
  const destinations = Object.entries(service.destinations).map(([key, to]) => {
    const place = places.find((one) => one.key === key);
    return [key, place ? { ...to, weight: place.weight } : to] as const;
  });
  return { ...service, destinations: Object.fromEntries(destinations) };
}

/** The destinations of the service that are in maintenance: they are recorded, and have weight 0. */
export function inMaintenance(match: Match, service: Service, out: OutOfService): Place[] {
  return distinct(out.flatMap(({ places }) => places)).filter(
    ({ match: at, key }) => spelled(at) === spelled(match) && service.destinations[key]?.weight === 0,
  );
}

/** The places, each once. */
export function distinct(places: readonly Place[]): Place[] {
  return [...new Map([...places].reverse().map((place) => [placeName(place), place])).values()].reverse();
}

/** A place as a record spells it. */
export function placeName({ match, key }: Pick<Place, "match" | "key">): string {
  return `${spelled(match)}|${key}`;
}

/** Whether an operator has taken this out: a rollout does not bring it back, nor does a change of the program. */
export function isDrained({ site, note }: Maintenance): boolean {
  return site === undefined && note !== undefined;
}

/**
 * The destinations that have to stay out where they are not in the table yet: they are recorded, or an operator has taken out
 * their real server.
 */
export function staysOut(match: Match, keys: readonly string[], out: OutOfService): string[] {
  const recorded = new Set(out.flatMap(({ places }) => places).map(placeName));
  const drained = new Set(out.filter(isDrained).map(({ address }) => address));
  return keys.filter(
    (key) => recorded.has(placeName({ match, key })) || drained.has(parseHostPort(key)?.address ?? ""),
  );
}

/** The records that have destinations of the service that are not declared any more. */
export function overtaken(match: Match, declared: readonly string[], out: OutOfService): Maintenance[] {
  return out.filter(({ places }) => goneOf(match, declared, places).length > 0);
}

/** The places in a service that are not declared any more. */
export function goneOf(match: Match, declared: readonly string[], places: readonly Place[]): Place[] {
  return places.filter((place) => spelled(place.match) === spelled(match) && !declared.includes(place.key));
}

/** Who has taken a real server out, in words. */
export function holderInWords({ site, note }: Maintenance): string {
  if (site !== undefined) return `the rollout of ${site} has taken it out`;
  if (!note) return "an earlier rollout has left it out";
  return `drained${note.by ? ` by ${note.by}` : ""}${note.reason ? `: ${note.reason}` : ""}`;
}
