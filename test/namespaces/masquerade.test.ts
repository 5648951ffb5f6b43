import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
let director: Host;
let server: Host;
let outside: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.4.1/24");
  const inner = await site.network();
  director = await site.host("director", { eth0: [lan, "10.77.4.2/24"], eth1: [inner, "10.79.0.1/24"] });
  outside = await site.host("outside", { eth0: [lan, "10.77.4.9/24"] });
  server = await site.host("server", { eth0: [inner, "10.79.0.5/24"] });
  await director.run("sysctl -qw net.ipv4.ip_forward=1; nft add table inet firewall; nft add chain inet firewall mine");
  await server.run("ip route add default via 10.79.0.1");
  await outside.run("ip route add 10.79.0.0/24 via 10.77.4.2");
  before = await snapshot(director);
});
afterAll(() => site.close());

function masquerade(more: object = {}, owner?: string): Resource {
  return new Resource("Masquerade", { host: declare(director, "10.77.4.2"), source: "10.79.0.0/24", ...more }, owner);
}

/** The address from which a connection of the server arrives outside. */
async function arrivesFrom(): Promise<string> {
  const script = `require("net").createServer((s) => { console.log(s.remoteAddress); process.exit() }).listen(8080, "10.77.4.9", () => console.log("listening"))`;
  const listener = spawn("nsenter", ["-t", String(outside.pid), "--net", process.execPath, "-e", script]);
  await once(listener.stdout, "data");
  const arrived = once(listener.stdout, "data");
  await server.run("timeout 5 bash -c ': </dev/tcp/10.77.4.9/8080'");
  return String((await arrived)[0]).trim();
}

test("connections that a server opens arrive with the director's address, and with their own after the delete", async () => {
  expect(await arrivesFrom()).toBe("10.79.0.5");
  const nat = masquerade();
  await nat.create();
  expect(await arrivesFrom()).toBe("10.77.4.2");
  await nat.delete();
  expect(await arrivesFrom()).toBe("10.79.0.5");
  expect(await snapshot(director)).toBe(before);
});

test("the boot fragment brings the rule back, once", async () => {
  const nat = masquerade({ outInterface: "eth0" });
  await nat.create();
  await director.run("nft delete table inet lvs; sh /etc/lvs/boot.d/*; sh /etc/lvs/boot.d/*");
  expect((await director.run("nft list table inet lvs")).match(/masquerade comment/g)).toHaveLength(1);
  expect(await arrivesFrom()).toBe("10.77.4.2");
  await nat.delete();
  expect(await snapshot(director)).toBe(before);
});

test("rules that were flushed by hand show as a difference and come back; those of others stay as they are", async () => {
  const nat = masquerade();
  await nat.create();
  await director.run("nft flush table inet lvs");
  expect(await nat.read()).toBe(true);
  expect(await nat.differences()).toEqual(["present"]);
  await nat.update();
  expect(await nat.differences()).toEqual([]);
  expect(await director.run("nft list tables")).toBe("table inet firewall\ntable inet lvs\n");
  await nat.delete();
  expect(await snapshot(director)).toBe(before);
});

test("two masquerades share the table: the last one to go takes it along", async () => {
  const one = masquerade({}, "one/prod/nat");
  const two = masquerade({ source: "10.79.0.0/25" }, "two/prod/nat");
  const three = masquerade({ outInterface: "eth0" }, "two/prod/out");
  await Promise.all([one.create(), two.create(), three.create()]);
  expect((await director.run("nft list table inet lvs")).match(/masquerade comment/g)).toHaveLength(3);
  for (const each of [one, two, three]) {
    await each.read();
    expect(await each.differences()).toEqual([]);
  }
  await one.delete();
  for (const each of [two, three]) {
    await each.read();
    expect(await each.differences()).toEqual([]);
  }
  await Promise.all([two.delete(), three.delete()]);
  expect(await snapshot(director)).toBe(before);
});

test.each(["masquerade", "mark"])("a masquerade and a mark share the table: the %s goes alone", async (first) => {
  const nat = masquerade();
  const to = { host: declare(director, "10.77.4.2"), address: "10.77.4.2" };
  const mark = new Resource("FirewallMark", { ...to, mark: 9, ports: [80] }, "one/prod/mark");
  await nat.create();
  await mark.create();
  const [goes, stays] = first === "mark" ? [mark, nat] : [nat, mark];
  await goes.delete();
  await stays.read();
  expect(await stays.differences()).toEqual([]);
  await stays.delete();
  expect(await snapshot(director)).toBe(before);
});

test("a host without nft does the same by iptables", async () => {
  await director.run("nft delete table inet firewall; mv /usr/sbin/nft /usr/sbin/nft-away");
  const nat = masquerade();
  await nat.create();
  expect(await arrivesFrom()).toBe("10.77.4.2");
  await nat.read();
  expect(await nat.differences()).toEqual([]);
  await nat.delete();
  expect(await arrivesFrom()).toBe("10.79.0.5");
  expect(await director.run("iptables -t nat -S POSTROUTING")).toBe("-P POSTROUTING ACCEPT\n");
  await director.run("mv /usr/sbin/nft-away /usr/sbin/nft");
});

test("a host with neither is an error that says what to install", async () => {
  await director.run("mkdir /tmp/away; mv /usr/sbin/nft /usr/sbin/*tables* /tmp/away");
  await expect(masquerade().create()).rejects.toThrow(/neither nft nor iptables is installed.*Install nftables/s);
  await director.run("mv /tmp/away/* /usr/sbin");
});
