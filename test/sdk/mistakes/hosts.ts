import type { Mistake } from "./scene";

/** How a host is reached. */
export const hosts: readonly Mistake[] = [
  {
    mistake: "a name with a blank",
    program: ({ Host }) => new Host("real server 1", { address: "10.2.0.11" }),
    says: 'Host "real server 1": name: ',
  },
  { mistake: "no name", program: ({ Host }) => new Host(), says: "Host: name: " },
  {
    mistake: "the arguments in the place of the name",
    program: ({ Host }) => new Host({ address: "10.2.0.11" }),
    says: "Host: name: ",
  },
  {
    mistake: "the address in the place of the arguments",
    program: ({ Host }) => new Host("rs1", "10.2.0.11"),
    says: 'Host "rs1": args: is a text, and an object { … } is needed',
  },
  {
    mistake: "adress",
    program: ({ Host }) => new Host("rs1", { adress: "10.2.0.11" }),
    says: 'Host "rs1": adress: there is no such property: did you mean "address"?',
  },
  {
    mistake: "the port from the configuration, as text",
    program: ({ Host, Sysctl, config }) =>
      new Sysctl("s", { host: new Host("rs1", { port: config.get("port") }), key: "net.ipv4.ip_forward", value: 1 }),
    says: "host.port: is a text, and a number is needed",
    by: "a check",
  },
  {
    mistake: "an address with a prefix",
    program: ({ Host, Link }) => new Link("l", { host: new Host("rs1", { address: "10.2.0.11/24" }), device: "eth0" }),
    says: "host.address: is neither an address nor a host's name",
    by: "a check",
  },
  {
    mistake: "the address as user@address",
    program: ({ Host, Link }) =>
      new Link("l", { host: new Host("rs1", { address: "root@10.2.0.11" }), device: "eth0" }),
    says: "host.address: is neither an address nor a host's name",
    by: "a check",
  },
  {
    mistake: "the password of sudo in the place of its arguments",
    program: ({ Host }) => new Host("rs1", { sudo: "secret" }),
    says: 'Host "rs1": sudo: is true, or { password: … }',
  },
  {
    mistake: "sudo from the configuration, as text",
    program: ({ Host, config }) => new Host("rs1", { sudo: config.get("flag") }),
    says: 'Host "rs1": sudo: is true, or { password: … }',
  },
  {
    mistake: "sudo that comes later and is a text",
    program: ({ Host, Link, late }) => new Link("l", { host: new Host("rs1", { sudo: late("yes") }), device: "eth0" }),
    says: "host.sudo: is true, or { password: … }",
    by: "a check",
  },
  {
    mistake: "the name of the jump host in its place",
    program: ({ Host }) => new Host("rs1", { jump: "director" }),
    says: 'Host "rs1": jump: is a text, and a Host is needed',
  },
  {
    mistake: "hostKeyChecking false",
    program: ({ Host, Link }) => new Link("l", { host: new Host("rs1", { hostKeyChecking: false }), device: "eth0" }),
    says: 'host.hostKeyChecking: is none of "on", "off"',
    by: "a check",
  },
  {
    mistake: "ready in milliseconds",
    program: ({ Host, Link }) => new Link("l", { host: new Host("rs1", { ready: 60000 }), device: "eth0" }),
    says: "host.ready: is more than 3600: give at most 3600",
    by: "a check",
  },
  {
    mistake: "a rule of advice that there is not",
    program: ({ Host }) => new Host("rs1", { advice: { ignore: ["tunel-mtu"] } }),
    says: 'Host "rs1": advice.ignore[0]: is none of "clients-beside-servers"',
  },
  {
    mistake: "the machine's name in the place of the resource that makes it",
    program: ({ Host }) => new Host("rs1", { vm: "rs1" }),
    says: 'Host "rs1": vm: is a text, and the resource that makes the machine is needed',
  },
  {
    mistake: "two Hosts of one name",
    program: ({ host, Link }) => {
      new Link("one", { host: host("web", "10.2.0.11"), device: "eth0" });
      new Link("two", { host: host("web", "10.2.0.12"), device: "eth1" });
    },
    says: "host.address: two Hosts are called web, at 10.2.0.11 and 10.2.0.12",
    by: "a check",
  },
  {
    mistake: "one host by two names",
    program: ({ host, Link }) => {
      new Link("one", { host: host("first", "10.2.0.31"), device: "eth0" });
      new Link("two", { host: host("second", "10.2.0.31"), device: "eth1" });
    },
    says: "host second: the Hosts first and second are both 10.2.0.31",
    by: "a warning",
  },
];
