import type { Mistake } from "./scene";

/** The two sides of a cluster, each by itself: a director, a real server. */
export const sides: readonly Mistake[] = [
  {
    mistake: "masquerade with outinterface",
    program: ({ NatCluster, nat }) =>
      new NatCluster("shop", { ...nat, masquerade: { source: "10.2.0.0/24", outinterface: "eth0" } }),
    says: 'NatCluster "shop": masquerade.outinterface: there is no such property: did you mean "outInterface"?',
  },
  {
    mistake: "serving a name",
    program: ({ NatCluster, nat, server }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, serving: "www" }] }),
    says: 'NatCluster "shop": realServers[0].serving: is a text, and a resource, or a list of resources, is needed',
  },
  {
    mistake: "a director without forwarding",
    program: ({ Director, director }) => new Director("d", { host: director }),
    says: 'Director "d": forwarding: is missing: one of "nat", "dr", "tun" is needed',
  },
  {
    mistake: "a director's VIP as a text",
    program: ({ Director, director }) => new Director("d", { host: director, forwarding: "dr", vip: "10.2.0.9" }),
    says: 'Director "d": vip: is a text, and an object is needed',
  },
  {
    mistake: "a director's masquerade as one object",
    program: ({ Director, director }) =>
      new Director("d", { host: director, forwarding: "nat", masquerade: { source: "10.2.0.0/24" } }),
    says: 'Director "d": masquerade: is an object, and a list is needed',
  },
  {
    mistake: "a real server of an unknown sort",
    program: ({ RealServer, rs1 }) => new RealServer("rs1", { host: rs1, address: "10.2.0.11", forwarding: "masq" }),
    says: 'RealServer "rs1": forwarding: is none of "nat", "dr", "tun"',
  },
  {
    mistake: "a real server behind NAT without a gateway",
    program: ({ RealServer, rs1 }) => new RealServer("rs1", { host: rs1, address: "10.2.0.11", forwarding: "nat" }),
    says: 'RealServer "rs1": gateway: is missing: a text is needed',
  },
  {
    mistake: "a real server of direct routing with a gateway",
    program: ({ RealServer, rs1 }) =>
      new RealServer("rs1", {
        host: rs1,
        address: "10.2.0.11",
        forwarding: "dr",
        vip: "10.2.0.9",
        device: "eth0",
        gateway: "10.2.0.1",
      }),
    says: 'RealServer "rs1": gateway: there is no such property: there are ',
  },
  {
    mistake: "a silent interface that is a list",
    program: ({ ArpSettings, rs1 }) => new ArpSettings("quiet", { host: rs1, device: ["eth0"] }),
    says: 'ArpSettings "quiet": device: is a list, and a text is needed',
  },
  {
    mistake: "rpFilter as true",
    program: ({ ArpSettings, rs1 }) => new ArpSettings("quiet", { host: rs1, device: "eth0", rpFilter: true }),
    says: 'ArpSettings "quiet": rpFilter: is none of 0, 1, 2',
  },
];
