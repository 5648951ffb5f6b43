import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, Host, NatCluster, type NatClusterArgs, WebSite } from "../../sdk/index";
import { only, type Registered, register } from "./registered";

function site(change: Partial<NatClusterArgs> = {}): NatClusterArgs {
  return {
    director: new Host("director"),
    vip: "172.17.111.117",
    gateway: "192.168.199.145",
    clients: "172.17.111.0/24",
    realServers: [
      { host: new Host("rs1"), address: "192.168.199.146", weight: 2 },
      { host: new Host("rs2"), address: pulumi.output("192.168.199.143") },
    ],
    ...change,
  } as NatClusterArgs;
}

const declare = (change?: Partial<NatClusterArgs>) => register(() => new NatCluster("nat", site(change)));

const kinds = (registered: Registered[]) =>
  registered.map(({ type, name }) => `${type.split(":").pop()} ${name}`).filter((it) => !it.startsWith("Stack"));

test("is made of a director, real servers and a service", async () => {
  expect(kinds(await declare()).sort()).toEqual([
    "Director nat-director",
    "KernelModule nat-director-ip-vs",
    "NatCluster nat",
    "Package nat-director-ipvsadm",
    "RealServer nat-rs1",
    "RealServer nat-rs2",
    "Route nat-rs1-default",
    "Route nat-rs2-default",
    "Sysctl nat-director-ip-forward",
    "VirtualService nat-80",
  ]);
});

test.each([
  ["172.17.111.117", "net.ipv4.ip_forward"],
  [pulumi.output("fd00:1::1"), "net.ipv6.conf.all.forwarding"],
])("the director forwards the family of the VIP", async (vip, key) => {
  const [gateway, address] = ["fd00:2::1", "fd00:2::11"];
  const six = { gateway, clients: "fd00:1::/64", realServers: [{ host: new Host("rs1"), address }] };
  const registered = await declare({ vip, ...(typeof vip === "string" ? {} : six) });
  expect(only(registered, "Sysctl", "nat-director-ip-forward").inputs).toMatchObject({ key, value: 1 });
});

test("the service is the tutorial's, with all its destinations", async () => {
  expect(only(await declare(), "VirtualService").inputs).toMatchObject({
    host: { name: "director" },
    address: "172.17.111.117",
    port: 80,
    scheduler: "wrr",
    forwarding: "nat",
    destinations: { "192.168.199.146:80": { weight: 2 }, "192.168.199.143:80": { weight: 1 } },
  });
});

test("the real servers' default route leads to the director", async () => {
  const registered = await declare();
  for (const name of ["rs1", "rs2"])
    expect(only(registered, "Route", `nat-${name}-default`).inputs).toMatchObject({
      host: { name },
      to: "default",
      via: "192.168.199.145",
    });
});

test("every port is a service; drain and persistence hold for all", async () => {
  const registered = await declare({ ports: [80, 443], scheduler: "rr", drain: { timeout: 9 }, persistence: {} });
  for (const port of [80, 443])
    expect(only(registered, "VirtualService", `nat-${port}`).inputs).toMatchObject({
      port,
      scheduler: "rr",
      drain: { timeout: 9 },
      persistence: {},
    });
});

test("a port of UDP is a service of its own, beside that of TCP; a real server has its own port for both", async () => {
  const [first, second] = site().realServers;
  const ports: NatClusterArgs["ports"] = [53, "53/udp"];
  const registered = await declare({ ports, realServers: [{ ...first, port: pulumi.output(5353) }, second] as never });
  const [tcp, udp] = ["nat-53", "nat-53-udp"].map((name) => only(registered, "VirtualService", name).inputs);
  expect(tcp).not.toHaveProperty("protocol");
  expect(udp).toEqual({ ...tcp, protocol: "udp", owner: udp?.owner });
  expect(Object.keys(udp?.destinations as object).sort()).toEqual(["192.168.199.143:53", "192.168.199.146:5353"]);
  const served = ["rs1", "rs2"].map((name) => only(registered, "Route", `nat-${name}-default`).inputs.advice);
  expect(served).toMatchObject([{ ports: [5353, "5353/udp"] }, { ports: [53, "53/udp"] }]);
  await register(() => {
    expect(Object.keys(new NatCluster("nat", site({ ports })).services)).toEqual(["53", "53/udp"]);
  });
});

