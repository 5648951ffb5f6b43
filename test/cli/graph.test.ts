import { mermaid } from "../../cli/graph/mermaid";
import { svg } from "../../cli/graph/svg";
import { type Topology, topologyOf } from "../../cli/graph/topology";
import { readState } from "../../cli/state";
import { exported, HOSTILE, status, stored } from "./drawn-site";

// What a picture shows, whatever the hosts and the program are called.

const state = readState(exported);

/** A site with one director and one real server. */
const site = (forwarding: string, more: object[] = [], director = "director", server = "rs1") =>
  readState({
    deployment: {
      resources: [
        stored("VirtualService", "web", {
          ...{ host: { name: director, address: "10.0.0.2" }, address: "10.0.0.9", port: 80, protocol: "tcp" },
          ...{ scheduler: "wrr", forwarding, destinations: { "10.0.0.11:80": { weight: 3 } } },
        }),
        stored("Sysctl", "arp", { host: { name: server, address: "10.0.0.11" }, key: "a" }),
        ...more,
      ],
    },
  });

test("mermaid: with direct routing an answer goes straight to the clients", () => {
  expect(mermaid(topologyOf(site("dr")))).toBe(`flowchart LR
  clients(["clients"])
  host_rs1["rs1<br/>10.0.0.11"]
  host_director["director<br/>10.0.0.2"]
  subgraph network1 ["one network"]
    host_director
    host_rs1
  end
  service1{{"tcp 10.0.0.9:80<br/>wrr"}}
  clients --> service1
  service1 --> host_director
  host_director -->|"dr, weight 3"| host_rs1
  host_rs1 -.->|"answer"| clients
`);
});

test("a picture is the same, in whatever order the resources came to be", async () => {
  const mixed = { ...state, resources: [...state.resources].reverse() };
  expect(mermaid(topologyOf(mixed))).toBe(mermaid(topologyOf(state)));
  expect(await svg(topologyOf(mixed))).toBe(await svg(topologyOf(state)));
});

test("mermaid: with NAT an answer goes back through the director, by the gateway that is declared", () => {
  const route = stored("Route", "r", { host: { name: "rs1", address: "10.0.0.11" }, to: "default", via: "10.0.0.1" });
  const picture = mermaid(topologyOf(site("nat", [route])));
  expect(picture).toContain('subgraph network1 ["behind 10.0.0.1"]\n    host_rs1\n  end');
  expect(picture).toContain('host_rs1 -.->|"answer by 10.0.0.1"| host_director\n');
  expect(picture).toContain('host_director -.->|"answer"| clients\n');
  expect(picture).not.toMatch(/host_rs1 .*clients/);
});

test("the ways of a whole stack as declared: the director that has the VIP, and each way of forwarding", () => {
  const { services, hosts } = topologyOf(state);
  expect(services.map(({ lines }) => lines)).toEqual([
    ["tcp 172.17.111.111:80, 443", "mark 99", "wrr, persistent 300 s"],
    ["tcp 192.0.2.9:80", "wlc"],
    ["udp [2001:db8::9]:53", "rr"],
  ]);
  expect(services[0]?.directors).toEqual([
    { host: "director1", says: "has the VIP" },
    { host: "director2", says: "stands by" },
  ]);
  expect(
    services.map(({ ways }) => ways.map(({ director, server, label }) => `${director} ${server} ${label}`)),
  ).toEqual([
    ["director1 rs1 dr, weight 1", "director1 rs2 dr, weight 3"],
    ["gate app1 nat, weight 2", "gate app2 nat, weight 2"],
    ["gate 2001:db8:1::53 tun, weight 1"],
  ]);
  expect(hosts.map(({ name }) => name)).toContain("2001:db8:1::53");
});

const on = { host: { name: "director", address: "10.0.0.2" }, scheduler: "wrr" };
const mark = (protocol: string, ports: (number | string)[], address = "10.0.0.9") =>
  stored("FirewallMark", `marks-${protocol}-${address}`, { ...on, mark: 7, address, protocol, ports });

/** Services of one director, by NAT: the destinations of each. */
const several = (...own: [object, Record<string, object>][]) =>
  readState({
    deployment: {
      resources: own.map(([match, destinations], i) =>
        stored("VirtualService", `web${i}`, {
          ...{ ...on, address: "10.0.0.9", protocol: "tcp", forwarding: "nat", ...match, destinations },
        }),
      ),
    },
  });

