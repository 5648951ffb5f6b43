import { closeIdle } from "../../provider/host/pool";
import { statistics } from "../../provider/host/statistics";
import type { Props } from "../../provider/pulumi/handler";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
let lan: string;
let server: Host;
let before: string;

beforeAll(async () => {
  lan = await site.network("10.77.7.1/24");
  server = await site.host("server", { eth0: [lan, "10.77.7.2/24"] });
  before = await snapshot(server);
});
afterAll(() => site.close());
afterEach(closeIdle);

/** Returns how many connections, execs and channels the work took. */
async function cost(work: () => Promise<unknown>): Promise<typeof statistics> {
  const then = { ...statistics };
  await work();
  const since = Object.entries(statistics).map(([name, now]) => [name, now - then[name as keyof typeof then]]);
  return { ...Object.fromEntries(since), channels: statistics.channels };
}

function setting(host: Host, address: string, key: string, more: Props = {}): Resource {
  return new Resource("Sysctl", { host: declare(host, address, more), key, value: "1" }, `site/test/${key}`);
}

const all = <T>(items: readonly T[], work: (item: T) => Promise<unknown>) => Promise.all(items.map(work));

test("many resources on one host share one connection and a few shells, and their looks travel together", async () => {
  const keys = ["arp_ignore", "arp_announce", "arp_accept", "arp_notify", "bc_forwarding", "log_martians", "proxy_arp"];
  const devices = ["all", "default", "eth0"];
  const settings = keys.flatMap((key) =>
    devices.map((device) => setting(server, "10.77.7.2", `net.ipv4.conf.${device}.${key}`)),
  );
  const creating = await cost(() => all(settings, (each) => each.create()));
  // Sixteen looks travel together. Each setting is a script of its own.
  const trips = 2 + settings.length;
  expect(creating).toMatchObject({ dials: 1, connections: 1, scripts: trips });
  expect(creating.execs).toBeLessThanOrEqual(4);
  expect(await cost(() => all(settings, (each) => each.differences()))).toMatchObject({ dials: 0, scripts: 0 });
  expect(await cost(() => all(settings, (each) => each.read()))).toMatchObject({ dials: 0, execs: 0, scripts: 2 });
  const deleting = await cost(() => all(settings, (each) => each.delete()));
  expect(deleting).toMatchObject({ dials: 0, scripts: trips });
  expect(await snapshot(server)).toBe(before);
});

test("a change of credentials alone opens no connection, and the next delete uses the new ones", async () => {
  const one = setting(server, "10.77.7.2", "net.ipv4.conf.all.proxy_arp", { ready: 1, privateKey: "of yesterday" });
  one.state = { ...(await one.check()), machine: server.machine };
  const host = declare(server, "10.77.7.2");
  expect(await one.differences({ ...one.inputs, host })).toEqual(["host"]);
  expect(await cost(() => one.update({ ...one.inputs, host }))).toMatchObject({ dials: 0, execs: 0 });
  expect(one.state).toMatchObject({ host: { privateKey: host.privateKey }, machine: server.machine });
  await one.delete();
});

test("twenty hosts are set up and left at the same time, one connection each", async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => 20 + i);
  const hosts = new Map<number, Host>();
  await all(numbers, async (n) => hosts.set(n, await site.host(`real${n}`, { eth0: [lan, `10.77.7.${n}/24`] })));
  const settings = numbers.flatMap((n) =>
    ["all.arp_ignore", "eth0.arp_ignore", "all.arp_announce"].map((key) =>
      setting(hosts.get(n) as Host, `10.77.7.${n}`, `net.ipv4.conf.${key}`),
    ),
  );
  const creating = await cost(() => all(settings, (each) => each.create()));
  expect(creating).toMatchObject({ connections: 20, execs: 20, scripts: 20 * (1 + 3) });
  await all(settings, (each) => each.delete());
  const ledgers = await Promise.all(numbers.map((n) => hosts.get(n)?.run("ls /var/lib/lvs 2>&1 || :")));
  for (const ledger of ledgers) expect(ledger).toContain("No such file");
});

test("a host that does not answer is an error with its name, its address, the user and the keys that were tried", async () => {
  const away = new Resource("Sysctl", {
    host: { ...declare(server, "10.77.7.250"), name: "away", ready: 2 },
    key: "net.ipv4.ip_forward",
    value: "1",
  });
  await expect(away.create()).rejects.toThrow(/away.*10\.77\.7\.250.*not reachable as root within 2 s/);
  expect(away.id).toBe("");
});

