import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, DrCluster, type DrClusterArgs, Host, WebSite } from "../../sdk/index";
import { only, type Registered, register } from "./registered";

const VIP = "172.17.111.111";

function site(change: Partial<DrClusterArgs> = {}): DrClusterArgs {
  return {
    director: new Host("director"),
    vip: VIP,
    realServers: [
      { host: new Host("rs1"), address: "172.17.111.234", weight: 2 },
      { host: new Host("rs2"), address: pulumi.output("172.17.111.222"), device: "eth1" },
    ],
    ...change,
  };
}

const declare = (change?: Partial<DrClusterArgs>) => register(() => new DrCluster("dr", site(change)));

const kinds = (registered: Registered[]) =>
  registered.map(({ type, name }) => `${type.split(":").pop()} ${name}`).filter((it) => !it.startsWith("Stack"));

test("one port: a service on it, the VIP on all, the real servers silent", async () => {
  const registered = await declare();
  expect(kinds(registered).sort()).toEqual(
    [
      "DrCluster dr",
      ...["Director dr-director", "KernelModule dr-director-ip-vs", "Package dr-director-ipvsadm"],
      "VipAlias dr-director-vip",
      ...["RealServer dr-rs1", "Sysctls dr-rs1-arp", "VipAlias dr-rs1-vip"],
      ...["RealServer dr-rs2", "Sysctls dr-rs2-arp", "VipAlias dr-rs2-vip"],
      ...["VirtualService dr-80", "FirewallMark dr-packets"],
    ].sort(),
  );
  // The service may have had a mark until now. With no ports the rule that marked its packets goes.
  expect(only(registered, "FirewallMark").inputs).toMatchObject({ mark: 99, address: VIP, ports: [] });
  expect(only(registered, "FirewallMark").dependsOn).toContain("dr-80");
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ address: VIP, port: 80, scheduler: "wrr", forwarding: "dr" },
    destinations: { "172.17.111.234:80": { weight: 2 }, "172.17.111.222:80": { weight: 1 } },
  });
  const alias = (name: string) => only(registered, "VipAlias", name).inputs;
  expect(alias("dr-director-vip")).toMatchObject({ address: VIP, device: "eth0", label: "eth0:0" });
  expect(alias("dr-rs1-vip")).toMatchObject({ address: VIP, device: "lo", label: "lo:0", host: { name: "rs1" } });
  const silent = (device: string) =>
    ["all", "lo", device].flatMap((on) => [
      [`net.ipv4.conf.${on}.arp_ignore`, 1],
      [`net.ipv4.conf.${on}.arp_announce`, 2],
    ]);
  for (const [name, device] of [
    ["dr-rs1-arp", "eth0"],
    ["dr-rs2-arp", "eth1"],
  ] as const)
    expect(only(registered, "Sysctls", name).inputs.settings).toEqual(Object.fromEntries(silent(device)));
});

test("a name with dots and blanks: keepalived's file for it, and its units, are named in letters that they may have", async () => {
  const registered = await register(() => new DrCluster("shop of example.org", site({ health: { by: "keepalived" } })));
  const file = only(registered, "File", "shop of example.org-health-configuration");
  expect(file.inputs.path).toMatch(/\/shop_of_example_org\.conf$/);
  const dashed = await register(() => new DrCluster("-shop", site({ health: { by: "keepalived" } })));
  expect(only(dashed, "File", "-shop-health-configuration").inputs.path).toMatch(/\/_shop\.conf$/);
});

