import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

jest.setTimeout(150_000);

// A client behind a router asks the server, which has no way back but by the table 100.
const site = new Site();
let server: Host;
let client: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.14.1/24");
  const [inner, far] = [await site.network(), await site.network()];
  server = await site.host("server", { eth0: [lan, "10.77.14.2/24"], eth1: [inner, "10.79.0.5/24"] });
  const router = await site.host("router", { eth0: [inner, "10.79.0.1/24"], eth1: [far, "10.80.0.1/24"] });
  client = await site.host("client", { eth0: [far, "10.80.0.9/24"] });
  await router.run("sysctl -qw net.ipv4.ip_forward=1");
  await client.run("ip route add default via 10.80.0.1");
  await server.run("ip route add default via 10.79.0.1 table 100");
  before = await snapshot(server);
});
afterAll(() => site.close());

const host = () => declare(server, "10.77.14.2");
const back = (more: object = {}) =>
  new Resource("RoutingRule", { host: host(), priority: 1000, from: "10.79.0.5", table: "100", ...more });
const rules = () => server.run("ip rule show priority 1000 | tr -s '[:blank:]' ' '");
const answered = () => client.run("timeout 2 bash -c ': </dev/tcp/10.79.0.5/22' 2>/dev/null && echo yes || echo no");

test("answers go by the table of the rule, also after a reboot, and no longer after the delete", async () => {
  expect(await answered()).toBe("no\n");
  const rule = back();
  await rule.create();
  expect(await answered()).toBe("yes\n");
  expect(await rule.read()).toBe(true);
  expect(await rule.differences()).toEqual([]);
  await server.run("sh /etc/lvs/boot.d/*; sh /etc/lvs/boot.d/*");
  expect(await rules()).toBe("1000: from 10.79.0.5 lookup 100\n");
  await server.run("ip rule del priority 1000; sh /etc/lvs/boot.d/*");
  expect(await answered()).toBe("yes\n");
  await rule.delete();
  expect(await answered()).toBe("no\n");
  expect(await snapshot(server)).toBe(before);
});

test("deleted by hand it shows, and is repaired", async () => {
  const rule = back({ inInterface: "lo" });
  await rule.create();
  await server.run("ip rule del priority 1000");
  expect(await rule.read()).toBe(true);
  expect(await rule.differences()).toEqual(["present"]);
  await rule.update();
  expect(await rules()).toBe("1000: from 10.79.0.5 iif lo lookup 100\n");
  await rule.delete();
  expect(await snapshot(server)).toBe(before);
});

test("another table is a replacement, and the rule of another table for the same packets stays", async () => {
  await server.run("ip rule add priority 1000 from 10.79.0.5 table 77");
  const found = await snapshot(server);
  const old = back();
  await old.create();
  const inputs = { ...old.inputs, table: "101" };
  expect(await old.replaces(inputs)).toEqual(["table"]);
  const next = back({ table: "101" });
  await next.create();
  await old.delete();
  expect(await rules()).toBe("1000: from 10.79.0.5 lookup 77\n1000: from 10.79.0.5 lookup 101\n");
  await next.delete();
  expect(await snapshot(server)).toBe(found);
  await server.run("ip rule del priority 1000");
});

test("an equal rule, of a table with a name, is taken over untouched and stays after the delete", async () => {
  await server.run("mkdir -p /etc/iproute2; echo '100 answers' >>/etc/iproute2/rt_tables");
  await server.run("ip rule add priority 1000 from 10.79.0.5 table 100 protocol static");
  const found = await snapshot(server);
  const rule = back();
  await rule.create();
  await server.run("sh /etc/lvs/boot.d/*");
  expect(await rules()).toBe("1000: from 10.79.0.5 lookup answers proto static\n");
  expect(await rule.differences()).toEqual([]);
  await rule.delete();
  expect(await snapshot(server)).toBe(found);
  await server.run("ip rule del priority 1000; sed -i '/answers/d' /etc/iproute2/rt_tables");
});

test("all conditions, and IPv6, are read as they were written", async () => {
  const all = [
    back({ from: "10.79.0.0/24", to: "10.80.0.0/16", mark: 255, inInterface: "eth7" }),
    back({ from: "2001:DB8::/32", to: "fd00::1", mark: 255 }),
    back({ from: undefined, family: "ipv6", table: "main" }),
  ];
  for (const one of all) await one.create();
  for (const one of all) {
    expect(await one.read()).toBe(true);
    expect(await one.differences()).toEqual([]);
    await one.delete();
  }
  expect(await snapshot(server)).toBe(before);
});

test("a rule that cuts us off is undone by the host itself, and the error says so", async () => {
  const bad = back({ from: undefined, to: "10.77.14.0/24" });
  await expect(bad.create()).rejects.toThrow(
    /host server: adding the routing rule 1000: .*this cut off our own connection; the host has put the old state back/,
  );
  expect(await rules()).toBe("");
  await bad.delete();
  expect(await snapshot(server)).toBe(before);
});

test("a table that the host does not know is an error with the cure", async () => {
  await expect(back({ table: "nonsense" }).create()).rejects.toThrow(
    /server.*no routing table "nonsense": declare its number/,
  );
  expect(await snapshot(server)).toBe(before);
});
