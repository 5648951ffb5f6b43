import type { Mistake } from "./scene";

/** Any one thing on one host: its name, its host, a file, a package, a unit, a route. */
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
    says: 'File "motd": path: write an absolute path, like "/etc/motd"',
    by: "a check",
  },
  {
    mistake: "a file's mode as a number",
    program: ({ File, rs1 }) => new File("motd", { host: rs1, path: "/etc/motd1", content: "", mode: 0o644 }),
    says: 'File "motd": mode: write the mode as a text in octal, like "0644"',
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
    says: 'LinkMtu "wide": mtu: give a number from 1280 to 65536: with less, the interface would lose its IPv6 addresses',
    by: "a check",
  },
  {
    mistake: "a module's file",
    program: ({ KernelModule, director }) => new KernelModule("ipvs", { host: director, module: "ip_vs.ko" }),
    says: 'KernelModule "ipvs": module: ',
    by: "a check",
  },
];
