import { matchName } from "pulumi-lvs-provider/model";
import { siteKey } from "./clusters";
import { type Found, type FoundService, keptByKeepalived, keptByLdirectord, type Note } from "./found";
import { withServersOut } from "./kept";
import { ldirectordPart } from "./ldirectord-part";
import { type Part, word } from "./part";
import { serversOf } from "./servers";
import { ruleLeftOut, sidesParts, sitePart } from "./services";
import { wideParts } from "./wide";

/** The parts of the sites that the hosts make up. */
export function plan(founds: readonly Found[]) {
  const parts: Part[] = [];
  const notes: Note[] = [];
  const secrets: Record<string, string> = {};
  const places: Record<string, string> = {};
  const directors = founds.filter(({ around, ldirectord }) => around.services.length > 0 || ldirectord);
  if (directors.length === 0)
    notes.push({
      host: founds.map(({ name }) => name).join(", "),
      what: "nothing",
      why: "no host has a virtual service in its kernel's table",
    });
  const sites = directors.map((director) => ({ director, sites: sitesOf(director) }));
  if (directors.length > 0) notes.push(...idleNotes(founds, sites));
  const taken = new Set<string>();
  const isOne = sites.flatMap((one) => one.sites).length === 1;
  for (const { director, sites: own } of sites) {
    for (const site of own) {
      for (const service of site.services) notes.push(...serviceNotes(director, service, founds));
      parts.push(...siteParts(director, site, founds, { taken, isOne }));
    }
    const wide = wideParts(director);
    parts.push(...wide.parts);
    notes.push(...wide.notes);
    if (!director.ldirectord) continue;
    const { part, ...made } = ldirectordPart(director);
    parts.push(part);
    Object.assign(secrets, made.secrets);
    Object.assign(places, made.places);
  }
  return { parts, notes, secrets, places };
}

/** Services that may be one site. */
interface Site {
  readonly services: readonly FoundService[];
  /** The health checker that keeps them. */
  readonly keeper?: "keepalived" | "ldirectord";
}

/** A director's services, those together that are alike but for their ports. */
function sitesOf(director: Found): Site[] {
  const alike = new Map<string, FoundService[]>();
  const sites: Site[] = [];
  for (const inTable of director.around.services) {
    const service = withServersOut(director, inTable);
    const keeper = keptByKeepalived(director, service)
      ? "keepalived"
      : keptByLdirectord(director, service)
        ? "ldirectord"
        : undefined;
    const others = keeper ? undefined : alike.get(siteKey(service));
    if (others) {
      others.push(service);
      continue;
    }
    const services = [service];
    if (!keeper) alike.set(siteKey(service), services);
    sites.push({ services, ...(keeper && { keeper }) });
  }
  return sites;
}

/** The names of sites. */
interface Names {
  readonly taken: Set<string>;
  /** Whether there is one site alone, on all directors. */
  readonly isOne: boolean;
}

function siteParts(director: Found, { services, keeper }: Site, founds: readonly Found[], names: Names): Part[] {
  const [first] = services as [FoundService];
  const nameOf = ({ match }: FoundService) => named(matchName(match).replace(/^tcp /, ""), director, names.taken);
  const common = services.length > 1 && "address" in first.match ? first.match.address : undefined;
  const name = names.isOne ? "site" : common === undefined ? nameOf(first) : named(common, director, names.taken);
  if (!keeper) {
    const each = services.map((service) => ({ service, name: common === undefined ? name : nameOf(service) }));
    return sitePart(name, director, each, founds);
  }
  const servers = serversOf(first, founds, director);
  if (keeper === "ldirectord" || servers.length > 0) return sidesParts(name, director, first, servers);
  // Without a destination nobody knows how packets reach the real servers.
  return "mark" in first.match ? [ruleLeftOut(director, first.match.mark)] : [];
}

/** Hosts that were named, and have no part in a site: no table, and no address that is a destination. */
function idleNotes(founds: readonly Found[], sites: readonly { director: Found; sites: readonly Site[] }[]): Note[] {
  const taking = new Set(
    sites.flatMap(({ director, sites: own }) => {
      const services = own.flatMap((site) => site.services);
      const servers = services.flatMap((service) => serversOf(service, founds, director));
      return [director, ...servers.map(({ found }) => found)];
    }),
  );
  return founds
    .filter((found) => !taking.has(found))
    .map(({ name }) => ({
      host: name,
      what: "all that it has",
      why: "no director has it as a destination now. Put it into a table, and run this again; or declare it in the program as the others are",
    }));
}

function serviceNotes(director: Found, service: FoundService, founds: readonly Found[]): Note[] {
  const { match } = service;
  const byKeepalived = keptByKeepalived(director, service);
  const unnamed = serversOf(service, founds, director).filter(({ found }) => !found);
  return [
    ...(byKeepalived
      ? [
          {
            host: director.name,
            what: `the service ${matchName(match)}`,
            why:
              `keepalived keeps it (${byKeepalived}): two that keep one service would undo each other. A cluster with ` +
              'health: { by: "keepalived" } keeps it in the place of that block',
          },
        ]
      : []),
    ...unnamed.map(({ address }) => ({
      host: director.name,
      what: `the real server ${address} of ${matchName(match)}`,
      why: "none of the hosts that were named has this address: name it to have its own settings taken over",
    })),
  ];
}

/** The name of a site. Several directors may have one service, and colons fall out of addresses. */
function named(what: string, { name: director }: Found, taken: Set<string>): string {
  const plain = `site-${word(what)}`;
  let name = plain;
  for (let i = 1; taken.has(name); i++) name = `${plain}-${word(director)}${i > 1 ? `-${i}` : ""}`;
  taken.add(name);
  return name;
}
