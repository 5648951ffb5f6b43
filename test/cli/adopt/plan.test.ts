import { understood } from "../../../cli/adopt/found";
import { plan } from "../../../cli/adopt/plan";
import { variable } from "../../../cli/adopt/render";
import { director, host, names, rs, type Shape, shapeOf } from "./hosts";

const NAT = `-A -t 192.0.2.9:80 -s rr -p 600
-a -t 192.0.2.9:80 -r 10.0.0.11:8080 -m -w 1
-a -t 192.0.2.9:80 -r 10.0.0.12:80 -m -w 2
`;

test("NAT: a cluster, with the ports that differ", () => {
  const { parts, notes } = shapeOf([director(NAT), rs(11), rs(12)]);
  expect(parts[0]?.candidates[0]).toMatchObject([
    {
      class: "NatCluster",
      name: "site",
      args: {
        ...{ vip: "192.0.2.9", ports: 80, scheduler: "rr", gateway: "10.0.0.1", persistence: { timeout: 600 } },
        realServers: [
          { address: "10.0.0.11", port: 8080, weight: 1 },
          { address: "10.0.0.12", weight: 2 },
        ],
      },
    },
  ]);
  expect(parts[0]?.candidates[0]?.[0]?.args).not.toHaveProperty("arms");
  expect(notes).toEqual([]);
});

test("a real server that was not named, and one whose default route leads elsewhere: parts, and a word", () => {
  const { classes, notes } = shapeOf([director(NAT), rs(11, { routes: "default via 10.0.0.254 dev eth0" })]);
  expect(classes).toEqual([
    [[], [["Director"], [["Package"]], [["KernelModule"]], [["Sysctl"]]], [[]], [["VirtualService"]]],
  ]);
  expect(notes).toEqual([
    expect.stringContaining(
      "the real server 10.0.0.12 of tcp 192.0.2.9:80: none of the hosts that were named has this address",
    ),
  ]);
});

test("a host that was named and is no destination now is told, and not dropped without a word", () => {
  const more = [host("rs13", { addresses: "eth0 inet 10.0.0.13/24 scope global eth0" }), host("db", {})];
  const { notes } = plan([director(NAT), rs(11), rs(12), ...more]);
  expect(notes.map(({ host, what, why }) => `${host}: ${what}: ${why}`)).toEqual([
    expect.stringMatching(/^rs13: all that it has: no director has it as a destination now\. Put it into a table/),
    expect.stringMatching(/^db: all that it has: /),
  ]);
});

test("a destination on the loopback is the director's own, whatever other hosts have there", () => {
  const loopback = "lo inet 127.0.0.1/8 scope host lo\n";
  const fallback = `${NAT}-a -t 192.0.2.9:80 -r 127.0.0.1:80 -m -w 1\n`;
  const server = (last: number) =>
    rs(last, { addresses: `${loopback}eth0 inet 10.0.0.${last}/24 brd 10.0.0.255 scope global eth0` });
  const { parts, classes, notes } = shapeOf([server(11), server(12), director(fallback)]);
  expect(parts[0]?.reason).toBe("the director's own address 127.0.0.1 is a destination");
  expect(JSON.stringify(classes).match(/RealServer/g)).toHaveLength(2);
  expect(notes).toEqual([]);
});

test("two destinations on one real server: parts, and why", () => {
  const twice =
    "-A -t 192.0.2.9:80 -s rr\n-a -t 192.0.2.9:80 -r 10.0.0.11:81 -m -w 1\n-a -t 192.0.2.9:80 -r 10.0.0.11:82 -m -w 1\n";
  const { parts } = shapeOf([director(twice), rs(11)]);
  expect(parts[0]).toMatchObject({
    candidates: [],
    reason: "a cluster has each real server once, and rs11 is a destination twice",
  });
});

test.each([
  [
    "",
    "there is no default route: what brings answers back",
    "the real servers have no default route, and in a cluster",
  ],
  [
    "default via 10.0.0.254 dev eth0",
    "the default route leads to 10.0.0.254, which is no address of director: what brings answers back",
    "the real servers' default routes lead to 10.0.0.254, which is no address of the director",
  ],
])(
  "a real server behind NAT whose routes are %j: why its way back is left out, and why there is no cluster",
  (routes, way, cluster) => {
    const one = "-A -t 192.0.2.9:80 -s rr\n-a -t 192.0.2.9:80 -r 10.0.0.11:80 -m -w 1\n";
    const { parts } = shapeOf([director(one), rs(11, { routes })]);
    expect(parts[0]?.reason).toMatch(cluster);
    const left = parts[0]?.otherwise?.find(({ host }) => host === "rs11");
    expect(left).toMatchObject({
      what: "the way of its answers",
      reason: expect.stringContaining(way),
      candidates: [],
    });
  },
);

