import { setTimeout as sleep } from "node:timers/promises";
import { LvsError } from "../../host/errors";
import type { Props } from "../../pulumi/handler";
import { takeAway, whoMayGo } from "../failover/absence";
import type { FailoverExpectation, TrafficInputs } from "./inputs";
import { longestWait, type Timed, tally } from "./traffic";

/** Seconds between two rounds of requests. */
const PAUSE = 0.05;

/**
 * Takes the director that has the addresses away while requests go on, brings it back, and judges what clients noticed.
 * This is done once, and not at all where no other director could stand in.
 */
export async function checkFailover(
  { url, within }: TrafficInputs,
  expect: FailoverExpectation,
  send: () => Promise<Timed[]>,
): Promise<Props> {
  const what = [url].flat().join(" and ");
  const known = { timeout: within, onTimeout: expect.onTimeout ?? "fail" };
  const host = await whoMayGo(expect, known).catch((error: Error) => {
    throw new LvsError(`${what}: the failover cannot be checked, and nothing was changed: ${error.message}`);
  });
  const asking = keepAsking(send);
  let to: string;
  try {
    to = await takeAway(expect, host, expect.by);
  } catch (error) {
    throw new LvsError(`${what}: ${(error as Error).message}; ${inWords(seen(await asking.end()))}`);
  }
  const noticed = seen(await asking.end());
  const wrong = [
    ...(noticed.failed > expect.failures ? [`${expect.failures} may fail`] : []),
    ...(noticed.gap > expect.gap ? [`${expect.gap} s may pass`] : []),
  ];
  if (wrong.length > 0)
    throw new LvsError(
      `${what}: while ${to} took over from ${host.name}, ${inWords(noticed)}. ${wrong.join(", and ")}`,
    );
  const { requests, failed, gap } = noticed;
  return { from: host.name, to, requests, failed, gap };
}

/** Sends rounds of requests until the end is asked for, and one more. */
function keepAsking(send: () => Promise<Timed[]>) {
  const results: Timed[] = [];
  let ending = false;
  const going = (async () => {
    for (let last = false; !last; await sleep(PAUSE * 1000)) {
      last = ending;
      results.push(...(await send()));
    }
  })();
  // An error of the sender is told at the end.
  going.catch(() => {});
  return {
    async end(): Promise<readonly Timed[]> {
      ending = true;
      await going;
      return results;
    },
  };
}

function seen(results: readonly Timed[]) {
  const { sent, failed, failures } = tally(results);
  return { requests: sent, failed, failures, gap: longestWait(results) };
}

function inWords({ requests, failed, failures, gap }: ReturnType<typeof seen>): string {
  const why = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`);
  const reasons = why.length > 0 ? ` (${why.join(", ")})` : "";
  return `${failed} of ${requests} requests failed${reasons}, and nobody was answered for ${gap} s`;
}
