import { closeIdle } from "../../provider/host/pool";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
let server: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.12.1/24");
  server = await site.host("server", { eth0: [lan, "10.77.12.2/24"] });
  await server.run("ip link add spare type veth peer name other && ip link set other up");
  before = await snapshot(server);
});
afterAll(() => site.close());
afterEach(closeIdle);

const link = (device: string) => new Resource("Link", { host: declare(server, "10.77.12.2"), device });
const flags = (device: string) => server.run(`ip -o link show ${device} | sed 's/.*<\\(.*\\)>.*/\\1/'`);

test("an interface that is down is brought up, and goes down again with the resource", async () => {
  const spare = link("spare");
  await spare.create();
  expect(await flags("spare")).toMatch(/\bUP\b/);
  expect(await server.run("cat /etc/lvs/boot.d/*Link.spare*")).toContain("ip link set dev spare up");
  await spare.delete();
  expect(await flags("spare")).not.toMatch(/\bUP\b/);
  expect(await snapshot(server)).toBe(before);
});

test("an interface that was taken down by hand shows, and is repaired", async () => {
  const spare = link("spare");
  await spare.create();
  await server.run("ip link set spare down");
  expect(await spare.read()).toBe(true);
  expect(await spare.differences()).toEqual(["up"]);
  await spare.update();
  expect(await flags("spare")).toMatch(/\bUP\b/);
  await spare.delete();
  expect(await snapshot(server)).toBe(before);
});

test("an interface that was up stays up", async () => {
  const lan = link("eth0");
  await lan.create();
  await lan.delete();
  expect(await flags("eth0")).toMatch(/\bUP\b/);
  expect(await snapshot(server)).toBe(before);
});

test("an interface that is missing is an error with the cure", async () => {
  await expect(link("tunl7").create()).rejects.toThrow(
    /host server: bringing the interface tunl7 up: .*Is the kernel module that makes it loaded/s,
  );
});