/** What stands at the arrows that go to real servers, in mermaid: each arrow once. */
const arrows = (own: ReturnType<typeof readState>) =>
  [...mermaid(topologyOf(own)).matchAll(/ (?:-->|==>|--x)\|"(.*)"\| host_(\S+)/g)].map(
    ([, says, to]) => `${to}: ${says}`,
  );

test("an arrow says whose weight it has, where the director has several services", async () => {
  const own = several(
    [{ port: 80 }, { "10.0.0.11:80": { weight: 1 }, "10.0.0.12:80": { weight: 2 } }],
    [{ port: 443 }, { "10.0.0.11:443": { weight: 1 }, "10.0.0.12:443": { weight: 5 } }],
    [{ port: 53, protocol: "udp" }, { "10.0.0.11:53": { weight: 1 } }],
  );
  expect(arrows(own)).toEqual([
    "10_0_0_11: 80, 443, 53/udp<br/>nat, weight 1",
    "10_0_0_12: 80<br/>nat, weight 2",
    "10_0_0_12: 443<br/>nat, weight 5",
  ]);
  const picture = await svg(topologyOf(own));
  for (const text of ["80, 443, 53/udp", "nat, weight 1", "443", "nat, weight 5"])
    expect(picture.match(new RegExp(`>${text}</text>`, "g"))).toHaveLength(1);
});

test("an arrow says the address of a service where the director has several, and a mark", () => {
  const own = several(
    [{ port: 80 }, { "10.0.0.11:80": { weight: 1 } }],
    [{ port: 0, address: "10.0.0.8" }, { "10.0.0.11:0": { weight: 2 } }],
    [{ mark: 7, family: "ipv4" }, { "10.0.0.11:8080": { weight: 3 } }],
  );
  expect(arrows(own)).toEqual([
    "10_0_0_11: mark 7 to 8080<br/>nat, weight 3",
    "10_0_0_11: tcp 10.0.0.8, every port<br/>nat, weight 2",
    "10_0_0_11: tcp 10.0.0.9:80<br/>nat, weight 1",
  ]);
});

test("two destinations on one server are two arrows, each with its port; many services stand in several lines", () => {
  expect(arrows(several([{ port: 80 }, { "10.0.0.11:8080": { weight: 1 }, "10.0.0.11:8081": { weight: 1 } }]))).toEqual(
    ["10_0_0_11: 80 to 8080, 80 to 8081<br/>nat, weight 1"],
  );
  const many = Array.from({ length: 8 }, (_, i): [object, Record<string, object>] => [
    { port: 81 + i },
    { [`10.0.0.11:${81 + i}`]: { weight: 1 } },
  ]);
  expect(arrows(several(...many))).toEqual(["10_0_0_11: 81, 82, 83, 84, 85, 86<br/>87, 88<br/>nat, weight 1"]);
});

test("UDP and SCTP: each protocol by its name, and of a mark no rule that marks nothing, or another family", () => {
  const service = (name: string, inputs: object) =>
    stored("VirtualService", name, { ...on, ...inputs, destinations: { "10.0.0.11:0": "weight 1" } });
  const own = readState({
    deployment: {
      resources: [
        service("web", { mark: 7, family: "ipv4", persistence: { timeout: 60 } }),
        ...[mark("tcp", []), mark("udp", [443, "8000-8010"]), mark("sctp", [443]), mark("udp", [443], "fd00::9")],
        service("dns", { protocol: "udp", address: "10.0.0.8", port: 53, onePacket: true }),
        service("all", { protocol: "sctp", address: "fd00::8", port: 0 }),
      ],
    },
  });
  const { services } = topologyOf(own);
  expect(services.map(({ lines }) => lines)).toEqual([
    ["sctp fd00::8, every port", "wrr"],
    ["udp 10.0.0.8:53", "wrr, one packet at a time"],
    ["udp 10.0.0.9:443, 8000-8010", "sctp 10.0.0.9:443", "mark 7", "wrr, persistent 60 s"],
  ]);
  expect(mermaid(topologyOf(own))).toContain('{{"udp 10.0.0.8:53<br/>wrr, one packet at a time"}}');
});

