import type { DestinationStatus } from "../../provider/operations/service-status";
import type { Status } from "../../provider/operations/status";

// A stack with every way of a packet: direct routing by two directors, NAT with health checks, and a tunnel. Its status is
// as hosts told it: one server is out for maintenance, one fails its check, and one host does not answer.

/** What somebody wrote who means harm. */
export const HOSTILE = `"<script>document.title = 'taken'</script>'\`&amp;\\N--><!--]]>{{x}}#quot;`;

const host = (name: string, address: string) => ({ name, address });

const HOSTS = {
  director1: host("director1", "172.17.111.2"),
  director2: host("director2", "172.17.111.3"),
  rs1: host("rs1", "172.17.111.11"),
  rs2: host("rs2", "172.17.111.12"),
  gate: host("gate", "192.0.2.1"),
  app1: host("app1", "192.168.199.11"),
  app2: host("app2", "192.168.199.12"),
};

/** A resource as `pulumi stack export` prints it. */
export const stored = (kind: string, name: string, inputs: object, outputs: object = inputs) => ({
  urn: `urn:pulumi:prod::shop::pulumi-nodejs:dynamic/lvs:${kind}::${name}`,
  ...{ custom: true, id: name, type: `pulumi-nodejs:dynamic/lvs:${kind}`, inputs, outputs },
});

const marked = (director: object) => ({
  ...{ host: director, mark: 99, scheduler: "wrr", forwarding: "dr", persistence: { timeout: 300 } },
  destinations: { "172.17.111.11:0": { weight: 1 }, "172.17.111.12:0": "weight 3" },
});

const checked = {
  "192.0.2.9:80": {
    scheduler: "wlc",
    destinations: {
      "192.168.199.11:8080": { forwarding: "nat", weight: 2 },
      "192.168.199.12:8080": { forwarding: "nat", weight: 2 },
    },
  },
};

export const exported = {
  deployment: {
    resources: [
      ...[HOSTS.director1, HOSTS.director2].flatMap((director) => [
        stored("VirtualService", `web-${director.name}`, marked(director)),
        stored("FirewallMark", `mark-${director.name}`, {
          ...{ host: director, mark: 99, address: "172.17.111.111", protocol: "tcp", ports: [80, 443] },
        }),
        stored("VrrpInstance", `vrrp-${director.name}`, { host: director, name: "web" }),
      ]),
      stored(
        "Failover",
        "web",
        { instance: "web", addresses: ["172.17.111.111"], directors: [HOSTS.director1, HOSTS.director2] },
        { holder: "director1" },
      ),
      ...[HOSTS.rs1, HOSTS.rs2].map((server) => stored("Sysctl", `arp-${server.name}`, { host: server, key: "a" })),
      stored("HealthChecks", "app", { host: HOSTS.gate, services: checked }),
      ...[HOSTS.app1, HOSTS.app2].map((server) =>
        stored("Route", `route-${server.name}`, { host: server, to: "default", via: "192.168.199.1" }),
      ),
      stored("VirtualService", "dns", {
        ...{ host: HOSTS.gate, protocol: "udp", address: "2001:db8::9", port: 53, scheduler: "rr", forwarding: "tun" },
        destinations: { "[2001:db8:1::53]:53": { weight: 1 } },
      }),
      stored(
        "TrafficCheck",
        "traffic",
        { url: ["http://172.17.111.111/"], expect: { servers: { rs1: 1, rs2: 3 } } },
        { distribution: { rs1: 5, rs2: 14 }, failed: 1 },
      ),
      stored("TrafficCheck", HOSTILE, { url: `http://192.0.2.9/${HOSTILE}` }, { distribution: { [HOSTILE]: 4 } }),
    ],
  },
};

function destination(name: string, forwarding: string, weight: number): DestinationStatus {
  const rate = { connections: 12, bytesIn: 34567, bytesOut: forwarding === "nat" ? 891011 : 0 };
  return { ...{ destination: name, forwarding, weight, open: 7, others: 21 }, rate, total: rate };
}

const web = {
  ...{ service: "99", declared: true, scheduler: "wrr", persistence: 300 },
  destinations: [
    destination("172.17.111.11:0", "dr", 1),
    {
      ...destination("172.17.111.12:0", "dr", 0),
      out: { weight: 3, since: "2026-01-02T03:04:05Z", reason: `a disk ${HOSTILE}`, by: "root@desk" },
    },
  ],
};

const app = {
  ...{ service: "192.0.2.9:80", declared: true, scheduler: "wlc" },
  destinations: [
    { ...destination("192.168.199.11:8080", "nat", 2), health: "up" as const },
    { ...destination("192.168.199.12:8080", "", 0), health: "down" as const },
  ],
};

const dns = {
  ...{ service: "[2001:db8::9]:53/udp", declared: true, scheduler: "rr" },
  destinations: [destination("[2001:db8:1::53]:53", "tun", 1)],
};

const vrrp = (state: string) => ({ instances: [{ instance: "web", state, since: "2026-01-01T00:00:00.000Z" }] });

export const status: Status = {
  hosts: [
    { ...quiet("director1"), ...vrrp("BACKUP"), services: [web] },
    { ...quiet("director2"), ...vrrp("MASTER"), services: [web] },
    quiet("rs1"),
    {
      ...quiet("rs2"),
      differences: [{ kind: "Sysctl", name: "arp-rs2", property: "value", declared: "1", seen: HOSTILE }],
    },
    { ...quiet("gate"), services: [app, dns] },
    quiet("app1"),
    { ...quiet("app2"), error: `host app2: no answer in 20 s: ${HOSTILE}` },
  ],
};

/** A host that has no table, and nothing to say. */
function quiet(name: keyof typeof HOSTS) {
  return { host: name, address: HOSTS[name].address, services: [], instances: [], differences: [] };
}
