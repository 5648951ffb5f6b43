import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
let director: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.2.1/24");
  director = await site.host("director", { eth0: [lan, "10.77.2.2/24"] });
  before = await snapshot(director);
});
afterAll(() => site.close());

function route(more: object): Resource {
  return new Resource("Route", { host: declare(director, "10.77.2.2"), ...more });
}

const routes = () => director.run("ip route show | grep -v 'proto kernel' || :").then((text) => text.trim());
const fragments = () => director.run("cat /etc/lvs/boot.d/* 2>/dev/null || :").then((text) => text.trim());

test("a route holds now and at boot, and leaves no trace", async () => {
  const servers = route({ to: "192.168.80.0/24", via: "10.77.2.9" });
  await servers.create();
  expect(await routes()).toBe("192.168.80.0/24 via 10.77.2.9 dev eth0");
  expect(await fragments()).toBe("ip -4 route replace 192.168.80.0/24 via 10.77.2.9 table main");
  await director.run("ip route del 192.168.80.0/24; sh /etc/lvs/boot.d/*");
  expect(await routes()).toBe("192.168.80.0/24 via 10.77.2.9 dev eth0");
  await servers.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a route of the same meaning is taken over untouched, and stays after the delete", async () => {
  await director.run("ip route add 192.168.80.0/24 via 10.77.2.9 proto static");
  const already = await snapshot(director);
  const servers = route({ to: "192.168.80.0/24", via: "10.77.2.9" });
  await servers.create();
  expect(await routes()).toContain("proto static");
  await servers.delete();
  expect(await snapshot(director)).toBe(already);
  await director.run("ip route del 192.168.80.0/24");
});

test("another gateway is an update, and deleting puts back the route that was found", async () => {
  await director.run("ip route add 192.168.80.0/24 via 10.77.2.7 proto static src 10.77.2.2");
  const already = await snapshot(director);
  const servers = route({ to: "192.168.80.0/24", via: "10.77.2.9" });
  await servers.create();
  expect(await routes()).toBe("192.168.80.0/24 via 10.77.2.9 dev eth0");
  const inputs = { ...servers.inputs, via: "10.77.2.8" };
  expect(await servers.differences(inputs)).toEqual(["via"]);
  expect(await servers.replaces(inputs)).toEqual([]);
  await servers.update(inputs);
  expect(await routes()).toBe("192.168.80.0/24 via 10.77.2.8 dev eth0");
  expect(await fragments()).toContain("via 10.77.2.8");
  expect((await fragments()).split("\n")).toHaveLength(1);
  await servers.delete();
  expect(await snapshot(director)).toBe(already);
  await director.run("ip route del 192.168.80.0/24");
});

test("another target is a replacement: the new route comes before the old one goes", async () => {
  const old = route({ to: "192.168.80.0/24", via: "10.77.2.9" });
  await old.create();
  const inputs = { ...old.inputs, to: "192.168.81.0/24" };
  expect(await old.replaces(inputs)).toEqual(["to"]);
  const next = route(inputs);
  await next.create();
  await old.delete();
  expect(await routes()).toBe("192.168.81.0/24 via 10.77.2.9 dev eth0");
  await next.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a route that was deleted or turned by hand shows as `via`, and comes back", async () => {
  const servers = route({ to: "192.168.80.0/24", via: "10.77.2.9" });
  await servers.create();
  for (const byHand of ["del 192.168.80.0/24", "replace 192.168.80.0/24 via 10.77.2.7"]) {
    await director.run(`ip route ${byHand}`);
    expect(await servers.read()).toBe(true);
    expect(await servers.differences()).toContain("via");
    await servers.update();
    expect(await servers.differences()).toEqual([]);
    expect(await routes()).toBe("192.168.80.0/24 via 10.77.2.9 dev eth0");
  }
  await servers.delete();
  expect(await snapshot(director)).toBe(before);
});

test("routes with a metric and in another table are told apart from those without", async () => {
  const all = [
    { to: "192.168.80.0/24", via: "10.77.2.9" },
    { to: "192.168.80.0/24", via: "10.77.2.8", metric: 50 },
    { to: "192.168.80.0/24", via: "10.77.2.7", table: "77" },
    { to: "192.168.80.5", device: "eth0", source: "10.77.2.2" },
  ].map(route);
  await Promise.all(all.map((one) => one.create()));
  expect((await director.run("ip route show table all | grep 192.168.80")).trim().split("\n")).toHaveLength(4);
  for (const one of all) expect(await one.differences()).toEqual([]);
  await Promise.all(all.map((one) => one.delete()));
  expect(await snapshot(director)).toBe(before);
});

test("a gateway on no network of the host is an error with the advice, and nothing is left", async () => {
  const lost = route({ to: "192.168.80.0/24", via: "172.31.0.1" });
  await expect(lost.create()).rejects.toThrow(
    /director: setting the route .*Is the gateway's address on a network of one of/s,
  );
  expect(await fragments()).toBe("");
  await lost.delete();
  expect(await snapshot(director)).toBe(before);
});
