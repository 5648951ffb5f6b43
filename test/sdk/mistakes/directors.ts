import type { Mistake } from "./scene";

/** Directors that stand in for each other, or serve at the same time. */
export const directors: readonly Mistake[] = [
  {
    mistake: "several directors without a word how",
    program: ({ DrCluster, pair }) => new DrCluster("shop", pair),
    says: 'DrCluster "shop": failover: is missing: with several directors',
  },
  {
    mistake: "one director and several",
    program: ({ DrCluster, pair, vrrp, director }) => new DrCluster("shop", { ...pair, failover: vrrp, director }),
    says: 'DrCluster "shop": directors: stands in the place of director: leave one of the two out',
  },
  {
    mistake: "a director that stands in for itself",
    program: ({ DrCluster, dr, vrrp }) => new DrCluster("shop", { ...dr, failover: vrrp }),
    says: 'DrCluster "shop": failover: one director has nobody to stand in for it: declare several directors',
  },
  {
    mistake: "one director twice",
    program: ({ DrCluster, pair, vrrp, director }) =>
      new DrCluster("shop", { ...pair, failover: vrrp, directors: [director, director] }),
    says: 'DrCluster "shop": directors[1]: the host director is declared twice (directors[0] too). Leave one out',
  },
  {
    mistake: "directors by name",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: vrrp, directors: ["director1", "director2"] }),
    says: 'DrCluster "shop": directors[0]: is a text, and a Host is needed',
  },
  {
    mistake: "the failover as a text",
    program: ({ DrCluster, pair }) => new DrCluster("shop", { ...pair, failover: "vrrp" }),
    says: 'DrCluster "shop": failover: is none of "vrrp", "ecmp": write { by: "vrrp", addresses: […] }',
  },
  {
    mistake: "the failover by its daemon's name",
    program: ({ DrCluster, pair, vrrp }) => new DrCluster("shop", { ...pair, failover: { ...vrrp, by: "keepalived" } }),
    says: 'DrCluster "shop": failover.by: is none of "vrrp", "ecmp"',
  },
  {
    mistake: "the addresses of the directors left out",
    program: ({ DrCluster, pair }) => new DrCluster("shop", { ...pair, failover: { by: "vrrp" } }),
    says: 'DrCluster "shop": failover.addresses: is missing: a list is needed',
  },
  {
    mistake: "one address for two directors",
    program: ({ DrCluster, pair }) =>
      new DrCluster("shop", { ...pair, failover: { by: "vrrp", addresses: ["10.2.0.1"] } }),
    says: 'DrCluster "shop": failover.addresses: has 1 addresses for 2 directors: give each director\'s own',
  },
  {
    mistake: "the VIP as a director's own address",
    program: ({ DrCluster, pair }) =>
      new DrCluster("shop", { ...pair, failover: { by: "vrrp", addresses: ["10.2.0.1", "10.2.0.9"] } }),
    says: 'DrCluster "shop": failover.addresses[1]: 10.2.0.9 is the VIP: give the director\'s own address',
  },
  {
    mistake: "the gateway as a director's own address",
    program: ({ NatCluster, pair: { device, ...pair } }) =>
      new NatCluster("shop", {
        ...pair,
        ...{ vip: "10.1.0.9", gateway: "10.2.0.1", failover: { by: "vrrp", addresses: ["10.2.0.1", "10.2.0.2"] } },
      }),
    says: 'NatCluster "shop": failover.addresses[0]: 10.2.0.1 is ',
  },
  {
    mistake: "one own address for both",
    program: ({ DrCluster, pair }) =>
      new DrCluster("shop", { ...pair, failover: { by: "vrrp", addresses: ["10.2.0.1", "10.2.0.1"] } }),
    says: 'DrCluster "shop": failover.addresses[1]: 10.2.0.1 is another director\'s as well',
  },
  {
    mistake: "the own addresses in another order than the directors",
    program: ({ DrCluster, pair }) =>
      new DrCluster("shop", { ...pair, failover: { by: "vrrp", addresses: ["10.2.0.2", "10.2.0.1"] } }),
    says: 'DrCluster "shop": failover.addresses[0]: 10.2.0.2 is the address of director2, and director is at this place',
  },
  {
    mistake: "an own address with its prefix",
    program: ({ DrCluster, pair }) =>
      new DrCluster("shop", { ...pair, failover: { by: "vrrp", addresses: ["10.2.0.1/24", "10.2.0.2/24"] } }),
    says: 'DrCluster "shop": failover.addresses[0]: "10.2.0.1/24" is not an IPv4 or IPv6 address. Write it like',
  },
  {
    mistake: "the number of the router from the configuration, as text",
    program: ({ DrCluster, pair, vrrp, config }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, routerId: config.get("weight") } }),
    says: 'DrCluster "shop": failover.routerId: is a text, and a number is needed',
  },
  {
    mistake: "a number of the router that VRRP has not",
    program: ({ DrCluster, pair, vrrp }) => new DrCluster("shop", { ...pair, failover: { ...vrrp, routerId: 256 } }),
    says: 'DrCluster "shop": failover.routerId: ',
  },
  {
    mistake: "two clusters of one pair that are one virtual router",
    program: ({ DrCluster, pair, vrrp }) => {
      new DrCluster("shop", { ...pair, failover: vrrp });
      new DrCluster("blog", { ...pair, vip: "10.2.0.8", failover: { ...vrrp, sync: false } });
    },
    says: 'Keepalived "blog-keepalived-director": routerId: 51 is the number of shop on eth0 of host director already. Give this one',
  },
  {
    mistake: "a cluster for each port of a VIP that floats",
    program: ({ DrCluster, pair, vrrp }) => {
      new DrCluster("shop", { ...pair, failover: vrrp });
      new DrCluster("blog", { ...pair, ports: [81], failover: { ...vrrp, routerId: 52, sync: false } });
    },
    says: 'Keepalived "blog-keepalived-director": addresses[0].address: 10.2.0.9 floats in shop on host director already, and ',
  },
  {
    mistake: "two clusters of NAT with one gateway that floats",
    program: ({ NatCluster, pair: { device, ...pair }, vrrp }) => {
      const [rs1, rs2] = pair.realServers;
      const nat = { ...pair, vip: "10.1.0.9", gateway: "10.2.0.3", realServers: [rs1], failover: vrrp };
      new NatCluster("shop", nat);
      const failover = { ...vrrp, routerId: 52, sync: false };
      new NatCluster("blog", { ...nat, vip: "10.1.0.8", realServers: [rs2], failover });
    },
    says: 'Keepalived "blog-keepalived-director": addresses[1].address: 10.2.0.3 floats in shop on host director already, and ',
  },
  {
    mistake: "a sync for each of two networks of one pair",
    program: ({ DrCluster, NatCluster, pair: { device, ...pair }, vrrp }) => {
      new DrCluster("shop", { ...pair, device, failover: vrrp });
      const failover = { ...vrrp, routerId: 52 };
      new NatCluster("blog", { ...pair, vip: "10.1.0.9", gateway: "10.2.0.3", failover });
    },
    says: "a kernel has one sync, of all its connections. Declare it once: other clusters of these directors say sync: false",
    by: "a check",
  },
  {
    mistake: "adverts in milliseconds",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, advertInterval: 250 } }),
    says: 'DrCluster "shop": failover.advertInterval: is no time between adverts: give 0.01 to 40.95 seconds',
  },
  {
    mistake: "a preferred director by name",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, preferred: "director" } }),
    says: 'DrCluster "shop": failover.preferred: is a text, and a Host is needed',
  },
  {
    mistake: "a preferred director that is none",
    program: ({ DrCluster, pair, vrrp, rs1 }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, preferred: rs1 } }),
    says: 'DrCluster "shop": failover.preferred: rs1 is none of the directors',
  },
  {
    mistake: "a delay of nobody",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, preferredDelay: 60 } }),
    says: 'DrCluster "shop": failover.preferredDelay: is for preferred: name the director, or leave it out',
  },
  {
    mistake: "priority, as keepalived has it",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, priority: [150, 100] } }),
    says: 'DrCluster "shop": failover.priority: there is no such property: ',
  },
  {
    mistake: "virtual_router_id, as keepalived has it",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, virtual_router_id: 51 } }),
    says: 'DrCluster "shop": failover.virtual_router_id: there is no such property: ',
  },
  {
    mistake: "what is to be reached as one list",
    program: ({ DrCluster, pair, vrrp }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, reach: ["10.2.0.254"] } }),
    says: 'DrCluster "shop": failover.reach[0]: is a text, and a list is needed',
  },
  {
    mistake: "a list of nobody that is to be reached",
    program: ({ DrCluster, pair, vrrp }) => new DrCluster("shop", { ...pair, failover: { ...vrrp, reach: [[]] } }),
    says: 'DrCluster "shop": failover.reach[0]: is empty: nobody could answer. Leave it out',
  },
  {
    mistake: "sync as text",
    program: ({ DrCluster, pair, vrrp, config }) =>
      new DrCluster("shop", { ...pair, failover: { ...vrrp, sync: config.get("flag") } }),
    says: 'DrCluster "shop": failover.sync: is a text, and true or false is needed',
  },
  {
    mistake: "a director as a real server of the pair",
    program: ({ DrCluster, pair, vrrp, director }) =>
      new DrCluster("shop", { ...pair, failover: vrrp, realServers: [{ host: director, address: "10.2.0.7" }] }),
    says: 'DrCluster "shop": realServers[0].host: director is a director: ',
  },
  {
    mistake: "outside with direct routing",
    program: ({ DrCluster, pair, vrrp }) => new DrCluster("shop", { ...pair, failover: { ...vrrp, outside: "eth1" } }),
    says: 'DrCluster "shop": failover.outside: there is no such property: there are by, addresses, ',
  },
  {
    mistake: "directors that serve at the same time, with NAT",
    program: ({ NatCluster, pair: { device, ...pair }, ecmp }) =>
      new NatCluster("shop", { ...pair, vip: "10.1.0.9", gateway: "10.2.0.3", failover: ecmp }),
    says: 'NatCluster "shop": failover.by: is "vrrp" with NAT: answers pass the director',
  },
  {
    mistake: "the system's number from the configuration, as text",
    program: ({ DrCluster, pair, ecmp, config }) =>
      new DrCluster("shop", { ...pair, failover: { ...ecmp, asn: config.get("asn") } }),
    says: 'DrCluster "shop": failover.asn: is a text, and a number is needed',
  },
  {
    mistake: "routers by address alone",
    program: ({ DrCluster, pair, ecmp }) =>
      new DrCluster("shop", { ...pair, failover: { ...ecmp, neighbours: ["10.2.0.254"] } }),
    says: 'DrCluster "shop": failover.neighbours[0]: is a text, and an object is needed',
  },
  {
    mistake: "neighbors",
    program: ({ DrCluster, pair, ecmp: { neighbours, ...ecmp } }) =>
      new DrCluster("shop", { ...pair, failover: { ...ecmp, neighbors: neighbours } }),
    says: 'DrCluster "shop": failover.neighbors: there is no such property: did you mean "neighbours"?',
  },
  {
    mistake: "a router of the same autonomous system",
    program: ({ DrCluster, pair, ecmp }) => new DrCluster("shop", { ...pair, failover: { ...ecmp, asn: 64512 } }),
    says: 'DrCluster "shop": failover.neighbours[0].asn: 64512 is the host\'s own: ',
  },
  {
    mistake: "a router of another address family",
    program: ({ DrCluster, pair, ecmp }) =>
      new DrCluster("shop", { ...pair, failover: { ...ecmp, neighbours: [{ address: "fd00::1", asn: 64512 }] } }),
    says: 'DrCluster "shop": failover.neighbours[0].address: fd00::1 is of another address family than 10.2.0.9',
  },
  {
    mistake: "a number of each director, for one alone",
    program: ({ DrCluster, pair, ecmp }) =>
      new DrCluster("shop", { ...pair, failover: { ...ecmp, routerIds: ["10.2.0.1"] } }),
    says: 'DrCluster "shop": failover.routerIds: has 1 numbers for 2 directors: give each director\'s own',
  },
  {
    mistake: "one number of a router for both directors",
    program: ({ DrCluster, pair, ecmp }) =>
      new DrCluster("shop", { ...pair, failover: { ...ecmp, routerIds: ["10.2.0.1", "10.2.0.1"] } }),
    says: 'DrCluster "shop": failover.routerIds[1]: 10.2.0.1 is another director\'s as well: give each its own',
  },
  {
    mistake: "two clusters that tell one router different numbers of their system",
    program: ({ DrCluster, pair, ecmp }) => {
      new DrCluster("shop", { ...pair, failover: ecmp });
      new DrCluster("blog", { ...pair, vip: "10.2.0.8", failover: { ...ecmp, asn: 64999 } });
    },
    says: "all announcements of a host share the session with a router. Give them one asn, and that router one asn, password and bfd",
    by: "a check",
  },
  {
    mistake: "a scheduler that chooses on each director by itself",
    program: ({ DrCluster, pair, ecmp }) => new DrCluster("shop", { ...pair, failover: ecmp, scheduler: "wlc" }),
    says: 'DrCluster "shop": scheduler: wlc chooses on each director by itself',
  },
  {
    mistake: "persistence on directors that serve at the same time",
    program: ({ DrCluster, pair, ecmp }) => new DrCluster("shop", { ...pair, failover: ecmp, persistence: {} }),
    says: 'DrCluster "shop": persistence: each director would remember clients of its own',
  },
  {
    mistake: "health checks by ldirectord on directors that serve at the same time",
    program: ({ DrCluster, pair, ecmp, ldirectord }) =>
      new DrCluster("shop", { ...pair, failover: ecmp, health: ldirectord }),
    says: 'DrCluster "shop": health: ldirectord has no way to give mh its flags',
  },
  {
    mistake: "a server that fails leaves the table on directors that serve at the same time",
    program: ({ DrCluster, pair, ecmp }) =>
      new DrCluster("shop", {
        ...{ ...pair, failover: ecmp },
        health: { by: "keepalived", inhibitOnFailure: false },
      }),
    says: 'DrCluster "shop": health.inhibitOnFailure: directors would choose unlike',
  },
];
