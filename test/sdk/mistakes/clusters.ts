import type { Mistake } from "./scene";

/** Who is who in a cluster: the director, the VIP, the gateway, clients, and the real servers. */
export const clusters: readonly Mistake[] = [
  {
    mistake: "no arguments",
    program: ({ NatCluster }) => new NatCluster("shop"),
    says: 'NatCluster "shop": args: is missing: an object { … } is needed',
  },
  {
    mistake: "no director",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, director: undefined }),
    says: 'NatCluster "shop": director: is missing: a Host is needed',
  },
  {
    mistake: "the director's name in its place",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, director: "director" }),
    says: 'NatCluster "shop": director: is a text, and a Host is needed: give what new Host("…", ',
  },
  {
    mistake: "the arguments of a Host in its place",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, director: { address: "10.2.0.1" } }),
    says: 'NatCluster "shop": director: is an object, and a Host is needed',
  },
  {
    mistake: "a VIP that the configuration has not",
    program: ({ DrCluster, dr, config }) => new DrCluster("shop", { ...dr, vip: config.get("vip") }),
    says: 'DrCluster "shop": vip: is missing: an address is needed',
  },
  {
    mistake: "a VIP of the configuration that is empty",
    program: ({ DrCluster, dr, config }) => new DrCluster("shop", { ...dr, vip: config.get("empty") }),
    says: 'DrCluster "shop": vip: "" is not an IPv4 or IPv6 address. Write it like',
  },
  {
    mistake: "a VIP with a prefix",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, vip: "10.2.0.9/32" }),
    says: 'DrCluster "shop": vip: "10.2.0.9/32" is not an IPv4 or IPv6 address. Write it like',
  },
  {
    mistake: "a VIP by name",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: "www.example.org" }),
    says: 'NatCluster "shop": vip: "www.example.org" is not an IPv4 or IPv6 address. Write it like',
  },
  {
    mistake: "VIP and RIP swapped",
    program: ({ NatCluster, nat, rs1, rs2 }) => {
      const realServers = [
        { host: rs1, address: "10.1.0.9" },
        { host: rs2, address: "10.2.0.12" },
      ];
      return new NatCluster("shop", { ...nat, vip: "10.2.0.11", realServers });
    },
    says: 'NatCluster "shop": vip: 10.2.0.11 is the address of the real server rs1: ',
  },
  {
    mistake: "the director's address as that of a real server",
    program: ({ DrCluster, dr, rs1 }) =>
      new DrCluster("shop", { ...dr, realServers: [{ host: rs1, address: "10.2.0.1" }] }),
    says: 'DrCluster "shop": realServers[0].address: 10.2.0.1 is the address of the director director: ',
  },
  {
    mistake: "the VIP as a real server's address",
    program: ({ DrCluster, dr, rs1 }) =>
      new DrCluster("shop", { ...dr, realServers: [{ host: rs1, address: "10.2.0.9" }] }),
    says: 'DrCluster "shop": realServers[0].address: 10.2.0.9 is the VIP as well. Give',
  },
  {
    mistake: "the gateway as a real server's address",
    program: ({ NatCluster, nat, rs1 }) =>
      new NatCluster("shop", { ...nat, realServers: [{ host: rs1, address: "10.2.0.1" }] }),
    says: 'NatCluster "shop": realServers[0].address: 10.2.0.1 is the director\'s own address (gateway). Give',
  },
  {
    mistake: "the gateway left out",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, gateway: undefined }),
    says: 'NatCluster "shop": gateway: is missing',
  },
  {
    mistake: "a gateway of another address family",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, gateway: "fd00::1" }),
    says: 'NatCluster "shop": gateway: fd00::1 is of another address family than the VIP 10.1.0.9. NAT needs one family',
  },
  {
    mistake: "clients on the network of the real servers, with NAT",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, clients: "10.2.0.0/24" }),
    says: 'NatCluster "shop": clients[0]: the clients\' network 10.2.0.0/24 contains the real server 10.2.0.11: ',
  },
  {
    mistake: "clients as an address range",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, clients: "10.9.0.1-10.9.0.99" }),
    says: 'NatCluster "shop": clients[0]: "10.9.0.1-10.9.0.99" is not a network. Write it like',
  },
  {
    mistake: "no real servers at all",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, realServers: [] }),
    says: 'NatCluster "shop": realServers: is empty: give at least one real server',
  },
  {
    mistake: "realservers",
    program: ({ NatCluster, nat: { realServers, ...nat } }) =>
      new NatCluster("shop", { ...nat, realservers: realServers }),
    says: 'NatCluster "shop": realservers: there is no such property: did you mean "realServers"?',
  },
  {
    mistake: "one real server in the place of the list",
    program: ({ NatCluster, nat, server }) => new NatCluster("shop", { ...nat, realServers: server }),
    says: 'NatCluster "shop": realServers: is an object, and a list is needed',
  },
  {
    mistake: "addresses in the place of real servers",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, realServers: ["10.2.0.11", "10.2.0.12"] }),
    says: 'NatCluster "shop": realServers[0]: is a text, and an object is needed',
  },
  {
    mistake: "hosts in the place of real servers",
    program: ({ NatCluster, nat, rs1 }) => new NatCluster("shop", { ...nat, realServers: [rs1] }),
    says: 'NatCluster "shop": realServers[0].host: is missing: a Host is needed',
  },
  {
    mistake: "real servers that come later",
    program: ({ DrCluster, dr, realServers, late }) => new DrCluster("shop", { ...dr, realServers: late(realServers) }),
    says: 'DrCluster "shop": realServers: is needed while the program runs: give a value that is known then, and no Output',
  },
  {
    mistake: "one host twice",
    program: ({ DrCluster, dr, rs1, server }) =>
      new DrCluster("shop", { ...dr, realServers: [server, { host: rs1, address: "10.2.0.12" }] }),
    says: 'DrCluster "shop": realServers[1].host: the host rs1 is declared twice (realServers[0] too). Leave one out',
  },
  {
    mistake: "one address twice",
    program: ({ DrCluster, dr, rs2, server }) =>
      new DrCluster("shop", { ...dr, realServers: [server, { host: rs2, address: "10.2.0.11" }] }),
    says: 'DrCluster "shop": realServers[1].address: 10.2.0.11 is declared twice (realServers[0] too). Give',
  },
  {
    mistake: "the director as a real server, in direct routing",
    program: ({ DrCluster, dr, director }) =>
      new DrCluster("shop", { ...dr, realServers: [{ host: director, address: "10.2.0.2" }] }),
    says: 'DrCluster "shop": realServers[0].host: director is the director: its VIP must answer ARP',
  },
  {
    mistake: "the director as a real server, with NAT",
    program: ({ NatCluster, nat, director }) =>
      new NatCluster("shop", { ...nat, realServers: [{ host: director, address: "10.2.0.2" }] }),
    says: 'NatCluster "shop": realServers[0].host: director is the director: its default route would lead to itself',
  },
];
