import type { Mistake } from "./scene";

// Values that JavaScript has, and a declaration has not.

export const values: readonly Mistake[] = [
  {
    mistake: "options in the place of arguments",
    program: ({ VirtualService, rs1 }) => new VirtualService("web", { dependsOn: [], provider: rs1 }),
    says: 'VirtualService "web": host: is missing: a Host is needed',
  },
  {
    mistake: "null for the host",
    program: ({ Sysctl }) => new Sysctl("x", { host: null, key: "a.b", value: 1 }),
    says: 'Sysctl "x": host: is missing: a Host is needed. It is null: where it may be missing, leave it out',
  },
  {
    mistake: "NaN for a weight",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", {
        ...service,
        port: 8101,
        destinations: { "10.2.0.11:80": { weight: Number(undefined) } },
      }),
    says: 'VirtualService "web": destinations.10.2.0.11:80.weight: is not a weight: give a whole number from 0 to 65535',
    by: "a check",
  },
  {
    mistake: "infinite weight",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", {
        ...service,
        port: 8102,
        destinations: { "10.2.0.11:80": { weight: Number.POSITIVE_INFINITY } },
      }),
    says: 'VirtualService "web": destinations.10.2.0.11:80.weight: is not a weight: give a whole number from 0 to 65535',
    by: "a check",
  },
  {
    mistake: "real servers, one of them false by a condition",
    program: ({ NatCluster, nat, server }) => new NatCluster("shop", { ...nat, realServers: [server, false] }),
    says: 'NatCluster "shop": realServers[1]: is true or false, and an object is needed',
  },
  {
    mistake: "a port in a list that comes later",
    program: ({ DrCluster, dr, late }) => new DrCluster("shop", { ...dr, ports: [80, late(443)] }),
    says: 'DrCluster "shop": ports[1]: is needed while the program runs: give a value that is known then, and no Output',
  },
  {
    mistake: "destinations as a Map",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8103, destinations: new Map([["10.2.0.11:80", {}]]) }),
    says: 'VirtualService "web": destinations: is a Map: write { … }, or give Object.fromEntries(…) of it',
  },
  {
    mistake: "ports as a Set",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, ports: new Set([80, 443]) }),
    says: 'DrCluster "shop": ports: is a Set: put its values in [ ], as [...values] does',
  },
  {
    mistake: "a function that was not called",
    program: ({ NatCluster, nat, config }) => new NatCluster("shop", { ...nat, vip: config.require }),
    says: 'NatCluster "shop": vip: is a function: call it, and give what it returns',
  },
  {
    mistake: "a function for a content",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd1", content: () => "x" }),
    says: 'File "motd": content: is a function: call it, and give what it returns',
  },
  {
    mistake: "a mark as a BigInt",
    program: ({ VirtualService, director, destinations }) =>
      new VirtualService("web", { host: director, mark: 99n, forwarding: "nat", destinations }),
    says: 'VirtualService "web": mark: is a BigInt: give a number, without the n',
  },
  {
    mistake: "a resource in the place of its address",
    program: ({ VirtualService, VipAlias, director, service }) =>
      new VirtualService("web", {
        ...service,
        port: 8104,
        address: new VipAlias("vip", { host: director, address: "10.1.0.9", device: "eth7" }),
      }),
    says: 'VirtualService "web": address: is a VipAlias: give the property of it that is meant, like its address',
  },
  {
    mistake: "the connection of a host in its place",
    program: ({ Sysctl, rs1 }) => new Sysctl("x", { host: rs1.connection, key: "a.b", value: 1 }),
    says: 'Sysctl "x": host: is an object, and a Host is needed',
  },
  {
    mistake: "a list of one VIP",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: ["10.1.0.9"] }),
    says: 'NatCluster "shop": vip: is a list, and an address, as a text, is needed',
  },
  {
    mistake: "a port with its protocol",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: "80/tcp" }),
    says: 'VirtualService "web": port: give a port from 1 to 65535; 0 is all of them',
    by: "a check",
  },
  {
    mistake: "ports of two types",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, ports: [80, "443"] }),
    says: 'DrCluster "shop": ports[1]: "443" is not a port: give a whole number from 1 to 65535',
  },
  {
    mistake: "no ports",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, ports: [] }),
    says: 'DrCluster "shop": ports: is empty: give at least one port',
  },
  {
    mistake: "a VIP with a blank behind",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: "10.1.0.9 " }),
    says: 'NatCluster "shop": vip: "10.1.0.9 " is not an IPv4 or IPv6 address. Write it like 192.168.199.146',
  },
  {
    mistake: "a VIP in wide digits",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: "１０.1.0.9" }),
    says: 'NatCluster "shop": vip: "１０.1.0.9" is not an IPv4 or IPv6 address. Write it like 192.168.199.146, without a prefix',
  },
  {
    mistake: "a content that was read without an encoding",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd2", content: Buffer.from("x") }),
    says: 'File "motd": content: is a Buffer: give its text, as .toString("utf8") returns it',
  },
  {
    mistake: "a mode as JavaScript's octal",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd3", content: "x", mode: 0o644 }),
    says: 'File "motd": mode: write the mode as a text in octal, like "0644"',
    by: "a check",
  },
  {
    mistake: "a path in one's home",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "~/.bashrc", content: "x" }),
    says: 'File "motd": path: write an absolute path, like "/etc/motd", without a / at its end',
    by: "a check",
  },
  {
    mistake: "a folder as a path",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/nginx/", content: "x" }),
    says: 'File "motd": path: write an absolute path, like "/etc/motd", without a / at its end',
    by: "a check",
  },
  {
    mistake: "an asset as content",
    program: ({ File, rs1, pulumi }) =>
      new File("motd", { host: rs1, path: "/etc/motd4", content: new pulumi.asset.FileAsset("x") }),
    says: `File "motd": content: is a FileAsset: give the text itself, as readFileSync(path, 'utf8') returns it`,
  },
  {
    mistake: "enabled by a word",
    program: ({ SystemdService, rs1 }) => new SystemdService("nginx", { host: rs1, unit: "nginx", enabled: "yes" }),
    says: 'SystemdService "nginx": enabled: is a text, and true or false is needed: leave out the quotes, or read it by config.getBoolean',
    by: "a check",
  },
  {
    mistake: "configuration as a list of files",
    program: ({ SystemdService, rs1 }) =>
      new SystemdService("nginx", { host: rs1, unit: "nginx1", configuration: ["/etc/nginx.conf"] }),
    says: 'SystemdService "nginx": configuration: is a list, and an object is needed',
    by: "a check",
  },
];
