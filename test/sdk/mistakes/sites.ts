import type { Mistake } from "./scene";

const running = {
  ...{ site: "shop", root: "/srv/shop", release: "2f1c9a04", user: "shop", start: ["node", "server.js"] },
  artefact: { path: "shop.tar.gz", sha256: "0".repeat(64) },
};

/** What real servers serve: pages, an application, a database, and how a release gets there. */
export const sites: readonly Mistake[] = [
  {
    mistake: "a web site on a list of hosts",
    program: ({ WebSite, rs1, rs2 }) => new WebSite("www", { host: [rs1, rs2] }),
    says: 'WebSite "www": host: is a list, and a Host is needed',
  },
  {
    mistake: "a page that comes from no file",
    program: ({ WebSite, rs1 }) => new WebSite("www", { host: rs1, pages: "<h1>Hello</h1>" }),
    says: 'WebSite "www": pages: there is no such property: did you mean "page"?',
  },
  {
    mistake: "a certificate without its key",
    program: ({ WebSite, rs1 }) => new WebSite("www", { host: rs1, certificate: { certificate: "CERT" } }),
    says: 'WebSite "www": certificate.privateKey: is missing: a text is needed',
  },
  {
    mistake: "a certificate whose key comes later and is missing",
    program: ({ WebSite, rs1, late }) =>
      new WebSite("www", { host: rs1, certificate: { certificate: "CERT", privateKey: late(undefined) } }),
    says: 'WebSite "www": certificate: the text of /etc/nginx/lvs-site.key is missing',
    by: "a check",
  },
  {
    mistake: "an application by its port alone",
    program: ({ WebSite, rs1 }) => new WebSite("www", { host: rs1, application: 8000 }),
    says: 'WebSite "www": application: is a number, and an object is needed',
  },
  {
    mistake: "a root that is relative",
    program: ({ WebSite, rs1 }) => new WebSite("www", { host: rs1, root: "srv/www" }),
    says: 'WebSite "www": root: ',
  },
  {
    mistake: "a release behind the addresses of directors",
    program: ({ Release, rs1 }) =>
      new Release("shop", { host: rs1, ...running, behind: { address: "10.2.0.11", directors: ["10.1.0.1"] } }),
    says: 'Release "shop": behind.directors[0]: is a text, and a Host is needed',
  },
  {
    mistake: "a release behind one director, which is no list",
    program: ({ Release, rs1, director }) =>
      new Release("shop", { host: rs1, ...running, behind: { address: "10.2.0.11", directors: director } }),
    says: 'Release "shop": behind.directors: is a Host, and a list is needed',
  },
  {
    mistake: "a release behind nobody",
    program: ({ Release, rs1 }) => new Release("shop", { host: rs1, ...running, behind: { address: "10.2.0.11" } }),
    says: 'Release "shop": behind.directors: is missing: a list is needed',
  },
  {
    mistake: "a database without clients",
    program: ({ Postgresql, host }) => new Postgresql("db", { host: host("db", "10.2.0.20"), address: "10.2.0.20" }),
    says: 'Postgresql "db": clients: is missing: a list is needed',
  },
  {
    mistake: "a database whose address is none",
    program: ({ Postgresql, host }) =>
      new Postgresql("db", { host: host("db", "10.2.0.20"), address: "db.local", clients: ["10.2.0.11"] }),
    says: 'Postgresql "db": address: "db.local" is not an IPv4 or IPv6 address',
  },
  {
    mistake: "a database whose address comes later",
    program: ({ Postgresql, host, late }) =>
      new Postgresql("db", { host: host("db", "10.2.0.20"), address: late("10.2.0.20"), clients: ["10.2.0.11"] }),
    says: 'Postgresql "db": address: is needed while the program runs: give a value that is known then, and no Output',
  },
  {
    mistake: "the clients of a database as one text",
    program: ({ Postgresql, host }) =>
      new Postgresql("db", { host: host("db", "10.2.0.20"), address: "10.2.0.20", clients: "10.2.0.11" }),
    says: 'Postgresql "db": clients: is a text, and a list is needed',
  },
  {
    mistake: "a database's name with a dash",
    program: ({ Postgresql, host }) =>
      new Postgresql("db", {
        host: host("db", "10.2.0.20"),
        address: "10.2.0.20",
        clients: ["10.2.0.11"],
        database: "my shop",
      }),
    says: 'Postgresql "db": database: ',
  },
  {
    mistake: "a role without its password",
    program: ({ PostgresqlRole, rs1 }) => new PostgresqlRole("clerk", { host: rs1, name: "clerk" }),
    says: 'PostgresqlRole "clerk": password: is missing: a text is needed',
    by: "a check",
  },
  {
    mistake: "a database's owner as a resource",
    program: ({ PostgresqlDatabase, rs1, Link }) => {
      const role = new Link("role", { host: rs1, device: "eth0" });
      return new PostgresqlDatabase("shop", { host: rs1, name: "shop", role });
    },
    says: 'PostgresqlDatabase "shop": role: is a Link: give the property of it that is meant',
  },
  {
    mistake: "a site without servers",
    program: ({ EcommerceSite, application }) =>
      new EcommerceSite("shop", { servers: [], application, state: { kind: "local" } }),
    says: 'EcommerceSite "shop": servers: ',
  },
  {
    mistake: "a site's state that is none",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", { servers: realServers, application, state: "shared" }),
    says: 'EcommerceSite "shop": state: ',
  },
  {
    mistake: "a shared state without its database",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", { servers: realServers, application, state: { kind: "shared" } }),
    says: 'EcommerceSite "shop": state.databaseUrl: is missing: a text is needed',
  },
  {
    mistake: "a command as one text",
    program: ({ EcommerceSite, application, realServers }) =>
      new EcommerceSite("shop", {
        servers: realServers,
        application: { ...application, start: "python3 -m shop" },
        state: { kind: "shared", databaseUrl: "postgresql://db/shop" },
      }),
    says: 'EcommerceSite "shop": application.start: is a text, and a list is needed',
  },
  {
    mistake: "an application that says nowhere when it is ready",
    program: ({ EcommerceSite, application: { ready: _, ...application }, realServers }) =>
      new EcommerceSite("shop", {
        servers: realServers,
        application,
        state: { kind: "shared", databaseUrl: "postgresql://db/shop" },
      }),
    says: 'EcommerceSite "shop": application.ready: is missing: an object is needed',
  },
  {
    mistake: "a release whose digest is too short",
    program: ({ Release, release }) =>
      new Release("shop", { ...release, artefact: { path: "shop.tar.gz", sha256: "0123" } }),
    says: 'Release "shop": artefact.sha256: ',
    by: "a check",
  },
  {
    mistake: "an environment with numbers",
    program: ({ Release, release }) => new Release("shop", { ...release, site: "b", environment: { WORKERS: 4 } }),
    says: 'Release "shop": environment.WORKERS: is a number, and a text is needed',
    by: "a check",
  },
  {
    mistake: "a rollout without its servers",
    program: ({ Rollout, rollout }) => new Rollout("rollout", { ...rollout, servers: undefined }),
    says: 'Rollout "rollout": servers: is missing: a list is needed',
  },
  {
    mistake: "a rollout to names",
    program: ({ Rollout, rollout }) => new Rollout("rollout", { ...rollout, servers: ["rs1", "rs2"] }),
    says: 'Rollout "rollout": servers[0]: is a text, and an object is needed',
  },
  {
    mistake: "a path of readiness without its slash",
    program: ({ Rollout, rollout }) => new Rollout("rollout", { ...rollout, ready: { path: "readyz" } }),
    says: 'Rollout "rollout": ready.path: ',
    by: "a check",
  },
  {
    mistake: "two sites on one host",
    program: ({ WebSite, host }) => {
      const crowded = host("crowded", "10.2.0.77");
      new WebSite("one", { host: crowded, site: "one" });
      new WebSite("two", { host: crowded, site: "two" });
    },
    says: "on host crowded /etc/nginx/conf.d/lvs-two.conf would be the site with which nginx answers every name, and /etc/nginx/conf.d/lvs-one.conf of",
    by: "a check",
  },
];
