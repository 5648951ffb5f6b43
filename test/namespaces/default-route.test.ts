import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

jest.setTimeout(150_000);

// The server is managed through a router. A wrong default route therefore cuts off the provider's own connection.
const site = new Site();
let server: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.3.1/24");
  const inner = await site.network();
  for (const [name, outside, inside] of [
    ["router", "10.77.3.2/24", "10.79.0.1/24"],
    ["other-router", "10.77.3.3/24", "10.79.0.2/24"],
  ] as const) {
    const router = await site.host(name, { eth0: [lan, outside], eth1: [inner, inside] });
    await router.run("sysctl -qw net.ipv4.ip_forward=1");
  }
  server = await site.host("server", { eth0: [inner, "10.79.0.5/24"] });
  await server.run("ip route add default via 10.79.0.1");
  await site.route("10.79.0.0/24", "10.77.3.2");
  before = await snapshot(server);
});
afterAll(() => site.close());

const gateway = (via: string) => new Resource("Route", { host: declare(server, "10.79.0.5"), to: "default", via });
const undoing = () => server.run("ls /run/lvs | grep undo || :");

test("a default route through another router that leads back to us is kept, and put back by delete", async () => {
  const good = gateway("10.79.0.2");
  await good.create();
  expect(await server.run("ip route show default")).toBe("default via 10.79.0.2 dev eth0 \n");
  expect(await undoing()).toBe("");
  expect(await server.run("cat /etc/lvs/boot.d/*")).toContain("default via 10.79.0.2");
  await good.delete();
  expect(await undoing()).toBe("");
  expect(await snapshot(server)).toBe(before);
});

test("a default route that cuts us off is undone by the host itself, is not written for boot, and the error says so", async () => {
  const bad = gateway("10.79.0.99");
  await expect(bad.create()).rejects.toThrow(
    /host server: setting the route default via 10\.79\.0\.99: this cut off our own connection; the host has put the old state back by itself and answers again\. Is the gateway right/,
  );
  expect(await server.run("ip route show default")).toBe("default via 10.79.0.1 dev eth0 \n");
  expect(await server.run("ls /etc/lvs 2>&1 || :")).toContain("No such file");
  expect(await undoing()).toBe("");
  expect(bad.id).toBe("server/Route/default main 0");
  await bad.delete();
  expect(await snapshot(server)).toBe(before);
});
