import * as pulumi from "@pulumi/pulumi";
import { only, register } from "./registered";

jest.mock("pulumi-lvs", () => jest.requireActual("../../sdk/index"), { virtual: true });

const hosts = JSON.stringify({
  director: { address: "192.0.2.1", hostKey: "ssh-ed25519 AAAA" },
  rs1: { address: "192.0.2.2", jump: "director" },
  rs2: { address: "192.0.2.3", sudo: { password: "ROOT" } },
});

/** Runs the program that the configuration picks. */
const run = (settings: Record<string, string>) =>
  register(() => {
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [`shop:${key}`, value])),
    );
    jest.isolateModules(() => require("../../examples"));
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

test("dr is the tutorial's second experiment", async () => {
  const registered = await run({ experiment: "dr", hosts });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ address: "172.17.111.111", port: 80, scheduler: "wrr", forwarding: "dr" },
    destinations: { "172.17.111.234:80": { weight: 1 }, "172.17.111.222:80": { weight: 1 } },
  });
  expect(only(registered, "VipAlias", "dr-director-vip").inputs).toMatchObject({ label: "eth0:0" });
  expect(only(registered, "TrafficCheck").inputs).toMatchObject({ url: "http://172.17.111.111/" });
});

test("persistence is its third: http and https by one mark", async () => {
  const registered = await run({ experiment: "persistence", hosts, timeout: "60" });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ mark: 99, scheduler: "rr", persistence: { timeout: 60 } },
    destinations: { "172.17.111.234:0": { weight: 1 }, "172.17.111.222:0": { weight: 1 } },
  });
  expect(only(registered, "FirewallMark").inputs).toMatchObject({ mark: 99, ports: [80, 443] });
  for (const scheme of ["http", "https"])
    expect(only(registered, "TrafficCheck", scheme).inputs).toMatchObject({ url: `${scheme}://172.17.111.111/` });
});

test("configuration changes the declaration", async () => {
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