test("through tunnels: unwrapped before the service sends packets", async () => {
  const registered = await declare({ forwarding: "tun" });
  expect(only(registered, "VirtualService").inputs).toMatchObject({ forwarding: "tun" });
  expect(only(registered, "KernelModule", "dr-rs1-ipip").inputs).toMatchObject({
    module: "ipip",
    host: { name: "rs1" },
  });
  const parts = only(registered, "Sysctl", "dr-director-pmtu_disc");
  expect(parts.inputs).toMatchObject({ key: "net.ipv4.vs.pmtu_disc", value: 0, host: { name: "director" } });
  expect(parts.dependsOn).toEqual(["dr-director-ip-vs"]);
  const loose = only(registered, "Sysctl", "dr-rs1-rp_filter-tunl0");
  expect(loose.inputs).toMatchObject({ key: "net.ipv4.conf.tunl0.rp_filter", value: 2 });
  expect(loose.dependsOn).toEqual(["dr-rs1-ipip"]);
  const tunnel = only(registered, "Link", "dr-rs1-tunnel");
  expect(tunnel.inputs).toMatchObject({ device: "tunl0" });
  expect(tunnel.dependsOn).toEqual(["dr-rs1-rp_filter-tunl0"]);
  expect(only(registered, "VirtualService").dependsOn).toEqual(
    expect.arrayContaining(["dr-rs1-tunnel", "dr-rs2-tunnel", "dr-rs1-vip"]),
  );
  const vip = only(registered, "VipAlias", "dr-rs1-vip");
  expect(vip.inputs).toMatchObject({ device: "tunl0", label: "tunl0:0" });
  expect(vip.dependsOn).toEqual(expect.arrayContaining(["dr-rs1-tunnel", "dr-rs1-arp"]));
});

test("several ports with persistence: one service by a mark", async () => {
  const registered = await declare({ ports: [80, 443], scheduler: "rr", persistence: {}, drain: { timeout: 9 } });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ mark: 99, family: "ipv4", scheduler: "rr", persistence: {}, forwarding: "dr", drain: { timeout: 9 } },
    destinations: { "172.17.111.234:0": { weight: 2 }, "172.17.111.222:0": { weight: 1 } },
  });
  expect(only(registered, "VirtualService").inputs).not.toHaveProperty("address");
  expect(only(registered, "FirewallMark").inputs).toMatchObject({ mark: 99, address: VIP, ports: [80, 443] });
  expect(kinds(registered)).toContain("Package dr-director-nftables");
});

test("TCP and UDP with one mark: a rule for each protocol, and one service", async () => {
  const registered = await declare({ ports: [80, 443, "443/udp", "5060/sctp"], persistence: {} });
  expect(only(registered, "VirtualService").inputs).toMatchObject({ mark: 99 });
  const rules = ["dr-packets", "dr-packets-udp", "dr-packets-sctp"].map((name) =>
    only(registered, "FirewallMark", name),
  );
  expect(rules[0]?.inputs).not.toHaveProperty("protocol");
  expect(rules.map(({ inputs: { mark, ports, protocol } }) => ({ mark, ports, protocol }))).toEqual([
    { mark: 99, ports: [80, 443] },
    { mark: 99, ports: [443], protocol: "udp" },
    { mark: 99, ports: [5060], protocol: "sctp" },
  ]);
  for (const { dependsOn } of rules) expect(dependsOn).toContain("dr-mark-99");
  const ports = [80, 443, "443/udp", "5060/sctp"];
  expect(only(registered, "VipAlias", "dr-rs1-vip").inputs.advice).toMatchObject({ ports });
  expect(only(registered, "VirtualService").inputs.advice).toMatchObject({ ports });
});

test("one port of UDP: a service on it, and no rule for it", async () => {
  const registered = await declare({ ports: "53/udp" });
  expect(only(registered, "VirtualService", "dr-53-udp").inputs).toMatchObject({
    ...{ address: VIP, port: 53, protocol: "udp", forwarding: "dr" },
    destinations: { "172.17.111.234:53": { weight: 2 } },
  });
  expect(only(registered, "FirewallMark").inputs).toMatchObject({ ports: [] });
});

