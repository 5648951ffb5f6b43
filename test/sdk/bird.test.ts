import * as pulumi from "@pulumi/pulumi";
import { type BirdConfiguration, renderAnnouncement, renderMain, renderSession } from "../../sdk/bird/config";
import { birdProblems } from "../../sdk/bird/problems";
import { Bird, DrCluster, Host } from "../../sdk/index";
import { register, secret } from "./registered";

const plain: BirdConfiguration = {
  ...{ name: "shop", asn: 64513, addresses: ["10.9.0.9"], neighbours: [{ address: "10.0.0.1", asn: 64512 }] },
};

test("the file of an announcement includes what an operator may put there", () => {
  expect(
    renderAnnouncement({ ...plain, addresses: ["fd09::9"] }),
  ).toBe(`# Written by pulumi-lvs: changes by hand are put back.
protocol static lvs_shop {
    ipv6 { table lvs6; };
    include "/etc/bird/lvs.d/shop.withdraw[n]";
    route fd09::9/128 unreachable;
}
`);
});

test("where services have to serve, the host itself may withdraw it", () => {
  const lines = renderAnnouncement({ ...plain, services: ["10.9.0.9:80"] }).split("\n");
  expect(lines.filter((line) => line.includes("include"))).toEqual([
    '    include "/etc/bird/lvs.d/shop.withdraw[n]";',
    '    include "/etc/bird/lvs.d/shop.unfi[t]";',
  ]);
});

test("the file of a session takes nothing from the router", () => {
  expect(
    renderSession(64513, { address: "10.0.0.1", asn: 64512, password: "it's $1" }),
  ).toBe(`# Written by pulumi-lvs: changes by hand are put back.
protocol bgp lvs_session_10_0_0_1 {
    local as 64513;
    neighbor 10.0.0.1 as 64512;
    connect delay time 1;
    error wait time 1, 30;
    password "it's $1";
    bfd {
        interval 200 ms;
        multiplier 3;
    };
    ipv4 {
        table lvs4;
        import none;
        export all;
    };
}
`);
  expect(renderSession(64513, { address: "fd00::1", asn: 64512, bfd: false })).not.toMatch(/bfd|password/);
});

test("bird.conf has a router id where one is declared", () => {
  expect(renderMain("/p/*.conf", "10.0.0.2")).toContain("\nrouter id 10.0.0.2;\n");
  expect(renderMain("/p/*.conf", undefined)).not.toContain("router id");
});