test("one arm is said where VIP and gateway are on one interface", () => {
  const one = director(NAT, {
    addresses:
      "eth0 inet 192.0.2.9/24 brd 192.0.2.255 scope global eth0\neth0 inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0",
  });
  expect(shapeOf([one, rs(11), rs(12)]).parts[0]?.candidates[0]?.[0]?.args).toMatchObject({
    arms: "one",
    interface: "eth0",
  });
});

const DR = "-A -t 192.0.2.80:80 -s wlc\n-a -t 192.0.2.80:80 -r 192.0.2.11:80 -g -w 1\n";
const silent = (...at: string[]) =>
  Object.fromEntries(
    at.flatMap((on) => [
      [`net.ipv4.conf.${on}.arp_ignore`, "1"],
      [`net.ipv4.conf.${on}.arp_announce`, "2"],
    ]),
  );
const VIP = (device: string) => `${device} inet 192.0.2.80/32 brd 192.0.2.80 scope global ${device}:0`;
const server = (settings: Record<string, string>) =>
  host("rs", { addresses: `eth0 inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0\n${VIP("lo")}`, settings });
const drDirector = (more: Shape = {}) =>
  host("director", {
    table: DR,
    addresses: `eth0 inet 192.0.2.9/24 brd 192.0.2.255 scope global eth0\n${VIP("eth0")}`,
    ...more,
  });

test("direct routing: the interfaces that are silent, where not all are", () => {
  const args = (settings: Record<string, string>) =>
    shapeOf([drDirector(), server(settings)]).parts[0]?.candidates[0]?.[0]?.args;
  expect(args(silent("all", "lo"))).toMatchObject({
    vip: "192.0.2.80",
    device: "eth0",
    realServers: [{ arpOn: ["all", "lo"] }],
  });
  expect((args(silent("all", "lo", "eth0")) as { realServers: object[] }).realServers[0]).not.toHaveProperty("arpOn");
});

const KEEPALIVED = `vrrp_instance A {
  virtual_ipaddress {
    192.0.2.80
  }
}
virtual_server 192.0.2.80 80 {
  lb_kind DR
  real_server 192.0.2.11 80 { }
}
`;

test("what keepalived keeps is left to it, with the line; what the hosts have for it is taken over", () => {
  const files = { "/etc/keepalived/keepalived.conf": KEEPALIVED };
  const keeper = (table = DR) => drDirector({ table, files, running: ["keepalived"] });
  const { parts, classes, notes } = shapeOf([keeper(), server(silent("all", "lo", "eth0"))]);
  expect(classes).toEqual([
    [["Director"], [["Package"]], [["KernelModule"]]],
    [["RealServer"], ...Array.from({ length: 6 }, () => [["Sysctl"]]), [["VipAlias"]]],
  ]);
  // keepalived moves the address.
  expect(parts[0]?.candidates[0]?.[0]?.args).not.toHaveProperty("vip");
  expect(notes).toEqual([
    expect.stringContaining("tcp 192.0.2.80:80: keepalived keeps it (/etc/keepalived/keepalived.conf:6)"),
  ]);
  // All real servers fail their checks, and are out of the table: the file says how packets would reach them.
  const without = "-A -t 192.0.2.80:80 -s wlc\n";
  expect(shapeOf([keeper(without), server(silent("all", "lo", "eth0"))]).classes).toEqual(classes);
  const unsaid = KEEPALIVED.replace("lb_kind DR", "");
  const told = drDirector({
    ...{ table: without, files: { "/etc/keepalived/keepalived.conf": unsaid }, running: ["keepalived"] },
  });
  expect(shapeOf([told, server(silent("all"))]).classes).toEqual([]);
});

test("a service beside keepalived whose address keepalived moves: in parts, without the address on the director", () => {
  const files = { "/etc/keepalived/keepalived.conf": KEEPALIVED.replace("80 80", "81 80") };
  const { parts, classes } = shapeOf([drDirector({ files, running: ["keepalived"] }), server(silent("all"))]);
  expect(classes[0]).toEqual([
    [],
    [["Director"], [["Package"]], [["KernelModule"]]],
    expect.anything(),
    [["VirtualService"]],
  ]);
  expect(parts[0]?.otherwise?.[0]?.candidates[0]?.[0]?.args).not.toHaveProperty("vip");
});

