import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
const VIP = "10.77.31.111";
let director: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.31.1/24");
  director = await site.host("director", { eth0: [lan, "10.77.31.2/24"] });
  await director.run("sysctl -qw net.ipv6.conf.lo.disable_ipv6=0");
  before = await snapshot(director);
});
afterAll(() => site.close());

function alias(more: object = {}): Resource {
  return new Resource("VipAlias", { host: declare(director, "10.77.31.2"), address: VIP, device: "eth0", ...more });
}

const lines = (command: string) => director.run(command).then((text) => text.trim().replace(/ +/g, " "));
const shown = (device = "eth0", to = VIP) =>
  lines(`ip -o address show dev ${device} to ${to} | sed 's/\\\\.*//; s/^[0-9]*: //'`);
const route = () => lines(`ip route show exact ${VIP}`);

test("an alias with its label and host route is there now and after a lost link, and leaves no trace", async () => {
  const vip = alias({ label: "eth0:0" });
  await vip.create();
  const whole = `eth0 inet ${VIP}/32 brd ${VIP} scope global eth0:0`;
  expect(await shown()).toBe(whole);
  expect(await route()).toBe(`${VIP} dev eth0 scope link`);
  await director.run(
    `ip address del ${VIP}/32 dev eth0; ip route del ${VIP}; sh /etc/lvs/boot.d/* && sh /etc/lvs/boot.d/*`,
  );
  expect(await shown()).toBe(whole);
  expect(await route()).toBe(`${VIP} dev eth0 scope link`);
  await vip.read();
  expect(await vip.differences()).toEqual([]);
  await vip.delete();
  expect(await snapshot(director)).toBe(before);
});

const byHand: [what: string, command: string, properties: string[]][] = [
  ["deleted", `ip address del ${VIP}/32 dev eth0`, ["broadcast", "label", "prefix"]],
  ["without its label", `ip address del ${VIP}/32 dev eth0; ip address add ${VIP}/32 brd ${VIP} dev eth0`, ["label"]],
  [
    "without broadcast",
    `ip address del ${VIP}/32 dev eth0; ip address add ${VIP}/32 dev eth0 label eth0:0`,
    ["broadcast"],
  ],
  ["without its route", `ip route del ${VIP}`, ["hostRoute"]],
  ["with another prefix besides", `ip address add ${VIP}/28 brd ${VIP} dev eth0 label eth0:0`, ["prefix"]],
];
test.each(byHand)("%s by hand: shown as what it is, and repaired", async (_, command, properties) => {
  const vip = alias({ label: "eth0:0" });
  await vip.create();
  await director.run(command);
  expect(await vip.read()).toBe(true);
  expect(await vip.differences()).toEqual(properties);
  await vip.update();
  expect(await vip.differences()).toEqual([]);
  expect(await shown()).toBe(`eth0 inet ${VIP}/32 brd ${VIP} scope global eth0:0`);
  await vip.delete();
  expect(await snapshot(director)).toBe(before);
});

test("repaired where /tmp is full: the routes that somebody has made with it stay", async () => {
  const vip = alias({ label: "eth0:0" });
  await vip.create();
  await director.run(
    `ip address del ${VIP}/32 dev eth0; ip address add ${VIP}/32 brd ${VIP} dev eth0; ip route add 10.99.0.0/24 dev eth0 src ${VIP}
    mount -t tmpfs -o size=4k,nr_inodes=1 none /tmp`,
  );
  try {
    await vip.read();
    await vip.update();
  } finally {
    await director.run("umount /tmp");
  }
  expect(await shown()).toBe(`eth0 inet ${VIP}/32 brd ${VIP} scope global eth0:0`);
  expect(await lines("ip route show 10.99.0.0/24")).toBe(`10.99.0.0/24 dev eth0 scope link src ${VIP}`);
  await director.run("ip route del 10.99.0.0/24");
  await vip.delete();
  expect(await snapshot(director)).toBe(before);
});

test("what was found with another prefix converges without a moment's absence, and comes back", async () => {
  await director.run(`ip address add ${VIP}/28 dev eth0; ip address add ${VIP}/32 dev lo scope host`);
  const found = await snapshot(director);
  const vips = [alias(), alias({ device: "lo", label: "lo:0" })];
  for (const vip of vips) await vip.create();
  expect(await shown()).toBe(`eth0 inet ${VIP}/32 brd ${VIP} scope global eth0`);
  expect(await shown("lo")).toBe(`lo inet ${VIP}/32 brd ${VIP} scope global lo:0`);
  for (const vip of vips) await vip.delete();
  expect(await snapshot(director)).toBe(found);
  await director.run(`ip address del ${VIP}/28 dev eth0; ip address del ${VIP}/32 dev lo`);
});

test("an alias that is there already is taken over, and stays", async () => {
  await director.run(`ip address add ${VIP}/32 brd ${VIP} dev lo label lo:0; ip route add ${VIP} dev lo`);
  const found = await snapshot(director);
  const vip = alias({ device: "lo", label: "lo:0" });
  await vip.create();
  await vip.delete();
  expect(await snapshot(director)).toBe(found);
  await director.run(`ip address del ${VIP}/32 dev lo; ip route del ${VIP} dev lo`);
});

test("another interface is a replacement: the address is on the new one before it leaves the old one", async () => {
  const old = alias();
  await old.create();
  expect(await old.replaces({ ...old.inputs, device: "lo" })).toEqual(["device"]);
  const next = alias({ device: "lo" });
  await next.create();
  await old.delete();
  expect(await shown()).toBe("");
  expect(await route()).toBe(`${VIP} dev lo scope link`);
  await next.delete();
  expect(await snapshot(director)).toBe(before);
});

test("IPv6: /128 without duplicate address detection", async () => {
  const vip = alias({ address: "2001:DB8::0:9", device: "lo" });
  await vip.create();
  expect(await shown("lo", "2001:db8::9")).toBe("lo inet6 2001:db8::9/128 scope global nodad");
  await director.run("ip -6 address del 2001:db8::9/128 dev lo; sh /etc/lvs/boot.d/*");
  await vip.read();
  expect(await vip.differences({ ...vip.inputs, address: "2001:db8::9" })).toEqual([]);
  await vip.delete();
  expect(await snapshot(director)).toBe(before);
});

test("an interface that is not there is an error with the cure", async () => {
  const vip = alias({ device: "eth7" });
  await expect(vip.create()).rejects.toThrow(/director: adding 10.77.31.111\/32 on eth7: .*`ip link` on the host/s);
  await vip.delete();
  expect(await snapshot(director)).toBe(before);
});
