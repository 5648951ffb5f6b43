import { setTimeout as sleep } from "node:timers/promises";
import { commandsSince, cutBefore, makeCuttable } from "./cut";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

/** As in cut.test.ts: with 1 the connection is cut before every single command. */
const STRIDE = Number(process.env.LVS_CUT_STRIDE ?? 23);
/** Milliseconds after which a host has undone every risky step that nobody confirmed. */
const UNDONE = 63_000;

jest.setTimeout(1_200_000);

const site = new Site();
let server: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.10.1/24");
  server = await site.host("server", { eth0: [lan, "10.77.10.2/24"] });
  await makeCuttable(server);
  before = await snapshot(server);
});
afterAll(() => site.close());

// Each cut has a network of its own. A late undo on the host would otherwise be hidden by the next route.
function route(network: string): Resource {
  const inputs = { host: declare(server, "10.77.10.2"), to: network, via: "10.77.10.9" };
  return new Resource("Route", inputs, `site/test/${network}`);
}

/** Repeats the work with the cut at a later command each time, until the work ends before the cut. */
async function cutting(work: (cut: number) => Promise<{ begin: () => Promise<void>; again: () => Promise<void> }>) {
  for (let cut = 0; ; cut++) {
    const { begin, again } = await work(cut);
    await cutBefore(server, cut * STRIDE);
    await begin().catch(() => {});
    const wasCut = (await commandsSince(server, cut * STRIDE)) === undefined;
    await again();
    if (!wasCut) return;
  }
}

test("a route to a network, with the connection cut at any command, lasts or is gone for good after the next `up`", async () => {
  const created: Resource[] = [];
  await cutting(async (cut) => {
    const one = route(`172.16.${cut}.0/24`);
    created.push(one);
    return { begin: () => one.create(), again: () => one.up() };
  });
  await cutting(async (cut) => {
    const one = route(`172.17.${cut}.0/24`);
    await one.create();
    return { begin: () => one.delete(), again: () => one.delete() };
  });
  await sleep(UNDONE);
  expect(await server.run("ip route | grep 172.17 || :")).toBe("");
  for (const one of created) {
    expect(await one.read()).toBe(true);
    expect(await one.differences()).toEqual([]);
  }
  for (const one of created) await one.delete();
  expect(await server.run("ls /run/lvs | grep undo || :")).toBe("");
  expect(await snapshot(server)).toBe(before);
});
