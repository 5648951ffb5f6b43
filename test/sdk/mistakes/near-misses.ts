import type { Mistake } from "./scene";

// Values that have the right form and are not what is meant: of the host itself, in another unit, with another spelling.

export const nearMisses: readonly Mistake[] = [
  {
    mistake: "a real server by the loopback address that it has for itself",
    program: ({ NatCluster, nat, rs1 }) =>
      new NatCluster("shop", { ...nat, realServers: [{ host: rs1, address: "127.0.0.1" }] }),
    says: 'NatCluster "shop": realServers[0].address: 127.0.0.1 is each host\'s own (loopback): give the address by which',
  },
  {
    mistake: "a gateway on the loopback",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, gateway: "127.0.0.1" }),
    says: 'NatCluster "shop": gateway: 127.0.0.1 is each host\'s own (loopback)',
  },
  {
    mistake: "a director's own address on the loopback",
    program: ({ DrCluster, pair }) =>
      new DrCluster("shop", { ...pair, failover: { by: "vrrp", addresses: ["127.0.0.1", "10.2.0.2"] } }),
    says: 'DrCluster "shop": failover.addresses[0]: 127.0.0.1 is each host\'s own (loopback)',
  },
  {
    mistake: "a router on the loopback",
    program: ({ Bird, bird }) => new Bird("edge", { ...bird, neighbours: [{ address: "::1", asn: 64512 }] }),
    says: 'Bird "edge": neighbours[0].address: ::1 is each host\'s own (loopback)',
  },
  {
    mistake: "a peer of keepalived on the loopback",
    program: ({ Keepalived, floating }) => new Keepalived("pair", { ...floating, peers: ["127.0.0.1"] }),
    says: 'Keepalived "pair": peers[0]: 127.0.0.1 is each host\'s own (loopback)',
  },
  {
    mistake: "clients of another address family",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, clients: "2001:db8::/64" }),
    says: 'NatCluster "shop": clients[0]: 2001:db8::/64 is of another address family than the VIP 10.1.0.9',
  },
  {
    mistake: "the VIP as the sorry server",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", sorryServer: { address: "10.2.0.9" } } }),
    says: 'KeepalivedChecks "shop-health": virtuals["10.2.0.9:80"].sorryServer.address: is the VIP as well: give',
  },
  {
    mistake: "a sorry server that is a group",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", sorryServer: { address: "224.0.0.1" } } }),
    says: 'sorryServer.address: "224.0.0.1" is no address of one host: give that of one',
  },
  {
    mistake: "the VIP as ldirectord's fallback",
    program: ({ DrCluster, dr, ldirectord }) =>
      new DrCluster("shop", { ...dr, health: { ...ldirectord, fallback: { address: "10.2.0.9" } } }),
    says: "fallback.address: is the VIP as well: give",
  },
  {
    mistake: "a folder for ldirectord's maintenance that is relative",
    program: ({ DrCluster, dr, ldirectord }) =>
      new DrCluster("shop", { ...dr, health: { ...ldirectord, globals: { maintenanceDirectory: "maintenance" } } }),
    says: 'globals.maintenanceDirectory: does not begin with a slash: write it like "/etc/ha.d/maintenance"',
  },
  {
    mistake: "the time of a check in milliseconds",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", check: { type: "tcp", timeout: 3000 } } }),
    says: 'virtuals["10.2.0.9:80"].check.timeout: is no time of checks: give whole seconds, 1 to 300',
  },
  {
    mistake: "a default route as `route -n` prints it",
    program: ({ Route, director }) => new Route("out", { host: director, to: "0.0.0.0", via: "10.2.0.254" }),
    says: 'Route "out": to: "0.0.0.0" is the address that stands for none: write "default"',
    by: "a check",
  },
  {
    mistake: "a default route as IPv6's address of none",
    program: ({ Route, director }) => new Route("out", { host: director, to: "::", via: "fd00::1" }),
    says: 'Route "out": to: "::" is the address that stands for none: write "default"',
    by: "a check",
  },
  {
    mistake: "a route between two address families",
    program: ({ Route, director }) => new Route("out", { host: director, to: "10.3.0.0/24", via: "fd00::1" }),
    says: 'Route "out": via: `to`, `via` and `source` must be of one address family: declare a route for each',
    by: "a check",
  },
  {
    mistake: "an interface's MTU from the configuration, as text",
    program: ({ LinkMtu, director }) => new LinkMtu("lan", { host: director, device: "eth0", mtu: "1540" }),
    says: 'LinkMtu "lan": mtu: is a text, and a number is needed: leave out the quotes, or read it by config.getNumber',
    by: "a check",
  },
  {
    mistake: "a rule's priority from the configuration, as text",
    program: ({ RoutingRule, director }) =>
      new RoutingRule("back", { host: director, from: "10.2.0.11", table: "100", priority: "100" }),
    says: 'RoutingRule "back": priority: is a text, and a number is needed: leave out the quotes',
    by: "a check",
  },
  {
    mistake: "a destination's weight as text",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, destinations: { "10.2.0.11:80": { weight: "2" } } }),
    says: "destinations.10.2.0.11:80.weight: is a text, and a number is needed: leave out the quotes",
    by: "a check",
  },
  {
    mistake: "a version of PostgreSQL with its second number",
    program: ({ Postgresql, rs1 }) =>
      new Postgresql("shop", { host: rs1, address: "10.2.0.11", clients: ["10.2.0.12"], version: 15.4 }),
    says: 'Postgresql "shop": version: 15.4 is not a version of PostgreSQL: give one from 13 on, like 15',
  },
  {
    mistake: "a network as the senders' addresses",
    program: ({ TrafficCheck }) => new TrafficCheck("traffic", { url: "http://10.1.0.9/", sources: ["10.1.0.0/24"] }),
    says: 'TrafficCheck "traffic": sources: "10.1.0.0/24" is not an IP address: give one of the sender\'s own',
    by: "a check",
  },
  {
    mistake: "a whole URL for an application's readiness",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", {
        ...{ servers: realServers, state: { kind: "local" } },
        application: { ...application, ready: { path: "http://localhost/readyz" } },
      }),
    says: 'application.ready.path: "http://localhost/readyz" does not begin with a slash: write it like "/readyz"',
  },
  {
    mistake: "a digest with its method before it",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", {
        ...{ servers: realServers, state: { kind: "local" } },
        application: { ...application, artefact: { path: "shop.tar.gz", sha256: `sha256:${"0".repeat(64)}` } },
      }),
    says: "application.artefact.sha256: is not a SHA-256: give its 64 hexadecimal digits",
  },
  {
    mistake: "a host for the clients' network",
    program: ({ NatCluster, nat, rs1 }) => new NatCluster("shop", { ...nat, clients: rs1 }),
    says: 'NatCluster "shop": clients: give a network, or a list of networks',
  },
  {
    mistake: "static files by the folder's name",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", {
        ...{ servers: realServers, state: { kind: "local" } },
        application: { ...application, static: { static: "static" } },
      }),
    says: 'application: "static" is not a path between slashes: write it like "/static/"',
  },
  {
    mistake: "an application without a command",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", {
        ...{ servers: realServers, state: { kind: "local" } },
        application: { ...application, start: [] },
      }),
    says: 'application.start: give a command, like ["node", "server.js"]',
  },
  {
    mistake: "a stack that is superseded, without its project",
    program: ({ Host, Sysctl }) =>
      new Sysctl("forward", {
        host: new Host("rs9", { address: "10.2.0.19", supersedes: ["dev"] }),
        ...{ key: "net.ipv4.ip_forward", value: 1 },
      }),
    says: 'Sysctl "forward": host.supersedes.0: write a stack as "project/stack"',
    by: "a check",
  },
  {
    mistake: "a host's name for its machine-id",
    program: ({ Host, Sysctl }) =>
      new Sysctl("forward", {
        host: new Host("rs9", { address: "10.2.0.19", machine: "rs9" }),
        ...{ key: "net.ipv4.ip_forward", value: 1 },
      }),
    says: 'Sysctl "forward": host.machine: a machine-id is 32 hexadecimal digits: give those of /etc/machine-id there',
    by: "a check",
  },
  {
    mistake: "an artefact by its URL",
    program: ({ Release, release }) =>
      new Release("rs1", { ...release, artefact: { path: "https://example.org/shop.tar.gz", sha256: "0".repeat(64) } }),
    says: 'Release "rs1": artefact.path: is a URL: give the path of a file where Pulumi runs',
    by: "a check",
  },
  {
    mistake: "a family by the name that the kernel's sockets have",
    program: ({ Director, director }) => new Director("one", { host: director, forwarding: "nat", family: "inet6" }),
    says: 'Director "one": family: is none of "ipv4", "ipv6": ',
  },
  {
    mistake: "the VIP as a real server's own address",
    program: ({ RealServer, rs1 }) =>
      new RealServer("one", { host: rs1, address: "10.2.0.9", forwarding: "dr", vip: "10.2.0.9", device: "eth0" }),
    says: 'RealServer "one": address: 10.2.0.9 is the VIP as well: give the address by which the director reaches it',
  },
  {
    mistake: "a service that is checked without real servers",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("site", { host: director, virtuals: { "10.1.0.9:80": { real: {} } } }),
    says: 'KeepalivedChecks "site": virtuals["10.1.0.9:80"].real: is empty: give at least one real server',
  },
  {
    mistake: "the check of a file that gets no file",
    program: ({ File, rs1 }) =>
      new File("sudoers", { host: rs1, path: "/etc/sudoers.d/ada", content: "", validate: ["visudo", "-c"] }),
    says: 'File "sudoers": validate: give "%s", the path of the new content, in one argument of the command',
    by: "a check",
  },
  {
    mistake: "a package with its version",
    program: ({ Package, rs1 }) => new Package("nginx", { host: rs1, package: "nginx=1.22.1-9" }),
    says: 'Package "nginx": package: a package\'s name is like "ipvsadm": give a version as version',
    by: "a check",
  },
  {
    mistake: "a package's file that is relative",
    program: ({ Package, rs1 }) => new Package("ours", { host: rs1, package: "ours", file: "ours.deb" }),
    says: 'Package "ours": file: a package file is an absolute path on the host, or a URL without a password in it: give',
    by: "a check",
  },
];
