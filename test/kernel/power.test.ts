import { Machine } from "./kernel";
import { plugged, throughFaults } from "./whole-site";

jest.setTimeout(15 * 60_000);

let machines: Record<"director" | "rs1", Machine>;
beforeAll(async () => {
  const made = await Promise.all([Machine.make("director", plugged.director), Machine.make("rs1", plugged.rs1)]);
  machines = { director: made[0], rs1: made[1] };
});
afterAll(() => Promise.all(Object.values(machines ?? {}).map((machine) => machine.remove())));

test("whatever trip its host loses power in, the next run goes on, and in the end every host is as it was", async () => {
  const { runs, struck } = await throughFaults(machines, ["power"], async (host) => {
    await (host as Machine).powerOff();
    await (host as Machine).powerOn();
  });
  expect(struck.power).toBeGreaterThan(60);
  for (const phase of ["up", "update", "destroy"]) expect(runs[phase]).toBeGreaterThan(5);
});
