import { type Session, sh } from "../../host/command";
import { answered, type Fact, facts, find, map } from "../../host/fact";
import { parseSpelled, spelled } from "../../ipvs/ipvsadm";
import { kernelTable } from "../../ipvs/kernel-table";
import { ldirectordSettings } from "../../ipvs/ldirectord-settings";
import { isDrained, type OutOfService, outOfService, type Place } from "../../ipvs/maintenance";
import { type Missed, missedOf } from "../../ipvs/maintenance-missed";
import type { Service, Table } from "../../ipvs/table";
import { ACTIVE } from "../../linux/active";
import { CHECKS_FOLDER, hostPort, type Match, parseHostPort } from "../../model";
import type { Capacity } from "./batch";

/** Where a site is on a director. Its services are those of the VIP and that of the mark. */
export interface SiteAt {
  readonly vip: string;
  readonly mark: number;
}

/** The services of a director that count, and the VIPs by which clients reach them. */
export interface Scope {
  readonly vips: readonly string[];
  isOwn(match: Match): boolean;
}

/** The services of sites: those of their VIPs and marks. */
export function servicesOf(sites: readonly SiteAt[]): Scope {
  return {
    vips: sites.map(({ vip }) => vip),
    isOwn: (match) => sites.some(({ vip, mark }) => ("mark" in match ? match.mark === mark : match.address === vip)),
  };
}

/** All services. Which of these VIPs the director has is asked. */
export function allServices(vips: readonly string[] = []): Scope {
  return { vips, isOwn: () => true };
}

/** What a director has of one site, or of all. */
export interface DirectorView extends Pick<Scope, "isOwn"> {
  /** The director's name. */
  readonly host: string;
  /** The VIPs that are addresses of the director: clients reach the site through this director. */
  readonly holds: readonly string[];
  /** The services that count. */
  readonly table: Table;
  readonly out: OutOfService;
  /** What other directors do not know yet of operators' drains. */
  readonly missed: readonly Missed[];
  /** The health checkers that manage these services. */
  readonly checkers: readonly Checker[];
}

export interface Checker {
  readonly name: "ldirectord" | "keepalived";
  /** The folder with a file for each real server in maintenance (ldirectord.cf(5), `maintenancedir`); "" if there is none. */
  readonly folder: string;
  /** What such a file has in it. */
  readonly content: string;
  /** Seconds within which the checker notices a change of that folder, and after which a server is in the table again. */
  readonly patience: number;
}

// ldirectord.cf is read on the host: what counts is the configuration of the daemon that runs now, and the program only has the
// one that comes after the rollout (docs/decisions/0023).
const view = (vips: readonly string[]) => ({
  // A standby has the table, and not the VIP.
  holds: answered(
    "which VIPs the host has",
    sh('for vip; do at=$(ip -o address show to "$vip") || exit; [ -z "$at" ] || echo "$vip"; done', ...vips),
    (output) => output.split("\n").filter((line) => line !== ""),
  ),
  // A host that is no director yet has no table; that is no error here.
  table: kernelTable(false),
  out: outOfService(),
  missed: missedOf(),
  ldirectord: answered(
    "whether ldirectord runs",
    sh(`${ACTIVE}
    active ldirectord.service || exit 0
    echo active
    [ ! -e /etc/ha.d/ldirectord.cf ] || ${ldirectordSettings("virtual6\\{0,1\\}", "maintenancedir", "checkinterval", "negotiatetimeout", "checktimeout")}`),
    (output) => output,
  ),
  keepalived: answered(
    "which health checks of keepalived run",
    sh(
      `${ACTIVE}
      cd "$1" 2>/dev/null || exit 0
      for part in *.conf; do
        [ -e "$part" ] && active "lvs-checks-\${part%.conf}.service" || continue
        cat "$part" || [ ! -e "$part" ] || exit 1
      done`,
      CHECKS_FOLDER,
    ),
    (output) => output,
  ),
});

/** What a director has of the services that count. */
export function viewOf({ name: host }: Pick<Session, "name">, { vips, isOwn }: Scope): Fact<DirectorView> {
  return map(facts(view(vips)), ({ holds, table, out, missed, ldirectord, keepalived }) => {
    const services = Object.entries(table).filter(([at]) => isOwn(parseSpelled(at) as Match));
    const names = services.map(([at]) => at.split(" ")[1] ?? "");
    return {
      ...{ host, holds, table: Object.fromEntries(services), out, missed, isOwn },
      checkers: [...parseLdirectord(ldirectord, names), ...parseKeepalived(keepalived, names)],
    };
  });
}

