import { commandsOf } from "../guide";
import { type KernelHost, management, SharedKernel } from "../kernel/kernel";
import { hasBird } from "../kernel/router";
import { table, until } from "../kernel/site";
import { command } from "../namespaces/command";
import { manageServices } from "../namespaces/service-manager";
import { OwnUser } from "./own-user";

jest.setTimeout(600_000);

// The guide's commands for directors behind a router, as they stand there, by the real Pulumi, the real BIRD and the real nginx.
// Pulumi runs on the clients' network, and reaches all hosts but the router through the router.

const VIP = "192.0.2.9";
const STACK = "engine-ecmp";
const ROUTER = "192.0.2.1";
const DIRECTORS = { director: "10.0.0.2", director2: "10.0.0.3", director3: "10.0.0.4" };
const SERVERS = { rs1: "10.0.0.11", rs2: "10.0.0.12" };
const names = ["director", "director2", "director3"] as const;
const words = {
  "-s shop": `-s ${STACK}`,
  "stack init shop": `stack init --no-select ${STACK}`,
  "192.0.2.10": ROUTER,
};

let kernel: SharedKernel;
let hosts: Record<(typeof names)[number] | "rs1" | "rs2" | "router", KernelHost>;
let user: OwnUser;

beforeAll(async () => {
  await command(["ip", "address", "add", "192.0.2.2/24", "dev", await management()]);
  kernel = await SharedKernel.boot();
  const inside = (address: string) => ({ eth0: ["inside", `${address}/24`] as const });
  const { director, director2, director3 } = DIRECTORS;
  hosts = await kernel.hosts({
    ...{ director: inside(director), director2: inside(director2), director3: inside(director3) },
    ...{ rs1: inside(SERVERS.rs1), rs2: inside(SERVERS.rs2) },
    router: { ...inside("10.0.0.1"), eth1: ["mgmt", `${ROUTER}/24`] as const },
  });
  for (const [name, host] of Object.entries(hosts)) {
    await manageServices(host);
    // The device by which the tests reach the host is on the clients' network as well: it is silent about addresses of others.
    await host.run("sysctl -qw net.ipv4.conf.mgmt0.arp_ignore=1; mkdir -p /etc/systemd/system");
    if (name !== "router") await host.run("ip route add default via 10.0.0.1");
    if (!name.startsWith("rs")) await hasBird(host);
  }
  const { privateKey, hostKey } = hosts.router.connection;
  const known = [ROUTER, ...Object.values(DIRECTORS), ...Object.values(SERVERS)].map((at) => `${at} ${hostKey}`);
  user = new OwnUser(STACK, privateKey, known);
});
afterAll(async () => {
  user?.leave();
  await kernel?.end();
});

/** The guide's commands in a section, without its `up`. */
const configured = (heading: string) =>
  commandsOf("docs/own-hosts.md", heading, words).filter((line) => !line.includes(" up "));

/** Each line that names one host, and the same for others. */
const likewise = (lines: readonly string[], [name, address]: readonly [string, string], others: object) =>
  lines.flatMap((line) => [
    line,
    ...Object.entries(others).map(([other, at]) =>
      line.replace(`.${name}`, `.${other}`).replace(`${address} `, `${at} `),
    ),
  ]);

test("ecmp: all three directors serve, and go on serving without one of them; then nothing is left", async () => {
  // The hosts have neither the user admin nor sudo.
  const first = configured("## The first experiment").filter((line) => !/rs1\.(user|sudo)/.test(line));
  const second = configured("## Directors behind a router");
  const of = (name: string, lines: readonly string[]) => lines.filter((line) => line.includes(`.${name}`));
  const { director, ...otherDirectors } = DIRECTORS;
  const jumps = second.filter((line) => line.includes(".jump"));
  await user.guide([
    ...first,
    ...likewise(of("rs1", first), ["rs1", SERVERS.rs1], { rs2: SERVERS.rs2 }),
    ...second,
    ...likewise(of("director", second), ["director", director], otherDirectors),
    ...likewise(jumps, ["director", ""], { rs1: "", rs2: "" }),
  ]);
  const before = await hosts.router.run("cat /etc/bird/bird.conf; sysctl net.ipv4.conf.eth1.proxy_arp");

  await user.pulumi("up --yes --skip-preview");
  await user.pulumi("preview --expect-no-changes");

  const served = Object.values(SERVERS).map((address) => `-a -t ${VIP}:80 -r ${address}:80 -g -w 1`);
  for (const name of names)
    expect(await table(hosts[name])).toEqual([`-A -t ${VIP}:80 -s mh -b mh-fallback,mh-port`, ...served]);
  const ways = async () =>
    [...(await hosts.router.run(`ip route show ${VIP}`)).matchAll(/via (\S+)/g)].map(([, to]) => to);
  expect((await ways()).sort()).toEqual(Object.values(DIRECTORS));
  const page = () => command(["curl", "-s", "--max-time", "10", `http://${VIP}/`]);
  expect(await page()).toMatch(/This page was served by rs[12]/);

  await hosts.director3.run("systemctl stop bird");
  await until(hosts.router, `ip route show ${VIP} | grep -c 10.0.0.4 || :`, /^0$/m);
  expect((await ways()).sort()).toEqual([DIRECTORS.director, DIRECTORS.director2]);
  expect(await page()).toMatch(/This page was served by rs[12]/);

  await user.pulumi("destroy --yes --skip-preview");
  for (const name of names) expect(await table(hosts[name])).toEqual([""]);
  expect(await ways()).toEqual([]);
  expect(await hosts.router.run("cat /etc/bird/bird.conf; sysctl net.ipv4.conf.eth1.proxy_arp")).toBe(before);
});
