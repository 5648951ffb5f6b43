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
const FOLDER = "/var/lib/lvs/maintenance";

/** A destination of a service, and its weight outside of maintenance. */
export interface Place {
  readonly match: Match;
  readonly key: string;
  readonly weight: number;
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
    const [, address = "", at = "", key = "", weight] = /^([^|]+)\|([^|]*)\|([^|]*)\|(\d+)$/.exec(line) ?? [];
    const match = parseSpelled(at);
    if (!match) throw unreadable(line.split("|")[0] as string);
    out.set(address, [...(out.get(address) ?? []), { match, key, weight: Number(weight) }]);
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
  const lines = places.map(({ match, key, weight }) => `${spelled(match)}|${key}|${weight}\n`).join("");
  return {
    ...sh(`mkdir -p ${FOLDER} && cat >"${FOLDER}/.$1" && ${intoPlace(`"${FOLDER}/.$1"`, `"${FOLDER}/$1"`)}`, address),
    stdin: lines,
  };
}

/** Removes the record of a real server that is back in the table. */
export function forgetMaintenance(address: string): Command {
  const script = `rm -f "$1"; rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null; ${forGood('"$1"')}`;
  return sh(script, `${FOLDER}/${address}`);
}

/** The service as it would be without maintenance: a destination in maintenance has the weight that it will get back. */
export function intended<Of extends Service | null>(match: Match, service: Of, out: OutOfService): Of {
  if (!service) return service;
  const places = [...out.values()].flat().filter((place) => spelled(place.match) === spelled(match));
  const destinations = Object.entries(service.destinations).map(([key, to]) => {
    const place = places.find((one) => one.key === key);
    return [key, place && to.weight === 0 ? { ...to, weight: place.weight } : to] as const;
  });
  return { ...service, destinations: Object.fromEntries(destinations) };
}
