import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";

// The VIP as direct routing has it: on the director's interface, and on the real server's lo. The real arping finds out
// who answers ARP for the VIP, once from where Pulumi runs and once from a host.
const VIP = "10.77.44.111";
const site = new Site();
const web = http.createServer((_, response) => response.setHeader("X-Backend", "rs1").end());
let lan: string;
let director: Host;
let server: Host;
let client: Host;

beforeAll(async () => {
  lan = await site.network("10.77.44.1/24");
  director = await site.host("director", { eth0: [lan, "10.77.44.2/24"] });
  server = await site.host("rs1", { eth0: [lan, "10.77.44.3/24"] });
  client = await site.host("client", { eth0: [lan, "10.77.44.9/24"] });
  await director.run(`ip address add ${VIP}/32 dev eth0`);
  await server.run(`ip address add ${VIP}/32 dev lo`);
  await new Promise<void>((listening) => web.listen(0, "10.77.44.1", listening));
});
afterAll(async () => {
  await new Promise((closed) => web.close(closed));
  await site.close();
});

const quiet = (on: 0 | 1) =>
  server.run(
    `for i in all eth0; do sysctl -qw net.ipv4.conf.$i.arp_ignore=${on} net.ipv4.conf.$i.arp_announce=${on * 2}; done`,
  );
const mac = async (host: Host) => (await host.run("cat /sys/class/net/eth0/address")).trim();

/** A check whose requests always succeed. The check of ARP follows them. */
function check(sender: "here" | "client", arp: object = {}): Promise<void> {
  const url = `http://10.77.44.1:${(web.address() as AddressInfo).port}/`;
  const from = sender === "client" ? { host: declare(client, "10.77.44.9") } : {};
  const asked = { address: VIP, device: sender === "client" ? "eth0" : lan, directorDevice: "eth0" };
  const expected = { arp: { ...asked, director: declare(director, "10.77.44.2"), ...arp } };
  return new Resource("TrafficCheck", { ...from, url, requests: 1, within: 0, expect: expected }).create();
}

describe.each(["here", "client"] as const)("asked from: %s", (sender) => {
  test("the director alone answers", async () => {
    await quiet(1);
    await check(sender);
  });

  test("a real server without its ARP settings is named by its hardware address", async () => {
    await quiet(0);
    const failing = check(sender);
    await expect(failing).rejects.toThrow(`${await mac(server)} must not answer`);
    await expect(failing).rejects.toThrow(`the director's (host director) is ${await mac(director)}`);
  });

  test("nobody has the address", async () => {
    await quiet(1);
    await expect(check(sender, { address: "10.77.44.99" })).rejects.toThrow("nobody answered");
  });

  test("an interface that the sender does not have", async () => {
    await expect(check(sender, { device: "eth7" })).rejects.toThrow(/ARP for 10\.77\.44\.111 on eth7 .*eth7/);
  });
});
