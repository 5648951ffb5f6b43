import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { SETTLED, snapshot } from "./snapshot";

// What was found is put back whole. What could not be put back is not taken: the host is as before, byte for byte.

jest.setTimeout(150_000);

const site = new Site();
const VIP = "10.77.61.111";
let director: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.61.1/24");
  director = await site.host("director", { eth0: [lan, "10.77.61.2/24"] });
  await director.run(`sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
    ip link add one type veth peer name two && ip link set two up && ip link set one up && ip address add 10.77.62.1/24 dev one
    ip -6 address add 2001:db8:62::1/64 dev eth0 nodad; ${SETTLED}`);
  before = await snapshot(director);
});
afterAll(() => site.close());

const of = (kind: string, more: object, owner?: string) =>
  new Resource(kind, { host: declare(director, "10.77.61.2"), ...more }, owner);
const route = (more: object, owner?: string) => of("Route", more, owner);
const defaults = async () => (await director.run("ip -6 route show default")).trim().split("\n").sort();

test("a route over several gateways comes back", async () => {
  await director.run(
    "ip route add 192.168.90.0/24 proto static nexthop via 10.77.61.8 weight 2 nexthop via 10.77.61.9",
  );
  const there = await snapshot(director);
  const ours = route({ to: "192.168.90.0/24", via: "10.77.61.5" });
  await ours.create();
  expect(await director.run("ip route show 192.168.90.0/24")).toBe("192.168.90.0/24 via 10.77.61.5 dev eth0 \n");
  await ours.delete();
  expect(await snapshot(director)).toBe(there);
  await director.run("ip route del 192.168.90.0/24");
});

describe("a default route of IPv6", () => {
  const OWN = "default via 2001:db8:62::9 dev eth0 proto static metric 1024 pref medium";

  test("that went by hand is forgotten by a delete, with its boot file", async () => {
    const ours = route({ to: "default", via: "2001:db8:62::5" });
    await ours.create();
    await director.run("ip -6 route del default; sh /etc/lvs/boot.d/*; ip -6 route del default");
    expect(await ours.read()).toBe(true);
    expect(await ours.differences()).toEqual(["device", "via"]);
    expect(await ours.replaces(ours.inputs)).toEqual([]);
    await ours.delete();
    expect(await director.run("ls /etc/lvs /var/lib/lvs 2>/dev/null || :")).toBe("");
    expect(await snapshot(director)).toBe(before);
  });

  test("that went by hand comes back by an update", async () => {
    const ours = route({ to: "default", via: "2001:db8:62::5" });
    await ours.create();
    await director.run("ip -6 route del default");
    await ours.read();
    await ours.update();
    expect(await ours.differences()).toEqual([]);
    await ours.delete();
    expect(await snapshot(director)).toBe(before);
  });

  test("leaves the host's own of the same metric, which came later", async () => {
    const ours = route({ to: "default", via: "2001:db8:62::5" });
    await ours.create();
    await director.run(`ip -6 route append ${OWN}`);
    expect(await ours.read()).toBe(true);
    await ours.delete();
    expect(await defaults()).toEqual([OWN]);
    await director.run("ip -6 route del default");
    expect(await snapshot(director)).toBe(before);
  });

  test("leaves the host's own where ours has gone", async () => {
    const ours = route({ to: "default", via: "2001:db8:62::5" });
    await ours.create();
    await director.run(`ip -6 route replace ${OWN}`);
    expect(await ours.read()).toBe(true);
    await ours.delete();
    expect(await defaults()).toEqual([OWN]);
    await director.run("ip -6 route del default");
    expect(await snapshot(director)).toBe(before);
  });

  test("is refused in the place of one that a router advertised", async () => {
    await director.run("ip -6 route add default via fe80::9 dev eth0 proto ra metric 1024 expires 1800");
    const ours = route({ to: "default", via: "2001:db8:62::5" });
    await expect(ours.create()).rejects.toThrow(
      /host director: Route default main 0 ipv6: the host has "default via fe80::9 .*advertisement.*another `metric`\. Nothing was changed\./,
    );
    expect(await director.run("ls /etc/lvs /var/lib/lvs 2>/dev/null || :")).toBe("");
    const beside = route({ to: "default", via: "2001:db8:62::5", metric: 512 });
    await beside.create();
    expect(await defaults()).toHaveLength(2);
    await beside.delete();
    expect((await defaults())[0]).toMatch(/^default via fe80::9 .*expires/);
    await director.run("ip -6 route del default");
    expect(await snapshot(director)).toBe(before);
  });
});

