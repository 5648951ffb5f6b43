import { join } from "node:path";
import { Project } from "../engine/project";
import { fleet, servers, VIP } from "./fleet";
import { Figures, RESOURCES, ROUNDS } from "./measure";
import { type Taken, takenBy, total } from "./processes";

// What does one resource take in a preview without a change, and how much of it is ours? The same number of resources is
// registered that do nothing: the difference is ours. Seconds are those of the CPU, of all processes.

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

const PROGRAMS = {
  nothing: "Pulumi alone: an empty program",
  plain: "plain dynamic resources, whose provider does nothing",
  routes: "ours: routes of one host",
};

test("a resource in a preview without a change", async () => {
  const all = await fleet(1);
  const projects = Object.entries(PROGRAMS).map(([program, tool]) => ({
    ...{ program, tool },
    project: new Project({ servers: servers(all), vip: VIP, count: RESOURCES }, join(__dirname, "program.ts")),
  }));
  const scenario = `preview of ${RESOURCES} resources, no change: CPU`;
  try {
    for (const { program, project } of projects) {
      await project.must(program, "stack", "init");
      await project.must(program, "up", "--yes", "--skip-preview");
    }
    const [{ host }] = all.hosts as [(typeof all.hosts)[0]];
    expect((await host.run("ip route show proto static | wc -l; ip route | grep -c '^10.128.'")).split("\n")[1]).toBe(
      String(RESOURCES),
    );
    for (let round = 0; round < ROUNDS; round++) {
      let floor: Taken | undefined;
      for (const { program, tool, project } of projects) {
        let said = "";
        const taken = await takenBy(async () => {
          said = await project.must(program, "preview");
        });
        expect(said).not.toMatch(/to (create|update|replace|delete)/);
        floor ??= taken;
        figures.add(scenario, tool, total(taken), floor === taken ? "" : each(taken, floor));
      }
    }
  } finally {
    for (const { project } of projects) project.remove();
    await all.close();
  }
});

/** Milliseconds of one resource, over an empty program. */
function each(taken: Taken, floor: Taken): string {
  const ms = (more: number) => ((more * 1000) / RESOURCES).toFixed(1);
  const { program, provider, engine } = taken.cpu;
  const parts = [
    `program ${ms(program - floor.cpu.program)}`,
    `engine ${ms(engine - floor.cpu.engine)}`,
    `provider ${ms(provider - floor.cpu.provider)}`,
  ];
  return `${ms(total(taken) - total(floor))} ms a resource: ${parts.join(", ")}`;
}
