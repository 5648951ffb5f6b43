import { type KernelHost, Machine } from "./kernel";
import { links, RULES, SITE, throughFaults } from "./whole-site";

jest.setTimeout(15 * 60_000);

// Without LVS_THOROUGH chance may decide for no loss of power at all.
test.each([
  ["trixie", SITE, 15],
  ["bookworm", RULES, 6],
] as const)(
  "whatever a host was doing when it lost power, the next run goes on, and in the end every host is as it was: on hosts of %s",
  async (release, whole, least) => {
    const made = [
      await Machine.make("director", links.director, release),
      await Machine.make("rs1", links.rs1, release),
    ] as const;
    try {
      const machines = { director: made[0], rs1: made[1] };
      const strike = async (host: KernelHost) => {
        const machine = host as Machine;
        await machine.powerOff();
        await machine.powerOn();
      };
      const { struck } = await throughFaults(whole, machines, ["power"], 0.15, "kind", strike);
      if (process.env.LVS_THOROUGH) expect(struck.power).toBeGreaterThanOrEqual(least);
    } finally {
      for (const machine of made) await machine.remove();
    }
  },
);
