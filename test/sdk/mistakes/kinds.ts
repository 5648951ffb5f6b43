import type { Mistake } from "./scene";

/** One thing on one host, and what clusters are made of. */
export const kinds: readonly Mistake[] = [
  {
    mistake: "no arguments",
    program: ({ Sysctl }) => new Sysctl("forward"),
    says: 'Sysctl "forward": args: is missing: an object { … } is needed',
  },
  {
    mistake: "a class without new",
    program: ({ Sysctl, director }) => Sysctl("forward", { host: director, key: "net.ipv4.ip_forward", value: 1 }),
    says: 'Sysctl "forward": new: is missing: write new Sysctl("forward", …)',
  },
  {
    mistake: "a component without new",
    program: ({ NatCluster, nat }) => NatCluster("shop", nat),
    says: 'NatCluster "shop": new: is missing: write new NatCluster("shop", …)',
  },
  {
    mistake: "no name",
    program: ({ Sysctl, director }) => new Sysctl({ host: director, key: "net.ipv4.ip_forward", value: 1 }),
    says: "Sysctl: name: is an object, and a text is needed",
  },
  {
    mistake: "a name of the configuration that is missing",
    program: ({ NatCluster, nat, config }) => new NatCluster(config.get("name"), nat),
    says: "NatCluster: name: is missing: a text is needed",
  },
  {
    mistake: "no host",
    program: ({ Sysctl }) => new Sysctl("forward", { key: "net.ipv4.ip_forward", value: 1 }),
    says: 'Sysctl "forward": host: is missing: a Host is needed',
  },
  {
    mistake: "a host by name",
    program: ({ Sysctl }) => new Sysctl("forward", { host: "director", key: "net.ipv4.ip_forward", value: 1 }),
    says: 'Sysctl "forward": host: is a text, and a Host is needed',
  },
  {
    mistake: "a host that comes later",
    program: ({ Sysctl, director, late }) =>
      new Sysctl("forward", { host: late(director), key: "net.ipv4.ip_forward", value: 1 }),
    says: 'Sysctl "forward": host: is needed while the program runs',
  },
  {
    mistake: "import",
    program: ({ Sysctl, director }) =>
      new Sysctl(
        "forward",
        { host: director, key: "net.ipv4.ip_forward", value: 1 },
        { import: "net.ipv4.ip_forward" },
      ),
    says: 'Sysctl "forward": import: Pulumi cannot import this kind. Leave the option out',
  },
  {
    mistake: "a setting without a value",
    program: ({ Sysctl, director, config }) =>
      new Sysctl("forward", { host: director, key: "net.ipv4.ip_forward", value: config.get("value") }),
    says: 'Sysctl "forward": value: is missing',
    by: "a check",
  },
  {
    mistake: "a setting that is true",
    program: ({ Sysctl, director }) =>
      new Sysctl("forward", { host: director, key: "net.ipv4.ip_forward", value: true }),
    says: 'Sysctl "forward": value: ',
    by: "a check",
  },
  {
    mistake: "a setting and its value in one text",
    program: ({ Sysctl, director }) =>
      new Sysctl("forward", { host: director, key: "net.ipv4.ip_forward=1", value: 1 }),
    says: 'Sysctl "forward": key: ',
    by: "a check",
  },
  {
    mistake: "a setting declared in two ways",
    program: ({ Sysctl, director }) => {
      new Sysctl("one", { host: director, key: "net.ipv4.ip_nonlocal_bind", value: 1 });
      new Sysctl("two", { host: director, key: "net.ipv4.ip_nonlocal_bind", value: 0 });
    },
    says: "value: Sysctl net.ipv4.ip_nonlocal_bind on host director is declared differently by shop/test/one: remove one",
    by: "a check",
  },
  {
    mistake: "a file's path that is relative",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "etc/motd", content: "" }),
    says: 'File "motd": path: a path is absolute, like "/etc/motd"',
    by: "a check",
  },
  {
    mistake: "a file's mode as a number",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd1", content: "", mode: 0o644 }),
    says: 'File "motd": mode: a mode is text in octal, like "0644"',
    by: "a check",
  },
  {
    mistake: "a file's content as an object",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd2", content: { a: 1 } }),
    says: 'File "motd": content: is an object, and a text is needed',
    by: "a check",
  },
  {
    mistake: "source in the place of content",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd", source: "motd" }),
    says: 'File "motd": source: there is no such property: it is called content here',
  },
  {
    mistake: "a package by name, with the name's property of others",
    program: ({ Package, rs1 }) => new Package("nginx", { host: rs1, name: "nginx" }),
    says: 'Package "nginx": name: there is no such property: it is called package here',
  },
  {
    mistake: "two packages in one text",
    program: ({ Package, rs1 }) => new Package("web", { host: rs1, package: "nginx curl" }),
    says: 'Package "web": package: ',
    by: "a check",
  },
  {
    mistake: "Ansible's state of a package",
    program: ({ Package, rs1 }) => new Package("nginx", { host: rs1, package: "nginx", state: "latest" }),
    says: 'Package "nginx": state: there is no such property: there are ',
  },
  {
    mistake: "a unit that is no service",
    program: ({ SystemdService, rs1 }) => new SystemdService("timer", { host: rs1, unit: "backup timer" }),
    says: 'SystemdService "timer": unit: ',
    by: "a check",
  },
  {
    mistake: "a service's state as a text of the configuration",
    program: ({ SystemdService, rs1, config }) =>
      new SystemdService("nginx", { host: rs1, unit: "nginx", enabled: config.get("flag") }),
    says: 'SystemdService "nginx": enabled: is a text, and true or false is needed: leave out the quotes, or read it by config.getBoolean',
    by: "a check",
  },
  {
    mistake: "a service that is reloaded by true",
    program: ({ SystemdService, rs1 }) => new SystemdService("nginx", { host: rs1, unit: "nginx", reload: true }),
    says: 'SystemdService "nginx": reload: is none of "reload", "restart"',
    by: "a check",
  },
  {
    mistake: "a user with a blank",
    program: ({ SystemUser, rs1 }) => new SystemUser("shop", { host: rs1, user: "the shop" }),
    says: 'SystemUser "shop": user: ',
    by: "a check",
  },
  {
    mistake: "a route to a host name",
    program: ({ Route, rs1 }) => new Route("r", { host: rs1, to: "example.org", via: "10.2.0.1" }),
    says: 'Route "r": to: "example.org" ',
    by: "a check",
  },
  {
    mistake: "a route whose network has bits beyond its prefix",
    program: ({ Route, rs1 }) => new Route("r", { host: rs1, to: "10.9.0.1/24", via: "10.2.0.1" }),
    says: 'Route "r": to: "10.9.0.1/24" ',
    by: "a check",
  },
  {
    mistake: "a route without a way",
    program: ({ Route, rs1 }) => new Route("r", { host: rs1, to: "10.9.0.0/24" }),
    says: 'Route "r": ',
    by: "a check",
  },
  {
    mistake: "gateway in the place of via",
    program: ({ Route, rs1 }) => new Route("r", { host: rs1, to: "default", gateway: "10.2.0.1" }),
    says: 'Route "r": gateway: there is no such property: it is called via here',
  },
  {
    mistake: "a routing rule without a table",
    program: ({ RoutingRule, rs1 }) => new RoutingRule("r", { host: rs1, priority: 100, from: "10.2.0.11" }),
    says: 'RoutingRule "r": table: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "a link that shall be down",
    program: ({ Link, rs1 }) => new Link("eth1", { host: rs1, device: "eth1", up: false }),
    says: 'Link "eth1": up: there is no such property: there are ',
  },
  {
    mistake: "an MTU with its unit",
    program: ({ LinkMtu, rs1 }) => new LinkMtu("wide", { host: rs1, device: "eth1", mtu: "9k" }),
    says: 'LinkMtu "wide": mtu: an MTU is a number from 1280 to 65536: with less, the interface would lose its IPv6 addresses',
    by: "a check",
  },
  {
    mistake: "a module's file",
    program: ({ KernelModule, director }) => new KernelModule("ipvs", { host: director, module: "ip_vs.ko" }),
    says: 'KernelModule "ipvs": module: ',
    by: "a check",
  },
  {
    mistake: "masquerading without a source",
    program: ({ Masquerade, director }) => new Masquerade("out", { host: director, outInterface: "eth0" }),
    says: 'Masquerade "out": source: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "a mark of 0",
    program: ({ FirewallMark, director }) =>
      new FirewallMark("m", { host: director, mark: 0, address: "10.2.0.9", ports: [80] }),
    says: 'FirewallMark "m": mark: a mark is a number from 1 to 4294967295',
    by: "a check",
  },
  {
    mistake: "a mark in hexadecimal",
    program: ({ FirewallMark, director }) =>
      new FirewallMark("m", { host: director, mark: "0x63", address: "10.2.0.9", ports: [80] }),
    says: 'FirewallMark "m": mark: a mark is a number from 1 to 4294967295',
    by: "a check",
  },
  {
    mistake: "one port in the place of the list",
    program: ({ FirewallMark, director }) =>
      new FirewallMark("m", { host: director, mark: 9, address: "10.2.0.9", ports: 80 }),
    says: 'FirewallMark "m": ports: is a number, and a list is needed',
    by: "a check",
  },
  {
    mistake: "a port to let in, without its protocol's range",
    program: ({ FirewallRule, director }) => new FirewallRule("web", { host: director, port: "http" }),
    says: 'FirewallRule "web": port: ',
    by: "a check",
  },
  {
    mistake: "a port of a protocol that has none",
    program: ({ FirewallRule, director }) => new FirewallRule("vrrp", { host: director, protocol: "vrrp", port: 112 }),
    says: 'FirewallRule "vrrp": port: ',
    by: "a check",
  },
  {
    mistake: "the source of replies by name",
    program: ({ ForwardRule, director }) => new ForwardRule("f", { host: director, source: "rs1" }),
    says: 'ForwardRule "f": source: "rs1" ',
    by: "a check",
  },
  {
    mistake: "timeouts in milliseconds",
    program: ({ IpvsTimeouts, director }) => new IpvsTimeouts("t", { host: director, tcp: 900_000_000_000 }),
    says: 'IpvsTimeouts "t": tcp: ',
    by: "a check",
  },
  {
    mistake: "a VIP with its prefix as an alias",
    program: ({ VipAlias, director }) =>
      new VipAlias("vip", { host: director, address: "10.2.0.9/24", device: "eth0" }),
    says: 'VipAlias "vip": address: "10.2.0.9/24" is not an IPv4 or IPv6 address',
    by: "a check",
  },
  {
    mistake: "lable",
    program: ({ VipAlias, director }) =>
      new VipAlias("vip", { host: director, address: "10.2.0.9", device: "eth0", lable: "eth0:0" }),
    says: 'VipAlias "vip": lable: there is no such property: did you mean "label"?',
  },
  {
    mistake: "an alias without an interface",
    program: ({ VipAlias, director }) => new VipAlias("vip", { host: director, address: "10.2.0.9" }),
    says: 'VipAlias "vip": device: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "a service without its port",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: undefined }),
    says: 'VirtualService "web": port: ',
    by: "a check",
  },
  {
    mistake: "a service with an address and a mark",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, mark: 9 }),
    says: 'VirtualService "web": ',
    by: "a check",
  },
  {
    mistake: "a service without forwarding",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8001, forwarding: undefined }),
    says: 'VirtualService "web": forwarding: is missing: one of "nat", "dr", "tun" is needed',
    by: "a check",
  },
  {
    mistake: "ipvsadm's word for NAT",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: 8002, forwarding: "masq" }),
    says: 'VirtualService "web": forwarding: is none of "nat", "dr", "tun"',
    by: "a check",
  },
  {
    mistake: "destinations as a list",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8003, destinations: ["10.2.0.11:80"] }),
    says: 'VirtualService "web": destinations: is a list, and an object is needed',
    by: "a check",
  },
  {
    mistake: "a destination by name",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8004, destinations: { "rs1:80": {} } }),
    says: 'VirtualService "web": destinations',
    by: "a check",
  },
  {
    mistake: "a weight in the place of the destination",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8005, destinations: { "10.2.0.11:80": 2 } }),
    says: 'VirtualService "web": destinations.10.2.0.11:80: is a number, and an object is needed',
    by: "a check",
  },
  {
    mistake: "an IPv6 destination without brackets",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, address: "fd00::9", port: 8006, destinations: { "fd00::11:port": {} } }),
    says: 'VirtualService "web": destinations',
    by: "a check",
  },
  {
    mistake: "forwarding of a destination",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8007, destinations: { "10.2.0.11:80": { forwarding: "tun" } } }),
    says: 'VirtualService "web": destinations.10.2.0.11:80.forwarding: there is no such property',
    by: "a check",
  },
  {
    mistake: "one-packet scheduling of TCP",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: 8008, onePacket: true }),
    says: 'VirtualService "web": onePacket: ',
    by: "a check",
  },
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
    says: 'Bird "shop": neighbours: at least one router is needed',
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
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.type: is { type: "tcp" }, "http", "https" or "misc"',
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
    mistake: "one director that shares drains with nobody",
    program: ({ SharedDrains, director }) =>
      new SharedDrains("shop", { site: "shop", vips: ["10.1.0.9"], directors: [director] }),
    says: 'SharedDrains "shop": directors: has fewer entries than 2: give at least 2',
  },
];
