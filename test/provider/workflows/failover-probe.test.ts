import { provider } from "../../../provider/index";
import { longestWait, type Timed } from "../../../provider/workflows/traffic-check/traffic";
import { type Backend, closeSites, type Site, serve } from "./site";

// What a check of the traffic makes of a director that is taken away. The directors themselves are in test/kernel.

const trafficCheck = provider("TrafficCheck");

let mockRefusal: string | undefined;
let mockAway: () => Promise<string>;
const mockTaken: string[] = [];
const mockKnown: object[] = [];
jest.mock("../../../provider/workflows/failover/absence", () => ({
  async whoMayGo(_: unknown, known: object) {
    mockKnown.push(known);
    if (mockRefusal) throw new Error(mockRefusal);
    return { name: "d1" };
  },
  takeAway(_: unknown, { name }: { name: string }, way: string) {
    mockTaken.push(`${name} by ${way}`);
    return mockAway();
  },
}));

const failover = { instance: "shop", addresses: ["10.0.0.9"], directors: [{ name: "d1" }, { name: "d2" }] };

/** A site whose answers change once the director is away, until so many of them were asked for. */
async function awayFor(requests: number, meanwhile: Backend): Promise<Site> {
  let away: number | undefined;
  const site = await serve((request) => (away !== undefined && request < away + requests ? meanwhile : "rs1"));
  mockAway = async () => {
    away = site.requests;
    while (site.requests < away + requests + 1) await new Promise(setImmediate);
    return "d2";
  };
  return site;
}

async function run(site: Site, more: object = {}) {
  const inputs = { url: site.url, requests: 2, within: 0, expect: { failover: { ...failover, ...more } } };
  const checked = await trafficCheck.check({}, inputs);
  expect(checked.failures).toEqual([]);
  return (await trafficCheck.create(checked.inputs)).outs;
}

beforeEach(() => {
  mockRefusal = undefined;
  mockTaken.length = 0;
  mockKnown.length = 0;
});
afterEach(closeSites);

test("requests go on while the director is away, and it is told what they noticed", async () => {
  const site = await awayFor(10, "rs2");
  const outs = await run(site, { gap: 60 });
  expect(mockTaken).toEqual(["d1 by hand-over"]);
  expect(outs.failover).toEqual({
    from: "d1",
    to: "d2",
    requests: site.requests - 2,
    failed: 0,
    gap: expect.any(Number),
  });
  expect(outs).toMatchObject({ distribution: { rs1: 2 }, failed: 0 });
});

test("requests that fail are told, with the reason; as many as may fail are none", async () => {
  const site = await awayFor(3, 503);
  await expect(run(site, { by: "stop", failures: 2, gap: 60 })).rejects.toThrow(
    /: while d2 took over from d1, 3 of \d+ requests failed \(3 × HTTP status 503\), and nobody was answered for [\d.]+ s\. 2 may fail$/,
  );
  expect(mockTaken).toEqual(["d1 by stop"]);
  expect((await run(await awayFor(3, 503), { failures: 3, gap: 60 })).failover).toMatchObject({ failed: 3 });
});

test("connections that nobody else knows are waited for, and cut only where that is declared", async () => {
  await run(await awayFor(0, "rs1"), { gap: 60 });
  await run(await awayFor(0, "rs1"), { gap: 60, onTimeout: "cut" });
  expect(mockKnown).toEqual([
    { timeout: 0, onTimeout: "fail" },
    { timeout: 0, onTimeout: "cut" },
  ]);
});

test("a gap that is too long fails", async () => {
  await expect(run(await awayFor(3, 503), { failures: 3, gap: 0 })).rejects.toThrow(/for [\d.]+ s\. 0 s may pass$/);
});

test("nobody is taken away where nobody could stand in", async () => {
  mockRefusal = "d1 may not be taken away, because no other director is fit: d2 is FAULT";
  await expect(run(await awayFor(0, "rs1"))).rejects.toThrow(
    /: the failover cannot be checked, and nothing was changed: d1 may not be taken away.*d2 is FAULT$/,
  );
  expect(mockTaken).toEqual([]);
});

test("a director that nobody took over from is told with what clients noticed", async () => {
  const site = await awayFor(0, "rs1");
  mockAway = () => Promise.reject(new Error("no other director has taken 10.0.0.9 from d1: none has it"));
  await expect(run(site)).rejects.toThrow(/no other director has taken .*; 0 of \d+ requests failed, and nobody/);
});

test("a check runs again for another way, and not for another connection of a director", async () => {
  const site = await awayFor(1, "rs1");
  const outs = await run(site, { gap: 60 });
  const { failures: _, inputs } = await trafficCheck.check({}, outs);
  const expected = inputs.expect as { failover: object };
  const changed = (more: object) => ({
    ...inputs,
    expect: { ...expected, failover: { ...expected.failover, ...more } },
  });
  const directors = failover.directors.map((one) => ({ ...one, address: one.name, port: 2222 }));
  await trafficCheck.update?.("it", outs, changed({ directors }));
  expect(mockTaken).toHaveLength(1);
  await trafficCheck.update?.("it", outs, changed({ by: "stop" }));
  expect(mockTaken).toEqual(["d1 by hand-over", "d1 by stop"]);
});

test("the longest wait reaches over all tries that failed", () => {
  const at = (asked: number, had: number, server?: string): Timed => ({
    ...{ client: "a", asked, had },
    ...(server ? { server } : { failure: "no" }),
  });
  expect(longestWait([])).toBe(0);
  expect(longestWait([at(0, 0.5, "rs1"), at(2, 2.2, "rs1")])).toBe(0.5);
  expect(longestWait([at(0, 0.1, "rs1"), at(1, 1.1), at(2, 2.1), at(3, 3.25, "rs1"), at(4, 4.1)])).toBe(2.25);
  expect(longestWait([at(0, 0.1, "rs1"), at(1, 1.1), at(5, 5.1)])).toBe(4.1);
});
