import { SharedKernel } from "./kernel";
import { links, throughFaults } from "./whole-site";

jest.setTimeout(10 * 60_000);

let kernel: SharedKernel;
beforeAll(async () => {
  kernel = await SharedKernel.boot("filtering");
});
afterAll(() => kernel?.end());

test("whatever trip is cut or loses its provider, the next run goes on, and in the end every host is as it was", async () => {
  const { runs, struck } = await throughFaults(await kernel.hosts(links), ["cut", "kill"], 0.5, "trip");
  // Every kind of the site is read, changed and deleted, each in trips of its own.
  for (const fault of ["cut", "kill"]) expect(struck[fault]).toBeGreaterThan(10);
  for (const times of Object.values(runs)) expect(times).toBeGreaterThan(1);
});
