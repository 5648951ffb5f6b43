import { rmSync } from "node:fs";
import { dirname } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { artefact } from "../artefact";
import { only, register } from "./registered";

jest.mock("pulumi-lvs", () => jest.requireActual("../../sdk/index"), { virtual: true });

const hosts = JSON.stringify({
  director: { address: "192.0.2.1", hostKey: "ssh-ed25519 AAAA" },
  rs1: { address: "192.0.2.2", jump: "director" },
  rs2: { address: "192.0.2.3", sudo: { password: "ROOT" } },
});

// Each run has a copy of Pulumi's runtime. Without an engine it prints warnings.
const warned = jest.spyOn(console, "warn").mockImplementation(() => {});
/** The names of the rules that a test's runs are warned by. Nothing is known to fail in an experiment as it is. */
let advice: string[] = [];
afterEach(() => {
  const told = warned.mock.calls.map(([said]) => /\(advice "(\S+)"\)$/.exec(said)?.[1]);
  const expected = advice;
  advice = [];
  warned.mockClear();
  expect(told).toEqual(expected);
});

/** Runs the program that the configuration picks. */
const run = (settings: Record<string, string>) =>
  register(() => {
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [`shop:${key}`, value])),
    );
    jest.isolateModules(() => {
      // Only the program is loaded anew. Pulumi's seven hundred modules would take most of the time.
      jest.doMock("@pulumi/pulumi", () => pulumi);
      require("../../examples");
    });
  });

test("nat is the tutorial's experiment, checked by traffic at the end", async () => {
  const registered = await run({ experiment: "nat", hosts });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    address: "172.17.111.117",
    port: 80,
    scheduler: "wrr",
    destinations: { "192.168.199.146:80": { weight: 1 }, "192.168.199.143:80": { weight: 1 } },
  });
  expect(only(registered, "Route", "nat-rs1-default").inputs).toMatchObject({
    via: "192.168.199.145",
    host: { name: "rs1", jump: { name: "director", address: "192.0.2.1", hostKey: "ssh-ed25519 AAAA" } },
  });
  const check = only(registered, "TrafficCheck");
  expect(check.inputs).toMatchObject({ url: "http://172.17.111.117/", expect: { servers: { rs1: 1, rs2: 1 } } });
  expect(check.dependsOn).toContain("nat-80");
  expect(JSON.stringify(registered.map(({ inputs }) => inputs.host))).not.toContain('"password":"ROOT"');
});

test("nat with two directors: the VIP and the gateway float, and are nobody's own", async () => {
  const two = JSON.stringify({ ...JSON.parse(hosts), director2: { address: "192.0.2.5" } });
  const registered = await run({ experiment: "nat", hosts: two, directors: "2", ports: "[80,443]", timeout: "300" });
  expect(registered.filter(({ type }) => type.endsWith(":VipAlias"))).toEqual([]);
  const { content } = only(registered, "File", "nat-keepalived-director2-configuration").inputs;
  expect(content).toMatch(/^ +unicast_src_ip 192\.168\.199\.118$/m);
  expect(content).toMatch(/^ +172\.17\.111\.111\/32 dev eth0\n +192\.168\.199\.145\/32 dev eth1$/m);
  for (const port of [80, 443])
    expect(only(registered, "VirtualService", `nat-${port}-director2`).inputs).toMatchObject({
      ...{ address: "172.17.111.111", persistence: { timeout: 300 } },
    });
  expect(only(registered, "TrafficCheck").inputs.expect).toEqual({ persistence: true, failures: 0 });
});

test("dr is the tutorial's second experiment", async () => {
  const registered = await run({ experiment: "dr", hosts });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ address: "172.17.111.111", port: 80, scheduler: "wrr", forwarding: "dr" },
    destinations: { "172.17.111.234:80": { weight: 1 }, "172.17.111.222:80": { weight: 1 } },
  });
  expect(only(registered, "VipAlias", "dr-director-vip").inputs).toMatchObject({ label: "eth0:0" });
  const { inputs } = only(registered, "TrafficCheck");
  expect(inputs).toMatchObject({ url: "http://172.17.111.111/", expect: { servers: { rs1: 1, rs2: 1 } } });
  expect(inputs.expect).not.toHaveProperty("arp");
});

test("persistence is its third: http and https by one mark", async () => {
  const registered = await run({ experiment: "persistence", hosts, timeout: "60" });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ mark: 99, scheduler: "rr", persistence: { timeout: 60 } },
    destinations: { "172.17.111.234:0": { weight: 1 }, "172.17.111.222:0": { weight: 1 } },
  });
  expect(only(registered, "FirewallMark").inputs).toMatchObject({ mark: 99, ports: [80, 443] });
  const { inputs } = only(registered, "TrafficCheck");
  expect(inputs).toMatchObject({ url: ["http://172.17.111.111/", "https://172.17.111.111/"], insecure: true });
  // One client alone cannot show that servers take turns.
  expect(inputs.expect).toEqual({ persistence: true, spread: 1, failures: 0 });
  expect(inputs).not.toHaveProperty("sources");
});

