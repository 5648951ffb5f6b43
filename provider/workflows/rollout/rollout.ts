import { isForgotten, warnUnseen } from "../../host/forgotten";
import { withSession } from "../../host/pool";
import type { Props } from "../../pulumi/handler";
import type { Workflow } from "../../pulumi/workflow";
import { inWords } from "./application-server";
import { type RolloutInputs, rolloutInputs } from "./inputs";
import { ReleaseRollout } from "./release-rollout";

/**
 * All servers of a site run one release of an application. This workflow decides what spans hosts: which server leaves the
 * directors' tables and when, and what happens if the release fails on a server.
 */
export const rollout: Workflow<RolloutInputs> = {
  name: "Rollout",
  inputs: rolloutInputs,
  outputs: ["running"],
  // Hosts have private keys, and commands may have passwords.
  secrets: ["servers", "directors", "prepare", "ready"],
  id: ({ site }) => `rollout/${site}`,

  /** Everything but the connections of the hosts, the times to wait, and how the servers take turns. */
  triggers({ servers, directors, ...rest }) {
    const { drain: _, ready: __, batch: ___, maxFailures: ____, canary: _____, onDirectorDown: ______, ...what } = rest;
    return { ...what, servers: named(servers), directors: named(directors) };
  },

  async run(want) {
    const reachedAll = await new ReleaseRollout(want, withSession).go();
    // A director that was down gets what it has missed by the next `up`.
    return { running: want.running, ...(!reachedAll && { incomplete: true }) };
  },

  async look(want) {
    try {
      const running = await new ReleaseRollout(want, withSession).look();
      return { running: Object.fromEntries([...running].map(([server, runs]) => [server, inWords(runs)])) };
    } catch (error) {
      for (const { host } of want.servers) {
        if (!isForgotten(host, error)) continue;
        warnUnseen(host, error);
        // The state keeps what ran before.
        return {};
      }
      throw error;
    }
  },

  /** Removes only what an interruption has left on the directors. The `Release` of a server removes what runs there. */
  async end(want) {
    try {
      await new ReleaseRollout({ ...want, onDirectorDown: "fail" }, withSession).end();
    } catch (error) {
      if (!want.directors.some(({ host }) => isForgotten(host, error))) throw error;
    }
  },
};

/** Servers or directors with the names of their hosts, without the hosts' connections. */
function named(hosts: unknown): Props[] {
  return (Array.isArray(hosts) ? hosts : []).map(({ host, ...where }) => ({ ...where, host: host?.name }));
}
