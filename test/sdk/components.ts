import type * as pulumi from "@pulumi/pulumi";
import * as lvs from "../../sdk/index";

type Args = Record<string, unknown>;

/** A component of the SDK, and valid arguments. Each is made with a new name. */
export interface Component {
  readonly make: (name: string, args: never, opts?: pulumi.ComponentResourceOptions) => unknown;
  readonly given: () => Args[];
}

const host = (name: string) => new lvs.Host(name, { address: "192.0.2.1" });

const health = {
  ...{
    by: "ldirectord",
    service: "http",
    request: "ok.html",
    receive: "OK",
    checkType: "negotiate",
    httpMethod: "GET",
  },
  ...{ quiescent: true, failureCount: 2, emailAlert: ["root@example.org"], emailAlertStatus: ["all"] },
  globals: { fork: true, checkInterval: 5, fallback: { address: "127.0.0.1", port: 80, forwarding: "nat" } },
};

const servers = (more: object = {}) => [
  { host: host("rs1"), address: "172.17.111.234", weight: 2, ...more },
  { host: host("rs2"), address: "172.17.111.222" },
];

const dr = {
  director: host("director"),
  vip: "172.17.111.111",
  device: "eth0",
  drain: { timeout: 5, onTimeout: "cut" },
};
const nat = { director: host("director"), vip: "172.17.111.117", gateway: "192.168.199.145", clients: "10.9.0.0/16" };

