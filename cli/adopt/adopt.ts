import { type Match, matchName } from "pulumi-lvs-provider/model";
import { type DeclaredHost, foresee, LvsError, lookAround, namedAddresses } from "pulumi-lvs-provider/operations";
import { type Found, keptByKeepalived, keptByLdirectord, LDIRECTORD_CF, type Note, namesIn, understood } from "./found";
import { withServersOut } from "./kept";
import { ldirectordPart } from "./ldirectord-part";
import { namesOf } from "./names";
import { type Part, word } from "./part";
import type { Declaration, Sdk } from "./program";
import { Refused } from "./refused";
import { serversOf, servicePart, sidesParts } from "./services";
import { whatElse } from "./what-else";
import { wideParts } from "./wide";

export interface Adoption {
  readonly declarations: readonly Declaration[];
  /** The things on hosts that the program declares, each as it is already. */
  readonly things: readonly string[];
  readonly notes: readonly Note[];
  /** Values of secrets by the key of the configuration, and where each was found. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly places: Readonly<Record<string, string>>;
}

/**
 * Looks at a director and its real servers, and declares what is there. Nothing is declared that the first `up` would
 * change: each thing is asked for on its host, by the code that `up` runs.
 */
export async function adoption(hosts: readonly DeclaredHost[], sdk: Sdk): Promise<Adoption> {
  const notes: Note[] = [];
  const founds: Found[] = [];
  for (const host of hosts) {
    const around = await lookAround(host);
    const names = namesOf(around.ports, await namedAddresses(host, namesIn(around.files[LDIRECTORD_CF]?.text ?? "")));
    try {
      const { found, notes: more } = understood(host.name, around, names);
      founds.push(found);
      notes.push(...more);
    } catch (error) {
      if (error instanceof Refused) throw new LvsError(`host ${host.name}: ${error.message}`);
      throw error;
    }
  }
  const { parts, secrets, places, notes: left } = plan(founds);
  notes.push(...left);
  const proving = new Proving(new Map(hosts.map((host) => [host.name, host])), sdk, secrets);
  const declarations: Declaration[] = [];
  for (const part of parts) declarations.push(...(await proving.take(part, notes)));
  for (const found of founds) notes.push(...whatElse(found));
  const names = new Set(declarations.map(({ name }) => name));
  return {
    declarations: declarations.map((one) => ({ ...one, after: one.after?.filter((name) => names.has(name)) ?? [] })),
    things: proving.things,
    notes,
    secrets: Object.fromEntries(Object.entries(secrets).filter(() => declarations.some((one) => one.class === "File"))),
    places,
  };
}

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
  const names = new Set<string>();
  const many = directors.flatMap(({ around }) => around.services).length > 1;
  for (const director of directors) {
    for (const inTable of director.around.services) {
      const service = withServersOut(director, inTable);
      const { match } = service;
      const what = `the service ${matchName(match)}`;
      const byKeepalived = keptByKeepalived(director, service);
      const name = many ? named(match, director, names) : "site";
      const servers = serversOf(service, founds);
      if (byKeepalived)
        notes.push({
          host: director.name,
          what,
          why:
            `keepalived keeps it (${byKeepalived}): two that keep one service would undo each other. A cluster with ` +
            'health: { by: "keepalived" } keeps it in the place of that block',
        });
      for (const { address, found } of servers)
        if (!found)
          notes.push({
            host: director.name,
            what: `the real server ${address} of ${matchName(match)}`,
            why: "none of the hosts that were named has this address: name it to have its own settings taken over",
          });
      // Without a destination nobody knows how packets reach the real servers.
      if (byKeepalived) parts.push(...(servers.length > 0 ? sidesParts(name, director, service, servers) : []));
      else if (keptByLdirectord(director, service)) parts.push(...sidesParts(name, director, service, servers));
      else parts.push(servicePart(name, director, service, founds));
      if ("mark" in match)
        notes.push({
          host: director.name,
          what: `the rule that marks packets with ${match.mark}`,
          why: `a rule of netfilter stays its owner's: ${director.around.marks.join("; ") || "none was found"}. FirewallMark makes one of its own`,
        });
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

/** The name of a service's site. Several directors may have one service, and colons fall out of addresses. */
function named(match: Match, { name: director }: Found, taken: Set<string>): string {
  const plain = `site-${word(matchName(match).replace(/^tcp /, ""))}`;
  let name = plain;
  for (let i = 1; taken.has(name); i++) name = `${plain}-${word(director)}${i > 1 ? `-${i}` : ""}`;
  taken.add(name);
  return name;
}

class Proving {
  readonly things: string[] = [];
  readonly #taken = new Set<string>();

  constructor(
    private readonly hosts: ReadonlyMap<string, DeclaredHost>,
    private readonly sdk: Sdk,
    private readonly secrets: Readonly<Record<string, string>>,
  ) {}

  /** The declarations of a part that change nothing. What would change something is told, and left out. */
  async take(part: Part, notes: Note[]): Promise<readonly Declaration[]> {
    const reasons: string[] = [];
    for (const candidate of part.candidates) {
      const { steps, things } = await this.#prove(candidate);
      if (steps.length > 0) {
        reasons.push(...steps);
        continue;
      }
      const fresh = things.filter((thing) => !this.#taken.has(thing));
      for (const thing of fresh) this.#taken.add(thing);
      this.things.push(...fresh);
      // Several services of one director share its settings, and real servers theirs.
      return fresh.length > 0 || things.length === 0 ? candidate : [];
    }
    const smaller: Declaration[] = [];
    for (const one of part.otherwise ?? []) smaller.push(...(await this.take(one, notes)));
    if (!part.otherwise?.length)
      notes.push({
        host: part.host,
        what: part.what,
        why:
          reasons.length > 0
            ? `the first \`up\` would change it: ${[...new Set(reasons)].join("; ")}`
            : (part.reason ?? "there is nothing here that this package declares"),
      });
    else if (reasons.length > 0 && smaller.length > 0)
      notes.push({
        host: part.host,
        what: `${part.what} is declared in parts`,
        why: `as a whole it would change the host: ${[...new Set(reasons)].join("; ")}`,
      });
    return smaller;
  }

  /** What the first `up` would change, in words, and what it would find as declared. */
  async #prove(candidate: readonly Declaration[]): Promise<{ steps: string[]; things: string[] }> {
    const steps: string[] = [];
    const things: string[] = [];
    try {
      for (const { kind, inputs } of await this.sdk.register(candidate, this.secrets)) {
        const name = (inputs.host as { name?: string } | undefined)?.name ?? "";
        const host = this.hosts.get(name);
        if (!host) continue;
        const { host: _, owner, advice, ...own } = inputs;
        const thing = `${name}: ${kind} ${JSON.stringify(kind === "File" ? { path: own.path } : own)}`;
        things.push(thing);
        if (!this.#taken.has(thing))
          steps.push(...(await foresee(host, kind, inputs)).map((step) => `${name}: ${step}`));
      }
    } catch (error) {
      if (!(error instanceof Error) || error.name === "TypeError") throw error;
      steps.push(error.message);
    }
    return { steps, things };
  }
}