test("persistence with addresses to send from: they spread over both servers", async () => {
  const sources = ["172.17.111.11", "172.17.111.12"];
  const registered = await run({ experiment: "persistence", hosts, sources: JSON.stringify(sources) });
  expect(only(registered, "TrafficCheck").inputs).toMatchObject({
    sources,
    expect: { persistence: true, spread: 2, failures: 0 },
  });
});

test("dr asks who answers ARP where Pulumi has an interface on the LAN", async () => {
  const registered = await run({ experiment: "dr", hosts, arp: "enp3s0", device: "eth1" });
  expect(only(registered, "TrafficCheck").inputs.expect).toMatchObject({
    arp: { address: "172.17.111.111", device: "enp3s0", director: { name: "director" }, directorDevice: "eth1" },
  });
});

test("health is its fourth: ldirectord keeps the mark's table", async () => {
  const registered = await run({ experiment: "health", hosts, checkInterval: "7" });
  expect(only(registered, "HealthChecks").inputs.services).toMatchObject({
    99: {
      ...{ scheduler: "wrr", persistence: { timeout: 300 }, quiescent: false },
      destinations: { "172.17.111.234:0": { weight: 2 }, "172.17.111.222:0": { weight: 2 } },
    },
  });
  const { content } = only(registered, "File", "health-health-configuration").inputs;
  expect(content).toMatch(/^checkinterval=7$[\s\S]*request="ok.html"$[\s\S]*receive="OK"$/m);
});

test("ha is its sixth: two directors that stand in for each other, and no alias of the VIP on them", async () => {
  const two = JSON.stringify({ ...JSON.parse(hosts), director2: { address: "192.0.2.5" } });
  await expect(run({ experiment: "ha", hosts: two, directors: '{"director":"172.17.111.117"}' })).rejects.toThrow(
    "does not say the address of director2 by which the other directors know it. Add it: `pulumi config set --path 'directors.director2'",
  );
  const directors = '{"director":"172.17.111.117","director2":"172.17.111.118"}';
  const registered = await run({ experiment: "ha", hosts: two, directors });
  for (const name of ["director", "director2"]) {
    expect(only(registered, "VirtualService", `ha-80-${name}`).inputs.host).toMatchObject({ name });
    expect(only(registered, "ConnectionSync", `ha-sync-${name}`).inputs).toMatchObject({ device: "eth0" });
  }
  const { content } = only(registered, "File", "ha-keepalived-director2-configuration").inputs;
  expect(content).toMatch(
    /advert_int 0.25$[\s\S]*unicast_src_ip 172.17.111.118$[\s\S]*172.17.111.117$[\s\S]*111\/32 dev eth0$/m,
  );
  expect(registered.filter(({ type }) => type.endsWith(":VipAlias")).map(({ name }) => name)).toEqual([
    "ha-rs1-vip",
    "ha-rs2-vip",
  ]);
  const { inputs, dependsOn } = only(registered, "Failover");
  expect(inputs).toMatchObject({
    addresses: ["172.17.111.111"],
    directors: [{ name: "director" }, { name: "director2" }],
  });
  expect(dependsOn).toEqual(expect.arrayContaining(["ha-keepalived-director", "ha-keepalived-director2"]));
});

test("ecmp is its seventh: three directors announce the VIP to a router that has a way by each", async () => {
  const others = ["router", "director2", "director3"].map((name, i) => [name, { address: `192.0.2.1${i}` }]);
  const six = JSON.stringify({ ...JSON.parse(hosts), ...Object.fromEntries(others) });
  const own = { director: "192.168.199.117", director2: "192.168.199.118", director3: "192.168.199.99" };
  const registered = await run({ experiment: "ecmp", hosts: six, directors: JSON.stringify(own) });
  const { content, validate } = only(registered, "File", "router-configuration").inputs;
  expect(validate).toEqual(["bird", "-p", "-c", "%s"]);
  expect(content).toMatch(/^protocol kernel { merge paths on; .*export all; }; }$/m);
  const sessions = String(content).matchAll(/neighbor (\S+) as 64513;$[\s\S]*?if net = (\S+) then accept;/gm);
  expect([...sessions].map(([, address, net]) => [address, net])).toEqual(
    ["192.168.199.117", "192.168.199.118", "192.168.199.99"].map((address) => [address, "172.17.111.111/32"]),
  );
  expect(only(registered, "Sysctls", "router-forwarding").inputs).toMatchObject({
    host: { name: "router" },
    settings: { "net.ipv4.fib_multipath_hash_policy": 1, "net.ipv4.conf.eth0.proxy_arp": 1 },
  });
  for (const name of ["director", "director2", "director3"]) {
    expect(only(registered, "VirtualService", `ecmp-80-${name}`).inputs).toMatchObject({ scheduler: "mh" });
    const session = only(registered, "File", `ecmp-bird-${name}-session-0`).inputs;
    expect(session.content).toMatch(/^ +local as 64513;\n +neighbor 192.168.199.145 as 64512;$/m);
  }
  expect(only(registered, "TrafficCheck").dependsOn).toEqual(
    expect.arrayContaining(["router-daemon", "ecmp-bird-director", "ecmp-bird-director2", "ecmp-bird-director3"]),
  );
});

