import type { Mistake } from "./scene";

/** What a director is made of: the firewall, marks, the addresses of services, the table. */
export const balancing: readonly Mistake[] = [
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
    says: 'FirewallMark "m": mark: give a mark from 1 to 4294967295',
    by: "a check",
  },
  {
    mistake: "a mark in hexadecimal",
    program: ({ FirewallMark, director }) =>
      new FirewallMark("m", { host: director, mark: "0x63", address: "10.2.0.9", ports: [80] }),
    says: 'FirewallMark "m": mark: give a mark from 1 to 4294967295',
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
];
