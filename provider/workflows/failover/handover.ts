import { z } from "zod";
import type { DeclaredHost } from "../../host/declared";
import { LvsError } from "../../host/errors";
import { type Drain, drain } from "../../ipvs/drain";
import type { Workflow } from "../../pulumi/workflow";
import { same } from "../../reconcile/equality";
import { address, device } from "../../reconcile/inputs";
import { endHeldBack, handOverTo, holdBack } from "./held-back";
import { type FailoverInputs, hostOf, sharedInputs } from "./inputs";
import { type Asked, judged, tellUnreachable } from "./judged";

/** By what the others hear a director. */
const heard = z.object({
  address,
  device,
  routerId: z.number(),
  advertInterval: z.number(),
});

const inputs = z.object({
  ...sharedInputs,
  heard: z.record(z.string(), heard).default({}),
  drain,
});

type HandoverInputs = z.output<typeof inputs>;

/**
 * Other directors than before, or directors that hear each other otherwise: before they are told, all but one are held back that would
 * hear nobody meanwhile, and take what one of them has. A director that leaves hands over first. It stays given up until its own
 * resources are deleted; `Failover` lets the others take the addresses again, once all were told.
 *
 * It is not a part of `Failover`, which comes after everything else. Where it fails, the state keeps the former directors: the next run
 * does the same.
 */
export const handover: Workflow<HandoverInputs> = {
  name: "Handover",
  inputs: inputs as unknown as z.ZodType<HandoverInputs>,
  outputs: ["since"],
  // Hosts have private keys.
  secrets: ["directors"],
  id: ({ instance }) => `handover/${instance}`,
  triggers: ({ instance, addresses, directors, heard }) => ({
    ...{ instance, addresses, heard },
    directors: (directors as { name?: unknown }[] | undefined)?.map(({ name }) => name).sort(),
  }),

  async run(want, had) {
    const change = changeOf(want, had);
    const { addresses } = had ?? want;
    const all: FailoverInputs = { ...want, addresses, within: 0, directors: [...want.directors, ...change.leaving] };
    const { directors } = await judged(all);
    tellUnreachable(directors);
    const serving = servingOf(directors, change);
    if (serving && change.leaves(serving.name)) await handOver(all, want.drain, change, serving);
    // Where nobody has the addresses, whoever comes first may take them.
    const waits = (one: Asked) => change.leaves(one.name) || (serving !== undefined && hearsNobody(one, change));
    const held = directors.filter(
      (one) => one.name !== serving?.name && one.unreachable === undefined && one.givenUp === undefined && waits(one),
    );
    await Promise.all(held.map(({ name }) => holdBack(hostOf(all, name), want.instance, change.leaves(name))));
    return { since: new Date().toISOString() };
  },

  end: (want) => endHeldBack({ ...want, within: 0 }),
};

interface Change {
  /** Directors of before that are none any more. */
  readonly leaving: readonly DeclaredHost[];
  leaves(name: string): boolean;
  /** Directors of before that go on. */
  stays(name: string): boolean;
  /** Of the directors that stay, some are heard otherwise than before. */
  readonly isHeardOtherwise: boolean;
}

function changeOf(want: HandoverInputs, had: HandoverInputs | undefined): Change {
  const before = had?.directors ?? [];
  const isWanted = ({ name }: DeclaredHost) => want.directors.some((one) => one.name === name);
  const [staying, leaving] = [before.filter(isWanted), before.filter((one) => !isWanted(one))];
  return {
    leaving,
    leaves: (name) => leaving.some((one) => one.name === name),
    stays: (name) => staying.some((one) => one.name === name),
    // keepalived takes no advert of other addresses than its own (vrrp_skip_check_adv_addr in keepalived.conf(5)).
    isHeardOtherwise:
      had !== undefined &&
      (!same(had.addresses, want.addresses) || staying.some(({ name }) => !same(had.heard[name], want.heard[name]))),
  };
}

/** The director that has the addresses: of two that have them, the one that stays. */
function servingOf(directors: readonly Asked[], { leaves }: Change): Asked | undefined {
  const holders = directors.filter(({ has }) => has.length > 0);
  return holders.find(({ name }) => !leaves(name)) ?? holders[0];
}

/** A director that begins hears the others once they were told of it. */
function hearsNobody({ state }: Asked, { isHeardOtherwise }: Change): boolean {
  return isHeardOtherwise || state === "STOPPED" || state === "UNKNOWN";
}

/** A director that has the addresses and leaves hands over to one that stays, which knows its connections. */
async function handOver(all: FailoverInputs, known: Drain, { stays }: Change, { name }: Asked): Promise<void> {
  const { addresses } = all;
  const heirs = all.directors.filter((one) => stays(one.name));
  const what = `${name} leaves, and has ${addresses.join(", ")}`;
  if (heirs.length === 0)
    throw new LvsError(
      `${what}, and no director of before stays to take over: let one stay beside the new ones, and leave it out by the next \`up\``,
    );
  const both = { ...all, directors: [hostOf(all, name), ...heirs] };
  await handOverTo(both, known).catch((error: LvsError) => {
    throw new LvsError(`${what}: ${error.message}`, { cause: error });
  });
}
