import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { each, find } from "../host/fact";
import { withSession } from "../host/pool";
import type { Drain } from "../ipvs/drain";
import { takeBackVrrp, vrrpState } from "../linux/vrrp";
import type { OperatorNote } from "../model";
import { act } from "../reconcile/steps";
import { fitAgain, takenOver } from "../workflows/failover/change";
import { isFit, type Serves, whyUnfit } from "../workflows/failover/fit";
import { giveUp } from "../workflows/failover/giving-up";
import type { FailoverInputs } from "../workflows/failover/inputs";
import { type Asked, judged } from "../workflows/failover/judged";
import { untilKnown } from "../workflows/failover/known-connections";
import { declaredFailovers } from "./holders";
import type { Resource } from "./resource";
import { type HostStatus, statusOf } from "./status";

// A director is given up for maintenance: another one takes what floats, and keeps it until this one returns.

/** What has become of the addresses of one instance of VRRP. */
export interface HandedOver {
  readonly instance: string;
  readonly addresses: readonly string[];
  /** The director had the addresses. Otherwise it stood by, and now does not take them. */
  readonly moved: boolean;
  /** The director that has the addresses; undefined if none has. */
  readonly holder?: string;
}

/** How an instance is on a director that was brought back. */
export interface Fit {
  readonly instance: string;
  /** Whether an operator had given the instance up. */
  readonly wasGivenUp: boolean;
  readonly state: string;
}

export interface GiveUpOptions extends Drain {
  /** Give the director up although no other one is fit: then nobody answers. */
  readonly force: boolean;
}

/** Whether the stack's failovers name the host as a director. */
export function isDirector(resources: readonly Resource[], name: string): boolean {
  return failoversOf(resources, name).length > 0;
}

/**
 * Lets other directors take what this one has, once they know its connections. The director is unfit then, also after a reboot,
 * until it is brought back. A refresh sees no difference.
 */
export async function giveUpDirector(
  name: string,
  resources: readonly Resource[],
  note: OperatorNote,
  { force, ...drain }: GiveUpOptions,
): Promise<HandedOver[]> {
  const failovers = failoversOf(resources, name);
  const host = hostIn(failovers, name);
  const at = { name, failovers, resources, force };
  let sides = await successorsOf(at);
  const heirs = failovers.flatMap(({ directors }, i) =>
    sides[i]?.own.has.length ? directors.filter((one) => sides[i]?.fit.includes(one.name)) : [],
  );
  await untilKnown(host, [...new Map(heirs.map((one) => [one.name, one])).values()], drain);
  // That may have taken minutes, and a director that could take over then may be lost now.
  if (heirs.length > 0) sides = await successorsOf(at);

  const given = failovers.filter((_, i) => sides[i]?.own.givenUp === undefined).map(({ instance }) => instance);
  await withSession(host, (session) =>
    act(
      session,
      "failover",
      given.map((instance) => ({ run: giveUp(instance, note), purpose: `giving up ${instance}` })),
    ),
  );
  return Promise.all(
    failovers.map(async (failover, i) => {
      const moved = (sides[i]?.own.has.length ?? 0) > 0;
      const { holder, wrong } = await takenOver(failover, name, sides[i]?.fit.length ? undefined : 0);
      if (wrong !== undefined && !force) throw await takenBack(host, given, wrong);
      const { instance, addresses } = failover;
      return { instance, addresses, moved, ...(holder && { holder: holder.name }) };
    }),
  );
}

/** How one instance of VRRP is on the director that goes, and who could take over from it. */
interface Sides {
  readonly own: Asked;
  /** The names of the directors that are fit. */
  readonly fit: readonly string[];
}

