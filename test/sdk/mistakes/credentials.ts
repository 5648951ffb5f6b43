import type { Mistake } from "./scene";

// How a host is reached, and values of the kinds that are not of their form.

export const credentials: readonly Mistake[] = [
  {
    mistake: "a host by URL",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", { host: new Host("u1", { address: "ssh://10.0.0.1" }), key: "a.b", value: 1 }),
    says: `Sysctl "x": host.address: is neither an address nor a host's name: write it like 192.0.2.1, without a user and a prefix`,
    by: "a check",
  },
  {
    mistake: "the key's file in the place of the key",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", {
        host: new Host("u2", { address: "10.9.0.1", privateKey: "~/.ssh/id_ed25519" }),
        key: "a.b",
        value: 1,
      }),
    says: 'Sysctl "x": host.privateKey: is the path of a file: give it as privateKeyFile',
    by: "a check",
  },
  {
    mistake: "the public key in the place of the private one",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", {
        host: new Host("u3", { address: "10.9.0.2", privateKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB" }),
        key: "a.b",
        value: 1,
      }),
    says: 'Sysctl "x": host.privateKey: is a public key: give the private one',
    by: "a check",
  },
  {
    mistake: "the public key's file",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", {
        host: new Host("u4", { address: "10.9.0.3", privateKeyFile: "~/.ssh/id_ed25519.pub" }),
        key: "a.b",
        value: 1,
      }),
    says: 'Sysctl "x": host.privateKeyFile: names the file of a public key: give that of the private one, without .pub',
    by: "a check",
  },
  {
    mistake: "the host key's file in the place of the key",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", {
        host: new Host("u5", { address: "10.9.0.4", hostKey: "/etc/ssh/ssh_host_ed25519_key.pub" }),
        key: "a.b",
        value: 1,
      }),
    says: 'Sysctl "x": host.hostKey: is neither a public key ("ssh-ed25519 AAAA…") nor a fingerprint ("SHA256:…"): give a line of `ssh-keyscan` of the host',
    by: "a check",
  },
  {
    mistake: "hostKeyChecking as ssh says it",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", { host: new Host("u6", { address: "10.9.0.5", hostKeyChecking: "no" }), key: "a.b", value: 1 }),
    says: 'Sysctl "x": host.hostKeyChecking: is none of "on", "off", which ssh calls "yes" and "no": choose one',
    by: "a check",
  },
  {
    mistake: "an empty user",
    program: ({ Host, Sysctl }) =>
      new Sysctl("x", { host: new Host("u7", { address: "10.9.0.6", user: "" }), key: "a.b", value: 1 }),
    says: `Sysctl "x": host.user: is no user's name: give one without blanks, or leave it out, which means root`,
    by: "a check",
  },
  {
    mistake: "an empty address",
    program: ({ Host, Sysctl }) => new Sysctl("x", { host: new Host("u8", { address: "" }), key: "a.b", value: 1 }),
    says: `Sysctl "x": host.address: is neither an address nor a host's name: write it like 192.0.2.1, without a user and a prefix`,
    by: "a check",
  },
  {
    mistake: "no requests",
    program: ({ TrafficCheck }) => new TrafficCheck("t", { url: "http://10.1.0.9/", requests: 0 }),
    says: 'TrafficCheck "t": requests: give 1 to 10000',
    by: "a check",
  },
  {
    mistake: "no URL at all",
    program: ({ TrafficCheck }) => new TrafficCheck("t", { url: [] }),
    says: 'TrafficCheck "t": url: is empty: give at least one URL',
    by: "a check",
  },
  {
    mistake: "shares as texts",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("t", { url: "http://10.1.0.9/", expect: { servers: { rs1: "2" } } }),
    says: 'TrafficCheck "t": expect.servers.rs1: is a text, and a number is needed: leave out the quotes',
    by: "a check",
  },
  {
    mistake: "a routing table by its number",
    program: ({ RoutingRule, director }) =>
      new RoutingRule("r", { host: director, priority: 100, from: "10.0.0.0/24", table: 100 }),
    says: 'RoutingRule "r": table: is a number, and a text is needed: put it in quotes',
    by: "a check",
  },
  {
    mistake: "a priority of 0",
    program: ({ RoutingRule, director }) =>
      new RoutingRule("r", { host: director, priority: 0, from: "10.0.0.0/24", table: "100" }),
    says: `RoutingRule "r": priority: give a rule's priority from 1 to 4294967295`,
    by: "a check",
  },
  {
    mistake: "masquerading any",
    program: ({ Masquerade, director }) => new Masquerade("m", { host: director, source: "any" }),
    says: 'Masquerade "m": source: "any" is not a network. Write it like 10.0.0.0/24',
    by: "a check",
  },
  {
    mistake: "marking by a service's name",
    program: ({ FirewallMark, director }) =>
      new FirewallMark("m", { host: director, mark: 98, address: "10.1.0.9", ports: ["http"] }),
    says: 'FirewallMark "m": ports.0: "http" is neither a port nor a range: write it like 443 or "8000-8010"',
    by: "a check",
  },
  {
    mistake: "a timeout in minutes",
    program: ({ IpvsTimeouts, director }) => new IpvsTimeouts("t", { host: director, tcp: "15m" }),
    says: 'IpvsTimeouts "t": tcp: is a text, and a number is needed',
    by: "a check",
  },
  {
    mistake: "a user in capitals",
    program: ({ SystemUser, rs1 }) => new SystemUser("u", { host: rs1, user: "Shop" }),
    says: `SystemUser "u": user: a user's name has small letters, digits, dashes and underscores, like "shop"`,
    by: "a check",
  },
  {
    mistake: "a gateway of a link without the interface",
    program: ({ Route, rs1 }) => new Route("r", { host: rs1, to: "default", via: "fe80::1" }),
    says: 'Route "r": device: is missing: each interface has a network fe80::/64 of its own, so give that of the gateway',
    by: "a check",
  },
  {
    mistake: "a real server's address that comes later and is nothing",
    program: ({ DrCluster, dr, rs1, late }) =>
      new DrCluster("shop", { ...dr, realServers: [{ host: rs1, address: late(undefined) }] }),
    says: 'DrCluster "shop": realServers[0].address: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "settings as a Map",
    program: ({ Sysctls, rs1 }) => new Sysctls("s", { host: rs1, settings: new Map([["net.ipv4.ip_forward", 1]]) }),
    says: 'Sysctls "s": settings: is a Map: write { … }, or give Object.fromEntries(…) of it',
  },
  {
    mistake: "a setting undefined in a record",
    program: ({ Sysctls, rs1 }) => new Sysctls("s", { host: rs1, settings: { "net.ipv4.ip_forward": undefined } }),
    says: 'Sysctls "s": settings: names no setting',
    by: "a check",
  },
  {
    mistake: "persistence as the number of minutes",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8106, persistence: { timeout: "5 min" } }),
    says: 'VirtualService "web": persistence.timeout: is no time from 1 s to 31 days: give whole seconds, 1 to 2678400',
    by: "a check",
  },
  {
    mistake: "a Host in place of its address",
    program: ({ NatCluster, nat, rs1 }) =>
      new NatCluster("shop", { ...nat, realServers: [{ host: rs1, address: rs1 }] }),
    says: 'NatCluster "shop": realServers[0].address: is a Host: give its address, as a text',
  },
  {
    mistake: "two destinations by one server's name",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8107, destinations: { "rs1:80": {} } }),
    says: 'VirtualService "web": destinations.rs1:80: write a destination like "192.0.2.1:80", IPv6 like "[2001:db8::1]:80"',
    by: "a check",
  },
  {
    mistake: "a class instance for a destination",
    program: ({ VirtualService, service, rs1 }) =>
      new VirtualService("web", { ...service, port: 8108, destinations: { "10.2.0.11:80": rs1 } }),
    says: 'VirtualService "web": destinations["10.2.0.11:80"]: is a Host: give its address, as a text',
  },
  {
    mistake: "an error as content",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd5", content: new Error("x") }),
    says: 'File "motd": content: is an Error: give a text, a number, a list, or an object',
  },
];