test("as the hosts say: who has the VIP, who is out, who fails its check, who does not answer", () => {
  const { services, hosts } = topologyOf(state, status);
  expect(services[0]?.directors).toEqual([
    { host: "director1", says: "stands by" },
    { host: "director2", says: "has the VIP" },
  ]);
  const ways = services.flatMap((service) => service.ways);
  expect(ways.map(({ server, label, isOpen }) => [server, label, isOpen])).toEqual([
    ["rs1", "dr, weight 1", true],
    ["rs2", "dr, weight 0 of 3, out for maintenance", false],
    ["app1", "nat, weight 2", true],
    ["app2", "nat, weight 2, fails its check", false],
    ["2001:db8:1::53", "tun, weight 1", true],
  ]);
  expect(hosts.filter(({ isLost }) => isLost).map(({ name }) => name)).toEqual(["app2"]);
});

test("a service or a destination that somebody deleted is not in the table", () => {
  const gone = { hosts: status.hosts.map((host) => ({ ...host, services: [] })) };
  const labels = topologyOf(state, gone).services.flatMap(({ ways }) => ways.map(({ label }) => label));
  expect(labels).toContain("nat, weight 2, not in the table");
});

test("a table that cannot be read is drawn as declared, and the host says so", async () => {
  const unread = status.hosts.map((host) =>
    host.host === "gate" ? { ...host, services: [], unread: ["no ipvsadm"] } : host,
  );
  const topology = topologyOf(state, { hosts: unread });
  expect(topology.services.flatMap(({ ways }) => ways.map(({ label }) => label))).toContain("nat, weight 2");
  expect(mermaid(topology)).toContain('host_gate["gate<br/>192.0.2.1<br/>not readable"]');
  expect(await svg(topology)).toContain(">not readable</text>");
});

test("two directors without a known holder may both have the VIP; with two masters both have it", () => {
  const two = { hosts: status.hosts.map((host) => ({ ...host, instances: [{ instance: "web", state: "MASTER" }] })) };
  expect(topologyOf(state, two).services[0]?.directors.map(({ says }) => says)).toEqual(["has the VIP", "has the VIP"]);
  const lost = { hosts: status.hosts.map((host) => ({ ...host, instances: [], error: "gone" })) };
  const [service] = topologyOf(state, lost).services;
  expect(service?.directors.map(({ says }) => says)).toEqual(["may have the VIP", "may have the VIP"]);
  expect(service?.ways).toHaveLength(4);
});

/** Two directors that announce one VIP, and another site of the first. */
const announcing = (withdrawn?: object) => {
  const host = (n: number) => ({ name: `d${n}`, address: `10.0.0.${n}` });
  const service = (n: number, address: string) =>
    stored("VirtualService", `web-${address}-${n}`, {
      ...{ host: host(n), address, port: 80, protocol: "tcp", scheduler: "mh", forwarding: "dr" },
      destinations: { "10.0.0.11:80": { weight: 1 } },
    });
  const own = [1, 2].flatMap((n) => [
    service(n, "10.9.0.9"),
    stored("File", `web-file-${n}`, {
      ...{ host: host(n), path: "/etc/bird/lvs.d/web.conf" },
      content: "protocol static lvs_web {\n    route 10.9.0.9/32 unreachable;\n}\n",
    }),
    stored("BgpAnnouncement", `web-${n}`, { host: host(n), name: "web" }, n === 2 && withdrawn ? { withdrawn } : {}),
  ]);
  return readState({ deployment: { resources: [...own, service(1, "10.9.0.10")] } });
};

test("directors that serve at the same time have one service together; one that has withdrawn gets no clients", () => {
  const [web, other] = topologyOf(announcing()).services;
  expect(web?.directors.map(({ host, says }) => `${host} ${says}`)).toEqual([
    "d1 announces the VIP",
    "d2 announces the VIP",
  ]);
  expect(web?.ways).toHaveLength(2);
  expect(other?.directors).toEqual([{ host: "d1" }]);
  const [given] = topologyOf(announcing({ reason: "new memory" })).services;
  expect(given?.directors.map(({ says }) => says)).toEqual(["announces the VIP", "is withdrawn"]);
  expect(given?.ways.map(({ director }) => director)).toEqual(["d1"]);
});

