import type { Mistake } from "./scene";

/** Directors, real servers, and the whole of them. */
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
    says: 'NatCluster "shop": director: is a text, and a Host is needed',
  },
  {
    mistake: "the arguments of a Host in its place",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, director: { address: "10.2.0.1" } }),
    says: 'NatCluster "shop": director: is an object, and a Host is needed',
  },
  {
    mistake: "a VIP that the configuration has not",
    program: ({ DrCluster, dr, config }) => new DrCluster("shop", { ...dr, vip: config.get("vip") }),
    says: 'DrCluster "shop": vip: is missing',
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
    says: 'NatCluster "shop": realServers: at least one real server is needed',
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
  {
    mistake: "a weight of the configuration, as text",
    program: ({ DrCluster, dr, server, config }) =>
      new DrCluster("shop", { ...dr, realServers: [{ ...server, weight: config.get("weight") }] }),
    says: 'DrCluster "shop": realServers[0].weight: "2" is not a weight: a whole number from 0 to 65535',
  },
  {
    mistake: "a weight that comes later, as text",
    program: ({ NatCluster, nat, server, late }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, weight: late("2") }] }),
    says: 'NatCluster "shop": realServers[0].weight: is a text, and a number is needed',
    by: "a check",
  },
  {
    mistake: "a fraction for a weight",
    program: ({ NatCluster, nat, server }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, weight: 0.5 }] }),
    says: 'NatCluster "shop": realServers[0].weight: 0.5 is not a weight: a whole number',
  },
  {
    mistake: "wieght",
    program: ({ NatCluster, nat, server }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, wieght: 2 }] }),
    says: 'NatCluster "shop": realServers[0].wieght: there is no such property: did you mean "weight"?',
  },
  {
    mistake: "every weight 0",
    program: ({ NatCluster, nat, server }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, weight: 0 }] }),
    says: 'NatCluster "shop": realServers[0].weight: every real server has weight 0',
    by: "a warning",
  },
  {
    mistake: "weights with a scheduler that knows none",
    program: ({ NatCluster, nat, server, rs2 }) =>
      new NatCluster("shop", {
        ...nat,
        scheduler: "rr",
        realServers: [server, { host: rs2, address: "10.2.0.12", weight: 3 }],
      }),
    says: 'NatCluster "shop": scheduler: rr with the weights 1 and 3',
    by: "a warning",
  },
  {
    mistake: "a port that direct routing would have to translate",
    program: ({ DrCluster, dr, server }) => new DrCluster("shop", { ...dr, realServers: [{ ...server, port: 8080 }] }),
    says: 'DrCluster "shop": realServers[0].port: 8080 is declared, and clients connect to 80: ',
  },
  {
    mistake: "ports of the configuration, as text",
    program: ({ DrCluster, dr, config }) => new DrCluster("shop", { ...dr, ports: config.get("ports") }),
    says: 'DrCluster "shop": ports[0]: "[80,443]" is not a port: a whole number from 1 to 65535',
  },
  {
    mistake: "port in the place of ports",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, port: 443 }),
    says: 'DrCluster "shop": port: there is no such property: did you mean "ports"?',
  },
  {
    mistake: "a port that comes later",
    program: ({ DrCluster, dr, late }) => new DrCluster("shop", { ...dr, ports: late(80) }),
    says: 'DrCluster "shop": ports: is needed while the program runs',
  },
  {
    mistake: "an interface that comes later",
    program: ({ DrCluster, dr, late }) => new DrCluster("shop", { ...dr, device: late("eth0") }),
    says: 'DrCluster "shop": device: is needed while the program runs',
  },
  {
    mistake: "a mark that comes later",
    program: ({ DrCluster, dr, late }) => new DrCluster("shop", { ...dr, persistence: {}, mark: late(9) }),
    says: 'DrCluster "shop": mark: is needed while the program runs',
  },
  {
    mistake: "interface in the place of device",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, interface: "eth0" }),
    says: 'DrCluster "shop": interface: there is no such property: it is called device here',
  },
  {
    mistake: "device in the place of interface",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, arms: "one", device: "eth0" }),
    says: 'NatCluster "shop": device: there is no such property: it is called interface here',
  },
  {
    mistake: "interface without arms",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, interface: "eth0" }),
    says: 'NatCluster "shop": interface: is for arms: "one": say so, or leave it out',
  },
  {
    mistake: "one arm without interface",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, arms: "one" }),
    says: 'NatCluster "shop": interface: is missing: with arms: "one" it carries all traffic',
  },
  {
    mistake: "arms as a number",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, arms: 1, interface: "eth0" }),
    says: 'NatCluster "shop": arms: is none of "one", "two"',
  },
  {
    mistake: "an interface with a label",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, device: "eth0:0" }),
    says: 'DrCluster "shop": device: an interface\'s name has 1 to 15 letters',
  },
  {
    mistake: "NAT as the forwarding of a DrCluster",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, forwarding: "nat" }),
    says: 'DrCluster "shop": forwarding: is none of "dr", "tun"',
  },
  {
    mistake: "ipvsadm's scheduler in capitals",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, scheduler: "WRR" }),
    says: 'DrCluster "shop": scheduler: IPVS has no scheduler "WRR". Choose one of',
  },
  {
    mistake: "persistence as seconds",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, persistence: 600 }),
    says: 'DrCluster "shop": persistence: is a number, and an object is needed',
  },
  {
    mistake: "persistence of the configuration, as true",
    program: ({ NatCluster, nat, config }) =>
      new NatCluster("shop", { ...nat, persistence: config.getBoolean("flag") }),
    says: 'NatCluster "shop": persistence: is true or false, and an object is needed',
  },
  {
    mistake: "persistence without end",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, persistence: { timeout: 0 } }),
    says: 'DrCluster "shop": persistence.timeout: 0 is not a time from 1 s to 31 days: a whole number from 1 to 2678400',
  },
  {
    mistake: "drain as seconds",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, drain: 30 }),
    says: 'DrCluster "shop": drain: is a number, and an object is needed',
  },
  {
    mistake: "health as a text",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, health: "ldirectord" }),
    says: 'DrCluster "shop": health: is { by: "static" }, or { by: "ldirectord" } or { by: "keepalived" } with their options',
  },
  {
    mistake: "health by a checker that there is not",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, health: { by: "heartbeat" } }),
    says: 'NatCluster "shop": health.by: is { by: "static" }, or { by: "ldirectord" } or { by: "keepalived" } with their options',
  },
  {
    mistake: "a port that keepalived checks and nobody serves on",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", check: { type: "tcp", port: 8080 } } }),
    says: 'DrCluster "shop": health.check.port: 8080 is checked, and the real servers serve on 80, 80',
    by: "a warning",
  },
  {
    mistake: "a mark that keepalived checks on no port",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, ports: [80, 443], persistence: {}, health: { by: "keepalived" } }),
    says: "check.port: is missing: the real servers of a mark have no port of their own. Say which port is checked",
  },
  {
    mistake: "health without by",
    program: ({ NatCluster, nat }) =>
      new NatCluster("shop", { ...nat, health: { service: "http", request: "ok.html" } }),
    says: 'NatCluster "shop": health.by: ',
  },
  {
    mistake: "health that comes later",
    program: ({ DrCluster, dr, ldirectord, late }) => new DrCluster("shop", { ...dr, health: late(ldirectord) }),
    says: 'DrCluster "shop": health: is needed while the program runs',
  },
  {
    mistake: "recieve",
    program: ({ DrCluster, dr, ldirectord }) =>
      new DrCluster("shop", { ...dr, health: { ...ldirectord, recieve: "OK" } }),
    says: 'DrCluster "shop": health.recieve: there is no such property: did you mean "receive"?',
  },
  {
    mistake: "checkInterval beside globals",
    program: ({ DrCluster, dr, ldirectord }) =>
      new DrCluster("shop", { ...dr, health: { ...ldirectord, checkInterval: 5 } }),
    says: 'DrCluster "shop": health.checkInterval: there is no such property: ',
  },
  {
    mistake: "a check of a port that no server serves on",
    program: ({ DrCluster, dr, ldirectord }) =>
      new DrCluster("shop", { ...dr, health: { ...ldirectord, checkPort: 8080 } }),
    says: 'DrCluster "shop": health.checkPort: 8080 is checked, and the real servers serve on 80, 80',
    by: "a warning",
  },
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
