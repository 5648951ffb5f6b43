import { SharedKernel } from "./kernel";
import { links, RULES, SITE, throughFaults } from "./whole-site";

jest.setTimeout(10 * 60_000);

test.each([
  ["trixie", SITE, 10],
  ["bookworm", RULES, 2],
] as const)(
  "whatever trip is cut or loses its provider, the next run goes on, and in the end every host is as it was: on hosts of %s",
  async (release, whole, least) => {
    const kernel = await SharedKernel.boot(release);
    try {
      const { runs, struck } = await throughFaults(whole, await kernel.hosts(links), ["cut", "kill"], 0.5, "trip");
      // Every kind is read, changed and deleted, each in trips of its own.
      for (const fault of ["cut", "kill"]) expect(struck[fault]).toBeGreaterThan(least);
      for (const times of Object.values(runs)) expect(times).toBeGreaterThan(1);
    } finally {
      await kernel.end();
    }
  },
);
