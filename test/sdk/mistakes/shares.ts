import type { Mistake } from "./scene";

/** How a cluster shares out: weights, ports, interfaces, the scheduler, persistence, health. */
export const shares: readonly Mistake[] = [
  {
    mistake: "a weight of the configuration, as text",
    program: ({ DrCluster, dr, server, config }) =>
      new DrCluster("shop", { ...dr, realServers: [{ ...server, weight: config.get("weight") }] }),
    says: 'DrCluster "shop": realServers[0].weight: "2" is not a weight: give a whole number from 0 to 65535',
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
    says: 'NatCluster "shop": realServers[0].weight: 0.5 is not a weight: give a whole number',
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
    says: 'DrCluster "shop": ports[0]: "[80,443]" is not a port: give a whole number from 1 to 65535',
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
    says: 'DrCluster "shop": persistence: is a number, and an object is needed: write { … }',
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
    says: 'DrCluster "shop": persistence.timeout: 0 is not a time from 1 s to 31 days: give a whole number from 1 to 2678400',
  },
  {
    mistake: "drain as seconds",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, drain: 30 }),
    says: 'DrCluster "shop": drain: is a number, and an object is needed',
  },
  {
    mistake: "health as a text",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, health: "ldirectord" }),
    says: 'DrCluster "shop": health: give { by: "static" }, or { by: "ldirectord" } or { by: "keepalived" } with their options',
  },
  {
    mistake: "health by a checker that there is not",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, health: { by: "heartbeat" } }),
    says: 'NatCluster "shop": health.by: give { by: "static" }, or { by: "ldirectord" } or { by: "keepalived" } with their options',
  },
  {
    mistake: "a port that keepalived checks and nobody serves on",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", check: { type: "tcp", port: 8080 } } }),
    says: 'DrCluster "shop": health.check.port: 8080 is checked, and the real servers serve on 80: ',
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
    says: 'DrCluster "shop": health.checkPort: 8080 is checked, and the real servers serve on 80: ',
    by: "a warning",
  },
];
