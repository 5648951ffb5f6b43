import { join } from "node:path";
import { Project } from "../engine/project";
import { fleet, serversFile, VIP } from "./fleet";
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
    project: new Project({ file: serversFile(all), vip: VIP, count: RESOURCES }, join(__dirname, "program.ts")),
  }));
  const scenario = `preview of ${RESOURCES} resources, no change: CPU`;
  try {
    for (const { program, project } of projects) {
      await project.must(program, "stack", "init");
      await project.must(program, "up", "--yes", "--skip-preview");
    }
    const [{ host }] = all.hosts as [(typeof all.hosts)[0]];
    expect(await host.run("ip route | grep -c '^10.128.'")).toBe(`${RESOURCES}\n`);
    const taken: Taken[][] = projects.map(() => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, { program, tool, project }] of projects.entries()) {
        let said = "";
        const now = await takenBy(async () => {
          said = await project.must(program, "preview");
        });
        expect(said).not.toMatch(/to (create|update|replace|delete)/);
        figures.add(scenario, tool, total(now));
        taken[i]?.push(now);
      }
    const [floor, ...others] = taken as [Taken[], ...Taken[][]];
    for (const [i, one] of others.entries()) figures.count(scenario, projects[i + 1]?.tool as string, each(one, floor));
  } finally {
    for (const { project } of projects) project.remove();
    await all.close();
  }
});

/** Milliseconds of one resource, over an empty program, by the medians of all rounds. */
function each(taken: readonly Taken[], floor: readonly Taken[]): string {
  const ms = (part: (one: Taken) => number) =>
    (((median(taken.map(part)) - median(floor.map(part))) * 1000) / RESOURCES).toFixed(1);
  const parts = (["program", "engine", "provider"] as const).map((role) => `${role} ${ms(({ cpu }) => cpu[role])}`);
  return `${ms(total)} ms a resource: ${parts.join(", ")}`;
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[all.length >> 1] as number;
}
