import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const dist = join(__dirname, "../../tools/dist");

const [labs, cache] = ["lvs-labs-", "lvs-cache-"].map((name) => mkdtempSync(join(tmpdir(), name))) as [string, string];
afterAll(() => {
  for (const folder of [labs, cache]) rmSync(folder, { recursive: true });
});

/** Starts a program whose labs, one of them half-made, are those of tests. It says when they are there. */
async function start(environment: Record<string, string>) {
  const program = `import { place } from ${JSON.stringify(join(dist, "lab/place.js"))};
    import { withLabs } from ${JSON.stringify(join(dist, "test/own-labs.js"))};
    import { execFileSync } from "node:child_process";
    import { mkdirSync } from "node:fs";
    const { system, namespace } = place("half-test");
    await withLabs(["other-test", "half-test"], async () => {
      mkdirSync(system + "/run", { recursive: true });
      execFileSync("ip", ["netns", "add", namespace]);
      console.log("there");
      await new Promise((done) => setTimeout(done, process.env.ENDS ? 0 : 60_000));
    });`;
  const env = { ...process.env, PULUMI_LVS_LABS: labs, PULUMI_LVS_CACHE: cache, ...environment };
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const one = spawn(process.execPath, ["--input-type=module", "-e", program], {
    detached: true,
    env,
    stdio: [...stdio],
  });
  await once(one.stdout, "data");
  return one;
}

const left = () => [labs, "/run/netns"].map((folder) => readdirSync(folder).filter((name) => name.includes("half")));

test("a lab is taken down at the tests' end, if they left it", async () => {
  const one = await start({ ENDS: "1" });
  expect(await once(one, "exit")).toEqual([0, null]);
  expect(left()).toEqual([[], []]);
  // It is taken down without the tool chain.
  expect(readdirSync(cache)).toEqual([]);
});

test("Ctrl-C takes a lab down, also a second one meanwhile, and one for which nobody reads any more", async () => {
  const one = await start({});
  one.stdout.destroy();
  const ended = once(one, "exit");
  let times = 0;
  for (; one.exitCode === null && times < 3; times++) {
    process.kill(-(one.pid as number), "SIGINT");
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(times).toBeGreaterThan(1);
  expect(await ended).toEqual([130, null]);
  expect(left()).toEqual([[], []]);
});

test("with LVS_KEEP_LAB it stays", async () => {
  const one = await start({ LVS_KEEP_LAB: "1" });
  one.kill("SIGINT");
  expect(await once(one, "exit")).toEqual([130, null]);
  const [[folder = ""] = [], [namespace = ""] = []] = left();
  expect([folder, namespace]).toEqual([expect.stringMatching(/-half-test$/), folder]);
});
