import { HostError } from "../../host/errors";
import { withSession } from "../../host/pool";
import type { Props } from "../../pulumi/handler";
import type { Workflow } from "../../pulumi/workflow";
import { inWords } from "./application-server";
import { type RolloutInputs, rolloutInputs } from "./inputs";
import { ReleaseRollout } from "./release-rollout";

/**
 * A release of an application is what runs on all servers of a site. What spans hosts is decided here: who leaves the directors'
 * tables, when, and what happens where a release fails.
 */
export const rollout: Workflow<RolloutInputs> = {
  name: "Rollout",
  inputs: rolloutInputs,
  outputs: ["running"],
  id: ({ site }) => `rollout/${site}`,

  /** All but the ways to the hosts, and the patience. */
  triggers({ servers, directors, drain: _, ready: __, ...rest }) {
    return { ...rest, servers: named(servers), directors: named(directors) };
  },

  async run(want) {
    await new ReleaseRollout(want, withSession).go();
    return { running: want.running };
  },

  async look(want) {
    const running = await new ReleaseRollout(want, withSession).look();
    return { running: Object.fromEntries([...running].map(([server, runs]) => [server, inWords(runs)])) };
  },

  /** What runs is taken away with its `Release`; here only what an interruption has left on the directors. */
  async end(want) {
    try {
      await new ReleaseRollout(want, withSession).end();
    } catch (error) {
      const forgets = want.directors.some(({ host }) => host.onUnreachable === "forget");
      if (!(error instanceof HostError && error.what === "unreachable" && forgets)) throw error;
    }
  },
};

/** Hosts by their names, and where they serve. */
function named(hosts: unknown): Props[] {
  return (Array.isArray(hosts) ? hosts : []).map(({ host, ...where }) => ({ ...where, host: host?.name }));
}
