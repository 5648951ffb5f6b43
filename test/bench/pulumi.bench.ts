import { join } from "node:path";
import { Project } from "../engine/project";
import { type Fleet, fleet, serversFile, VIP } from "./fleet";
import { FEW_ROUNDS, Figures, MANY, ROUNDS } from "./measure";
import { counted, TOOL } from "./whole";

// How long does a whole `pulumi` take, from the command to its end: up, preview, refresh, destroy? How often does it dial?

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

test.each([
  [2, ROUNDS],
  [MANY, FEW_ROUNDS],
])("%i hosts", async (size, rounds) => {
  const all = await fleet(size);
  const project = new Project({ file: serversFile(all), vip: VIP }, join(__dirname, "program.ts"));
  const name = `${size} hosts`;
  try {
    await project.must("nothing", "stack", "init");
    for (let round = 0; round < rounds; round++) {
      await all.reset();
      const run = async (scenario: string, ...words: string[]) => {
        const { seconds, counts, result } = await counted(all.folder, () => project.must("fleet", ...words));
        figures.add(`${name}, ${scenario}`, TOOL, seconds, counts);
        return result;
      };
      await run("first", "up", "--yes");
      await run("preview, no change", "preview");
      await run("no change", "up", "--yes");
      const [drifted] = all.hosts as [Fleet["hosts"][0]];
      await drifted.host.run("sysctl -qw net.ipv4.conf.all.arp_ignore=0");
      const found = await run("refresh, one drifted", "refresh", "--yes", "--skip-preview");
      expect(found).toMatch(/~ 1 updated/);
      await run("destroy", "destroy", "--yes");
      expect(await all.ready()).toBe(0);
      const left = await Promise.all(
        all.hosts.map(({ host }) => host.run("ls -d /var/lib/lvs /etc/lvs 2>/dev/null; :")),
      );
      expect(left.join("")).toBe("");
    }
    await project.must("nothing", "stack", "rm", "--yes");
  } finally {
    project.remove();
    await all.close();
  }
});

test("an empty program: what Pulumi itself takes", async () => {
  const project = new Project({ vip: VIP }, join(__dirname, "program.ts"));
  try {
    await project.must("fleet", "stack", "init");
    for (let round = 0; round < ROUNDS; round++)
      for (const words of [["preview"], ["up", "--yes"]]) {
        const start = performance.now();
        await project.must("fleet", ...words);
        figures.add(`no resource, ${words[0]}`, TOOL, (performance.now() - start) / 1000);
      }
  } finally {
    project.remove();
  }
});
