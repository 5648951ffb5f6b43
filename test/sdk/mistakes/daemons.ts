import type { Mistake } from "./scene";

/** What runs on directors: checks, announcements, what several of them share. */
export const daemons: readonly Mistake[] = [
  {
    mistake: "ldirectord without services",
    program: ({ Ldirectord, director }) => new Ldirectord("checks", { host: director }),
    says: 'Ldirectord "checks": virtuals: is missing: an object is needed',
  },
  {
    mistake: "two sites that ldirectord checks on one director",
    program: ({ NatCluster, nat, ldirectord }) => {
      new NatCluster("one", { ...nat, health: ldirectord });
      new NatCluster("two", { ...nat, vip: "10.1.0.10", health: ldirectord });
    },
    says: "ldirectord has one configuration. Declare all services in one Ldirectord, or let keepalived check the sites",
    by: "a check",
  },
  {
    mistake: "a service of ldirectord by name",
    program: ({ Ldirectord, director }) =>
      new Ldirectord("checks", { host: director, virtuals: { www: { real: {} } } }),
    says: 'Ldirectord "checks": virtuals',
  },
  {
    mistake: "a protocol that ldirectord does not check",
    program: ({ Ldirectord, director }) =>
      new Ldirectord("checks", {
        host: director,
        virtuals: { "10.2.0.9:80": { service: "htp", real: { "10.2.0.11:80": { forwarding: "dr" } } } },
      }),
    says: 'Ldirectord "checks": virtuals["10.2.0.9:80"].service: ldirectord has no service "htp". Choose one of',
  },
  {
    mistake: "a check that waits longer than its interval",
    program: ({ Ldirectord, director }) =>
      new Ldirectord("checks", {
        host: director,
        globals: { checkInterval: 2, negotiateTimeout: 60 },
        virtuals: {
          "10.2.0.9:80": {
            service: "http",
            request: "/",
            receive: "OK",
            real: { "10.2.0.11:80": { forwarding: "dr" } },
          },
        },
      }),
    says: 'Ldirectord "checks": ',
    by: "a warning",
  },
  {
    mistake: "checks whose patience is no number",
    program: ({ HealthChecks, director }) =>
      new HealthChecks("h", { host: director, configuration: {}, services: {}, patience: "10s" }),
    says: 'HealthChecks "h": patience: is a text, and a number is needed',
    by: "a check",
  },
  {
    mistake: "settings as a list",
    program: ({ Sysctls, director }) =>
      new Sysctls("quick", { host: director, settings: ["net.ipv4.tcp_fin_timeout"] }),
    says: 'Sysctls "quick": settings: is a list, and an object is needed',
    by: "a check",
  },
  {
    mistake: "connections synchronized without an interface",
    program: ({ ConnectionSync, director }) => new ConnectionSync("sync", { host: director }),
    says: 'ConnectionSync "sync": device: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "a misspelled property of the synchronization",
    program: ({ ConnectionSync, director }) =>
      new ConnectionSync("sync", { host: director, device: "eth1", syncid: 3 }),
    says: 'ConnectionSync "sync": syncid',
  },
  {
    mistake: "an instance of VRRP without its files",
    program: ({ VrrpInstance, director }) => new VrrpInstance("shop", { host: director, name: "shop" }),
    says: 'VrrpInstance "shop": configuration: is missing: an object is needed',
    by: "a check",
  },
  {
    mistake: "an announcement without its files",
    program: ({ BgpAnnouncement, director }) => new BgpAnnouncement("shop", { host: director, name: "shop" }),
    says: 'BgpAnnouncement "shop": configuration: is missing: an object is needed',
    by: "a check",
  },
  {
    mistake: "BIRD without a router",
    program: ({ Bird, director }) =>
      new Bird("shop", { host: director, asn: 64513, addresses: ["10.9.0.9"], neighbours: [] }),
    says: 'Bird "shop": neighbours: is empty: give at least one router',
  },
  {
    mistake: "keepalived without an address that floats",
    program: ({ Keepalived, director }) => new Keepalived("shop", { host: director, name: "shop" }),
    says: 'Keepalived "shop": ',
  },
  {
    mistake: "checks by keepalived under a name that is none",
    program: ({ KeepalivedChecks, director }) => new KeepalivedChecks("../shop", { host: director, virtuals: {} }),
    says: 'KeepalivedChecks "../shop": site: "../shop" is no name of a site\'s checks: letters, digits, _ and -, 61 at most',
  },
  {
    mistake: "a check that keepalived does not have",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("shop", {
        host: director,
        virtuals: { "10.1.0.9:80": { real: { "10.2.0.11:80": { forwarding: "nat" } }, check: { type: "smtp" } } },
      }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.type: give { type: "tcp" }, "http", "https" or "misc"',
  },
  {
    mistake: "a quorum that is never reached",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("shop", {
        host: director,
        virtuals: { "10.1.0.9:80": { real: { "10.2.0.11:80": { forwarding: "nat", weight: 2 } }, quorum: 3 } },
      }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].quorum: 3 is more than the weights of all real servers (2)',
  },
  {
    mistake: "one director that stands in for itself",
    program: ({ Failover, director }) =>
      new Failover("shop", { instance: "shop", addresses: ["10.1.0.9"], directors: [director] }),
    says: 'Failover "shop": directors: has fewer entries than 2: give at least 2',
  },
  {
    mistake: "one director that hands over to nobody",
    program: ({ Handover, director }) =>
      new Handover("shop", { instance: "shop", addresses: ["10.1.0.9"], directors: [director] }),
    says: 'Handover "shop": directors: has fewer entries than 2: give at least 2',
  },
  {
    mistake: "one director that shares drains with nobody",
    program: ({ SharedDrains, director }) =>
      new SharedDrains("shop", { site: "shop", vips: ["10.1.0.9"], directors: [director] }),
    says: 'SharedDrains "shop": directors: has fewer entries than 2: give at least 2',
  },
];
