import { type KernelHost, Machine } from "./kernel";
import { plugged, throughFaults } from "./whole-site";

jest.setTimeout(15 * 60_000);

let machines: Record<"director" | "rs1", Machine>;
beforeAll(async () => {
  if (!process.env.LVS_POWER) return;
  const made = await Promise.all([Machine.make("director", plugged.director), Machine.make("rs1", plugged.rs1)]);
  machines = { director: made[0], rs1: made[1] };
});
afterAll(() => Promise.all(Object.values(machines ?? {}).map((machine) => machine.remove())));

async function turnOffAndOn(machine: Machine): Promise<void> {
  await machine.powerOff();
  await machine.powerOn();
}

// On demand alone: with a disk of its own a kernel of User Mode Linux stands still now and then, which says nothing of the product.
const onDemand = process.env.LVS_POWER ? test : test.skip;

onDemand(
  "whatever trip its host loses power in, the next run goes on, and in the end every host is as it was",
  async () => {
    const strike = (host: KernelHost) => turnOffAndOn(host as Machine);
    const revive = async () => {
      for (const machine of Object.values(machines)) await turnOffAndOn(machine);
    };
    const { struck } = await throughFaults(machines, ["power"], 0.2, "kind", strike, revive);
    expect(struck.power).toBeGreaterThan(3);
  },
);
