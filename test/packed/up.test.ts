import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type KernelHost, management, SharedKernel } from "../kernel/kernel";
import { alternate, serve, table } from "../kernel/site";
import { command } from "../namespaces/command";

jest.setTimeout(600_000);

// The template's program, with the packages that were packed and installed: `pulumi up` on hosts with IPVS, the command
// `pulumi-lvs` as it was installed, and `pulumi destroy`. `npm run release -- --dry-run` runs this.

const { folder, env, pulumi } = JSON.parse(process.env.LVS_PACKED ?? "{}");
const VIP = "10.0.0.9";
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
let home: string;

beforeAll(async () => {
  await command(["ip", "address", "add", "10.0.0.1/24", "dev", await management()]);
  kernel = await SharedKernel.boot();
  const on = (address: string) => ({ eth0: ["mgmt", `${address}/24`] as const });
  hosts = await kernel.hosts({
    ...{ director: on("10.0.0.2"), rs1: on("10.0.0.11"), rs2: on("10.0.0.12"), client: on("10.0.0.21") },
  });
  for (const host of Object.values(hosts)) await host.run("sysctl -qw net.ipv4.conf.mgmt0.arp_ignore=1");
  await Promise.all([serve(hosts.rs1), serve(hosts.rs2)]);
  const { privateKey, hostKey } = hosts.director.connection;
  home = mkdtempSync(join(tmpdir(), "lvs-home-"));
  mkdirSync(join(home, ".ssh"), { mode: 0o700 });
  writeFileSync(join(home, ".ssh", "id_ed25519"), privateKey, { mode: 0o600 });
  const known = ["10.0.0.2", "10.0.0.11", "10.0.0.12"].map((address) => `${address} ${hostKey}\n`);
  writeFileSync(join(home, ".ssh", "known_hosts"), known.join(""));
});
afterAll(() => kernel?.end());

/** Runs a command in the project, as its user. */
async function run(argv: readonly [string, ...string[]]): Promise<string> {
  const [program, ...args] = argv;
  const path = `${join(folder, "node_modules", ".bin")}:${env.PATH ?? process.env.PATH}`;
  const options = { cwd: folder, env: { ...process.env, ...env, HOME: home, PATH: path }, maxBuffer: 2 ** 26 };
  return promisify(execFile)(program, args, options).then(
    ({ stdout }) => stdout,
    ({ message, stdout }) => Promise.reject(new Error(`${message}\n${stdout}`)),
  );
}

const SETTINGS = { vip: VIP, director: "10.0.0.2", realServers: "10.0.0.11 10.0.0.12" };

test("the site comes up, answers, is shown, and goes", async () => {
  for (const [key, value] of Object.entries(SETTINGS)) await run([pulumi, "config", "set", key, value]);
  await run([pulumi, "up", "--yes", "--skip-preview", "--non-interactive"]);
  expect(await table(hosts.director)).toEqual([
    `-A -t ${VIP}:80 -s wrr`,
    `-a -t ${VIP}:80 -r 10.0.0.11:80 -g -w 1`,
    `-a -t ${VIP}:80 -r 10.0.0.12:80 -g -w 1`,
  ]);
  await alternate(hosts.client, `http://${VIP}/`);
  const status = await run(["pulumi-lvs", "status"]);
  expect(status).toMatch(/rs1 +10\.0\.0\.11:80 +dr +1 /);
  expect(status).toContain("3 hosts, 0 not reached; 0 not as declared; 0 destinations out");
  await run([pulumi, "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive"]);
  await run([pulumi, "destroy", "--yes", "--skip-preview", "--non-interactive"]);
  expect(await table(hosts.director)).toEqual([""]);
  expect(await hosts.rs1.run("ls /var/lib/lvs /etc/lvs 2>/dev/null || :")).toBe("");
});
