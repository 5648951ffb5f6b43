import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, printed } from "../host/fact";
import { forGood, intoPlace } from "../host/shell";
import type { Match } from "../model";
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

/** The places of real servers in maintenance, by the real server's address. */
export type OutOfService = ReadonlyMap<string, readonly Place[]>;

export function outOfService(): Fact<OutOfService> {
  const ask = sh(`cd ${FOLDER} 2>/dev/null || exit 0
    for address in *; do [ ! -e "$address" ] || { [ -s "$address" ] || echo "$address|"; sed "s/^/$address|/" "$address"; }; done`);
  return printed(ask, parseMaintenance);
}

function parseMaintenance(output: string): OutOfService {
  const out = new Map<string, Place[]>();
  for (const line of output.split("\n").filter((one) => one !== "")) {
    const [, address = "", at = "", key = "", weight, scheduler] =
      /^([^|]+)\|([^|]*)\|([^|]*)\|(\d+)(?:\|(\w+))?$/.exec(line) ?? [];
    const match = parseSpelled(at);
    if (!match) throw unreadable(line.split("|")[0] as string);
    const place = { match, key, weight: Number(weight), ...(scheduler && { scheduler }) };
    out.set(address, [...(out.get(address) ?? []), place]);
  }
  return out;
}

/** Without the record, the server's weight of 0 would count as drift, and be repaired while somebody works on the server. */
function unreadable(address: string): LvsError {
  return new LvsError(
    `${FOLDER}/${address}, which has the weights that this real server gets back, cannot be read: did the host lose power? ` +
      "Remove the file: the real server then gets its declared weights",
  );
}

/** Writes the record of a real server. This runs before the weights are changed. */
export function remember(address: string, places: readonly Place[]): Command {
  const lines = places
    .map(
      ({ match, key, weight, scheduler }) => `${spelled(match)}|${key}|${weight}${scheduler ? `|${scheduler}` : ""}\n`,
    )
    .join("");
  return {
    ...sh(`mkdir -p ${FOLDER} && cat >"${FOLDER}/.$1" && ${intoPlace(`"${FOLDER}/.$1"`, `"${FOLDER}/$1"`)}`, address),
    stdin: lines,
  };
}

/** Changes the weight that a destination gets back. */
export function rememberWeight({ match, key, weight }: Place): Command {
  const place = `${spelled(match)}|${key}|`;
  const change = `sed "s#^\\($1\\)[0-9]*#\\1$2#" ${FOLDER}/"$address" >${FOLDER}/."$address"`;
  return sh(
    `for address in $(cd ${FOLDER} && grep -lF -- "$3" *); do
      ${change} && ${intoPlace(`"${FOLDER}/.$address"`, `"${FOLDER}/$address"`)} || exit 1
    done`,
    place.replace(/[[\].*^$]/g, "\\$&"),
    String(weight),
    place,
  );
}

/** Removes the record of a real server that is back in the table. */
export function forgetMaintenance(address: string): Command {
  // The file beside it is an operator's note (maintenance-note.ts).
  const script = `rm -f "$1" "\${1%/*}/.\${1##*/}.why"; rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null; ${forGood('"$1"')}`;
  return sh(script, `${FOLDER}/${address}`);
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
  return [...out.values()]
    .flat()
    .filter(({ match: at, key }) => spelled(at) === spelled(match) && service.destinations[key]?.weight === 0);
}
