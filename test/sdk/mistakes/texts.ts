import type { Mistake } from "./scene";

// Values that come later, or are no texts, in the place of a text; and promises in the place of values.

const MADE = "was made from a value that is no text: where it comes later put pulumi.interpolate before the template";

export const texts: readonly Mistake[] = [
  {
    mistake: "a content with an Output in a template",
    program: ({ File, director, late }) =>
      new File("env", { host: director, path: "/etc/shop.env", content: `DATABASE=${late("db.example")}\n` }),
    says: `File "env": content: ${MADE}`,
  },
  {
    mistake: "a content with an Output in JSON.stringify",
    program: ({ File, director, late }) =>
      new File("conf", { host: director, path: "/etc/shop.json", content: JSON.stringify({ database: late("db") }) }),
    says: `File "conf": content: ${MADE}`,
  },
  {
    mistake: "a content with a Host in a template",
    program: ({ File, director, rs1 }) =>
      new File("conf", { host: director, path: "/etc/upstream", content: `server ${rs1};\n` }),
    says: 'File "conf": content: was made from a value that is no text',
  },
  {
    mistake: "a content with a resource in a template, which comes later itself",
    program: ({ File, TlsCertificate, director, pulumi }) => {
      const certificate = new TlsCertificate("site", { names: ["www.example.org"] });
      const content = pulumi.output("").apply(() => `${certificate}`);
      return new File("pem", { host: director, path: "/etc/site.pem", content });
    },
    says: 'File "pem": content: was made from a value that is no text',
    by: "a check",
  },
  {
    mistake: "a VIP with an Output in a template",
    program: ({ NatCluster, nat, late }) => new NatCluster("shop", { ...nat, vip: `${late("10.1.0.9")}` }),
    says: `NatCluster "shop": vip: ${MADE}`,
  },
  {
    mistake: "a host's address with an Output in a template",
    program: ({ Host, File, late }) => {
      const host = new Host("rs9", { address: `${late("10.2.0.19")}` });
      return new File("motd", { host, path: "/etc/motd", content: "" });
    },
    says: `Host "rs9": address: ${MADE}`,
  },
  {
    mistake: "a URL with an Output in a template",
    program: ({ TrafficCheck, late }) => new TrafficCheck("shop", { url: `http://${late("10.1.0.9")}/` }),
    says: `TrafficCheck "shop": url: ${MADE}`,
  },
  {
    mistake: "a destination with an Output in a template",
    program: ({ VirtualService, service, late }) =>
      new VirtualService("web", { ...service, port: 8071, destinations: { [`${late("10.2.0.11")}:80`]: {} } }),
    says: `VirtualService "web": destinations: ${MADE}`,
  },
  {
    mistake: "real servers, each a promise of an async function",
    program: ({ NatCluster, nat, realServers }) =>
      new NatCluster("shop", { ...nat, realServers: realServers.map(async (one: object) => ({ ...one })) }),
    says: 'NatCluster "shop": realServers[0]: is needed while the program runs',
  },
  {
    mistake: "servers of a rollout, one of which comes later",
    program: ({ Rollout, rollout, server, late }) =>
      new Rollout("shop", { ...rollout, servers: [server, late({ host: "rs2" })] }),
    says: 'Rollout "shop": servers[1]: is needed while the program runs',
  },
  {
    mistake: "a promise of the arguments",
    program: ({ NatCluster, nat }) => new NatCluster("shop", Promise.resolve(nat)),
    says: 'NatCluster "shop": args: is a Promise, and an object { … } is needed',
  },
  {
    mistake: "a VIP of another stack that has no such output",
    program: ({ NatCluster, nat, late }) => new NatCluster("shop", { ...nat, vip: late(undefined) }),
    says: 'NatCluster "shop": vip: is missing: an address is needed. Give one',
    by: "a check",
  },
  {
    mistake: "a VIP that comes later and is nothing, of directors that serve at the same time",
    program: ({ DrCluster, pair, ecmp, late }) => {
      const health = { by: "keepalived" };
      return new DrCluster("many", { ...pair, vip: late(null), failover: ecmp, scheduler: "mh", health });
    },
    says: 'DrCluster "many": vip: is missing: ',
    by: "a check",
  },
  {
    mistake: "a director's own address that comes later and is nothing",
    program: ({ DrCluster, pair, vrrp, late }) =>
      new DrCluster("own", { ...pair, failover: { ...vrrp, addresses: [late(undefined), "10.2.0.2"] } }),
    says: 'DrCluster "own": failover.addresses[0]: is missing: an address is needed. Give one',
    by: "a check",
  },
  {
    mistake: "settings that have themselves in them",
    program: ({ Sysctls, director }) => {
      const settings: Record<string, unknown> = { "net.ipv4.ip_forward": 1 };
      settings.all = settings;
      return new Sysctls("director", { host: director, settings });
    },
    says: 'Sysctls "director": settings.all: has itself in it: give an object that has not',
  },
];
