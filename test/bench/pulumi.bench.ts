import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Project } from "../engine/project";
import { declare } from "../namespaces/site";
import { type Fleet, fleet, VIP } from "./fleet";
import { Figures, MANY, ROUNDS } from "./measure";

// How long does a whole `pulumi` take, from the command to its end: up, preview, refresh, destroy? How often does it dial?

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

const TOOL = "ours, whole `pulumi`";

/** Runs Pulumi, and notes how long it took and what it did on hosts. */
async function measured(folder: string, scenario: string, work: () => Promise<string>): Promise<string> {
  const trace = join(folder, "trace");
  rmSync(trace, { force: true });
  process.env.LVS_TRACE = trace;
  const start = performance.now();
  try {
    return await work();
  } finally {
    delete process.env.LVS_TRACE;
    const lines = read(trace).map((line) => JSON.parse(line) as { event: string });
    const count = (event: string) => lines.filter((line) => line.event === event).length;
    const counts = `${count("dial")} connections, ${count("exec")} scripts`;
    figures.add(scenario, TOOL, (performance.now() - start) / 1000, counts);
  }
}

function read(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

function servers({ hosts }: Fleet) {
  return hosts.map(({ host, address }) => ({ ...declare(host, address), address }));
}

test.each([2, MANY])("%i hosts", async (size) => {
  const all = await fleet(size);
  const project = new Project({ servers: servers(all), vip: VIP }, join(__dirname, "program.ts"));
  const name = `${size} hosts`;
  try {
    await project.must("nothing", "stack", "init");
    for (let round = 0; round < ROUNDS; round++) {
      await all.reset();
      const run = (scenario: string, ...words: string[]) =>
        measured(all.folder, `${name}, ${scenario}`, () => project.must("fleet", ...words));
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
  const project = new Project({ servers: [], vip: VIP }, join(__dirname, "program.ts"));
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