test("health checkers keep services of UDP; what a check cannot tell is refused", async () => {
  const dns = await declare({ ports: [53, "53/udp"], health: { by: "ldirectord", request: "www.example.org" } });
  expect(only(dns, "File", "nat-health-configuration").inputs.content).toMatch(
    /^virtual=172.17.111.117:53\n(?: {4}.*\n)* {4}protocol=udp$/m,
  );
  const kept = await declare({ ports: "53/udp", health: { by: "keepalived", check: { type: "tcp", port: 53 } } });
  expect(only(kept, "File", "nat-health-configuration").inputs.content).toMatch(
    /^virtual_server 172.17.111.117 53 \{\n(?: {4}.*\n)* {4}protocol UDP$/m,
  );
  await register(() => {
    expect(() => new NatCluster("nat", site({ ports: [443, "443/udp"], health: { by: "keepalived" } }))).toThrow(
      /^NatCluster "nat": health\.check: a connection by TCP says nothing of 443\/udp\. Give the port of TCP .*$/,
    );
    for (const by of ["ldirectord", "keepalived"] as const)
      expect(() => new NatCluster("nat", site({ ports: [80, "132/sctp"], health: { by } }))).toThrow(
        `NatCluster "nat": ports[1]: ${by} keeps services of TCP and UDP alone.`,
      );
  });
});

test("the director forwards before a route leads to it; routes and what is served come before services", async () => {
  const registered = await register(() => {
    const args = site();
    const [first] = args.realServers;
    if (first) first.serving = new WebSite("www", { host: first.host });
    new NatCluster("nat", args);
  });
  const prepared = ["nat-director-ip-forward", "nat-director-ip-vs", "nat-director-ipvsadm"];
  const at = (name: string) => registered.findIndex((it) => it.name === name);
  const realServer = only(registered, "RealServer", "nat-rs1");
  expect(realServer.dependsOn).toEqual(expect.arrayContaining(prepared));
  expect(only(registered, "Route", "nat-rs1-default").parent).toBe("nat-rs1");
  expect(at("nat-rs1-default")).toBeGreaterThan(at("nat-director-ip-forward"));
  const service = only(registered, "VirtualService");
  expect(service.dependsOn).toEqual(
    expect.arrayContaining([...prepared, "nat-rs1-default", "nat-rs2-default", "www-nginx"]),
  );
  expect(registered.at(-1)).toBe(service);
});

test("one arm: no redirects, before forwarding is on", async () => {
  const registered = await declare({ arms: "one", interface: "eth0.100" });
  expect(only(registered, "Sysctl", "nat-director-redirects-all").inputs).toMatchObject({
    key: "net.ipv4.conf.all.send_redirects",
    value: 0,
  });
  expect(only(registered, "Sysctl", "nat-director-redirects-eth0.100").inputs).toMatchObject({
    key: "net/ipv4/conf/eth0.100/send_redirects",
    value: 0,
  });
  expect(only(registered, "Sysctl", "nat-director-ip-forward").dependsOn.sort()).toEqual([
    "nat-director-redirects-all",
    "nat-director-redirects-eth0.100",
  ]);
});

test("one arm and IPv6: real servers follow no redirects, before the route leads to the director", async () => {
  const [rs1, rs2] = [new Host("rs1"), new Host("rs2")];
  const realServers = [
    { host: rs1, address: "fd00:2::11" },
    { host: rs2, address: "fd00:2::12", device: "eth1" },
  ];
  const six = { vip: "fd00:1::1", gateway: "fd00:2::1", clients: "fd00:1::/64", realServers };
  const registered = await declare({ ...six, arms: "one", interface: "eth0" });
  const setting = (name: string) => only(registered, "Sysctl", name).inputs;
  expect(setting("nat-rs1-redirects-eth0")).toMatchObject({ key: "net.ipv6.conf.eth0.accept_redirects", value: 0 });
  expect(setting("nat-rs2-redirects-eth1")).toMatchObject({ key: "net.ipv6.conf.eth1.accept_redirects", value: 0 });
  expect(only(registered, "Route", "nat-rs1-default").dependsOn).toContain("nat-rs1-redirects-eth0");
  const four = await declare({ arms: "one", interface: "eth0" });
  expect(kinds(four)).not.toContain("Sysctl nat-rs1-redirects-eth0");
});

const masquerades: [masquerade: NatClusterArgs["masquerade"], expected: object[]][] = [
  [undefined, []],
  [false, []],
  [true, [{ source: "192.168.199.146/32" }, { source: "192.168.199.143/32" }]],
  [{ source: "192.168.199.0/24", outInterface: "eth0" }, [{ source: "192.168.199.0/24", outInterface: "eth0" }]],
];
test.each(masquerades)("masquerade %j", async (masquerade, expected) => {
  const found = (await declare({ masquerade })).filter(({ type }) => type.endsWith(":Masquerade"));
  expect(found.map(({ inputs }) => inputs)).toMatchObject(expected);
  for (const { dependsOn } of found) expect(dependsOn).toEqual(["nat-director-nftables"]);
});

test("children are exposed", async () => {
  await register(() => {
    const cluster = new NatCluster("nat", site({ ports: [80, 443] }));
    expect(Object.keys(cluster.services)).toEqual(["80", "443"]);
    expect(Object.keys(cluster.realServers)).toEqual(["rs1", "rs2"]);
    expect(cluster.realServers.rs1?.route).toBeDefined();
    expect(cluster.director.forwarding).toBeDefined();
  });
});

test("what cannot work fails before anything is registered, all of it at once", async () => {
  const registered = await register(() => {
    const wrong = () => new NatCluster("nat", site({ clients: "192.168.0.0/16", ports: 0 }));
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow(/^NatCluster "nat": ports\[0\]: .*\nNatCluster "nat": clients\[0\]: .*$/);
  });
  expect(kinds(registered)).toEqual([]);
});

test("ldirectord keeps the table in place of static services, one for each port", async () => {
  const health = { by: "ldirectord", request: "ok.html", receive: "OK", globals: { checkInterval: 7 } } as const;
  const registered = await declare({ ports: [80, 443], health });
  expect(kinds(registered)).not.toContainEqual(expect.stringContaining("VirtualService"));
  const { services } = only(registered, "HealthChecks", "nat-health").inputs as { services: Record<string, object> };
  expect(Object.keys(services).sort()).toEqual(["172.17.111.117:443", "172.17.111.117:80"]);
  expect(services["172.17.111.117:443"]).toMatchObject({
    destinations: { "192.168.199.146:443": { forwarding: "nat", weight: 2 } },
  });
  const { content } = only(registered, "File", "nat-health-configuration").inputs;
  expect(content).toMatch(/^checkinterval=7$[\s\S]*^virtual=172.17.111.117:80$[\s\S]*real=192.168.199.146:80 masq 2$/m);
  expect(only(registered, "File", "nat-health-configuration").dependsOn).toEqual(
    expect.arrayContaining(["nat-director-ip-forward", "nat-rs1-default"]),
  );
});

test.each(["ldirectord", "keepalived"] as const)(
  "with checks by %s, drain and persistence hold for all ports",
  async (by) => {
    const registered = await declare({
      ports: [80, 443],
      health: { by },
      drain: { timeout: 9 },
      persistence: { timeout: 60 },
    });
    const { services, drain } = only(registered, "HealthChecks", "nat-health").inputs;
    expect(drain).toEqual({ timeout: 9 });
    expect(Object.values(services as object)).toEqual(
      [80, 443].map(() => expect.objectContaining({ persistence: { timeout: 60 } })),
    );
  },
);

test("ldirectord's package may come from a file, where no repository has it", async () => {
  const packageFile = "/root/ldirectord-4.12.0-1.el9.noarch.rpm";
  const registered = await declare({ health: { by: "ldirectord", request: "ok.html", receive: "OK", packageFile } });
  expect(only(registered, "Package", "nat-health-ldirectord").inputs).toMatchObject({ file: packageFile });
  expect(only(registered, "Package", "nat-health-ipvsadm").inputs).not.toHaveProperty("file");
  expect(only(registered, "File", "nat-health-configuration").inputs.content).not.toContain("rpm");
});

test("two directors: VIP and gateway float together, and are there before any route leads to the gateway", async () => {
  const two = { director: undefined as never, directors: [new Host("d1"), new Host("d2")] };
  const failover = { by: "vrrp" as const, addresses: ["192.168.199.2", "192.168.199.3"] };
  const registered = await declare({ ...two, failover, ports: [80, 443] });
  const conf = only(registered, "File", "nat-keepalived-d1-configuration");
  expect(conf.inputs.content).toMatch(
    /interface eth1$[\s\S]*track_interface \{\n {8}eth0$[\s\S]*117\/32 dev eth0\n {8}192.168.199.145\/32 dev eth1$/m,
  );
  expect(only(registered, "File", "nat-keepalived-d1-main").dependsOn).toEqual(
    expect.arrayContaining(["nat-director-d1-ip-forward", "nat-sync-d1"]),
  );
  // Where the cluster had one director, that one has the clients' connections.
  expect(only(registered, "File", "nat-keepalived-d2-main").dependsOn).toContain("nat-keepalived-d1");
  expect(only(registered, "RealServer", "nat-rs1").dependsOn).toEqual(
    expect.arrayContaining(["nat-keepalived-d1", "nat-keepalived-d2"]),
  );
  expect(only(registered, "VirtualService", "nat-443-d2").dependsOn).toContain("nat-rs2-default");
  expect(only(registered, "Failover").inputs.addresses).toEqual(["172.17.111.117", "192.168.199.145"]);
  // Each director would choose a server of its own for a connection that comes in its middle.
  expect(kinds(registered).filter((one) => one.includes("sloppy"))).toEqual([]);
  const kept = await declare({ ...two, failover, persistence: {} });
  expect(only(kept, "Sysctl", "nat-sloppy_tcp-d2").inputs).toMatchObject({ key: "net.ipv4.vs.sloppy_tcp", value: 1 });
  expect(only(kept, "File", "nat-keepalived-d2-main").dependsOn).toContain("nat-sloppy_tcp-d2");
  const one = await declare({ ...two, failover, arms: "one", interface: "eth2" });
  expect(only(one, "File", "nat-keepalived-d2-configuration").inputs.content).toMatch(
    /interface eth2$[\s\S]*117\/32 dev eth2\n {8}192.168.199.145\/32 dev eth2$/m,
  );
});

test("several directors: the gateway is not the VIP, and none is the address of a group", async () => {
  await register(() => {
    const directors = [new Host("d1"), new Host("d2")];
    const failover = { by: "vrrp" as const, addresses: ["192.168.199.2", "192.168.199.3"] };
    const two = { director: undefined as never, directors, failover, gateway: "172.17.111.117" };
    expect(() => new NatCluster("nat", site(two))).toThrow(/gateway: 172.17.111.117 is the VIP as well/);
    expect(() => new NatCluster("nat", site({ vip: "224.0.0.9" }))).toThrow(
      /vip: "224.0.0.9" is no address of one host/,
    );
  });
});

test("a director's own address is neither the gateway nor the VIP, which float", async () => {
  await register(() => {
    const directors = [new Host("d1"), new Host("d2")];
    const failover = { by: "vrrp" as const, addresses: ["192.168.199.145", "172.17.111.117"] };
    expect(() => new NatCluster("nat", site({ director: undefined as never, directors, failover }))).toThrow(
      /addresses\[0\]: 192.168.199.145 is the gateway, which floats.*\n.*addresses\[1\]: 172.17.111.117 is the VIP/,
    );
  });
});
