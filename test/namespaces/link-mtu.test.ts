import { closeIdle } from "../../provider/host/pool";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

jest.setTimeout(150_000);

const site = new Site();
let server: Host;
let peer: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.71.1/24");
  const inner = await site.network();
  server = await site.host("server", { eth0: [lan, "10.77.71.2/24"], eth1: [inner, "10.79.0.5/24"] });
  peer = await site.host("peer", { eth0: [inner, "10.79.0.9/24"] });
  before = await snapshot(server);
});
afterAll(() => site.close());
afterEach(closeIdle);

const wide = (mtu: number, device = "eth1") =>
  new Resource("LinkMtu", { host: declare(server, "10.77.71.2"), device, mtu }, `site/test/${device}`);
const mtu = async (device: string) => Number(await server.run(`cat /sys/class/net/${device}/mtu`));

/** The parts in which a datagram of 1400 bytes arrives; 0 is in one piece. Nobody listens: the kernel counts it as it arrives. */
async function parts(): Promise<number> {
  const counted = "awk '/^Ip: [0-9]/ { print $15 } /^Udp: [0-9]/ { print $3 }' /proc/net/snmp";
  const [had = 0, came = 0] = (await peer.run(counted)).split("\n").map(Number);
  await server.run("bash -c 'printf %1400s >/dev/udp/10.79.0.9/9'");
  const arrives = `for i in $(seq 50); do ${counted} | grep -qx ${came + 1} && break; sleep 0.1; done; ${counted}`;
  const [has = 0, comes] = (await peer.run(arrives)).split("\n").map(Number);
  expect(comes).toBe(came + 1);
  return has - had;
}

test("packets are as long as declared, also after a reboot, and no longer so after the delete", async () => {
  expect(await parts()).toBe(0);
  const narrow = wide(1300);
  await narrow.create();
  expect(await parts()).toBe(2);
  expect(await narrow.read()).toBe(true);
  expect(await narrow.differences()).toEqual([]);
  await server.run("sh /etc/lvs/boot.d/*; sh /etc/lvs/boot.d/*");
  expect(await mtu("eth1")).toBe(1300);
  await server.run("ip link set eth1 mtu 1500; sh /etc/lvs/boot.d/*");
  expect(await parts()).toBe(2);
  await narrow.delete();
  expect(await parts()).toBe(0);
  expect(await snapshot(server)).toBe(before);
});

test("another MTU by hand shows, and is repaired; a change is no replacement", async () => {
  const one = wide(1520);
  await one.create();
  await server.run("ip link set eth1 mtu 1500");
  expect(await one.read()).toBe(true);
  expect(await one.differences()).toEqual(["mtu"]);
  await one.update();
  expect(await mtu("eth1")).toBe(1520);
  const inputs = { ...one.inputs, mtu: 9000 };
  expect(await one.replaces(inputs)).toEqual([]);
  await one.update(inputs);
  expect(await mtu("eth1")).toBe(9000);
  await one.delete();
  expect(await snapshot(server)).toBe(before);
});

test("an MTU that was found so stays", async () => {
  const one = wide(1500);
  await one.create();
  await one.delete();
  expect(await snapshot(server)).toBe(before);
});

test("an interface on another one keeps what it has: it is named, and goes first", async () => {
  await server.run("ip link add mac0 link eth1 type macvlan");
  const there = await snapshot(server);
  const lower = wide(1499);
  await expect(lower.create()).rejects.toThrow(
    /host server: LinkMtu eth1: mac0 lies on eth1 and has 1500: .* Declare its own LinkMtu of at most 1499.*\. Nothing was changed\./,
  );
  expect(await snapshot(server)).toBe(there);
  const upper = wide(1499, "mac0");
  await upper.create();
  await lower.create();
  await lower.delete();
  await upper.delete();
  expect(await snapshot(server)).toBe(there);
  const more = wide(1600, "mac0");
  await expect(more.create()).rejects.toThrow(/setting the MTU of mac0 to 1600: .*the one that it lies on has less/s);
  await more.delete();
  expect(await snapshot(server)).toBe(there);
  await server.run("ip link del mac0");
});

test("what the interface cannot have, and an interface that is missing, are errors with the cure", async () => {
  const most = wide(65536);
  await expect(most.create()).rejects.toThrow(/host server: setting the MTU of eth1 to 65536: .*ip -d link show eth1/s);
  await most.delete();
  await expect(wide(1520, "eth7").create()).rejects.toThrow(/the host has no interface eth7: .*KernelModule/);
  expect(await snapshot(server)).toBe(before);
});