/** @throws LvsError where the director is not reached, or no other one is fit, unless that is forced */
async function successorsOf({
  name,
  failovers,
  resources,
  force,
}: {
  readonly name: string;
  readonly failovers: readonly FailoverInputs[];
  readonly resources: readonly Resource[];
  readonly force: boolean;
}): Promise<Sides[]> {
  const seen = await Promise.all(failovers.map(judged));
  const own = seen.map(({ directors }) => directors.find((one) => one.name === name) as Asked);
  const [unreachable] = own.flatMap((one) => one.unreachable ?? []);
  if (unreachable !== undefined) throw new LvsError(`${name} cannot be given up: ${unreachable}`);

  const serves = servesBy((await statusOf(resources, { tables: true })).hosts);
  return seen.map(({ directors }, i) => {
    const judgements = directors.flatMap((one) =>
      one.name === name ? [] : [{ one, why: whyUnfit(one, own[i] as Asked, serves) }],
    );
    const fit = judgements.filter(({ why }) => why === undefined).map(({ one }) => one.name);
    if (fit.length === 0 && !force) throw nobodyFit(name, judgements);
    return { own: own[i] as Asked, fit };
  });
}

/** Makes the director fit again. What serves goes on serving, unless the program prefers this director. */
export async function returnDirector(name: string, resources: readonly Resource[]): Promise<Fit[]> {
  const failovers = failoversOf(resources, name);
  const states = each(failovers.map(({ instance }) => vrrpState(instance)));
  return withSession(hostIn(failovers, name), async (session) => {
    const before = await find(session, states);
    const given = failovers.filter((_, at) => before[at]?.givenUp !== undefined);
    await act(
      session,
      "failover",
      given.map(({ instance }) => ({ run: takeBackVrrp(instance), purpose: `bringing back ${instance}` })),
    );
    const after = await fitAgain(
      session,
      failovers.map(({ instance }) => instance),
    );
    const unfit = failovers.filter((_, at) => !isFit(after[at]?.state ?? ""));
    if (unfit.length > 0)
      throw new LvsError(
        `${name} is not given up any more, and still unfit for ${unfit.map(({ instance }) => instance).join(", ")}: ` +
          "keepalived does not run there, an interface has no link, or nothing answers of what must be reached " +
          `(journalctl -u keepalived)`,
      );
    return failovers.map(({ instance }, at) => ({
      instance,
      wasGivenUp: before[at]?.givenUp !== undefined,
      state: after[at]?.state ?? "UNKNOWN",
    }));
  });
}

/** The declared services that new clients get an answer from. */
export function servesBy(hosts: readonly HostStatus[]): Serves {
  return (director) =>
    (hosts.find(({ host }) => host === director)?.services ?? [])
      .filter(({ declared: isDeclared, destinations }) => isDeclared && destinations.some(({ weight }) => weight > 0))
      .map(({ service }) => service);
}

function failoversOf(resources: readonly Resource[], name: string): FailoverInputs[] {
  return declaredFailovers(resources).filter(({ directors }) => directors.some((one) => one.name === name));
}

function hostIn(failovers: readonly FailoverInputs[], name: string): DeclaredHost {
  const host = failovers.flatMap(({ directors }) => directors).find((one) => one.name === name);
  if (!host) throw new LvsError(`${name} is no director that another one stands in for`);
  return host;
}

function nobodyFit(name: string, judgements: readonly { readonly why: string | undefined }[]): LvsError {
  const reasons = judgements.map(({ why }) => why).join("; ");
  return new LvsError(
    `${name} cannot be given up, because no other director is fit: ${reasons}. Mend that first, or say --force: then nobody answers`,
  );
}

/** Nobody has taken over: the director gets everything back. */
async function takenBack(host: DeclaredHost, instances: readonly string[], wrong: string): Promise<LvsError> {
  const steps = instances.map((instance) => ({ run: takeBackVrrp(instance), purpose: `bringing back ${instance}` }));
  await withSession(host, (session) => act(session, "failover", steps));
  return new LvsError(
    instances.length > 0
      ? `${host.name} was given up, and has come back, because ${wrong}`
      : `${host.name} was given up before, and stays so, although ${wrong}`,
  );
}