/** Every component that a program declares, as far as they are not made of another one. */
export const components: Readonly<Record<string, Component>> = {
  Host: {
    make: (name, args, opts) =>
      new lvs.Sysctl(name, { host: new lvs.Host(name, args), key: "net.ipv4.ip_forward", value: 1 }, opts),
    given: () => [
      {
        ...{ address: "192.0.2.1", port: 2222, user: "admin", hostKey: "ssh-ed25519 AAAAC3Nz", hostKeyChecking: "on" },
        ...{ sudo: { password: "word" }, jump: host("gate"), ready: 30, onUnreachable: "forget", agent: "off" },
      },
    ],
  },
  DrCluster: {
    make: (...it) => new lvs.DrCluster(...it),
    given: () => [
      { ...dr, realServers: servers({ device: "eth1", rpFilter: 2 }), ports: [80, 443], persistence: { timeout: 60 } },
      { ...dr, realServers: servers(), forwarding: "tun", ports: 80, scheduler: "wlc", mark: 7, health },
    ],
  },
  NatCluster: {
    make: (...it) => new lvs.NatCluster(...it),
    given: () => [
      { ...nat, realServers: servers({ port: 8080 }), masquerade: true, persistence: { mask: "255.255.255.0" } },
      { ...nat, realServers: servers(), arms: "one", interface: "eth0", clients: ["10.9.0.0/16"], health },
      { ...nat, realServers: servers(), masquerade: { source: "172.17.111.0/24", outInterface: "eth0" } },
    ],
  },
  Ldirectord: {
    make: (...it) => new lvs.Ldirectord(...it),
    given: () => [
      {
        host: host("director"),
        globals: { ...health.globals, maintenanceDirectory: "/etc/ha.d/maintenance", logFile: "/var/log/l.log" },
        virtuals: {
          "172.17.111.111:80": {
            ...{ scheduler: "wrr", persistence: { timeout: 60 }, service: "http", request: "ok.html", comment: "shop" },
            real: {
              "172.17.111.222:80": { forwarding: "dr", weight: 2, upperThreshold: 9, lowerThreshold: 1, receive: "OK" },
            },
          },
          "99/ipv6": { checkType: "connect", real: { "[2001:db8::2]:80": { forwarding: "nat" } } },
        },
      },
    ],
  },
  Director: {
    make: (...it) => new lvs.Director(...it),
    given: () => [
      {
        ...{ host: host("director"), forwarding: "nat", oneArm: "eth0", marks: true },
        vip: { address: "172.17.111.111", device: "eth0" },
        masquerade: [{ source: "192.168.199.0/24", outInterface: "eth0" }],
      },
    ],
  },
  RealServer: {
    make: (...it) => new lvs.RealServer(...it),
    given: () => [
      { host: host("rs1"), address: "192.168.199.146", forwarding: "nat", gateway: "192.168.199.145" },
      {
        host: host("rs1"),
        address: "172.17.111.2",
        forwarding: "tun",
        vip: "172.17.111.1",
        device: "eth0",
        rpFilter: 2,
      },
    ],
  },
  ArpSettings: {
    make: (...it) => new lvs.ArpSettings(...it),
    given: () => [{ host: host("rs1"), device: "eth0", rpFilter: 1 }],
  },
  WebSite: {
    make: (...it) => new lvs.WebSite(...it),
    given: () => [
      {
        ...{ host: host("rs1"), name: "rs1", site: "shop", root: "/srv/shop", page: "Hello\n" },
        certificate: { certificate: "CERT", privateKey: "KEY" },
        application: { port: 8000, folders: { "/static/": "/srv/static" } },
      },
    ],
  },
  Postgresql: {
    make: (...it) => new lvs.Postgresql(...it),
    given: () => [
      {
        ...{ host: host("db"), address: "172.17.111.200", clients: ["172.17.111.234", "2001:db8::2"], port: 5433 },
        ...{ database: "shop", role: "clerk", version: 15, deleteData: true },
      },
    ],
  },
  Metrics: {
    make: (...it) => new lvs.Metrics(...it),
    given: () => [
      {
        directors: [{ host: host("director"), address: "172.17.111.2" }],
        servers: [host("rs1")],
        ...{ site: "shop", port: 9101, interval: 30, scrapers: ["172.17.111.5", "2001:db8::/64"] },
      },
    ],
  },
  EcommerceSite: {
    make: (...it) => new lvs.EcommerceSite(...it),
    given: () => [
      {
        servers: servers().map(({ host, address }) => ({ host, address })),
        directors: [{ host: host("director"), vip: "172.17.111.111", mark: 7 }],
        application: {
          artefact: { path: "shop.tar.gz", sha256: "0".repeat(64) },
          ...{
            start: ["/usr/bin/python3", "-m", "shop"],
            prepare: ["./manage"],
            packages: ["python3"],
            memory: "400M",
          },
          ...{ ready: { path: "/readyz", within: 30 }, environment: { A: "1" }, secrets: { B: "2" }, port: 8001 },
          ...{ static: { "/static/": "static" }, shared: { MEDIA: { name: "media", url: "/media/" } } },
        },
        state: { kind: "shared", databaseUrl: "postgresql://a" },
        ...{ site: "shop", keep: 2, alone: "interrupt", deleteData: true, drain: { timeout: 5 } },
        ...{ batch: "25%", maxFailures: 1, canary: true, onDirectorDown: "fail" },
      },
    ],
  },
  Rollout: {
    make: (...it) => new lvs.Rollout(...it),
    given: () => [
      {
        ...{ site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", ready: { path: "/readyz" } },
        servers: servers().map(({ host, address }) => ({ host, address })),
        directors: [{ host: host("director"), vip: "172.17.111.111" }],
        ...{ batch: 2, maxFailures: 1, canary: 2, onDirectorDown: "pass" },
      },
    ],
  },
  TrafficCheck: {
    make: (...it) => new lvs.TrafficCheck(...it),
    given: () => [
      {
        ...{ url: "http://192.0.2.9/", from: host("client"), requests: 5 },
        drains: { directors: [host("director")], servers: { rs1: "172.17.111.234" } },
        expect: {
          servers: { rs1: 1 },
          arp: { address: "192.0.2.9", device: "eth0", director: host("director"), directorDevice: "eth1" },
        },
      },
    ],
  },
  VipAlias: {
    make: (...it) => new lvs.VipAlias(...it),
    given: () => [{ host: host("rs1"), address: "192.0.2.9", device: "eth0", label: "eth0:0", boot: false }],
  },
  HealthChecks: {
    make: (...it) => new lvs.HealthChecks(...it),
    given: () => [{ host: host("director"), configuration: {}, services: {}, patience: 9, drain: { timeout: 5 } }],
  },
  TlsCertificate: {
    make: (...it) => new lvs.TlsCertificate(...it),
    given: () => [{ names: ["192.0.2.1", "a.example.org"], commonName: "a", days: 9 }],
  },
  Password: { make: (...it) => new lvs.Password(...it), given: () => [{ length: 40, triggers: [1] }] },
};