test("a host key other than the declared one is refused before anything is sent", async () => {
  const impostor = await site.host("impostor", { eth0: [lan, "10.77.7.3/24"] });
  const wrong = new Resource("Sysctl", {
    host: { ...declare(impostor, "10.77.7.3"), hostKey: server.hostKey },
    key: "net.ipv4.ip_forward",
    value: "1",
  });
  const failing = cost(() =>
    expect(wrong.create()).rejects.toThrow(/impostor.*it presented the host key ssh-ed25519 SHA256:/),
  );
  expect(await failing).toMatchObject({ connections: 0, execs: 0 });
});

test("another machine behind the address is not touched, unless it is declared", async () => {
  const first = await site.host("first", { eth0: [lan, "10.77.7.5/24"] });
  const second = await site.host("second", { eth0: [lan, "10.77.7.6/24"] });
  const untouched = await snapshot(second);
  const forward = setting(first, "10.77.7.5", "net.ipv4.ip_forward");
  await forward.create();
  const host = { ...declare(second, "10.77.7.6"), name: "first" };
  await forward.update({ ...forward.inputs, host });
  const anotherMachine = new RegExp(
    `another machine answers: its machine-id is ${second.machine}, expected is ${first.machine}`,
  );
  await expect(forward.read()).rejects.toThrow(anotherMachine);
  await expect(forward.update({ ...forward.inputs, host, value: "0" })).rejects.toThrow(anotherMachine);
  await expect(forward.delete()).rejects.toThrow(anotherMachine);
  expect(await snapshot(second)).toBe(untouched);

  await forward.update({ ...forward.inputs, host: { ...host, machine: second.machine } });
  expect(await second.run("cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
  expect(forward.state.machine).toBe(second.machine);
  await forward.delete();
  expect(await snapshot(second)).toBe(untouched);
});

test("after a machine was replaced, deleting the original leaves what was made on its successor", async () => {
  const old = await site.host("old", { eth0: [lan, "10.77.7.8/24"] });
  const successor = await site.host("successor", { eth0: [lan, "10.77.7.9/24"] });
  const original = setting(old, "10.77.7.8", "net.ipv4.ip_forward");
  await original.create();
  const host = { ...declare(successor, "10.77.7.9"), name: "old" };
  const replacement = new Resource("Sysctl", { ...original.inputs, host }, "site/test/net.ipv4.ip_forward");
  await replacement.create();
  await original.update({ ...original.inputs, host });
  await original.delete();
  expect(await successor.run("cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
  expect(await replacement.read()).toBe(true);
});

test("a host that is gone is an error, and is left out and forgotten only where that was said", async () => {
  const mortal = await site.host("mortal", { eth0: [lan, "10.77.7.7/24"] });
  const forward = setting(mortal, "10.77.7.7", "net.ipv4.ip_forward", { ready: 2 });
  await forward.create();
  closeIdle();
  await mortal.end();
  await expect(forward.delete()).rejects.toThrow(/mortal.*not reachable/);
  await expect(forward.read()).rejects.toThrow(/mortal.*not reachable.*PULUMI_LVS_FORGET=mortal/);
  const said = jest.spyOn(console, "log").mockImplementation();
  const { id, state } = forward;
  // What has left the program keeps the connection that it was declared with.
  process.env.PULUMI_LVS_FORGET = "mortal";
  expect(await forward.read()).toBe(true);
  await forward.delete();
  delete process.env.PULUMI_LVS_FORGET;
  Object.assign(forward, { id, state });
  await expect(forward.read()).rejects.toThrow("not reachable");
  const host = declare(mortal, "10.77.7.7", { ready: 2, onUnreachable: "forget" });
  await forward.update({ ...forward.inputs, host });
  expect(await forward.read()).toBe(true);
  expect(forward.state).toMatchObject({ key: "net.ipv4.ip_forward", value: "1" });
  await forward.delete();
  const told = said.mock.calls.flat();
  expect(told.filter((line) => /^warning: host mortal.*the state keeps what was seen before/.test(line))).toHaveLength(
    1,
  );
  expect(
    told.filter((line) => /Forgotten, as was asked for: Sysctl net.ipv4.ip_forward stays/.test(line)),
  ).toHaveLength(2);
  said.mockRestore();
});

test("a host that rebooted between two operations is reached again, without an error", async () => {
  const forward = setting(server, "10.77.7.2", "net.ipv4.ip_forward");
  await forward.create();
  await server.run(`
    kill $(ps -o pid= --ppid $(cat /run/sshd.pid)) $(cat /run/sshd.pid); sleep 0.2
    /usr/sbin/sshd -f /etc/ssh/test_config`);
  await forward.delete();
  expect(await snapshot(server)).toBe(before);
});