test("marks, UDP, thresholds and tunnels are services of their own; the marking rule is told", () => {
  const table = `-A -f 7 -s sh -b sh-port
-a -f 7 -r 10.0.0.11:0 -g -w 1
-A -u 192.0.2.9:53 -s rr -o
-a -u 192.0.2.9:53 -r 10.0.0.11:53 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
`;
  const { parts, notes } = shapeOf([director(table), rs(11)]);
  expect(parts.map(({ candidates }) => candidates)).toEqual([[], []]);
  expect(parts.map(({ otherwise }) => otherwise?.at(-1)?.candidates[0]?.[0]?.args)).toMatchObject([
    { mark: 7, scheduler: "sh", schedulerFlags: ["sh-port"], forwarding: "dr" },
    {
      protocol: "udp",
      onePacket: true,
      forwarding: "tun",
      destinations: { "10.0.0.11:53": { tunnel: { type: "gue", port: 6080 } } },
    },
  ]);
  expect(notes).toEqual([]);
  expect(parts[0]?.otherwise?.map(({ what, reason }) => [what, reason])).toContainEqual([
    "the rule that marks packets with 7",
    expect.stringContaining("a rule of netfilter stays its owner's"),
  ]);
});

test("persistence is taken over whole: its timeout, its mask, and the engine that knows SIP", () => {
  const table = `-A -u 192.0.2.9:5060 -s rr -p 60 -M 255.255.255.0 --pe sip
-a -u 192.0.2.9:5060 -r 10.0.0.11:5060 -m -w 1
-A -t 192.0.2.9:80 -s rr -p 90
-a -t 192.0.2.9:80 -r 10.0.0.11:80 -m -w 1
`;
  const { parts } = shapeOf([director(table), rs(11)]);
  expect(parts[0]?.otherwise?.at(-1)?.candidates[0]?.[0]?.args.persistence).toEqual({
    ...{ timeout: 60, mask: "255.255.255.0", engine: "sip" },
  });
  expect(parts[1]?.candidates[0]?.[0]?.args.persistence).toEqual({ timeout: 90 });
});

const CF = `quiescent=yes
fallback=127.0.0.1:www
virtual=192.0.2.9:www
  # a comment with passwd="former" is one, too
\treal=10.0.0.11->10.0.0.12:8080 masq 3
\tlogin="monitor"
\tpasswd="hush" hush"
\tcheckcommand="/root/check --password hush2"
\tpersistent=60
`;

test("ldirectord: its file as it is, but for the secrets, and the table that it makes", () => {
  const table = "-A -t 192.0.2.9:80 -s wrr -p 60\n-a -t 192.0.2.9:80 -r 10.0.0.11:8080 -m -w 3\n";
  const files = { "/etc/ha.d/ldirectord.cf": CF };
  const found = [director(table, { files, running: ["ldirectord"] }), rs(11), rs(12)];
  const { secrets, places, parts } = plan(found);
  expect(secrets).toEqual({
    "director-ldirectord-line-4": "former",
    "director-ldirectord-line-7": 'hush" hush',
    "director-ldirectord-line-8": "/root/check --password hush2",
  });
  expect(Object.values(places)).toEqual([4, 7, 8].map((line) => `/etc/ha.d/ldirectord.cf:${line}`));
  const declared = parts.at(-1)?.candidates[0] ?? [];
  expect(declared.map((one) => one.class)).toEqual(["Package", "File", "HealthChecks"]);
  expect(JSON.stringify(declared)).not.toMatch(/hush|former/);
  expect(declared.at(-1)?.args.services).toEqual({
    "192.0.2.9:80": {
      ...{ scheduler: "wrr", persistence: { timeout: 60 }, quiescent: true, fallback: "127.0.0.1" },
      destinations: {
        "10.0.0.11:8080": { forwarding: "nat", weight: 3 },
        "10.0.0.12:8080": { forwarding: "nat", weight: 3 },
      },
    },
  });
});

test("ldirectord: with direct routing a real server has the port of its service, whatever the line says", () => {
  const text = "virtual=192.0.2.9:80\n    real=10.0.0.11 gate 1\n    real=10.0.0.12:8080 gate 2\n";
  const table =
    "-A -t 192.0.2.9:80 -s wrr\n-a -t 192.0.2.9:80 -r 10.0.0.11:80 -g -w 1\n-a -t 192.0.2.9:80 -r 10.0.0.12:80 -g -w 2\n";
  const files = { "/etc/ha.d/ldirectord.cf": text };
  const { parts } = plan([director(table, { files, running: ["ldirectord"] }), rs(11), rs(12)]);
  expect(parts.at(-1)?.candidates[0]?.at(-1)?.args.services).toMatchObject({
    "192.0.2.9:80": { destinations: { "10.0.0.11:80": { weight: 1 }, "10.0.0.12:80": { weight: 2 } } },
  });
});

