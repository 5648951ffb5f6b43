import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
let director: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.1.1/24");
  director = await site.host("director", { eth0: [lan, "10.77.1.2/24"], eth1: [lan, "10.78.0.2/24"] });
  before = await snapshot(director);
});
afterAll(() => site.close());

function forwarding(owner = "one/prod/forward", value = "1"): Resource {
  return new Resource("Sysctl", { host: declare(director, "10.77.1.2"), key: "net.ipv4.ip_forward", value }, owner);
}

const look = (path: string) => director.run(`cat /proc/sys/net/ipv4/${path}`).then((text) => text.trim());

test("forwarding holds now and at boot, and goes with all that the kernel changed along with it", async () => {
  const forward = forwarding();
  await forward.create();
  expect(await look("ip_forward")).toBe("1");
  expect(await look("conf/eth1/forwarding")).toBe("1");
  expect(await look("conf/all/accept_redirects")).toBe("0");
  expect(await director.run("sysctl --system --dry-run 2>&1 || cat /etc/sysctl.d/*lvs*")).toContain(
    "net.ipv4.ip_forward",
  );
  expect(await forward.differences()).toEqual([]);
  await forward.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a value that was written by hand shows as that property, and an update repairs it", async () => {
  const forward = forwarding();
  await forward.create();
  await director.run("sysctl -qw net.ipv4.ip_forward=0");
  expect(await forward.read()).toBe(true);
  expect(forward.state.value).toBe("0");
  expect(await forward.differences()).toEqual(["value"]);
  await forward.update();
  expect(await look("ip_forward")).toBe("1");
  await director.run("rm /etc/sysctl.d/*lvs*");
  await forward.read();
  expect(await forward.differences()).toEqual(["boot"]);
  await forward.update();
  expect(await forward.differences()).toEqual([]);
  await forward.delete();
  expect(await snapshot(director)).toBe(before);
});

test("what was there already as declared is taken over, and stays after the delete", async () => {
  await director.run("sysctl -qw net.ipv4.ip_forward=1");
  const already = await snapshot(director);
  const forward = forwarding();
  await forward.create();
  await forward.delete();
  expect(await snapshot(director)).toBe(already);
  await director.run("sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.accept_redirects=1");
});

test("two stacks need the same: the first delete leaves it on, the second puts back what was found", async () => {
  const [one, two] = [forwarding("one/prod/forward"), forwarding("two/prod/director")];
  await Promise.all([one.create(), two.create()]);
  await one.delete();
  expect(await look("ip_forward")).toBe("1");
  expect(await two.read()).toBe(true);
  expect(await two.differences()).toEqual([]);
  await two.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a second stack that declares it differently is refused, by the name of the first", async () => {
  const one = forwarding("one/prod/forward");
  await one.create();
  const two = forwarding("two/prod/director", "0");
  await expect(two.create()).rejects.toThrow(
    /director: Sysctl net\.ipv4\.ip_forward is declared differently by one\/prod\/forward/,
  );
  expect(two.id).toBe("");
  expect(await look("ip_forward")).toBe("1");
  await one.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a rename changes nothing on the host: the new name takes it over before the old one goes", async () => {
  const old = forwarding("one/prod/forward");
  await old.create();
  const renamed = forwarding("one/prod/forwarding");
  await renamed.create();
  await old.delete();
  expect(await look("ip_forward")).toBe("1");
  await renamed.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a key that the kernel does not have is an error that says so, and leaves nothing behind", async () => {
  const unknown = new Resource("Sysctl", {
    host: declare(director, "10.77.1.2"),
    key: "net.ipv4.vs.conntrack_of_mine",
    value: "1",
  });
  await expect(unknown.create()).rejects.toThrow(
    /director: setting net\.ipv4\.vs\.conntrack_of_mine = 1: .*The kernel has no such/s,
  );
  expect(unknown.id).toBe("director/Sysctl/net.ipv4.vs.conntrack_of_mine");
  await unknown.delete();
  expect(await snapshot(director)).toBe(before);
});

const PORTS = "net.ipv4.ip_local_reserved_ports";

test.each([
  [PORTS, "8081,8080,9000-9010,9005-9020"],
  ["net.ipv6.icmp.ratemask", "0,1,2,128"],
  ["net.ipv4.tcp_fastopen_key", "A-b-C-12345678"],
  ["net.ipv4.ping_group_range", "0   1000"],
])("%s = %s: the kernel prints it in another form, and nothing differs", async (key, value) => {
  const setting = new Resource("Sysctl", { host: declare(director, "10.77.1.2"), key, value });
  await setting.create();
  expect(await setting.read()).toBe(true);
  expect(await setting.differences()).toEqual([]);
  await setting.delete();
});

test("what was empty is empty again, and what the kernel does not take whole is told", async () => {
  expect(await look("ip_local_reserved_ports")).toBe("");
  const host = declare(director, "10.77.1.2");
  const part = new Resource("Sysctl", { host, key: "net.ipv4.tcp_rmem", value: "4096 87380" });
  const [, , most] = (await look("tcp_rmem")).split("\t");
  await expect(part.create()).rejects.toThrow(`The kernel says "4096 87380 ${most}" now: declare the value as it does`);
  await part.delete();
  expect(await snapshot(director)).toBe(before);
});

test("the secret of addresses: refused where the kernel cannot go back, else put back with what changed along", async () => {
  const key = "net.ipv6.conf.eth1.stable_secret";
  const secret = new Resource("Sysctl", { host: declare(director, "10.77.1.2"), key, value: "2001:DB8::1" });
  await expect(secret.create()).rejects.toThrow(/no secret yet.*Nothing was changed/);
  expect(await snapshot(director)).toBe(before);
  await director.run(`sysctl -qw ${key}=2001:db8::2; echo 0 >/proc/sys/net/ipv6/conf/eth1/addr_gen_mode`);
  await secret.create();
  expect(await secret.read()).toBe(true);
  expect(await secret.differences()).toEqual([]);
  await secret.delete();
  expect(await director.run(`sysctl -n ${key}`)).toBe("2001:0db8:0000:0000:0000:0000:0000:0002\n");
  expect(await snapshot(director)).toBe(before);
});
