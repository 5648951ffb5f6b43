import type { DeclaredHost } from "../../host/declared";
import { isDown, LvsError } from "../../host/errors";
import { facts, find, map, printed } from "../../host/fact";
import { poll } from "../../host/poll";
import { withSession } from "../../host/pool";
import { ipvsadm } from "../../ipvs/kernel-table";
import { parseDaemons } from "../../ipvs/sync-daemons";
import { parseAddresses } from "../../linux/device-addresses";
import { vrrpState } from "../../linux/vrrp";
import { normalAddress } from "../../model";
import type { Props } from "../../pulumi/handler";
import type { Workflow } from "../../pulumi/workflow";
import { type DirectorSeen, judgeHolders } from "./holder";
import { type FailoverInputs, failoverInputs } from "./inputs";

export interface Asked extends DirectorSeen {
  /** The sync daemons that run: "master", "backup". */
  readonly sync: readonly string[];
}

/**
 * Of the directors one has the addresses that float, and the others have none of them. This is judged after the directors were
 * changed, and by a refresh. Who has them changes by itself, so that it is told and no difference. Two that have them, or none,
 * are an error of `up` and a warning of a refresh, and make the next `up` judge again.
 */
export const failover: Workflow<FailoverInputs> = {
  name: "Failover",
  inputs: failoverInputs,
  outputs: ["holder", "since", "states"],
  // Hosts have private keys.
  secrets: ["directors", "triggers"],
  id: ({ instance }) => `failover/${instance}`,
  triggers: ({ directors, within: _, ...rest }) => ({
    ...rest,
    directors: (directors as { name?: unknown }[] | undefined)?.map(({ name }) => name),
  }),

  async run(want) {
    const last = await poll(
      () => judged(want),
      ({ wrong }) => wrong === undefined,
      { within: want.within, every: 1 },
    );
    if (last.wrong !== undefined) throw new LvsError(`${last.wrong}, after ${want.within} s`);
    tellUnreachable(last.directors);
    return outputs(last);
  },

  async look(want) {
    const seen = await judged(want);
    tellUnreachable(seen.directors);
    if (seen.wrong !== undefined) console.log(`warning: ${seen.wrong}`);
    return { ...outputs(seen), ...(seen.wrong !== undefined && { incomplete: true }) };
  },
};

/** What each director shows, and which one has the addresses. */
export async function judged({ instance, addresses, directors }: FailoverInputs) {
  const seen = await Promise.all(directors.map((host) => ask(host, instance, addresses)));
  const { holder, wrong } = judgeHolders(addresses, seen);
  return { directors: seen, holder, wrong };
}

export type Judged = Awaited<ReturnType<typeof judged>>;

async function ask(host: DeclaredHost, instance: string, addresses: readonly string[]): Promise<Asked> {
  const { name } = host;
  const all = facts({
    vrrp: vrrpState(instance),
    has: map(printed({ argv: ["ip", "-o", "address", "show"] }, parseAddresses), (there) =>
      addresses.filter((one) => there.some(({ address }) => normalAddress(address) === normalAddress(one))),
    ),
    sync: printed(ipvsadm(false, "-L", "--daemon"), (listing) => Object.keys(parseDaemons(listing))),
  });
  try {
    const { vrrp, has, sync } = await withSession(host, (session) => find(session, all));
    return { name, ...vrrp, has, sync };
  } catch (error) {
    if (!isDown(error)) throw error;
    return { name, unreachable: error.message, has: [], state: "UNREACHABLE", sync: [] };
  }
}

/** A director that is down is what the others are for. */
function tellUnreachable(directors: readonly Asked[]): void {
  for (const { unreachable } of directors) if (unreachable !== undefined) console.log(`warning: ${unreachable}`);
}

function outputs({ directors, holder }: Judged): Props {
  const states = directors.map(({ name, state, since, givenUp, sync }) => [
    name,
    { state, ...(since && { since }), ...(givenUp && { givenUp }), sync },
  ]);
  return { holder: holder?.name ?? "", since: holder?.since ?? "", states: Object.fromEntries(states) };
}
