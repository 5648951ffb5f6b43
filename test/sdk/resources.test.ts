import * as pulumi from "@pulumi/pulumi";
import * as lvs from "../../sdk/index";
import { only, register, secret } from "./registered";

const { Host } = lvs;

type Case = [kind: string, declare: (host: lvs.Host) => pulumi.CustomResource, inputs: Record<string, unknown>];

const cases: Case[] = [
  [
    "Sysctl",
    (host) => new lvs.Sysctl("it", { host, key: "net.ipv4.ip_forward", value: 1 }),
    { key: "net.ipv4.ip_forward", value: 1 },
  ],
  [
    "Sysctls",
    (host) => new lvs.Sysctls("it", { host, settings: { "net.ipv4.ip_forward": 1 } }),
    { settings: { "net.ipv4.ip_forward": 1 } },
  ],
  ["KernelModule", (host) => new lvs.KernelModule("it", { host, module: "ip_vs" }), { module: "ip_vs" }],
  ["Link", (host) => new lvs.Link("it", { host, device: "tunl0" }), { device: "tunl0" }],
  ["LinkMtu", (host) => new lvs.LinkMtu("it", { host, device: "eth1", mtu: 1520 }), { device: "eth1", mtu: 1520 }],
  [
    "Package",
    (host) => new lvs.Package("it", { host, package: "ipvsadm", removeOnDelete: true }),
    { package: "ipvsadm", removeOnDelete: true },
  ],
  [
    "File",
    (host) =>
      new lvs.File("it", {
        host,
        path: "/etc/motd",
        content: pulumi.secret("hi"),
        user: "www",
        validate: ["cat", "%s"],
      }),
    { path: "/etc/motd", content: secret("hi"), user: "www", validate: ["cat", "%s"] },
  ],
  [
    "SystemdService",
    (host) =>
      new lvs.SystemdService("it", {
        host,
        unit: "nginx.service",
        configuration: { "/a.conf": "0f" },
        reload: "restart",
      }),
    { unit: "nginx.service", configuration: { "/a.conf": "0f" }, reload: "restart" },
  ],
  [
    "Route",
    (host) => new lvs.Route("it", { host, to: "default", via: "10.0.0.1", metric: 5, boot: false }),
    { to: "default", via: "10.0.0.1", metric: 5, boot: false },
  ],
  [
    "RoutingRule",
    (host) => new lvs.RoutingRule("it", { host, priority: 1000, from: "10.0.0.5", mark: 7, table: "100" }),
    { priority: 1000, from: "10.0.0.5", mark: 7, table: "100" },
  ],
  [
    "Masquerade",
    (host) => new lvs.Masquerade("it", { host, source: "10.0.0.0/24", outInterface: "eth0" }),
    { source: "10.0.0.0/24", outInterface: "eth0" },
  ],
  [
    "VirtualService",
    (host) =>
      new lvs.VirtualService("it", {
        host,
        address: "10.0.0.9",
        port: 80,
        forwarding: "nat",
        persistence: { timeout: 60 },
        destinations: { "10.0.0.1:80": { weight: pulumi.output(2) } },
        drain: { onTimeout: "cut" },
      }),
    {
      address: "10.0.0.9",
      port: 80,
      forwarding: "nat",
      persistence: { timeout: 60 },
      destinations: { "10.0.0.1:80": { weight: 2 } },
      drain: { onTimeout: "cut" },
    },
  ],
  [
    "VirtualService",
    (host) =>
      new lvs.VirtualService("it", {
        ...{ host, mark: 99, family: "ipv6", forwarding: "tun", persistence: { engine: "sip" } },
        destinations: { "fd00::1": { tunnel: { type: "gue", port: 6080 } } },
      }),
    {
      ...{ mark: 99, family: "ipv6", forwarding: "tun", persistence: { engine: "sip" } },
      destinations: { "fd00::1": { tunnel: { type: "gue", port: 6080 } } },
    },
  ],
  [
    "VipAlias",
    (host) => new lvs.VipAlias("it", { host, address: "10.0.0.9", device: "eth0", label: "eth0:0" }),
    { address: "10.0.0.9", device: "eth0", label: "eth0:0" },
  ],
  [
    "FirewallMark",
    (host) => new lvs.FirewallMark("it", { host, mark: 99, address: "10.0.0.9", ports: [80, "8000-8010"] }),
    { mark: 99, address: "10.0.0.9", ports: [80, "8000-8010"] },
  ],
  [
    "FirewallRule",
    (host) => new lvs.FirewallRule("it", { host, port: "8000-8010", source: "10.0.0.0/24", inInterface: "eth0" }),
    { port: "8000-8010", source: "10.0.0.0/24", inInterface: "eth0" },
  ],
  ["ForwardRule", (host) => new lvs.ForwardRule("it", { host, source: "10.2.0.0/24" }), { source: "10.2.0.0/24" }],
  [
    "PostgresqlRole",
    (host) => new lvs.PostgresqlRole("it", { host, name: "shop", password: "PASSWORD", deleteData: true }),
    { name: "shop", password: secret("PASSWORD"), deleteData: true },
  ],
  [
    "PostgresqlDatabase",
    (host) => new lvs.PostgresqlDatabase("it", { host, name: "shop", role: "clerk", encoding: "LATIN1", port: 5433 }),
    { name: "shop", role: "clerk", encoding: "LATIN1", port: 5433 },
  ],
  [
    "ConnectionSync",
    (host) => new lvs.ConnectionSync("it", { host, device: "eth0", syncId: 7 }),
    { device: "eth0", syncId: 7 },
  ],
  [
    "BgpAnnouncement",
    (host) => new lvs.BgpAnnouncement("it", { host, name: "shop", configuration: { "/a.conf": "0f" } }),
    { name: "shop", configuration: { "/a.conf": "0f" }, enabled: true, running: true },
  ],
  [
    "VrrpInstance",
    (host) => new lvs.VrrpInstance("it", { host, name: "shop", configuration: { "/a.conf": "0f" } }),
    { name: "shop", configuration: { "/a.conf": "0f" }, enabled: true, running: true },
  ],
  ["IpvsTimeouts", (host) => new lvs.IpvsTimeouts("it", { host, tcpFin: 30 }), { tcpFin: 30 }],
  ["SystemUser", (host) => new lvs.SystemUser("it", { host, user: "shop" }), { user: "shop" }],
  [
    "Release",
    (host) =>
      new lvs.Release("it", {
        ...{ host, site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", start: ["node", "a.js"] },
        ...{ artefact: { path: "a.tar.gz", sha256: "0f" }, environment: { A: "1" }, shared: ["media"], keep: 2 },
      }),
    {
      ...{ site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", start: ["node", "a.js"] },
      ...{ artefact: { path: "a.tar.gz", sha256: "0f" }, environment: secret({ A: "1" }), shared: ["media"], keep: 2 },
    },
  ],
];

test.each(cases)("%s is registered with its arguments, its host and its owner", async (kind, declare, inputs) => {
  const [it] = await register(() => declare(new Host("director", { address: "192.0.2.1" })));
  expect(it?.type).toBe(`pulumi-nodejs:dynamic/lvs:${kind}`);
  expect(it?.inputs).toEqual({
    ...inputs,
    host: { name: "director", address: "192.0.2.1" },
    owner: "shop/test/it",
    __provider: `exports.handler = () => require("pulumi-lvs/provider").provider("${kind}")`,
  });
});

const optional: [declare: Case[1], outputs: string[]][] = [
  [(host) => new lvs.Sysctl("it", { host, key: "a.b", value: 1 }), ["key", "value", "boot", "machine"]],
  [(host) => new lvs.Sysctls("it", { host, settings: { "a.b": 1 } }), ["settings", "boot", "machine"]],
  [(host) => new lvs.KernelModule("it", { host, module: "ip_vs" }), ["module", "boot", "machine"]],
  [(host) => new lvs.Link("it", { host, device: "tunl0" }), ["device", "boot", "machine"]],
  [(host) => new lvs.LinkMtu("it", { host, device: "eth1", mtu: 1520 }), ["device", "mtu", "boot", "machine"]],
  [(host) => new lvs.Package("it", { host, package: "nginx" }), ["package", "version", "removeOnDelete", "machine"]],
  [
    (host) => new lvs.File("it", { host, path: "/a" }),
    ["path", "content", "state", "mode", "user", "group", "validate", "machine"],
  ],
  [
    (host) => new lvs.SystemdService("it", { host, unit: "a" }),
    ["unit", "enabled", "running", "configuration", "reload", "validate", "machine"],
  ],
  [
    (host) => new lvs.Route("it", { host, to: "default" }),
    ["to", "via", "device", "source", "metric", "table", "boot", "machine"],
  ],
  [
    (host) => new lvs.RoutingRule("it", { host, priority: 1000, table: "100" }),
    ["priority", "from", "to", "mark", "inInterface", "family", "table", "boot", "machine"],
  ],
  [(host) => new lvs.Masquerade("it", { host, source: "10.0.0.0/8" }), ["source", "outInterface", "boot", "machine"]],
  [
    (host) => new lvs.VirtualService("it", { host, address: "a", port: 1, forwarding: "dr", destinations: {} }),
    [
      ...["address", "port", "protocol", "mark", "family"],
      ...["scheduler", "schedulerFlags", "persistence", "onePacket", "forwarding"],
      ...["destinations", "drain", "boot", "machine"],
    ],
  ],
  [
    (host) => new lvs.VipAlias("it", { host, address: "a", device: "lo" }),
    ["address", "device", "label", "boot", "machine"],
  ],
  [
    (host) => new lvs.FirewallMark("it", { host, mark: 1, address: "a", ports: [80] }),
    ["mark", "address", "protocol", "ports", "boot", "machine"],
  ],
  [
    (host) => new lvs.FirewallRule("it", { host, protocol: "vrrp" }),
    ["protocol", "port", "source", "inInterface", "open", "firewall", "boot", "machine"],
  ],
  [
    (host) => new lvs.ForwardRule("it", { host, source: "10.2.0.0/24" }),
    ["source", "open", "firewall", "boot", "machine"],
  ],
  [
    (host) => new lvs.ConnectionSync("it", { host, device: "eth0" }),
    ["device", "syncId", "group", "threshold", "messageSize", "refreshPeriod", "boot", "machine"],
  ],
  [
    (host) => new lvs.BgpAnnouncement("it", { host, name: "a", configuration: {} }),
    ["name", "enabled", "running", "configuration", "sessions", "withdrawn", "unfit", "machine"],
  ],
  [
    (host) => new lvs.VrrpInstance("it", { host, name: "a", configuration: {} }),
    ["name", "enabled", "running", "configuration", "state", "since", "givenUp", "machine"],
  ],
  [
    (host) => new lvs.Failover("it", { instance: "a", addresses: ["192.0.2.9"], directors: [host, new Host("other")] }),
    ["instance", "addresses", "within", "triggers", "holder", "since", "states"],
  ],
  [
    (host) => new lvs.Handover("it", { instance: "a", addresses: ["192.0.2.9"], directors: [host, new Host("other")] }),
    ["instance", "addresses", "heard", "drain", "since"],
  ],
  [
    (host) => new lvs.SharedDrains("it", { site: "a", vips: ["192.0.2.9"], directors: [host, new Host("other")] }),
    ["site", "vips", "drained", "late"],
  ],
  [(host) => new lvs.IpvsTimeouts("it", { host }), ["tcp", "tcpFin", "udp", "boot", "machine"]],
  [
    () => new lvs.TlsCertificate("it", { names: ["a"] }),
    ["names", "commonName", "days", "notAfter", "certificate", "privateKey"],
  ],
  [
    (host) => new lvs.PostgresqlRole("it", { host, name: "a", password: "b" }),
    ["name", "password", "port", "deleteData", "machine"],
  ],
  [
    (host) => new lvs.PostgresqlDatabase("it", { host, name: "a", role: "b" }),
    ["name", "role", "encoding", "port", "deleteData", "machine"],
  ],
  [() => new lvs.Password("it"), ["length", "triggers", "value"]],
  [(host) => new lvs.SystemUser("it", { host, user: "a" }), ["user", "machine"]],
  [
    (host) =>
      new lvs.Release("it", {
        ...{ host, site: "a", root: "/a", release: "0123abcd", artefact: { path: "a", sha256: "0f" } },
        ...{ start: ["a"], user: "a" },
      }),
    [
      ...["site", "root", "release", "artefact", "start", "user", "memory", "environment", "shared", "keep"],
      ...["deleteData", "machine"],
    ],
  ],
  [
    (host) =>
      new lvs.Rollout("it", {
        ...{ site: "a", root: "/a", release: "0123abcd", user: "a", ready: { path: "/" } },
        servers: [{ host, address: "192.0.2.2" }],
      }),
    ["site", "release", "running"],
  ],
  [
    () => new lvs.TrafficCheck("it", { url: "http://a/" }),
    [
      ...["url", "sources", "requests", "header", "timeout", "within", "expect", "insecure", "triggers"],
      ...["distribution", "failed", "table", "failover"],
    ],
  ],
];

test.each(optional)("every argument is an output, given or not: %s", async (declare, outputs) => {
  await register(() => {
    const it = declare(new Host("director")) as unknown as Record<string, unknown>;
    expect(outputs.filter((key) => !pulumi.Output.isInstance(it[key]))).toEqual([]);
  });
});

test("outputs that the provider fills in are there", async () => {
  let value: string | undefined;
  await register(
    () => {
      new lvs.Sysctl("it", { host: new Host("rs1"), key: "net.ipv4.ip_forward", value: 1 }).value.apply((seen) => {
        value = seen;
      });
    },
    { Sysctl: { value: "1" } },
  );
  expect(value).toBe("1");
});

test("a certificate has no host, and its private key is a secret output", async () => {
  const it = only(await register(() => new lvs.TlsCertificate("site", { names: ["192.0.2.1"] })), "TlsCertificate");
  expect(Object.keys(it.inputs).sort()).toEqual(["__provider", "names"]);
  expect(it.secretOutputs).toEqual(["privateKey"]);
});

test("a password has no host, and is a secret whoever hands it out", async () => {
  let isSecret: boolean | undefined;
  const program = async () => {
    isSecret = await pulumi.isSecret(new lvs.Password("key", { length: 50, triggers: [1] }).value);
  };
  const it = only(await register(program, { Password: { value: "GENERATED" } }), "Password");
  expect(it.inputs).toMatchObject({ length: 50, triggers: [1] });
  expect(Object.keys(it.inputs).sort()).toEqual(["__provider", "length", "triggers"]);
  expect(it.secretOutputs).toEqual(["value"]);
  expect(isSecret).toBe(true);
});

test("a traffic check is sent from a host only where one is given", async () => {
  const url = "http://192.0.2.1/";
  const registered = await register(() => {
    new lvs.TrafficCheck("here", { url, expect: { servers: { rs1: 1 }, tolerance: 0.1 }, triggers: [1, "rr"] });
    new lvs.TrafficCheck("there", { url, from: new Host("client") });
  });
  const here = only(registered, "TrafficCheck", "here").inputs;
  expect(here).toMatchObject({ url, expect: { servers: { rs1: 1 }, tolerance: 0.1 }, triggers: [1, "rr"] });
  expect(here).not.toHaveProperty("host");
  expect(only(registered, "TrafficCheck", "there").inputs).toMatchObject({ host: { name: "client" } });
});

test("a traffic check of several clients, and who answers ARP", async () => {
  const registered = await register(() => {
    new lvs.TrafficCheck("check", {
      url: ["http://192.0.2.1/", "https://192.0.2.1/"],
      sources: ["192.0.2.11", "192.0.2.12"],
      expect: {
        persistence: true,
        spread: 2,
        arp: { address: "192.0.2.1", device: "lan", director: new Host("director", { privateKey: "PEM" }) },
      },
    });
  });
  expect(only(registered, "TrafficCheck").inputs).toMatchObject({
    url: ["http://192.0.2.1/", "https://192.0.2.1/"],
    sources: ["192.0.2.11", "192.0.2.12"],
    expect: {
      ...{ persistence: true, spread: 2 },
      arp: { address: "192.0.2.1", device: "lan", director: { name: "director", privateKey: secret("PEM") } },
    },
  });
});

test("a traffic check that takes a director away waits for the failover, and shows in a preview what it will do", async () => {
  const registered = await register(() => {
    const directors = ["d1", "d2"].map((name) => new Host(name, { privateKey: "PEM" }));
    const of = new lvs.Failover("vip", { instance: "vip", addresses: ["192.0.2.1"], directors });
    new lvs.TrafficCheck("check", { url: "http://192.0.2.1/", expect: { failover: { of, by: "stop", gap: 1.5 } } });
  });
  const check = only(registered, "TrafficCheck");
  expect(check.dependsOn).toEqual(["vip"]);
  expect(check.inputs.expect).toEqual({
    failover: {
      ...{ by: "stop", gap: 1.5, instance: "vip", addresses: ["192.0.2.1"] },
      directors: ["d1", "d2"].map((name) => expect.objectContaining({ name, privateKey: secret("PEM") })),
    },
  });
});

test("a traffic check that asks a director waits for its machine, and does not go with it", async () => {
  const registered = await register(() => {
    const machine = (name: string) => new lvs.TlsCertificate(name, { names: ["a"] });
    const director = new Host("director", { vm: machine("director-vm") });
    const arp = { address: "192.0.2.1", device: "eth0", director };
    new lvs.TrafficCheck("here", { url: "http://192.0.2.1/", expect: { arp } });
    const from = new Host("client", { vm: machine("client-vm") });
    new lvs.TrafficCheck("there", { url: "http://192.0.2.1/", from, expect: { arp } });
  });
  expect(only(registered, "TrafficCheck", "here")).toMatchObject({
    ...{ dependsOn: ["director-vm"], deletedWith: "", replaceWith: [] },
  });
  const there = only(registered, "TrafficCheck", "there");
  expect(there.dependsOn.sort()).toEqual(["client-vm", "director-vm"]);
  expect([there.deletedWith, there.replaceWith]).toEqual(["client-vm", ["client-vm"]]);
});

test("a rollout waits for the machines of its hosts, and goes with none", async () => {
  const registered = await register(() => {
    const host = (name: string) => new Host(name, { vm: new lvs.TlsCertificate(`${name}-vm`, { names: ["a"] }) });
    new lvs.Rollout("it", {
      ...{ site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", ready: { path: "/readyz" } },
      servers: ["rs1", "rs2"].map((name, i) => ({ host: host(name), address: `192.0.2.${i}` })),
      directors: [{ host: host("director"), vip: "192.0.2.9" }],
    });
  });
  const it = only(registered, "Rollout");
  expect([it.dependsOn.sort(), it.deletedWith, it.replaceWith]).toEqual([["director-vm", "rs1-vm", "rs2-vm"], "", []]);
  expect(it.inputs).toEqual({
    ...{ site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", ready: { path: "/readyz" } },
    servers: [
      { host: { name: "rs1" }, address: "192.0.2.0" },
      { host: { name: "rs2" }, address: "192.0.2.1" },
    ],
    directors: [{ host: { name: "director" }, vip: "192.0.2.9" }],
    running: { rs1: "0123abcd", rs2: "0123abcd" },
    __provider: `exports.handler = () => require("pulumi-lvs/provider").provider("Rollout")`,
  });
});

test("the owner has the types of the parents: children of one name in two components are two owners", async () => {
  class Part extends pulumi.ComponentResource {
    constructor(type: string, name: string, opts?: pulumi.ComponentResourceOptions) {
      super(type, name, {}, opts);
      new lvs.Sysctl("it", { host: new Host("director"), key: "a.b", value: 1 }, { parent: this });
    }
  }
  const registered = await register(() => {
    new Part("my:Web", "web");
    new Part("my:Shop", "shop", { parent: new Part("my:All", "all") });
  });
  const owners = registered
    .filter(({ name }) => name === "it")
    .map(({ inputs, dependsOn }) => [inputs.owner, dependsOn]);
  expect(owners.sort()).toEqual([
    ["shop/test/my:All$my:Shop::it", []],
    ["shop/test/my:All::it", []],
    ["shop/test/my:Web::it", []],
  ]);
});

test("resource options are passed on", async () => {
  const registered = await register(() => {
    const host = new Host("director");
    const first = new lvs.Sysctl("first", { host, key: "a.b", value: 1 });
    new lvs.Sysctl("second", { host, key: "a.c", value: 1 }, { dependsOn: first, deletedWith: first });
  });
  expect(only(registered, "Sysctl", "second")).toMatchObject({ dependsOn: ["first"], deletedWith: "first" });
});
