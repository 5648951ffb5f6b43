import { commandsOf } from "../guide";
import { type KernelHost, management, SharedKernel } from "../kernel/kernel";
import { table, until } from "../kernel/site";
import { command } from "../namespaces/command";
import { manageServices } from "../namespaces/service-manager";
import { OwnUser } from "./own-user";

jest.setTimeout(600_000);

// The guide's commands for several directors of one's own, as they stand there, by the real Pulumi, the real keepalived and
// the real nginx. Pulumi runs on the clients' LAN.

const VIP = "10.0.0.9";
const STACK = "engine-directors";
const ADDRESSES = { director: "10.0.0.1", director2: "10.0.0.3", rs1: "10.0.0.11", rs2: "10.0.0.12" };
const words = {
  "-s shop": `-s ${STACK}`,
  "stack init shop": `stack init --no-select ${STACK}`,
  "192.0.2.10": ADDRESSES.director,
};

let kernel: SharedKernel;
let hosts: Record<keyof typeof ADDRESSES, KernelHost>;
let user: OwnUser;

beforeAll(async () => {
  await command(["ip", "address", "add", "10.0.0.2/24", "dev", await management()]);
  kernel = await SharedKernel.boot();
  const on = (address: string) => ({ eth0: ["mgmt", `${address}/24`] as const });
  const { director, director2, rs1, rs2 } = ADDRESSES;
  hosts = await kernel.hosts({ director: on(director), director2: on(director2), rs1: on(rs1), rs2: on(rs2) });
  for (const host of Object.values(hosts)) {
    await manageServices(host);
    // The device by which the tests reach the host is on the LAN as well: it is silent about addresses of others.
    await host.run("sysctl -qw net.ipv4.conf.mgmt0.arp_ignore=1; mkdir -p /etc/systemd/system");
  }
  const { privateKey, hostKey } = hosts.director.connection;
  user = new OwnUser(
    STACK,
    privateKey,
    [director2, rs1, rs2].map((address) => `${address} ${hostKey}`),
  );
});
afterAll(async () => {
  user?.leave();
  await kernel?.end();
});

/** The guide's commands in a section until its first `up`, and without that one. */
const before = (heading: string, replaced: Record<string, string> = words) => {
  const commands = commandsOf("docs/own-hosts.md", heading, replaced);
  return commands.slice(
    0,
    commands.findIndex((line) => line.includes(" up ")),
  );
};

test("ha: both directors have the table, one has the VIP, and the other one takes it; then nothing is left", async () => {
  // The hosts have neither the user admin nor sudo.
  const first = before("## The first experiment").filter((line) => !/rs1\.(user|sudo)/.test(line));
  const second = first
    .filter((line) => line.includes("rs1"))
    .map((line) => line.replace("rs1", "rs2").replace(/0\.11 /, "0.12 "));
  const several = before("## Several directors", { ...words, "10.0.0.2": ADDRESSES.director });
  await user.guide([...first, ...second, ...before("## The other experiments"), ...several]);
  await user.pulumi("up --yes --skip-preview");
  await user.pulumi("up --refresh --yes --skip-preview --expect-no-changes");

  const both = [hosts.director, hosts.director2];
  const holding = () => Promise.all(both.map(async (host) => (await host.run(`ip -o address show to ${VIP}`)) !== ""));
  const served = [ADDRESSES.rs1, ADDRESSES.rs2].map((address) => `-a -t ${VIP}:80 -r ${address}:80 -g -w 1`);
  for (const host of both) expect(await table(host)).toEqual([`-A -t ${VIP}:80 -s wrr`, ...served]);
  expect(await holding()).toEqual([true, false]);
  expect(await user.pulumi("stack output holder")).toBe("director\n");

  await hosts.director.run("systemctl stop keepalived");
  await until(hosts.director2, `ip -o address show to ${VIP}`, /10\.0\.0\.9/);
  expect(await holding()).toEqual([false, true]);
  const page = await command(["curl", "-s", "--max-time", "10", `http://${VIP}/`]);
  expect(page).toMatch(/This page was served by rs[12]/);

  await user.pulumi("destroy --yes --skip-preview");
  for (const host of both) expect(await table(host)).toEqual([""]);
  expect(await holding()).toEqual([false, false]);
});