test("directors that choose alike take associations of SCTP in their middle, too; UDP has no beginning", async () => {
  const settings = async (ports: DrClusterArgs["ports"]) => {
    const registered = await declare(pair({ ports, persistence: {} }));
    return kinds(registered).filter((one) => one.includes("sloppy") && one.endsWith("-d1"));
  };
  expect(await settings([80, "443/udp", "5060/sctp"])).toEqual(["Sysctl dr-sloppy_tcp-d1", "Sysctl dr-sloppy_sctp-d1"]);
  expect(await settings("53/udp")).toEqual([]);
  const main = only(await declare(pair({ ports: [443, "443/udp"] })), "File", "dr-keepalived-d1-main");
  expect(main.dependsOn).toEqual(expect.arrayContaining(["dr-packets-d1", "dr-packets-udp-d1"]));
});

test("a mark's service of TCP and UDP is checked by TCP", async () => {
  const check = { type: "tcp", port: 443 } as const;
  const both = await declare({ ports: [443, "443/udp"], health: { by: "keepalived", check } });
  expect(only(both, "File", "dr-health-configuration").inputs.content).toContain("virtual_server fwmark 99");
});

test.each([
  ["several ports alone", { ports: [80, 443] }],
  ["one port with persistence", { persistence: { timeout: 60 } }],
])("%s take a mark", async (_, change) => {
  expect(only(await declare({ ...change, mark: 7 }), "VirtualService", "dr-mark-7").inputs).toMatchObject({ mark: 7 });
});

test("silent before the VIP is there, serving before the director has it, then the service, the mark last", async () => {
  const registered = await register(() => {
    const args = site({ ports: [80, 443] });
    const [first] = args.realServers;
    if (first) first.serving = new WebSite("www", { host: first.host });
    new DrCluster("dr", args);
  });
  expect(only(registered, "VipAlias", "dr-rs1-vip").dependsOn).toContain("dr-rs1-arp");
  const vip = only(registered, "VipAlias", "dr-director-vip");
  expect(vip.dependsOn).toEqual(expect.arrayContaining(["dr-rs1-vip", "dr-rs2-vip", "www-nginx"]));
  const service = only(registered, "VirtualService");
  expect(service.dependsOn).toEqual(
    expect.arrayContaining(["dr-director-vip", "dr-director-ip-vs", "dr-director-ipvsadm", "dr-rs2-vip"]),
  );
  const mark = only(registered, "FirewallMark");
  expect(mark.dependsOn).toEqual(expect.arrayContaining(["dr-mark-99", "dr-director-nftables"]));
  expect(registered.at(-1)).toBe(mark);
  for (const name of ["dr-director-ipvsadm", "dr-director-ip-vs"])
    expect(registered.find((it) => it.name === name)?.dependsOn).toEqual([]);
});

const health = { by: "ldirectord", service: "http", checkPort: 80, receive: "OK" } as const;

test("ldirectord keeps the table in place of a static service, and the mark comes after it", async () => {
  const registered = await declare({ ports: [80, 443], persistence: {}, health, drain: { timeout: 9 } });
  expect(kinds(registered)).not.toContainEqual(expect.stringContaining("VirtualService"));
  const checks = only(registered, "HealthChecks", "dr-health");
  expect(checks.inputs).toMatchObject({
    drain: { timeout: 9 },
    services: {
      99: {
        ...{ scheduler: "wrr", persistence: {} },
        destinations: { "172.17.111.234:0": { weight: 2 }, "172.17.111.222:0": { weight: 1 } },
      },
    },
  });
  const { content } = only(registered, "File", "dr-health-configuration").inputs;
  expect(content).toMatch(/^virtual=99$[\s\S]*real=172.17.111.234:0 gate 2$[\s\S]*checkport=80$[\s\S]*receive="OK"$/m);
  expect(only(registered, "FirewallMark").dependsOn).toContain("dr-health");
  expect(only(registered, "File", "dr-health-configuration").dependsOn).toEqual(
    expect.arrayContaining(["dr-director-vip", "dr-rs1-vip", "dr-rs2-vip"]),
  );
});

test("what ldirectord cannot express fails at once where all is known", async () => {
  await register(() => {
    const realServers = [{ host: new Host("rs1"), address: "172.17.111.234" }];
    const wrong = { ...health, receive: "O(K" };
    expect(() => new DrCluster("dr", site({ realServers, persistence: {}, health: wrong }))).toThrow(
      /virtuals\["99"\]\.receive: is not a regular expression/,
    );
  });
});