export function lookAtDirector(session: Session, scope: Scope): Promise<DirectorView> {
  return find(session, viewOf(session, scope));
}

// The defaults are those of ldirectord.cf(5).
function parseLdirectord(output: string, services: readonly string[]): Checker[] {
  const [first, ...lines] = output.trim().split("\n");
  if (first !== "active") return [];
  const settings = lines.map((line) => line.split(" ") as [string, string]);
  // ldirectord may run for other services alone.
  if (!settings.some(([name, value]) => name.startsWith("virtual") && services.includes(value))) return [];
  const folder = settings.find(([name]) => name === "maintenancedir")?.[1];
  const seconds = (name: string, or: number) =>
    Math.max(or, ...settings.filter(([key]) => key === name).map(([, value]) => Number(value)));
  const patience =
    2 * seconds("checkinterval", 5) + Math.max(seconds("negotiatetimeout", 5), seconds("checktimeout", 5));
  return [{ name: "ldirectord", folder: folder ?? "", content: "", patience }];
}

// keepalived notices a file at once, but the server's own check may still fail then, until the next one.
function parseKeepalived(output: string, services: readonly string[]): Checker[] {
  const kept = [...output.matchAll(/^virtual_server (fwmark )?(\S+) (?:(\d+) )?\{$/gm)].map(
    ([, mark, what = "", port]) => (mark ? what : hostPort(what, Number(port))),
  );
  if (!kept.some((name) => services.includes(name))) return [];
  const interval = Math.max(...[...output.matchAll(/^ +delay_loop (\d+)/gm)].map(([, seconds]) => Number(seconds)));
  return [{ name: "keepalived", folder: CHECKS_FOLDER, content: "1\n", patience: 2 * interval + 10 }];
}

/** The destinations of the table that are on the real server with this address. */
export function placesOf({ table }: DirectorView, address: string): Place[] {
  return Object.entries(table).flatMap(([at, { destinations }]) =>
    Object.entries(destinations)
      .filter(([key]) => isAt(key, address))
      .map(([key, { weight }]) => ({ match: parseSpelled(at) as Match, key, weight })),
  );
}

export function serviceOf({ table }: DirectorView, match: Match): Service | undefined {
  return table[spelled(match)];
}

/** Whether the real server gets new clients. */
export function getsNewClients(view: DirectorView, address: string): boolean {
  return placesOf(view, address).some(({ weight }) => weight > 0);
}

/**
 * The services that would have no destination for new clients without the real servers with these addresses.
 *
 * @param unfit the addresses of other real servers that cannot serve these clients
 */
export function servicesLeftWithout(
  { table }: DirectorView,
  addresses: readonly string[],
  unfit: readonly string[],
): string[] {
  return Object.entries(table)
    .filter(([, { destinations }]) => {
      const serving = Object.keys(destinations).filter((key) => (destinations[key]?.weight ?? 0) > 0);
      const without = serving.filter((key) => ![...addresses, ...unfit].some((one) => isAt(key, one)));
      return without.length === 0 && serving.some((key) => addresses.some((one) => isAt(key, one)));
    })
    .map(([at]) => at);
}

/**
 * What each service can carry: the weight of each real server, by its address. A server in maintenance counts with the weight
 * that it gets back. One that an operator has taken out does not count: nobody knows when it comes back.
 */
export function capacities({ table, out }: DirectorView): Capacity[] {
  const drained = new Set(out.filter(isDrained).map(({ address }) => address));
  const recorded = out.flatMap(({ places }) => places);
  return Object.entries(table).map(([at, { destinations }]) => {
    const weights = new Map(Object.entries(destinations).map(([key, { weight }]) => [key, weight]));
    for (const { match, key, weight } of recorded) if (spelled(match) === at) weights.set(key, weight);
    const capacity = new Map<string, number>();
    for (const [key, weight] of weights) {
      const address = parseHostPort(key)?.address ?? key;
      if (!drained.has(address)) capacity.set(address, (capacity.get(address) ?? 0) + weight);
    }
    return capacity;
  });
}

/** Whether a destination's key ("address:port") has this address. */
function isAt(key: string, address: string): boolean {
  return key.startsWith(hostPort(address, 0).slice(0, -1));
}
