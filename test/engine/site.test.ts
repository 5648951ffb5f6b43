import { join } from "node:path";
import { type KernelHost, SharedKernel } from "../kernel/kernel";
import { failuresUnder } from "../kernel/load";
import { serve, table } from "../kernel/site";
import { Project } from "./project";

// The hosts have a kernel with IPVS, and Pulumi is the real one: a site answers while everything of it is made anew.

jest.setTimeout(300_000);

let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
let project: Project;
const URL = "http://10.1.0.1/";
const LINES = [
  "-A -t 10.1.0.1:80 -s wrr",
  "-a -t 10.1.0.1:80 -r 10.2.0.11:80 -m -w 1",
  "-a -t 10.1.0.1:80 -r 10.2.0.12:80 -m -w 1",
];

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: { eth0: ["outside", "10.1.0.1/24"], eth1: ["inside", "10.2.0.1/24"] },
    rs1: { eth0: ["inside", "10.2.0.11/24"] },
    rs2: { eth0: ["inside", "10.2.0.12/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  const { director, rs1, rs2 } = hosts;
  const connections = Object.entries({ director, rs1, rs2 }).map(([name, host]) => [name, host.connection]);
  project = new Project(Object.fromEntries(connections), join(__dirname, "site-program.ts"));
  await project.must("nothing", "stack", "init");
  await project.up("site");
});
afterAll(() => {
  project?.remove();
  return kernel?.end();
});

/** The work is done without a request that fails, and the table is as before. */
async function throughout(work: () => Promise<string[]>, verb: string): Promise<void> {
  let done: string[] = [];
  const failures = await failuresUnder(hosts.client, URL, async () => (done = await work()));
  expect(failures).toEqual([]);
  expect(done.filter((one) => one.startsWith(verb)).length).toBeGreaterThan(5);
  expect(await table(hosts.director)).toEqual(LINES);
}

test("a site answers while everything is replaced", async () => {
  const urns = Object.values(await project.state()).flatMap(({ urn }) => ["--replace", urn]);
  await throughout(() => project.up("site", ...urns), "replaced");
});

test("a site answers while its hosts get other names", () => throughout(() => project.up("renamed hosts"), "created"));

test("a site answers while it moves into a component, whose resources are others", async () => {
  await throughout(() => project.up("in a component"), "created");
  await project.must("in a component", "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
});

test("a site answers while everything is tainted and made again", async () => {
  // `state taint` takes one resource; the engine marks a state in the same way.
  for (const { urn } of Object.values(await project.state()))
    await project.must("in a component", "state", "taint", "--yes", urn);
  await throughout(() => project.up("in a component"), "replaced");
});

test("nothing of the site stays on its hosts", async () => {
  await project.destroy("in a component");
  expect(await table(hosts.director)).toEqual([""]);
  expect(await hosts.rs1.run("ip route show default; ls /var/lib/lvs 2>&1 || :")).not.toContain("via 10.2.0.1");
});