test("a service in a file that keepalived.conf includes is keepalived's, and its place is told", () => {
  const files = {
    "/etc/keepalived/keepalived.conf": "include sites/*\n",
    "/etc/keepalived/sites/web.conf": KEEPALIVED,
  };
  const keeper = drDirector({ files, running: ["keepalived"] });
  const { classes, notes } = shapeOf([keeper, server(silent("all", "lo", "eth0"))]);
  expect(JSON.stringify(classes)).not.toMatch(/VirtualService|DrCluster/);
  expect(notes).toEqual([expect.stringContaining("keepalived keeps it (/etc/keepalived/sites/web.conf:6)")]);
});

test.each(["keepalived", "ldirectord"])("%s that was told to read another file is refused with that file", (unit) => {
  const { around } = director(NAT, { running: [unit] });
  expect(() => understood("director", { ...around, told: { [unit]: "/opt/web.cf" } }, names)).toThrow(
    `/opt/web.cf:1: ${unit} runs with this file`,
  );
});

test("a file that the running daemon would refuse ends the command with its line; of one that does not run nothing follows", () => {
  const files = { "/etc/ha.d/ldirectord.cf": "[vip]\n" };
  expect(() => director(NAT, { files, running: ["ldirectord"] })).toThrow(
    "/etc/ha.d/ldirectord.cf:1: ldirectord refuses",
  );
  expect(shapeOf([director(NAT, { files }), rs(11), rs(12)]).classes).toHaveLength(1);
});

test("saved rules, with names: what the kernel has as well, and what it has not", () => {
  const rules = (text: string) =>
    understood("director", director(NAT, { files: { "/etc/ipvsadm.rules": text } }).around, names).notes.map(
      ({ what, why }) => `${what}: ${why}`,
    );
  expect(rules("# at night\n-A -t 192.0.2.9:www -s rr\n-A -t 192.0.2.9:81 -s rr\n")).toEqual([
    expect.stringContaining("/etc/ipvsadm.rules:2: -t 192.0.2.9:80: ipvsadm's unit brings it back at boot"),
    expect.stringContaining("/etc/ipvsadm.rules:3: -t 192.0.2.9:81: the kernel has no such service now"),
  ]);
  expect(rules("-A -t 192.0.2.9:gopher -s rr\n")).toEqual([expect.stringContaining("/etc/ipvsadm.rules:1: ")]);
});

const vsKernel = {
  am_droprate: "10",
  conntrack: "0",
  pmtu_disc: "1",
  sync_threshold: "3 50",
  sync_refresh_period: "0",
};

test("what a director has once: timeouts, the sync daemons, and settings that are not the kernel's own", () => {
  const wide = {
    timeouts: { tcp: 3600, tcpFin: 120, udp: 300 },
    daemons: {
      master: { device: "eth1", syncId: 7, group: "224.0.0.81", messageSize: 1472 },
      backup: { device: "eth1", syncId: 7, group: "224.0.0.81" },
    },
    settings: { ...vsKernel, conntrack: "1", drop_entry: "3", secure_tcp: "2", drop_packet: "0", amemthresh: "2048" },
  };
  const { parts, notes } = shapeOf([director(NAT, { wide }), rs(11), rs(12)]);
  expect(parts.slice(1).map(({ candidates }) => candidates[0]?.map((one) => [one.class, one.name, one.args]))).toEqual(
    [
      ["IpvsTimeouts", "director-timeouts", { tcp: 3600 }],
      [
        "ConnectionSync",
        "director-sync",
        {
          ...{ device: "eth1", syncId: 7, group: "224.0.0.81", messageSize: 1472 },
          ...{ threshold: "3 50", refreshPeriod: 0 },
        },
      ],
      ["Sysctl", "director-conntrack", { key: "net.ipv4.vs.conntrack", value: 1 }],
      ["Sysctl", "director-drop-entry", { key: "net.ipv4.vs.drop_entry", value: 3 }],
    ].map(([of, name, args]) => [[of, name, { host: { name: "director" }, ...(args as object) }]]),
  );
  expect(notes).toEqual([expect.stringContaining("net.ipv4.vs.secure_tcp = 2: the kernel goes from 1 to 2")]);
});

