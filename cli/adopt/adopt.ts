import { type DeclaredHost, foresee, LvsError, lookAround, namedAddresses } from "pulumi-lvs-provider/operations";
import { type Found, type Note, namesIn, understood } from "./found";
import { namesOf } from "./names";
import type { Part } from "./part";
import { plan } from "./plan";
import type { Declaration, Sdk } from "./program";
import { Refused } from "./refused";
import { whatElse } from "./what-else";

export interface Adoption {
  readonly declarations: readonly Declaration[];
  /** The things on hosts that the program declares, each as it is already. */
  readonly things: readonly string[];
  readonly notes: readonly Note[];
  /** What the first preview warns of. */
  readonly warnings: readonly string[];
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
  const seen = await Promise.all(
    hosts.map(async (host) => {
      const around = await lookAround(host);
      return { host, around, names: namesOf(around.ports, await namedAddresses(host, namesIn(around))) };
    }),
  );
  for (const { host, around, names } of seen)
    try {
      const { found, notes: more } = understood(host.name, around, names);
      founds.push(found);
      notes.push(...more);
    } catch (error) {
      if (error instanceof Refused) throw new LvsError(`host ${host.name}: ${error.message}`);
      throw error;
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
    warnings: proving.warnings,
    secrets: Object.fromEntries(Object.entries(secrets).filter(() => declarations.some((one) => one.class === "File"))),
    places,
  };
}

/** Takes the declarations that change nothing on the hosts. */
export class Proving {
  readonly things: string[] = [];
  /** Of what is taken; what is left out warns of nothing. */
  readonly warnings: string[] = [];
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
      const { steps, things, warnings } = await this.#prove(candidate);
      if (steps.length > 0) {
        reasons.push(...steps);
        continue;
      }
      const fresh = things.filter((thing) => !this.#taken.has(thing));
      for (const thing of fresh) this.#taken.add(thing);
      this.things.push(...fresh);
      // Several services of one director share its settings, and real servers theirs.
      if (fresh.length === 0 && things.length > 0) return [];
      this.warnings.push(...warnings);
      return candidate;
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
    const whole = reasons.length > 0 && `as a whole it would change the host: ${[...new Set(reasons)].join("; ")}`;
    const why = whole || part.reason;
    if (part.otherwise?.length && why && smaller.length > 0)
      notes.push({ host: part.host, what: `${part.what} is declared in parts`, why });
    return smaller;
  }

  /** What the first `up` would change, in words, and what it would find as declared. */
  async #prove(candidate: readonly Declaration[]) {
    const steps: string[] = [];
    const things: string[] = [];
    const warnings: string[] = [];
    try {
      const { registered, warnings: told } = await this.sdk.register(candidate, this.secrets);
      warnings.push(...told);
      for (const { kind, inputs } of registered) {
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
    return { steps, things, warnings };
  }
}