test("of directors that serve at the same time, what their hosts say counts", () => {
  const seen = (host: string, state: string) => ({
    ...{ host, address: "", services: [], instances: [], differences: [] },
    announcements: [{ announcement: "web", sessions: { "10.0.0.1": { state } } }],
  });
  const both = { hosts: [seen("d1", "Established"), seen("d2", "Active")] };
  expect(topologyOf(announcing({ reason: "of before" }), both).services[0]?.directors.map(({ says }) => says)).toEqual([
    ...["announces the VIP", "is heard by nobody"],
  ]);
  const one = { hosts: [seen("d1", "Established")] };
  expect(topologyOf(announcing(), one).services[0]?.directors[1]).toEqual({ host: "d2", says: "may have the VIP" });
});

test("SVG: dashed answers, closed ways, a tunnel of two lines; the same picture each time", async () => {
  const picture = await svg(topologyOf(state, status));
  expect(picture).toMatch(/^<svg /);
  // rs1, app1 and the tunnel's server answer; of app1 the director passes the answer on.
  expect(picture.match(/<path [^>]*stroke="#2e7d32" stroke-dasharray/g)).toHaveLength(4);
  expect(picture.match(/<path [^>]*stroke="#b3261e"/g)?.length).toBeGreaterThanOrEqual(2);
  for (const text of ["rs1", "by 192.168.199.1", "has the VIP", "not reached", "tcp 172.17.111.111:80, 443"])
    expect(picture).toContain(`>${text}</text>`);
  expect(await svg(topologyOf(state, status))).toBe(picture);
});

/** A topology in which every word is this one. The state's own hosts have better names. */
const called = (name: string): Topology => ({
  hosts: [name, `${name}2`].map((one) => ({ name: one, address: name, isLost: true, isUnread: false })),
  networks: [{ title: name, hosts: [name] }],
  services: [
    {
      lines: [name, name],
      directors: [{ host: name, says: "has the VIP" }],
      ways: [true, false].map((isOpen) => ({
        ...{
          director: name,
          server: `${name}2`,
          forwarding: "nat",
          services: [name, name],
          label: name,
          isOpen,
          gateway: name,
        },
      })),
    },
  ],
});

test.each([
  ...[HOSTILE, "a\u0000b\u001b[31m", "\ud800", "\u202eabc", "<TABLE>", "end", "ä ö 中", "\\G \\N \\l", '"]; x --> y["'],
  ...["a\nb\r\tc", "&lt;", "<![CDATA[x]]>", "%%{init: {}}%%", "`**x**`", "x".repeat(300)],
])("words like %j are drawn, and are text", async (name) => {
  const picture = await svg(called(name));
  // Nothing but what a drawing is made of, and no attribute that runs anything.
  const tags = new Set([...picture.matchAll(/<\/?([\w:!?-]+)/g)].map(([, tag]) => tag));
  expect([...tags].sort()).toEqual(["ellipse", "g", "path", "polygon", "polyline", "svg", "text", "title"]);
  expect(picture).not.toMatch(/\s(on\w+|\w*:?href)=|[^\P{Cc}\n]|\p{Cs}|\p{Bidi_Control}/u);
  const chart = mermaid(called(name));
  const text = "([\\p{L}\\p{N} .,:/()[\\]_-]|#\\d+;|<br/>)*";
  const node = new RegExp(`^ +(subgraph )?\\w+ ?(\\[|\\{\\{|\\(\\[)"${text}"(\\]|\\}\\}|\\]\\))$`, "u");
  const way = new RegExp(`^ +\\w+( (-->|-\\.->|--x)(\\|"${text}"\\|)? \\w+)?$`, "u");
  const lines = chart.split("\n").slice(1, -1);
  expect(lines.filter((line) => !node.test(line) && !way.test(line))).toEqual([]);
});

test("two hosts whose names differ in signs alone are two", () => {
  const chart = mermaid(topologyOf(site("dr", [], "a-b", "a.b")));
  expect(chart).toContain('host_a_b["a.b<br/>10.0.0.11"]');
  expect(chart).toContain('host_a_b_1["a-b<br/>10.0.0.2"]');
});

test("an empty stack is a picture of clients alone", async () => {
  const nothing = topologyOf(readState({}));
  expect(mermaid(nothing)).toBe('flowchart LR\n  clients(["clients"])\n');
  expect(await svg(nothing)).toContain(">clients</text>");
});