test("a director as the kernel makes it has nothing to say beside its services; nor has one without IPVS", () => {
  const timeouts = { tcp: 900, tcpFin: 120, udp: 300 };
  for (const wide of [{ timeouts, settings: vsKernel }, {}])
    expect(shapeOf([director(NAT, { wide }), rs(11), rs(12)]).classes).toHaveLength(1);
});

test("sync daemons that keepalived starts are keepalived's, with the line", () => {
  const text = `global_defs {\n  lvs_sync_daemon eth0 A\n}\n${KEEPALIVED}`;
  const keeper = drDirector({
    ...{ files: { "/etc/keepalived/keepalived.conf": text }, running: ["keepalived"] },
    wide: { daemons: { backup: { device: "eth0", syncId: 51, group: "224.0.0.81" } } },
  });
  const { classes, notes } = shapeOf([keeper, server(silent("all", "lo", "eth0"))]);
  expect(JSON.stringify(classes)).not.toContain("ConnectionSync");
  expect(notes).toContain(
    "connections told to other directors on eth0: keepalived starts and stops the daemons (/etc/keepalived/keepalived.conf:2)",
  );
});

test.each([
  ['AUTO="true"\nDAEMON="none"\n', ["/etc/ipvsadm.rules:1: -t 192.0.2.9:81: the kernel has no such service now"]],
  ['AUTO="false"\n', ['/etc/ipvsadm.rules: AUTO in /etc/default/ipvsadm is "false": ipvsadm\'s unit does not load']],
  ['# AUTO="true"\n', ['/etc/ipvsadm.rules: AUTO in /etc/default/ipvsadm is "": ipvsadm\'s unit does not load']],
  [
    "AUTO=true\nDAEMON=none\nDAEMON='both'\n",
    [
      "/etc/ipvsadm.rules:1: -t 192.0.2.9:81: the kernel has no such service now",
      '/etc/default/ipvsadm: DAEMON="both": ipvsadm\'s unit starts the sync daemons at boot as well',
    ],
  ],
])("what Debian's unit of ipvsadm does at boot by %j", (text, said) => {
  const files = { "/etc/ipvsadm.rules": "-A -t 192.0.2.9:81 -s rr\n", "/etc/default/ipvsadm": text };
  const { notes } = understood("director", director(NAT, { files }).around, names);
  expect(notes.map(({ what, why }) => `${what}: ${why}`)).toEqual(said.map((one) => expect.stringContaining(one)));
});

test("the files that Debian's package brings say nothing", () => {
  const files = { "/etc/ipvsadm.rules": "# ipvsadm.rules\n", "/etc/default/ipvsadm": 'AUTO="false"\nDAEMON="none"\n' };
  expect(understood("director", director(NAT, { files }).around, names).notes).toEqual([]);
});

test("ldirectord: a fallback for all services by its name, and one of a service's own", () => {
  const text = `fallback=sorry.example:80 masq
virtual=192.0.2.9:80
    real=10.0.0.11:80 masq
virtual=192.0.2.9:81
    real=10.0.0.11:81 masq
    fallback=127.0.0.1
`;
  const named = { ...names, address: (name: string) => (name === "sorry.example" ? "192.0.2.66" : undefined) };
  const shape = director("", { files: { "/etc/ha.d/ldirectord.cf": text } }).around;
  const { found } = understood("director", { ...shape, running: ["ldirectord"] }, named);
  const declared = plan([found, rs(11)]).parts.at(-1)?.candidates[0] ?? [];
  expect(declared.at(-1)?.args.services).toMatchObject({
    "192.0.2.9:80": { fallback: "192.0.2.66" },
    "192.0.2.9:81": { fallback: "127.0.0.1" },
  });
});

test("no two sites have one name: IPv6 addresses that differ in colons, and one service on two directors", () => {
  const service = (vip: string) => `-A -t ${vip}:80 -s rr\n-a -t ${vip}:80 -r [fd00::11]:80 -g -w 1\n`;
  const table = ["[fd00::1:2]", "[fd00:1::2]"].map(service).join("");
  const { parts } = plan([host("one", { table }), host("two", { table })]);
  const names = parts.map(({ otherwise }) => otherwise?.at(-1)?.candidates[0]?.[0]?.name);
  expect(names).toEqual([
    "site-fd00-1-2-80-service",
    "site-fd00-1-2-80-one-service",
    "site-fd00-1-2-80-two-service",
    "site-fd00-1-2-80-two-2-service",
  ]);
  expect(new Set(names.map((name) => variable(name as string))).size).toBe(4);
});

test("no host with a service: told", () => {
  expect(shapeOf([rs(11)]).notes).toEqual(["nothing: no host has a virtual service in its kernel's table"]);
});
