import type { DeclaredHost } from "../../host/declared";
import { LvsError } from "../../host/errors";
import { find } from "../../host/fact";
import { poll } from "../../host/poll";
import { withSession } from "../../host/pool";
import type { Drain } from "../../ipvs/drain";
import { parseSpelled } from "../../ipvs/ipvsadm";
import { kernelTable } from "../../ipvs/kernel-table";
import { KEEPALIVED, type Match, matchKey } from "../../model";
import type { Step } from "../../reconcile/kind";
import { act } from "../../reconcile/steps";
import { fitAgain, takenOver } from "./change";
import { isFit, whyUnfit } from "./fit";
import { giveUp } from "./giving-up";
import { type FailoverInputs, hostOf } from "./inputs";
import { type Asked, judged } from "./judged";
import { untilKnown } from "./known-connections";
import { ABSENCE, armWayBack, CHECK, disarmWayBack, isAway, START, takeBackFromCheck } from "./way-back";

// A director is taken away for a while, to see that another one stands in for it.

/** It hands over, as an operator's `drain` does; or its keepalived is stopped. */
export type Way = "hand-over" | "stop";

/**
 * The director that has the addresses, once another one can stand in for it and knows its open connections.
 *
 * @param known how long to wait for the other ones to know the open connections, and what happens after that
 * @throws LvsError where it may not be taken away
 */
export async function whoMayGo(failover: FailoverInputs, known: Drain): Promise<DeclaredHost> {
  await formerOver(failover);
  const { from, heirs } = await sidesOf(failover);
  const host = hostOf(failover, from.name);
  await untilKnown(
    host,
    heirs.map((one) => hostOf(failover, one.name)),
    known,
  );
  // That may have taken minutes, and things may be otherwise now.
  const { from: now } = await sidesOf(failover);
  if (now.name !== from.name)
    throw new LvsError(`no director may be taken away: ${now.name} has taken over from ${from.name} meanwhile`);
  return host;
}

/** The director that has the addresses, and those that are fit to take over. */
async function sidesOf(failover: FailoverInputs): Promise<{ from: Asked; heirs: Asked[] }> {
  const { directors, holder, wrong } = await judged(failover);
  const from = directors.find(({ name }) => name === holder?.name);
  if (!from || wrong !== undefined) throw new LvsError(`no director may be taken away: ${wrong}`);
  const others = directors.filter((one) => one !== from);
  const reached = [from, ...others.filter(({ unreachable }) => unreachable === undefined)];
  const tables = new Map(await Promise.all(reached.map((one) => servedBy(hostOf(failover, one.name)))));
  const reasons = others.map((one) => whyUnfit(one, from, (name) => tables.get(name) ?? []));
  const heirs = others.filter((_, at) => reasons[at] === undefined);
  if (heirs.length === 0)
    throw new LvsError(`${from.name} may not be taken away, because no other director is fit: ${reasons.join("; ")}`);
  return { from, heirs };
}

/**
 * A check that was killed has left a director away. Its host brings it back, which is waited for. Where the host was rebooted
 * meanwhile, nobody else does: it is brought back here.
 */
async function formerOver(failover: FailoverInputs): Promise<void> {
  const { instance } = failover;
  const seen = await poll(
    async () => {
      const { directors } = await judged(failover);
      const reached = directors.filter(({ unreachable }) => unreachable === undefined);
      const away = await Promise.all(
        reached.map((one) => withSession(hostOf(failover, one.name), (session) => find(session, isAway(instance)))),
      );
      return reached.map((one, at) => ({ ...one, away: away[at] === true }));
    },
    (directors) => !directors.some(({ away }) => away),
    // Longer than an absence, for a host that is slow to bring itself back.
    { within: ABSENCE + 20, every: 2 },
  );
  for (const one of seen.filter(({ givenUp }) => givenUp?.by === CHECK))
    await withSession(hostOf(failover, one.name), async (session) => {
      await act(session, "failover", [comes("hand-over", instance)]);
      await fitAgain(session, [instance]);
    });
}

/** The services of a director that new clients get an answer from. */
async function servedBy(host: DeclaredHost): Promise<[string, string[]]> {
  const table = await withSession(host, (session) => find(session, kernelTable(false)));
  const serving = Object.entries(table).filter(([, { destinations }]) =>
    Object.values(destinations).some(({ weight }) => weight > 0),
  );
  return [host.name, serving.map(([at]) => matchKey(parseSpelled(at) as Match))];
}

/**
 * Takes a director away until another one has the addresses, and brings it back until it is fit, whatever has happened.
 * Returns the name of the director that has taken over.
 */
export async function takeAway(failover: FailoverInputs, host: DeclaredHost, way: Way): Promise<string> {
  const { instance, addresses } = failover;
  const there = (steps: readonly Step[]) => withSession(host, (session) => act(session, "failover", steps));
  let heir: string | undefined;
  let left: string | undefined;
  try {
    await there([wayBack(way, instance), goes(way, instance)]);
    const { holder, wrong } = await takenOver(failover, host.name);
    [heir, left] = [holder?.name, wrong];
  } finally {
    await there([comes(way, instance), { run: disarmWayBack(instance), purpose: "calling off the way back" }]);
  }
  const [back] = await withSession(host, (session) => fitAgain(session, [instance]));
  if (left !== undefined || heir === undefined || heir === host.name)
    throw new LvsError(
      `no other director has taken ${addresses.join(", ")} from ${host.name}: ${left ?? "it kept them"}`,
    );
  if (!back || !isFit(back.state))
    throw new LvsError(
      `${heir} has taken ${addresses.join(", ")}, and ${host.name} is not fit again: it is ${back?.state} (journalctl -u keepalived)`,
    );
  return heir;
}

/** Without it, a director that a killed check has taken away would stay away. */
function wayBack(way: Way, instance: string): Step {
  return { run: armWayBack(instance, comes(way, instance).run), purpose: `arming the way back of ${instance}` };
}

function goes(way: Way, instance: string): Step {
  const note = { reason: "a check of the failover", by: CHECK, since: new Date().toISOString() };
  return way === "stop"
    ? { run: { argv: ["systemctl", "stop", KEEPALIVED] }, purpose: "stopping keepalived" }
    : { run: giveUp(instance, note), purpose: `giving up ${instance}` };
}

function comes(way: Way, instance: string): Step {
  return way === "stop"
    ? { run: START, purpose: "starting keepalived again" }
    : { run: takeBackFromCheck(instance), purpose: `bringing back ${instance}` };
}