const shop = artefact({ "manage.py": "\n" });
afterAll(() => rmSync(dirname(shop.path), { recursive: true }));
const withDatabase = JSON.stringify({ ...JSON.parse(hosts), db: { address: "192.0.2.4" } });

test("shop is its fifth: an application on the real servers, and a database of its own", async () => {
  const registered = await run({ experiment: "shop", hosts: withDatabase, artefact: shop.path });
  expect(only(registered, "Release", "shop-rs1").inputs).toMatchObject({
    ...{ site: "shop", artefact: shop, memory: "400M", shared: ["media"], host: { name: "rs1" } },
  });
  expect(only(registered, "Rollout").inputs).toMatchObject({
    directors: [{ host: { name: "director" }, vip: "172.17.111.111", mark: 99 }],
    servers: [{ address: "172.17.111.234" }, { address: "172.17.111.222" }],
    ...{ prepare: ["/usr/bin/python3", "manage.py", "prepare"], prepareOn: "first" },
  });
  const { content } = only(registered, "File", "shop-health-configuration").inputs;
  expect(content).toMatch(/^maintenancedir=\/etc\/ha.d\/maintenance$/m);
  expect(only(registered, "HealthChecks").inputs.services).toMatchObject({ 99: { persistence: { timeout: 300 } } });
  // No server gets clients before the rollout has ended.
  expect(only(registered, "VipAlias", "shop-director-vip").dependsOn).toContain("shop");
});

test("shop with two directors: both have ldirectord, the VIP floats, and a rollout knows both", async () => {
  const more = JSON.stringify({ ...JSON.parse(withDatabase), director2: { address: "192.0.2.5" } });
  const settings = { experiment: "shop", hosts: more, artefact: shop.path, directors: "2" };
  const registered = await run({ ...settings, addresses: '{"director2":"172.17.111.119"}' });
  expect(only(registered, "Rollout").inputs).toMatchObject({
    directors: [{ host: { name: "director" } }, { host: { name: "director2" } }],
  });
  for (const name of ["director", "director2"]) only(registered, "HealthChecks", `shop-health-${name}`);
  const { content } = only(registered, "File", "shop-keepalived-director2-configuration").inputs;
  expect(content).toMatch(/unicast_src_ip 172.17.111.119$[\s\S]*172.17.111.117$[\s\S]*111\/32 dev eth0$/m);
  expect(only(registered, "Failover").inputs.directors).toMatchObject([{ name: "director" }, { name: "director2" }]);
});

test("another application takes the shop's place, property by property", async () => {
  const application = JSON.stringify({ start: ["node", "server.js"], packages: ["nodejs"] });
  const settings = { experiment: "shop", hosts: withDatabase, artefact: shop.path, application };
  const registered = await run({ ...settings, realServers: '["rs2"]' });
  expect(only(registered, "Release").inputs).toMatchObject({
    ...{ start: ["node", "server.js"], artefact: shop, host: { name: "rs2" } },
  });
});

test("what is known to fail in a changed experiment is told", async () => {
  advice = ["vip-of-director", "no-server"];
  await run({ experiment: "dr", hosts, vip: "192.0.2.1", weights: '{"rs1":0,"rs2":0}' });
});

test("configuration changes the declaration", async () => {
  advice = ["weights-ignored"];
  const settings = { vip: "192.0.2.9", weights: '{"rs1":3,"rs2":1}', scheduler: "rr", requests: "40" };
  const registered = await run({ experiment: "nat", hosts, ...settings });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    address: "192.0.2.9",
    scheduler: "rr",
    destinations: { "192.168.199.146:80": { weight: 3 }, "192.168.199.143:80": { weight: 1 } },
  });
  expect(only(registered, "TrafficCheck").inputs).toMatchObject({
    requests: 40,
    expect: { servers: { rs1: 3, rs2: 1 } },
  });
});

test("an unknown experiment is told which there are; the stack's name is the default", async () => {
  await expect(run({ hosts })).rejects.toThrow(/no experiment "test". There are: (\w+, )*nat\b/);
});

test("a host that is missing in the configuration is named", async () => {
  await expect(run({ experiment: "nat" })).rejects.toThrow(/The configuration has no host "director"/);
});

test("a jump host is another one of the configuration, and does not lead back", async () => {
  const through = (jump: string) => JSON.stringify({ ...JSON.parse(hosts), director: { address: "192.0.2.1", jump } });
  await expect(run({ experiment: "nat", hosts: through("gate") })).rejects.toThrow(/has no host "gate"/);
  await expect(run({ experiment: "nat", hosts: through("rs1") })).rejects.toThrow(/circle: director, rs1, director/);
});
