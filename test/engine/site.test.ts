import { join } from "node:path";
import { type KernelHost, SharedKernel } from "../kernel/kernel";
import { failuresUnder } from "../kernel/load";
import { alternate, serve, table } from "../kernel/site";
import { AdoptedProject } from "./adopted-project";
import { Project } from "./project";

// The hosts have a kernel with IPVS, and Pulumi is the real one: a site answers while everything of it is made anew.

jest.setTimeout(300_000);

let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
let project: Project;
const adopted = new AdoptedProject();
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
  adopted.remove();
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

/** Which words of a command change something. */
const CHANGES = {
  ipvsadm: '*" -"[AEDaedCR]*',
  ip: ["add", "append", "change", "del", "flush", "replace", "set"].map((verb) => `*" ${verb} "*`).join("|"),
};

/** Puts programs in the place of ipvsadm and ip on a host, which note each call that changes something, and do it. */
async function noting(host: KernelHost): Promise<void> {
  for (const [tool, words] of Object.entries(CHANGES)) {
    const path = (await host.run(`mkdir -p /usr/local/sbin; command -v ${tool}`)).trim();
    const text = `#!/bin/sh\ncase " $* " in ${words}) echo "${tool} $*" >>/run/changed;; esac\nexec ${path} "$@"\n`;
    await host.run(`cat >/usr/local/sbin/${tool}; chmod 755 /usr/local/sbin/${tool}; : >/run/changed`, text);
  }
}

test("a site that was set up by hand is adopted: creations that change nothing, then no change, then a weight", async () => {
  const site = [hosts.director, hosts.rs1, hosts.rs2];
  await hosts.director.run(`echo 1 >/proc/sys/net/ipv4/ip_forward; ipvsadm -C; ipvsadm -R`, `${LINES.join("\n")}\n`);
  for (const server of [hosts.rs1, hosts.rs2]) await server.run("ip route replace default via 10.2.0.1");
  await alternate(hosts.client, URL);
  await adopted.write(site);
  const preview = await adopted.pulumi("preview");
  expect(preview.split("Resources:\n")[1]?.trim()).toMatch(/^\+ \d+ to create$/);
  for (const host of site) await noting(host);
  const failures = await failuresUnder(hosts.client, URL, async () => {
    await adopted.up();
    await adopted.up("--refresh", "--expect-no-changes");
  });
  expect(failures).toEqual([]);
  for (const host of site) expect([host.name, await host.run("cat /run/changed")]).toEqual([host.name, ""]);
  expect(await table(hosts.director)).toEqual(LINES);

  adopted.edit((text) => text.replace('host("rs1"), address: "10.2.0.11", weight: 1', "$&0"));
  expect(await failuresUnder(hosts.client, URL, () => adopted.up())).toEqual([]);
  expect(await table(hosts.director)).toEqual(
    LINES.map((line) => line.replace(/(10\.2\.0\.11:80 .*)-w 1$/, "$1-w 10")),
  );
  expect(await hosts.director.run("cat /run/changed")).toMatch(/^ipvsadm .*\n$/);
});