const [one] = plain.neighbours as [BirdConfiguration["neighbours"][number]];
const wrong: [string, Partial<BirdConfiguration>, string, RegExp][] = [
  ["a name with a blank", { name: "my shop" }, "announcement", /letters, digits and _/],
  ["a number that is none", { asn: 0 }, "asn", /whole number/],
  ["no address", { addresses: [] }, "addresses", /at least one address/],
  ["the host's own system", { neighbours: [{ ...one, asn: 64513 }] }, "neighbours[0].asn", /the host's own/],
  ["two families", { addresses: ["fd09::9"] }, "neighbours[0].address", /another address family/],
  ["an address twice", { addresses: ["10.9.0.9", "10.9.0.9"] }, "addresses[1]", /declared twice/],
  [
    "a router twice, in two spellings",
    {
      addresses: ["fd09::9"],
      neighbours: [
        { ...one, address: "fd00::1" },
        { ...one, address: "FD00:0::1" },
      ],
    },
    "neighbours[1].address",
    /FD00:0::1 is declared twice/,
  ],
  ["a group's address", { addresses: ["224.0.0.9"] }, "addresses[0]", /is no address of one host/],
  ["a service that is none", { services: ["shop"] }, "services[0]", /write a service like/],
  ["no service at all", { services: [] }, "services", /is empty/],
  ["a router id of IPv6", { routerId: "fd00::1" }, "routerId", /is no number of a router/],
];
test.each(wrong)("%s is refused", (_, change, property, reason) => {
  expect(birdProblems({ ...plain, ...change })).toEqual([{ property, reason: expect.stringMatching(reason) }]);
});

test("a password that bird.conf cannot have is refused, and not repeated", () => {
  const [problem] = birdProblems({ ...plain, neighbours: [{ ...one, password: 'hush"; import all; #' }] });
  expect(problem?.property).toBe("neighbours[0].password");
  expect(problem?.reason).not.toContain("hush");
  expect(birdProblems({ ...plain, neighbours: [{ ...one, password: "two\nlines" }] })).toHaveLength(1);
});

const host = (name: string) => new Host(name, { address: `${name}.example` });
const cluster = (more: object) => () =>
  new DrCluster("shop", {
    directors: ["d1", "d2", "d3"].map(host),
    failover: { by: "ecmp", asn: 64513, neighbours: [one], routerIds: ["10.0.0.2", "10.0.0.3", "10.0.0.4"] },
    ...{ vip: "10.9.0.9", realServers: [{ host: host("rs1"), address: "10.0.0.11" }] },
    ...more,
  } as never);

test("a cluster announces its VIP last, from each director, and chooses by mh", async () => {
  const registered = await register(cluster({}));
  const of = (type: string) => registered.filter((it) => it.type.endsWith(`:${type}`));
  expect(of("BgpAnnouncement").map(({ inputs }) => inputs.name)).toEqual(["shop", "shop", "shop"]);
  expect(of("VirtualService").map(({ inputs }) => [inputs.scheduler, inputs.schedulerFlags])).toEqual(
    Array(3).fill(["mh", ["mh-fallback", "mh-port"]]),
  );
  expect(of("Sysctl").map(({ inputs }) => [inputs.key, inputs.value])).toEqual(
    Array(3).fill(["net.ipv4.vs.sloppy_tcp", 1]),
  );
  const main = of("File").find(({ name }) => name === "shop-bird-d2-main");
  expect(main?.inputs.content).toContain("router id 10.0.0.3;");
  expect(main?.dependsOn).toEqual(expect.arrayContaining(["shop-80-d2", "shop-packets-d2", "shop-director-d2-vip"]));
  // bird.conf includes all of a folder, which has to be there.
  expect(main?.dependsOn).toContain("shop-bird-d2-tables");
});

test("directors that check keep a failed server's place, and withdraw the VIP without a server", async () => {
  const registered = await register(cluster({ health: { by: "keepalived" } }));
  const of = (type: string, name: string) =>
    registered.find((it) => it.name === name && it.type.endsWith(`:${type}`)) as (typeof registered)[number];
  const checks = String(of("File", "shop-health-d2-configuration").inputs.content);
  expect(checks).toMatch(/lvs_sched mh\n {4}mh-fallback\n {4}mh-port\n[\s\S]* {4}inhibit_on_failure\n/);
  const announcement = of("File", "shop-bird-d2-configuration");
  expect(announcement.inputs.content).toContain('include "/etc/bird/lvs.d/shop.unfi[t]";');
  // The judge has its say before BIRD hears of the VIP.
  expect(announcement.dependsOn).toContain("shop-bird-d2-session-0");
  expect(of("File", "shop-bird-d2-session-0").dependsOn).toContain("shop-bird-d2-judge-daemon");
  expect(of("File", "shop-bird-d2-main").dependsOn).toContain("shop-health-d2");
  const unit = of("File", "shop-bird-d2-judge-unit").inputs;
  expect(unit.path).toBe("/etc/systemd/system/lvs-judge-shop.service");
  expect(unit.content).toContain("always /etc/bird/lvs.d/shop.unfit 10.9.0.9:80\n");
  const marked = await register(
    cluster({ health: { by: "keepalived", check: { type: "tcp", port: 80 } }, ports: [80, 443] }),
  );
  const file = marked.find(({ name, type }) => name === "shop-bird-d1-judge-unit" && type.endsWith(":File"));
  expect(file?.inputs.content).toContain("once /etc/bird/lvs.d/shop.unfit 99\n");
});

test.each([
  ["another scheduler", { scheduler: "wrr" }, /scheduler: wrr chooses on each director by itself/],
  ["persistence", { persistence: {} }, /persistence: each director would remember/],
  [
    "ldirectord",
    { health: { by: "ldirectord", checkType: "connect" } },
    /health: ldirectord has no way to give mh its flags/,
  ],
  [
    "a failed server that leaves the table",
    { health: { by: "keepalived", inhibitOnFailure: false } },
    /health\.inhibitOnFailure: directors would choose unlike/,
  ],
  [
    "a wrong router",
    { failover: { by: "ecmp", asn: 1, neighbours: [{ ...one, asn: 1 }] } },
    /failover\.neighbours\[0\]\.asn/,
  ],
  [
    "one router id",
    { failover: { by: "ecmp", asn: 1, neighbours: [one], routerIds: ["1.2.3.4"] } },
    /has 1 numbers for 3/,
  ],
])("where directors serve at the same time, %s is refused", async (_, more, says) => {
  await expect(register(cluster(more))).rejects.toThrow(says);
});

test("a session that is declared otherwise is loaded: by another password, too", async () => {
  const { name: _, ...rest } = plain;
  const loadedWith = async (more: object) => {
    const registered = await register(
      () => new Bird("b", { host: host("d1"), ...rest, neighbours: [{ ...one, ...more }] }),
    );
    return JSON.stringify(registered.find(({ type }) => type.endsWith(":BgpAnnouncement"))?.inputs.configuration);
  };
  const all = new Set<string>();
  for (const more of [{}, { password: "one" }, { password: "two" }, { bfd: false }]) all.add(await loadedWith(more));
  expect(all.size).toBe(4);
});

test("a password is readable for BIRD alone, and stays a secret on the wire", async () => {
  const { name: _, ...rest } = plain;
  const password = pulumi.secret("hush");
  const registered = await register(
    () => new Bird("b", { host: host("d1"), ...rest, neighbours: [{ ...one, password }] }),
  );
  const session = registered.find(({ name }) => name === "b-session-0");
  expect(session?.inputs).toMatchObject({ mode: "0640", group: "bird" });
  expect(session?.inputs.content).toEqual(secret(expect.stringContaining('password "hush";')));
});
