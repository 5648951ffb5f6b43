import type { Host } from "../namespaces/host";
import { declare, Site } from "../namespaces/site";
import { snapshot } from "../namespaces/snapshot";
import { Project } from "./project";

jest.setTimeout(300_000);

// A state that a former version wrote, and the program of today.

const lans = new Site();
let host: Host;
let project: Project;

beforeAll(async () => {
  const lan = await lans.network("10.77.20.1/24");
  host = await lans.host("server", { eth0: [lan, "10.77.20.2/24"] });
  const { name: _, ...server } = declare(host, "10.77.20.2");
  project = new Project({ server });
  await project.must("nothing", "stack", "init");
});
afterAll(() => {
  project?.remove();
  return lans.close();
});

/** The host, but for the owners that its ledger notes. */
async function seen(): Promise<string> {
  const lines = (await snapshot(host)).split("\n");
  const isLedger = (line = "") => /^var .*\/lib\/lvs/.test(line);
  return lines.filter((line, i) => !isLedger(line) && !isLedger(lines[i - 1])).join("\n");
}

test("six settings of a real server become one resource, and the host does not change", async () => {
  const found = await seen();
  const former = await project.up("a former real server");
  expect(former).toHaveLength(7);
  const up = await seen();
  const changes = await host.run("find /etc/sysctl.d /etc/lvs -type f -printf '%p %i %T@\\n' | sort");

  const singles = former.filter((one) => one.includes("Sysctl ")).map((one) => one.replace("created", "deleted"));
  expect(await project.up("a real server")).toEqual(["created Sysctls rs-arp", ...singles]);
  expect(await seen()).toBe(up);
  expect(await host.run("find /etc/sysctl.d /etc/lvs -type f -printf '%p %i %T@\\n' | sort")).toBe(changes);
  await project.must("a real server", "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");

  // A preview shows the setting that somebody has changed, by itself.
  await host.run("sysctl -q net.ipv4.conf.eth0.arp_ignore=0");
  await project.refresh("a real server");
  const preview = await project.must("a real server", "preview", "--diff");
  expect(preview).toMatch(/~ net\.ipv4\.conf\.eth0\.arp_ignore *: "0" => "1"/);
  expect(preview).not.toMatch(/[~+-] net\.ipv4\.conf\.(all|lo)/);

  await project.destroy("a real server");
  expect(await seen()).toBe(found);
});
