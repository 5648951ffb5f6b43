import { LvsError } from "../../host/errors";
import { poll } from "../../host/poll";
import type { Props } from "../../pulumi/handler";
import type { Workflow } from "../../pulumi/workflow";
import { handOverToAliases, isHeldBack, release } from "./held-back";
import { type FailoverInputs, failoverInputs } from "./inputs";
import { type Judged, judged, tellUnreachable } from "./judged";

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
    await release(want);
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
    const isOver = seen.wrong === undefined && !seen.directors.some(isHeldBack);
    return { ...outputs(seen), ...(!isOver && { incomplete: true }) };
  },

  end: handOverToAliases,
};

function outputs({ directors, holder }: Judged): Props {
  const states = directors.map(({ name, state, since, givenUp, sync }) => [
    name,
    { state, ...(since && { since }), ...(givenUp && { givenUp }), sync },
  ]);
  return { holder: holder?.name ?? "", since: holder?.since ?? "", states: Object.fromEntries(states) };
}
