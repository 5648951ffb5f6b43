import { join } from "node:path";
import { Project } from "../engine/project";
import { type Fleet, fleet, serversFile, VIP } from "./fleet";
import { Figures, MANY, VERY_MANY } from "./measure";
import { takenBy } from "./processes";
import { counted } from "./whole";

// Does a fleet of hundreds of hosts take as long for each host as one of fifty? How much memory do all processes need?

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

// With the state saved after each step, the file backend alone would be quadratic.
const TOOL = "ours, whole `pulumi`, state saved at the end";

// One round: nothing is compared with another tool, but a large fleet with a small one.
test.each([MANY, VERY_MANY])("%i hosts", async (size) => {
  const all = await fleet(size);
  const project = new Project({ file: serversFile(all), vip: VIP }, join(__dirname, "program.ts"));
  process.env.PULUMI_SKIP_CHECKPOINTS = "true";
  const run = async (scenario: string, ...words: string[]) => {
    let said = "";
    const { memory } = await takenBy(async () => {
      const { seconds, counts, result } = await counted(all.folder, () => project.must("fleet", ...words));
      said = result;
      figures.add(`fleet of ${size}, ${scenario}`, TOOL, seconds, counts);
    });
    figures.count(`fleet of ${size}, ${scenario}`, TOOL, `${Math.round(memory)} MB in all processes`);
    return said;
  };
  try {
    await project.must("nothing", "stack", "init");
    await run("first", "up", "--yes", "--skip-preview");
    await run("preview, no change", "preview");
    const [drifted] = all.hosts as [Fleet["hosts"][0]];
    await drifted.host.run("sysctl -qw net.ipv4.conf.all.arp_ignore=0");
    expect(await run("refresh, one drifted", "refresh", "--yes", "--skip-preview")).toMatch(/~ 1 updated/);
    await run("destroy", "destroy", "--yes", "--skip-preview");
    expect(await all.ready()).toBe(0);
    await project.must("nothing", "stack", "rm", "--yes");
  } finally {
    delete process.env.PULUMI_SKIP_CHECKPOINTS;
    project.remove();
    await all.close();
  }
});
