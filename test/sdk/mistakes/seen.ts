import type { Mistake } from "./scene";

/** What is seen of a site: traffic, and figures. */
export const seen: readonly Mistake[] = [
  {
    mistake: "an address in the place of a URL",
    program: ({ TrafficCheck }) => new TrafficCheck("traffic", { url: "10.1.0.9" }),
    says: 'TrafficCheck "traffic": url: ',
    by: "a check",
  },
  {
    mistake: "urls",
    program: ({ TrafficCheck }) => new TrafficCheck("traffic", { urls: ["http://10.1.0.9/"] }),
    says: 'TrafficCheck "traffic": urls: there is no such property: did you mean "url"?',
  },
  {
    mistake: "the sender by name",
    program: ({ TrafficCheck }) => new TrafficCheck("traffic", { url: "http://10.1.0.9/", from: "client" }),
    says: 'TrafficCheck "traffic": from: is a text, and a Host is needed',
  },
  {
    mistake: "a check from a real server",
    program: ({ TrafficCheck, NatCluster, nat, rs1 }) => {
      new NatCluster("shop", nat);
      return new TrafficCheck("traffic", { url: "http://10.1.0.9/", from: rs1 });
    },
    says: 'TrafficCheck "traffic": from: rs1 is a real server of the site',
    by: "a warning",
  },
  {
    mistake: "more servers than one request can reach",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", requests: 1, expect: { servers: { rs1: 1, rs2: 1 } } }),
    says: 'TrafficCheck "traffic": expect.servers: 1 request cannot reach 2 servers',
    by: "a check",
  },
  {
    mistake: "persistence of one client, spread over two servers",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", expect: { persistence: true, spread: 2 } }),
    says: 'TrafficCheck "traffic": expect.spread: 1 client with persistence cannot see 2 servers',
    by: "a check",
  },
  {
    mistake: "the servers of an expectation as a list",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", expect: { servers: ["rs1", "rs2"] } }),
    says: 'TrafficCheck "traffic": expect.servers: is a list, and an object is needed',
    by: "a check",
  },
  {
    mistake: "a failover of one director",
    program: ({ TrafficCheck, NatCluster, nat }) => {
      const { failover } = new NatCluster("shop", nat);
      return new TrafficCheck("traffic", { url: "http://10.1.0.9/", expect: { failover: { of: failover } } });
    },
    says: 'TrafficCheck "traffic": expect.failover.of: ',
  },
  {
    mistake: "a tolerance in percent",
    program: ({ TrafficCheck }) =>
      new TrafficCheck("traffic", { url: "http://10.1.0.9/", expect: { servers: { rs1: 1 }, tolerance: 10 } }),
    says: 'TrafficCheck "traffic": expect.tolerance: give a number from 0 to 1',
    by: "a check",
  },
  {
    mistake: "figures of a host by its name",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [director], servers: ["rs1"] }),
    says: 'Metrics "shop": servers[0]: is a text, and a Host, or { host, address }, is needed',
  },
  {
    mistake: "figures for everybody",
    program: ({ Metrics, director }) => new Metrics("shop", { directors: [{ host: director, address: "0.0.0.0" }] }),
    says: 'Metrics "shop": directors[0].address: "0.0.0.0" is no address of one host',
  },
];
