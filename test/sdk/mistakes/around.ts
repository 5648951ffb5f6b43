import type { Mistake } from "./scene";

/** What looks at a site, brings it releases, lets it through firewalls, and shows it. */
export const around: readonly Mistake[] = [
  {
    mistake: "drains of one director",
    program: ({ TrafficCheck, director }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", drains: { directors: director, servers: {} } }),
    says: 'TrafficCheck "traffic": drains.directors: is a Host, and a list is needed: put it in [ ]',
  },
  {
    mistake: "drains of directors by name",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", drains: { directors: ["director"], servers: {} } }),
    says: 'TrafficCheck "traffic": drains.directors[0]: is a text, and a Host is needed',
  },
  {
    mistake: "drains of servers by name alone",
    program: ({ TrafficCheck, directors }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", drains: { directors, servers: ["rs1", "rs2"] } }),
    says: 'TrafficCheck "traffic": drains.servers: is a list, and an object is needed',
    by: "a check",
  },
  {
    mistake: "a drained server's address that is none",
    program: ({ TrafficCheck, directors }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", drains: { directors, servers: { rs1: "rs1.local" } } }),
    says: 'TrafficCheck "traffic": drains.servers.rs1: ',
    by: "a check",
  },
  {
    mistake: "a failover of a cluster",
    program: ({ TrafficCheck, DrCluster, pair, vrrp }) => {
      const cluster = new DrCluster("shop", { ...pair, failover: vrrp });
      return new TrafficCheck("traffic", { url: "http://10.2.0.9/", expect: { failover: { of: cluster } } });
    },
    says: 'TrafficCheck "traffic": expect.failover.of: ',
  },
  {
    mistake: "a failover by pulling the plug",
    program: ({ TrafficCheck, DrCluster, pair, vrrp }) => {
      const { failover } = new DrCluster("shop", { ...pair, failover: vrrp });
      const expect = { failover: { of: failover, by: "reboot" } };
      return new TrafficCheck("traffic", { url: "http://10.2.0.9/", expect });
    },
    says: 'TrafficCheck "traffic": expect.failover.by: is none of "hand-over", "stop"',
    by: "a check",
  },
  {
    mistake: "a gap in milliseconds",
    program: ({ TrafficCheck, DrCluster, pair, vrrp }) => {
      const { failover } = new DrCluster("shop", { ...pair, failover: vrrp });
      const expect = { failover: { of: failover, gap: 3000 } };
      return new TrafficCheck("traffic", { url: "http://10.2.0.9/", expect });
    },
    says: 'TrafficCheck "traffic": expect.failover.gap: ',
    by: "a check",
  },
  {
    mistake: "ARP of the cluster's name",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("traffic", {
        url: "http://10.2.0.9/",
        expect: { arp: { address: "10.2.0.9", device: "eth0", director: "director" } },
      }),
    says: 'TrafficCheck "traffic": expect.arp.director: is a text, and a Host is needed',
  },
  {
    mistake: "requests from the configuration, as text",
    program: ({ TrafficCheck, config }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", requests: config.get("weight") }),
    says: 'TrafficCheck "traffic": requests: ',
    by: "a check",
  },
  {
    mistake: "a batch of more than all",
    program: ({ Rollout, rollout }) => new Rollout("rollout", { ...rollout, batch: "150%" }),
    says: 'Rollout "rollout": batch: ',
    by: "a check",
  },
  {
    mistake: "a canary by name",
    program: ({ Rollout, rollout }) => new Rollout("rollout", { ...rollout, canary: "rs1" }),
    says: 'Rollout "rollout": canary: ',
    by: "a check",
  },
  {
    mistake: "a lost director that is ignored",
    program: ({ Rollout, rollout }) => new Rollout("rollout", { ...rollout, onDirectorDown: "ignore" }),
    says: 'Rollout "rollout": onDirectorDown: is none of "pass", "fail"',
    by: "a check",
  },
  {
    mistake: "a rollout's director without its VIP",
    program: ({ Rollout, rollout, director }) =>
      new Rollout("rollout", { ...rollout, directors: [{ host: director }] }),
    says: 'Rollout "rollout": directors[0].vip: is missing: a value is needed',
  },
  {
    mistake: "a protocol of the firewall's own name",
    program: ({ FirewallRule, director }) => new FirewallRule("ping", { host: director, protocol: "icmp" }),
    says: 'FirewallRule "ping": protocol: is none of "tcp", "udp", "sctp", "vrrp", "gre", "ipip"',
    by: "a check",
  },
  {
    mistake: "a range of ports that runs backwards",
    program: ({ FirewallRule, director }) => new FirewallRule("web", { host: director, port: "8010-8000" }),
    says: 'FirewallRule "web": port: ',
    by: "a check",
  },
  {
    mistake: "ports as a list",
    program: ({ FirewallRule, director }) => new FirewallRule("web", { host: director, ports: [80, 443] }),
    says: 'FirewallRule "web": ports: there is no such property: did you mean "port"?',
  },
  {
    mistake: "let in without a port",
    program: ({ FirewallRule, director }) => new FirewallRule("web", { host: director }),
    says: 'FirewallRule "web": port: ',
    by: "a check",
  },
  {
    mistake: "replies of a list of networks",
    program: ({ ForwardRule, director }) => new ForwardRule("replies", { host: director, source: ["10.2.0.0/24"] }),
    says: 'ForwardRule "replies": source: is a list, and a text is needed',
    by: "a check",
  },
  {
    mistake: "replies to nobody",
    program: ({ ForwardRule, director }) => new ForwardRule("replies", { host: director, to: "10.2.0.0/24" }),
    says: 'ForwardRule "replies": to: there is no such property: ',
  },
  {
    mistake: "figures of no director",
    program: ({ Metrics }) => new Metrics("shop", { directors: [] }),
    says: 'Metrics "shop": directors: ',
  },
  {
    mistake: "figures of one director that is no list",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: director }),
    says: 'Metrics "shop": directors: is a Host, and a list is needed: put it in [ ]',
  },
  {
    mistake: "figures of one host twice",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [director], servers: [director] }),
    says: 'Metrics "shop": servers[0]',
  },
  {
    mistake: "the exporter's port from the configuration, as text",
    program: ({ Metrics, director, config }) =>
      new Metrics("shop", { directors: [director], port: config.get("port") }),
    says: 'Metrics "shop": port: is a text, and a number is needed',
  },
  {
    mistake: "a port that there is not",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [director], port: 91000 }),
    says: 'Metrics "shop": port: ',
  },
  {
    mistake: "figures every five minutes",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [director], interval: 300 }),
    says: 'Metrics "shop": interval: ',
  },
  {
    mistake: "Prometheus by name",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [director], scrapers: ["prometheus.local"] }),
    says: 'Metrics "shop": scrapers[0]: ',
  },
  {
    mistake: "a site's label with blanks",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [director], site: "our shop" }),
    says: 'Metrics "shop": site: ',
  },
  {
    mistake: "real servers of the configuration, whose hosts are names",
    program: ({ DrCluster, dr, config }) => new DrCluster("shop", { ...dr, realServers: config.getObject("servers") }),
    says: 'DrCluster "shop": realServers[0].host: is a text, and a Host is needed',
  },
  {
    mistake: "real servers of the configuration that are not set",
    program: ({ NatCluster, nat, config }) =>
      new NatCluster("shop", { ...nat, realServers: config.getObject("realServers") }),
    says: 'NatCluster "shop": realServers: is missing: a list is needed',
  },
  {
    mistake: "an announcement without a name",
    program: ({ BgpAnnouncement, director }) => new BgpAnnouncement("shop", { host: director, configuration: {} }),
    says: 'BgpAnnouncement "shop": name: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "the files of an announcement as a list",
    program: ({ BgpAnnouncement, director }) =>
      new BgpAnnouncement("shop", { host: director, name: "shop", configuration: ["/etc/bird/lvs.d/shop.conf"] }),
    says: 'BgpAnnouncement "shop": configuration: is a list, and an object is needed',
    by: "a check",
  },
];