test("reverse path filtering is left as it is unless declared", async () => {
  const realServers = [{ host: new Host("rs1"), address: "172.17.111.234", rpFilter: 2 as const }];
  const registered = await declare({ realServers });
  const filters = { "net.ipv4.conf.all.rp_filter": 2, "net.ipv4.conf.eth0.rp_filter": 2 };
  expect(only(registered, "Sysctls", "dr-rs1-arp").inputs.settings).toMatchObject(filters);
});

test("IPv6: no labels, and the mark's own family", async () => {
  const realServers = [{ host: new Host("rs1"), address: "2001:db8::2" }];
  const registered = await declare({ vip: "2001:db8::9", realServers, persistence: {} });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    ...{ mark: 99, family: "ipv6" },
    destinations: { "[2001:db8::2]:0": { weight: 1 } },
  });
  expect(only(registered, "VipAlias", "dr-rs1-vip").inputs).not.toHaveProperty("label");
});

test.each([
  ["enp129s0f1np1", "enp129s0f1np1:0"],
  ["enp129s0f1np10", undefined],
  ["enx001122334455", undefined],
])("the interface %s: label %s, which has 15 characters at most", async (device, label) => {
  const { inputs } = only(await declare({ device }), "VipAlias", "dr-director-vip");
  expect(inputs.device).toBe(device);
  expect(inputs.label).toBe(label);
});

test("children are exposed", async () => {
  await register(() => {
    const cluster = new DrCluster("dr", site({ ports: [80, 443] }));
    expect(Object.keys(cluster.realServers)).toEqual(["rs1", "rs2"]);
    expect(cluster.realServers.rs1?.arp).toBeDefined();
    expect(cluster.realServers.rs1?.vip).toBeDefined();
    expect(cluster.director.vip).toBeDefined();
    expect(cluster.service).toBeDefined();
    expect(cluster.mark).toBeDefined();
  });
});

test("what cannot work fails before anything is registered, all of it at once", async () => {
  const registered = await register(() => {
    const wrong = () => new DrCluster("dr", site({ vip: "172.17.111.234", ports: 0, persistence: { timeout: 0 } }));
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow(/ports\[0\]: .*\n.*persistence\.timeout: .*\n.*realServers\[0\]\.address: .*VIP/);
  });
  expect(kinds(registered)).toEqual([]);
});

const directors = () => [new Host("d1"), new Host("d2")];
const failover = { by: "vrrp", addresses: ["172.17.111.2", "172.17.111.3"] } as const;
const pair = (more: Partial<DrClusterArgs> = {}) => ({
  ...{ director: undefined as never, directors: directors() },
  failover: { by: failover.by, addresses: [...failover.addresses] },
  ...more,
});

test("two directors have the same table, marks and order of destinations, and neither an alias of the VIP", async () => {
  const registered = await declare(pair({ ports: [80, 443], persistence: {} }));
  const apart = ({ host: _, owner: __, ...inputs }: Record<string, unknown>) => inputs;
  for (const [kind, name] of [
    ["VirtualService", "dr-mark-99"],
    ["FirewallMark", "dr-packets"],
  ] as const) {
    const [one, other] = ["d1", "d2"].map((host) => only(registered, kind, `${name}-${host}`).inputs);
    expect(apart(other as object as Record<string, unknown>)).toEqual(apart(one as object as Record<string, unknown>));
    expect(Object.keys((one?.destinations ?? {}) as object)).toEqual(
      Object.keys((other?.destinations ?? {}) as object),
    );
  }
  expect(kinds(registered).filter((one) => one.startsWith("VipAlias"))).toEqual([
    "VipAlias dr-rs1-vip",
    "VipAlias dr-rs2-vip",
  ]);
  const { content } = only(registered, "File", "dr-keepalived-d2-configuration").inputs;
  expect(content).toMatch(/priority 149$[\s\S]*^ {4}nopreempt$[\s\S]*unicast_src_ip 172.17.111.3$/m);
  expect(content).toContain("lvs-reach 172.17.111.2 172.17.111.234 172.17.111.222");
});

