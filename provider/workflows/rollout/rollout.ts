import { HostError, type LvsError } from "../../host/errors";
import { withSession } from "../../host/pool";
import { declared } from "../../pulumi/declaration";
import type { Handler, Props } from "../../pulumi/handler";
import { same } from "../../reconcile/equality";
import { Rolling } from "./rolling";
import { type RolloutInputs, rolloutInputs } from "./rollout-inputs";

/**
 * A release of an application is what runs on all servers of a site. What spans hosts is decided here: who leaves the directors'
 * tables, when, and what happens where a release fails.
 */
export const rollout: Handler = {
  async check(_, news) {
    const { want, problems } = declared(rolloutInputs, inputsOf(news));
    return { inputs: { ...news, ...want }, failures: [...problems] };
  },

  async diff(_, olds, news) {
    return { changes: Boolean(olds.incomplete) || !same(inputsOf(olds), inputsOf(news)), replaces: [] };
  },

  async create(inputs) {
    const want = rolloutInputs.parse(inputsOf(inputs));
    const id = `rollout/${want.site}`;
    return { id, outs: await bring(id, want, inputs) };
  },

  async update(id, olds, news) {
    // Only the way to a host changed, or how long is waited: it is stored, and nothing is asked of a host.
    if (!olds.incomplete && same(question(olds), question(news)))
      return { outs: { ...inputsOf(news), running: olds.running } };
    return { outs: await bring(id, rolloutInputs.parse(inputsOf(news)), news) };
  },

  async read(id, stored) {
    const running = await new Rolling(rolloutInputs.parse(inputsOf(stored)), withSession).look();
    const props = { ...stored, running };
    return { id, props, inputs: inputsOf(props) };
  },

  /** What runs is taken away with its `Release`; here only what an interruption has left on the directors. */
  async delete(_, stored) {
    const want = rolloutInputs.parse(inputsOf(stored));
    try {
      await new Rolling(want, withSession).end();
    } catch (error) {
      const forgets = want.directors.some(({ host }) => host.onUnreachable === "forget");
      if (!(error instanceof HostError && error.what === "unreachable" && forgets)) throw error;
    }
  },
};

/** A failure carries what runs by now, so that the next `up` goes on from there. */
async function bring(id: string, want: RolloutInputs, inputs: Props): Promise<Props> {
  const rolling = new Rolling(want, withSession);
  try {
    await rolling.go();
    return { ...inputsOf(inputs), running: want.running };
  } catch (failure) {
    const running = await rolling.look().catch(() => ({}));
    throw Object.assign(failure as LvsError, {
      id,
      properties: { ...inputsOf(inputs), running, incomplete: true },
      reasons: [(failure as Error).message],
    });
  }
}

function inputsOf({ __provider: _, incomplete: __, ...inputs }: Props): Props {
  return inputs;
}

/** All but the ways to the hosts, and the patience. */
function question(props: Props): unknown {
  const { servers, directors, drain: _, ready: __, ...rest } = inputsOf(props);
  const named = (list: unknown) =>
    (Array.isArray(list) ? list : []).map(({ host, ...where }) => ({ ...where, host: host?.name }));
  return { ...rest, servers: named(servers), directors: named(directors) };
}