test("a table by its number and by its name is one table, which two stacks share", async () => {
  const [one, other] = ["254", "main"].map((table, i) =>
    route({ to: "192.168.90.0/24", via: "10.77.61.9", table }, `site/stack${i}/route`),
  ) as [Resource, Resource];
  await one.create();
  await other.create();
  expect(other.id).toBe(one.id);
  await one.delete();
  expect(await director.run("ip route show 192.168.90.0/24")).toContain("via 10.77.61.9");
  await other.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a table by its number and by a name that only the host knows: the second is refused", async () => {
  await director.run("mkdir -p /etc/iproute2/rt_tables.d && echo 0x4D blue >/etc/iproute2/rt_tables.d/blue.conf");
  const there = await snapshot(director);
  const [one, other, rule, besides] = [
    route({ to: "192.168.90.0/24", via: "10.77.61.9", table: "77" }),
    route({ to: "192.168.90.0/24", via: "10.77.61.9", table: "blue" }),
    of("RoutingRule", { priority: 900, table: "blue" }),
    of("RoutingRule", { priority: 900, table: "77" }),
  ] as const;
  await one.create();
  await expect(other.create()).rejects.toThrow(
    /the routing table blue is called 77 on this host as well, and Route 192\.168\.90\.0\/24 77 0 is declared by somebody else/,
  );
  await rule.create();
  await expect(besides.create()).rejects.toThrow(/Declare the table's number in both/);
  for (const made of [one, rule]) {
    await made.read();
    expect(await made.differences()).toEqual([]);
    await made.delete();
  }
  expect(await snapshot(director)).toBe(there);
  await director.run("rm -r /etc/iproute2/rt_tables.d/blue.conf");
});

const returning: [what: string, found: string][] = [
  ["without a network's route", `ip address add ${VIP}/28 dev eth0 noprefixroute metric 77`],
  ["a secondary one", `ip address add ${VIP}/24 brd + dev eth0 noprefixroute`],
  ["with a peer", `ip address add ${VIP} peer 10.77.63.2/32 dev eth0 scope link`],
  ["deprecated", `ip address add ${VIP}/32 dev eth0 preferred_lft 0`],
];
test.each(returning)("an address that was found %s comes back so", async (_, found) => {
  await director.run(found);
  const there = await snapshot(director);
  const vip = of("VipAlias", { address: VIP, device: "eth0" });
  await vip.create();
  expect(await director.run(`ip -4 -o address show to ${VIP}`)).toMatch(
    new RegExp(`^[^\\n]* inet ${VIP}/32 brd ${VIP} scope global eth0\\\\[^\\n]*\\n$`),
  );
  expect(await vip.differences()).toEqual([]);
  await vip.delete();
  expect(await snapshot(director)).toBe(there);
  await director.run(`ip address flush to ${VIP}`);
  expect(await snapshot(director)).toBe(before);
});

const refused: [what: string, found: string, address: string, reason: RegExp, device?: string][] = [
  ["for a time", `ip address add ${VIP}/24 dev eth0 valid_lft 3000 preferred_lft 3000`, VIP, /for a time only/],
  [
    "before its secondary one",
    "ip address add 10.77.62.2/24 dev one",
    "10.77.62.1",
    /before 10\.77\.62\.2\/24, which would go with it/,
    "one",
  ],
  [
    "as the source of a route",
    `ip address add ${VIP}/28 dev eth0; ip route add 192.168.90.0/24 via 10.77.61.9 src ${VIP}`,
    VIP,
    /for "192\.168\.90\.0\/24 via 10\.77\.61\.9 dev eth0", which would go with it/,
  ],
];
test.each(refused)("an address that was found %s is not taken", async (_, found, address, reason, device = "eth0") => {
  await director.run(found);
  const shown = "ip -4 address | sed 's/[0-9]*sec/sec/g'; ip route; ls /etc/lvs /var/lib/lvs 2>/dev/null || :";
  const there = await director.run(shown);
  const vip = of("VipAlias", { address, device });
  await expect(vip.create()).rejects.toThrow(reason);
  expect(await director.run(shown)).toBe(there);
  await director.run(
    `ip route flush 192.168.90.0/24; ip address flush to ${VIP}; ip address del 10.77.62.2/24 dev one || :`,
  );
  expect(await snapshot(director)).toBe(before);
});

test("forwarding goes back although an interface has gone that was there, and another has come", async () => {
  await director.run("ip link add here type veth peer name there");
  const forward = of("Sysctl", { key: "net.ipv4.ip_forward", value: 1 });
  await forward.create();
  await director.run("ip link del here; ip link add come type veth peer name since");
  await forward.delete();
  await director.run("ip link del come");
  expect(await snapshot(director)).toBe(before);
});

test("a routing rule that the kernel would take for the owner's is refused, and so is taking it away", async () => {
  await director.run("ip rule add priority 1000 from 10.1.2.3 ipproto tcp table 100");
  const rule = of("RoutingRule", { priority: 1000, from: "10.1.2.3", table: "100" });
  await expect(rule.create()).rejects.toThrow(/"1000: from 10\.1\.2\.3 ipproto tcp", which the kernel would delete/);
  await director.run("ip rule del priority 1000");
  await rule.create();
  await director.run("ip rule add priority 1000 from 10.1.2.3 ipproto tcp table 100");
  await expect(rule.delete()).rejects.toThrow(/ipproto tcp", which the kernel would delete/);
  await director.run("ip rule del priority 1000 from 10.1.2.3 ipproto tcp table 100");
  await rule.delete();
  expect(await snapshot(director)).toBe(before);
});

test("two VIPs whose names were one have a boot file each", async () => {
  const vips = ["2001:db8::1:1", "2001:db8:1::1"].map((address) => of("VipAlias", { address, device: "eth0" }));
  for (const vip of vips) await vip.create();
  await director.run("ip -6 address del 2001:db8::1:1/128 dev eth0; ip -6 address del 2001:db8:1::1/128 dev eth0");
  await director.run("for one in /etc/lvs/boot.d/*; do sh $one; done");
  const shown = await director.run("ip -6 address show dev eth0");
  expect([shown.includes("2001:db8::1:1/128"), shown.includes("2001:db8:1::1/128")]).toEqual([true, true]);
  for (const vip of vips) await vip.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a host of an earlier version: boot files get names of their own, and none of before is left", async () => {
  const [one, other, four] = ["2001:db8::1:1", "2001:db8:1::1", VIP].map((address) =>
    of("VipAlias", { address, device: "eth0" }),
  ) as [Resource, Resource, Resource];
  for (const vip of [one, other, four]) await vip.create();
  // Two VIPs had one file, and the text for IPv4 may have been another.
  await director.run(`cd /etc/lvs/boot.d && rm 20-VipAlias.* && echo : >20-vip-${VIP}-eth0
    echo 'ip -6 address replace 2001:db8:1::1/128 dev eth0 nodad' >20-vip-2001_db8_1_1-eth0`);
  for (const vip of [one, other, four]) await vip.read();
  expect([one, other, four].map(({ state }) => state.boot)).toEqual([false, true, false]);
  for (const vip of [one, four]) await vip.update();
  expect((await director.run("ls /etc/lvs/boot.d")).trim().split("\n")).toEqual([
    `20-VipAlias.${VIP}%20eth0`,
    "20-VipAlias.2001%3Adb8%3A%3A1%3A1%20eth0",
    "20-vip-2001_db8_1_1-eth0",
  ]);
  await other.update({ ...other.inputs, boot: false });
  expect(await director.run("ls /etc/lvs/boot.d")).not.toContain("20-vip");
  for (const vip of [one, other, four]) await vip.delete();
  expect(await snapshot(director)).toBe(before);
});