test.each<[boolean, Partial<DrClusterArgs>]>([
  [true, { persistence: {} }],
  [true, { scheduler: "sh" }],
  [true, { scheduler: "mh" }],
  [false, { scheduler: "wlc" }],
  [false, {}],
])("two directors take connections in their middle (%s) where both find the same server: %j", async (takes, more) => {
  const both = ["Sysctl dr-sloppy_tcp-d1", "Sysctl dr-sloppy_tcp-d2"];
  const registered = await declare(pair(more));
  expect(kinds(registered).filter((one) => one.includes("sloppy"))).toEqual(takes ? both : []);
  const service = registered.find(({ name, type }) => type.endsWith(":VirtualService") && name.endsWith("-d1"));
  expect(service?.dependsOn.includes("dr-sloppy_tcp-d1")).toBe(takes);
});

test("the VIP comes to a director when all else is there, and who has it is judged last", async () => {
  const registered = await declare(pair({ ports: [80, 443], health: { ...health } }));
  const conf = only(registered, "File", "dr-keepalived-d1-configuration");
  const main = only(registered, "File", "dr-keepalived-d1-main");
  expect(conf.dependsOn).toContain("dr-keepalived-d1-main");
  expect(main.dependsOn).toEqual(
    expect.arrayContaining(["dr-health-d1", "dr-packets-d1", "dr-sync-d1", "dr-rs1-vip", "dr-rs2-vip"]),
  );
  expect(only(registered, "File", "dr-keepalived-d2-main").dependsOn).toContain("dr-keepalived-d1");
  expect(registered.at(-1)?.name).toBe("dr-failover");
  expect(registered.at(-1)?.dependsOn).toEqual(expect.arrayContaining(["dr-keepalived-d1", "dr-keepalived-d2"]));
  expect(only(registered, "HealthChecks", "dr-health-d2").inputs.host).toMatchObject({ name: "d2" });
});

test("a preferred director takes the VIP back; sync and what must be reached are chosen", async () => {
  const hosts = directors();
  const [, preferred] = hosts as [Host, Host];
  const args = { by: "vrrp" as const, addresses: [...failover.addresses], preferred, sync: false, routerId: 9 };
  const registered = await declare(pair({ directors: hosts, failover: { ...args, reach: [["172.17.111.1"]] } }));
  const [one, other] = ["d1", "d2"].map(
    (name) => only(registered, "File", `dr-keepalived-${name}-configuration`).inputs.content,
  );
  expect(one).toMatch(/virtual_router_id 9$[\s\S]*priority 150$[\s\S]*nopreempt/m);
  expect(other).toMatch(/priority 200$/m);
  expect(other).not.toContain("nopreempt");
  expect(other).toContain('script "/etc/keepalived/lvs-reach 172.17.111.1"');
  expect(kinds(registered).filter((one) => one.startsWith("ConnectionSync"))).toEqual([]);
});

test("pairs on one network have a number each by which directors know whose connections they hear of", async () => {
  const args = { ...failover, addresses: [...failover.addresses], routerId: 9, syncId: 7 };
  const registered = await declare(pair({ failover: args }));
  for (const name of ["d1", "d2"])
    expect(only(registered, "ConnectionSync", `dr-sync-${name}`).inputs).toMatchObject({ syncId: 7, device: "eth0" });
});

test("several directors without a failover fail at once, and so does a director beside them", async () => {
  await register(() => {
    const two = { ...site(), director: undefined as never, directors: directors() };
    expect(() => new DrCluster("dr", two)).toThrow(/^DrCluster "dr": failover: is missing/);
    expect(() => new DrCluster("dr", { ...site(), directors: directors() })).toThrow(/leave one of the two out/);
    const { director: _, ...none } = site();
    expect(() => new DrCluster("dr", none)).toThrow(/director: is missing: a Host is needed, or several in directors/);
  });
});
