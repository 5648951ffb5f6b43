import type { DeclaredHost } from "../../host/declared";
import { LvsError } from "../../host/errors";
import { find } from "../../host/fact";
import { withSession } from "../../host/pool";
import type { Drain } from "../../ipvs/drain";
import { takeWithFolders } from "../../linux/placing";
import { hasAliases, hasInstance, takeBackFrom } from "../../linux/vrrp";
import { givenUpFile } from "../../model";
import type { Step } from "../../reconcile/kind";
import { act } from "../../reconcile/steps";
import { whoMayGo } from "./absence";
import { fitAgain, takenOver } from "./change";
import { giveUp } from "./giving-up";
import { type FailoverInputs, hostOf } from "./inputs";
import { type Asked, judged } from "./judged";

// A director that would hear nobody while directors change takes nothing: it is given up for that time, also over a reboot.

/** By whom such a note is. */
const UP = "pulumi up";

function hold(instance: string): Step {
  const note = { reason: "the directors change", by: UP, since: new Date().toISOString() };
  return { run: giveUp(instance, note), purpose: `holding ${instance} back` };
}

function takeBack(instance: string): Step {
  return { run: takeBackFrom(UP, instance), purpose: `holding ${instance} back no more` };
}

export function isHeldBack({ givenUp }: Asked): boolean {
  return givenUp?.by === UP;
}

/** @param leaves where the director has nothing of the instance any more, there is nothing to hold back */
export function holdBack(host: DeclaredHost, instance: string, leaves: boolean): Promise<void> {
  return withSession(host, async (session) => {
    if (!leaves || (await find(session, hasInstance(instance)))) await act(session, "failover", [hold(instance)]);
  });
}

/** The director that has the addresses is given up once another one of these can take over, and knows its connections. */
export async function handOverTo(failover: FailoverInputs, known: Drain): Promise<void> {
  const { instance, addresses } = failover;
  const host = await whoMayGo(failover, known);
  const there = (step: Step) => withSession(host, (session) => act(session, "failover", [step]));
  await there(hold(instance));
  const { wrong } = await takenOver(failover, host.name);
  if (wrong === undefined) return;
  await there(takeBack(instance));
  throw new LvsError(
    `no other director has taken ${addresses.join(", ")} from ${host.name}, which has come back: ${wrong}`,
  );
}

/** All directors were told of each other: those that were held back take part. */
export async function release(failover: FailoverInputs): Promise<void> {
  const { instance } = failover;
  const { directors } = await judged(failover);
  await Promise.all(
    directors.filter(isHeldBack).map(({ name }) =>
      withSession(hostOf(failover, name), async (session) => {
        await act(session, "failover", [takeBack(instance)]);
        await fitAgain(session, [instance]);
      }),
    ),
  );
}

/** Nobody is a director any more: what held one back that has never begun goes. */
export async function endHeldBack(failover: FailoverInputs): Promise<void> {
  const { instance } = failover;
  const { directors } = await judged(failover);
  const run = takeWithFolders(givenUpFile(instance));
  await Promise.all(
    directors
      .filter(isHeldBack)
      .map(({ name }) =>
        withSession(hostOf(failover, name), (session) =>
          act(session, "failover", [{ run, purpose: `forgetting that ${instance} was held back` }]),
        ),
      ),
  );
}

/** Seconds for which the connections of a director are waited for that ends: until another one knows them. */
const PATIENCE = { timeout: 60, onTimeout: "cut" } as const;

/**
 * The cluster has one director again, whose aliases wait for the addresses: it takes them, and the others are held back until they are
 * deleted. Otherwise one of them would take what this one's keepalived lets go of, before the aliases have it.
 */
export async function handOverToAliases(failover: FailoverInputs): Promise<void> {
  const { instance } = failover;
  const { directors, holder } = await judged(failover);
  const reached = directors.filter(({ unreachable }) => unreachable === undefined);
  const declare = await Promise.all(
    reached.map(({ name }) => withSession(hostOf(failover, name), (session) => find(session, hasAliases(instance)))),
  );
  const stays = reached.find((_, at) => declare[at]);
  if (!stays) return;
  const others = reached.filter((one) => one !== stays && one.name !== holder?.name && one.givenUp === undefined);
  await Promise.all(others.map(({ name }) => holdBack(hostOf(failover, name), instance, true)));
  if (holder && holder.name !== stays.name) {
    const both = [holder, stays].map(({ name }) => hostOf(failover, name));
    await handOverTo({ ...failover, directors: both }, PATIENCE).catch(({ message }: LvsError) =>
      console.log(`warning: ${message}`),
    );
  }
}
