import type { Mistake } from "./scene";

// Words of other tools, of other classes, and of Pulumi, in the wrong place.

export const words: readonly Mistake[] = [
  {
    mistake: "what it depends on, among the arguments",
    program: ({ NatCluster, nat, pulumi }) =>
      new NatCluster("shop", { ...nat, dependsOn: [new pulumi.ComponentResource("a:b:C", "c")] }),
    says: 'NatCluster "shop": dependsOn: there is no such property: it is an option of Pulumi\'s: give { dependsOn: … } after the arguments',
  },
  {
    mistake: "protect among the arguments of a resource",
    program: ({ Sysctl, director }) =>
      new Sysctl("forward", { host: director, key: "net.ipv4.ip_forward", value: 1, protect: true }),
    says: 'Sysctl "forward": protect: there is no such property: it is an option of Pulumi\'s',
  },
  {
    mistake: "username, as Terraform has it",
    program: ({ Host }) => new Host("rs9", { address: "10.2.0.19", username: "ada" }),
    says: 'Host "rs9": username: there is no such property: it is called user here: write that',
  },
  {
    mistake: "a time limit of a login by its usual name",
    program: ({ Host }) => new Host("rs9", { address: "10.2.0.19", timeout: 30 }),
    says: 'Host "rs9": timeout: there is no such property: it is called ready here: write that',
  },
  {
    mistake: "owner, as Ansible has it",
    program: ({ File, director }) => new File("motd", { host: director, path: "/etc/motd", owner: "ada" }),
    says: 'File "motd": owner: there is no such property: it is called user here: write that',
  },
  {
    mistake: "name, as Ansible has it, of a setting",
    program: ({ Sysctl, director }) => new Sysctl("forward", { host: director, name: "net.ipv4.ip_forward", value: 1 }),
    says: 'Sysctl "forward": name: there is no such property: it is called key here: write that',
  },
  {
    mistake: "state, as Ansible has it, of a service",
    program: ({ SystemdService, director }) =>
      new SystemdService("nginx", { host: director, unit: "nginx", state: "started" }),
    says: 'SystemdService "nginx": state: there is no such property: it is called running here: write that',
  },
  {
    mistake: "the newest version, as Ansible has it",
    program: ({ Package, director }) => new Package("nginx", { host: director, package: "nginx", version: "latest" }),
    says: 'Package "nginx": version: is no version: leave it out',
    by: "a check",
  },
  {
    mistake: "the address of a cluster",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: undefined, address: "10.1.0.9" }),
    says: 'NatCluster "shop": address: there is no such property: it is called vip here: write that',
  },
  {
    mistake: "the VIP of a service",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, address: undefined, vip: "10.1.0.9" }),
    says: 'VirtualService "web": vip: there is no such property: it is called address here: write that',
  },
  {
    mistake: "the real servers of a service",
    program: ({ VirtualService, service, realServers }) =>
      new VirtualService("web", { ...service, destinations: undefined, realServers }),
    says: 'VirtualService "web": realServers: there is no such property: it is called destinations here: write that',
  },
  {
    mistake: "the servers of a cluster",
    program: ({ NatCluster, nat, realServers }) =>
      new NatCluster("shop", { ...nat, realServers: undefined, servers: realServers }),
    says: 'NatCluster "shop": servers: there is no such property: it is called realServers here: write that',
  },
  {
    mistake: "ldirectord: the services by their usual name",
    program: ({ Ldirectord, director }) => new Ldirectord("checks", { host: director, services: {} }),
    says: 'Ldirectord "checks": services: there is no such property: it is called virtuals here: write that',
  },
  {
    mistake: "BIRD: the other router's system by FRR's word",
    program: ({ Bird, bird }) =>
      new Bird("anycast", { ...bird, neighbours: [{ address: "10.2.0.254", remoteAs: 64512 }] }),
    says: 'Bird "anycast": neighbours[0].remoteAs: there is no such property: it is called asn here: write that',
  },
  {
    mistake: "keepalived: the number of the router by its whole name",
    program: ({ Keepalived, floating }) => new Keepalived("vip", { ...floating, virtualRouterId: 51 }),
    says: 'Keepalived "vip": virtualRouterId: there is no such property: it is called routerId here: write that',
  },
  {
    mistake: "a port of a web site, which has none",
    program: ({ WebSite, rs1 }) => new WebSite("www", { host: rs1, port: 80 }),
    says: 'WebSite "www": port: there is no such property: there are host, name, site, root, page, certificate, ipv6, application: choose one',
  },
  {
    mistake: "ipvsadm's option for NAT",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: 8072, forwarding: "-m" }),
    says: 'VirtualService "web": forwarding: is none of "nat", "dr", "tun": choose one',
    by: "a check",
  },
  {
    mistake: "a protocol that IPVS does not balance",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: 8073, protocol: "icmp" }),
    says: 'VirtualService "web": protocol: is none of "tcp", "udp", "sctp": choose one',
    by: "a check",
  },
  {
    mistake: "a protocol in capitals",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: 8074, protocol: "TCP" }),
    says: 'VirtualService "web": protocol: is none of "tcp", "udp", "sctp": did you mean "tcp"?',
    by: "a check",
  },
  {
    mistake: "letters that have changed places",
    program: ({ WebSite, rs1 }) => new WebSite("www", { hots: rs1 }),
    says: 'WebSite "www": hots: there is no such property: did you mean "host"?',
  },
  {
    mistake: "a scheduler in a list",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, scheduler: ["rr"] }),
    says: 'NatCluster "shop": scheduler: is a list, and a scheduler\'s name, as a text, is needed: give one',
  },
  {
    mistake: "HAProxy's scheduler",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, scheduler: "leastconn" }),
    says: 'NatCluster "shop": scheduler: IPVS has no scheduler "leastconn". Choose one of',
  },
  {
    mistake: "a VIP of the loopback",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: "127.0.0.1" }),
    says: 'NatCluster "shop": vip: 127.0.0.1 is each host\'s own (loopback): give the address by which clients reach',
  },
  {
    mistake: "a VIP of IPv6's loopback",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, vip: "::1" }),
    says: 'DrCluster "shop": vip: ::1 is each host\'s own (loopback)',
  },
  {
    mistake: "the files of a certificate in the place of their texts",
    program: ({ WebSite, rs1 }) => {
      const certificate = { certificate: "/etc/ssl/site.pem", privateKey: "site.key" };
      return new WebSite("www", { host: rs1, certificate });
    },
    says: 'WebSite "www": certificate: in the place of the text of /etc/nginx/lvs-site.crt stands a file\'s path: give what readFileSync',
    by: "a check",
  },
  {
    mistake: "ports in one text",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, ports: "80,443" }),
    says: 'NatCluster "shop": ports[0]: "80,443" is not a port: give a whole number from 1 to 65535',
  },
  {
    mistake: "ports by service",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, ports: { http: 80 } }),
    says: 'NatCluster "shop": ports[0]: {"http":80} is not a port: give a whole number',
  },
  {
    mistake: "a port with a protocol that runs over another",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, ports: ["443/quic"] }),
    says: 'NatCluster "shop": ports[0]: "443/quic" is no port: give one like 53, or "53/udp"',
  },
  {
    mistake: "a weight in percent",
    program: ({ NatCluster, nat, server }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, weight: "50%" }] }),
    says: 'NatCluster "shop": realServers[0].weight: "50%" is not a weight: give a whole number',
  },
  {
    mistake: "a weight that is null",
    program: ({ NatCluster, nat, server }) =>
      new NatCluster("shop", { ...nat, realServers: [{ ...server, weight: null }] }),
    says: 'NatCluster "shop": realServers[0].weight: is missing: a value is needed. It is null: where it may be missing, leave it out',
  },
  {
    mistake: "a secret weight of the configuration, as text",
    program: ({ NatCluster, nat, server, pulumi }) =>
      new NatCluster("secret", { ...nat, realServers: [{ ...server, weight: pulumi.secret("2") }] }),
    says: 'NatCluster "secret": realServers[0].weight: is a text, and a number is needed',
    by: "a check",
  },
  {
    mistake: "a real server with its port",
    program: ({ NatCluster, nat, rs1 }) =>
      new NatCluster("shop", { ...nat, realServers: [{ host: rs1, address: "10.2.0.11:8080" }] }),
    says: 'NatCluster "shop": realServers[0].address: "10.2.0.11:8080" is not an IPv4 or IPv6 address',
  },
  {
    mistake: "a VIP with its port",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, vip: "10.1.0.9:80" }),
    says: 'NatCluster "shop": vip: "10.1.0.9:80" is not an IPv4 or IPv6 address',
  },
  {
    mistake: "a copy of a Host",
    program: ({ NatCluster, nat, director }) => new NatCluster("shop", { ...nat, director: { ...director } }),
    says: 'NatCluster "shop": director: is an object, and a Host is needed: give what new Host(',
  },
  {
    mistake: "one director in a list",
    program: ({ NatCluster, nat, director }) => new NatCluster("shop", { ...nat, director: [director] }),
    says: 'NatCluster "shop": director: is a list, and a Host is needed',
  },
  {
    mistake: "a regular expression to compare with",
    program: ({ NatCluster, nat, ldirectord }) =>
      new NatCluster("shop", { ...nat, health: { ...ldirectord, receive: /OK/ } }),
    says: 'NatCluster "shop": health.receive: is a RegExp, and a text is needed',
  },
  {
    mistake: "drain: false",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, drain: false }),
    says: 'NatCluster "shop": drain: is true or false, and an object is needed: write { … }',
  },
  {
    mistake: "a threshold as text",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", {
        ...service,
        port: 8075,
        destinations: { "10.2.0.11:80": { upperThreshold: "100" } },
      }),
    says: 'VirtualService "web": destinations.10.2.0.11:80.upperThreshold: is a text, and a number is needed: leave out the quotes',
    by: "a check",
  },
  {
    mistake: "a service on several ports",
    program: ({ VirtualService, service }) => new VirtualService("web", { ...service, port: [80, 443] }),
    says: 'VirtualService "web": port: give a port from 1 to 65535; 0 is all of them',
    by: "a check",
  },
  {
    mistake: "a mask for persistence as the length of a prefix",
    program: ({ NatCluster, nat }) => new NatCluster("shop", { ...nat, persistence: { timeout: 300, mask: 24 } }),
    says: 'NatCluster "shop": persistence.mask: is a number, and a text is needed',
  },
  {
    mistake: "a mode as ls prints it",
    program: ({ File, director }) => new File("motd", { host: director, path: "/etc/motd", mode: "rw-r--r--" }),
    says: 'File "motd": mode: is no mode in octal digits: write three or four, like "0644"',
    by: "a check",
  },
  {
    mistake: "owner and group in one word",
    program: ({ File, director }) => new File("motd", { host: director, path: "/etc/motd", user: "www-data:www-data" }),
    says: 'File "motd": user: a user\'s name or number, without zeros before it',
    by: "a check",
  },
  {
    mistake: "a network with a netmask",
    program: ({ Route, director }) => new Route("lan", { host: director, to: "10.0.0.0 255.0.0.0", via: "10.2.0.1" }),
    says: 'Route "lan": to: "10.0.0.0 255.0.0.0" is not a network. Write it like 10.0.0.0/24',
    by: "a check",
  },
  {
    mistake: "a rule for everybody",
    program: ({ RoutingRule, director }) =>
      new RoutingRule("all", { host: director, from: "any", table: "100", priority: 100 }),
    says: 'RoutingRule "all": from: "any" is not a network. Write it like 10.0.0.0/24',
    by: "a check",
  },
  {
    mistake: "options of a module",
    program: ({ KernelModule, director }) =>
      new KernelModule("ipvs", { host: director, module: "ip_vs", options: "conn_tab_bits=20" }),
    says: 'KernelModule "ipvs": options: there is no such property: there are module, boot, host: choose one',
  },
  {
    mistake: "a group that is no group's address",
    program: ({ ConnectionSync, director }) =>
      new ConnectionSync("sync", { host: director, device: "eth0", group: "10.0.0.1" }),
    says: 'ConnectionSync "sync": group: is no address of a group: give one like 224.0.0.81',
    by: "a check",
  },
  {
    mistake: "a host key in a number",
    program: ({ Host, File }) =>
      new File("motd", { host: new Host("rs9", { address: "10.2.0.19", hostKey: 5 }), path: "/etc/motd", content: "" }),
    says: 'File "motd": host.hostKey: is a number, and a text or a list is needed: give one',
    by: "a check",
  },
  {
    mistake: "a jump host in a list",
    program: ({ Host, director }) => new Host("rs9", { address: "10.2.0.19", jump: [director] }),
    says: 'Host "rs9": jump: is a list, and a Host is needed',
  },
  {
    mistake: "a check by FTP",
    program: ({ TrafficCheck }) => new TrafficCheck("shop", { url: "ftp://10.1.0.9/" }),
    says: 'TrafficCheck "shop": url: "ftp://10.1.0.9/" is not a URL: write it like',
    by: "a check",
  },
  {
    mistake: "nobody may answer",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("shop", { url: "http://10.1.0.9/", expect: { servers: { rs1: 0, rs2: 0 } } }),
    says: 'TrafficCheck "shop": expect.servers: no server may answer',
    by: "a check",
  },
  {
    mistake: "a password without a length",
    program: ({ Password }) => new Password("db", { length: 0 }),
    says: 'Password "db": length: give a length of 16 to 256 characters',
    by: "a check",
  },
];
