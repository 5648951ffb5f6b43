import { LvsError } from "../../host/errors";
import { poll } from "../../host/poll";
import { withSession } from "../../host/pool";
import type { Props } from "../../pulumi/handler";
import type { Workflow } from "../../pulumi/workflow";
import { checkArp } from "./arp-probe";
import { distributionTable } from "./distribution";
import { drainedServers, leftOut, withoutDrained } from "./drained";
import { checkFailover } from "./failover-probe";
import { type TrafficInputs, trafficInputs } from "./inputs";
import { requestFrom, requestHere } from "./requests";
import { judge, type Timed, tally } from "./traffic";

/** Seconds between two rounds. */
const PAUSE = 2;

/**
 * Sends requests, counts which servers answer, and fails if the counts are not as expected. This is an event: it happens on
 * create and when the declaration changes. A refresh sends nothing.
 */
export const trafficCheck: Workflow<TrafficInputs> = {
  name: "TrafficCheck",
  inputs: trafficInputs,
  outputs: ["distribution", "failed", "table", "failover"],
  // Hosts have private keys.
  secrets: ["host", "expect", "drains", "triggers"],
  id: ({ url }) => `traffic-check/${[url].flat().join(" ")}`,

  /** Everything that the check depends on. Hosts are represented by their names, so a changed connection is no trigger. */
  triggers({ host, expect, drains, ...rest }) {
    const { directors, ...known } = (drains ?? {}) as { directors?: unknown[] };
    const { arp, failover, ...expected } = (expect ?? {}) as {
      arp?: { director?: unknown };
      failover?: { directors?: unknown[] };
    };
    return {
      ...rest,
      host: nameOf(host),
      ...(directors && { drains: { ...known, directors: directors.map(nameOf) } }),
      expect: {
        ...expected,
        ...(arp && { arp: { ...arp, director: nameOf(arp.director) } }),
        ...(failover && { failover: { ...failover, directors: failover.directors?.map(nameOf) } }),
      },
    };
  },

  run: checkTraffic,
};

/** Sends requests until they are as expected. After that, asks once who answers ARP, and takes a director away once. */
async function checkTraffic(want: TrafficInputs): Promise<Props> {
  const { arp, failover } = want.expect;
  const seen = await repeatRounds(want);
  if (arp) await checkArp(want, arp);
  return failover ? { ...seen, failover: await checkFailover(want, failover, () => send(want)) } : seen;
}

/** Repeats whole rounds until one is as expected, or the time is up. */
async function repeatRounds(want: TrafficInputs): Promise<Props> {
  const judged = async () => {
    const drained = want.drains ? await drainedServers(want.drains) : new Map();
    const expect = withoutDrained(want.expect, drained, Object.keys(want.drains?.servers ?? {}));
    const round = tally(await send(want));
    return { round, expect, drained, wrong: judge(round, expect) };
  };
  const isRight = ({ wrong }: { wrong: readonly string[] }) => wrong.length === 0;
  const last = await poll(judged, isRight, { within: want.within, every: PAUSE });
  const table = [distributionTable(last.round, last.expect.servers), ...leftOut(last.drained)].join("\n");
  if (isRight(last)) return { distribution: last.round.servers, failed: last.round.failed, table };
  throw new LvsError(
    `${[want.url].flat().join(" and ")}${want.host ? ` from host ${want.host.name}` : ""}: the traffic is not as expected ` +
      `after ${want.within} s: ${last.wrong.join("; ")}\n${table}`,
  );
}

function send(want: TrafficInputs): Promise<Timed[]> {
  const { host } = want;
  return host ? withSession(host, (session) => requestFrom(session, want)) : requestHere(want);
}

function nameOf(host: unknown): unknown {
  return (host as { name?: unknown } | undefined)?.name;
}
