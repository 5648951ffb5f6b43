import { type ApplicationArgs, EcommerceSite, type EcommerceSiteArgs, Host } from "../../sdk/index";

const [rs1, rs2] = [new Host("rs1"), new Host("rs2")];
const declare = (more: Partial<EcommerceSiteArgs>, its: Partial<ApplicationArgs> = {}) =>
  new EcommerceSite("shop", {
    servers: [
      { host: rs1, address: "172.17.111.234" },
      { host: rs2, address: "172.17.111.222" },
    ],
    application: {
      artefact: { path: "shop.tar.gz", sha256: "0f".repeat(32) },
      start: ["node", "server.js"],
      ready: { path: "/readyz" },
      ...its,
    },
    state: { kind: "local" },
    ...more,
  });

const once = { host: rs1, address: "172.17.111.234" };
const refused: [what: string, more: Partial<EcommerceSiteArgs>, its: Partial<ApplicationArgs>, message: string][] = [
  ["a name", { site: "My Shop" }, {}, 'site: "My Shop" is not of small letters, digits and dashes'],
  ["the system's own user", { site: "postgres" }, {}, "site: postgres is a user of the system's own"],
  ["no server", { servers: [] }, {}, "servers: is empty: give at least one server"],
  [
    "a server twice",
    { servers: [once, once] },
    {},
    "servers: host rs1 is given twice, and one site runs once on a host",
  ],
  ["no command", {}, { start: [] }, "application.start: give a command"],
  [
    "a digest",
    {},
    { artefact: { path: "a", sha256: "0f" } },
    "application.artefact.sha256: is not a SHA-256: give its 64 hexadecimal digits",
  ],
  [
    "root's port",
    {},
    { port: 80 },
    "application.port: 80 is not a port from 1024 to 65535: give one of these, because the application is not root",
  ],
  ["no port", {}, { port: 8000.5 }, "application.port: 8000.5 is not a port"],
  ["a path", {}, { ready: { path: "readyz" } }, 'application.ready.path: "readyz" does not begin with a slash'],
  ["a static URL", {}, { static: { "/static": "x" } }, 'application: "/static" is not a path between slashes'],
  ["a shared URL", {}, { shared: { M: { name: "m", url: "media/" } } }, 'application: "media/" is not a path between'],
  ["our variable", {}, { environment: { PORT: "1" } }, "application.environment.PORT: is set by the site itself"],
  [
    "the database's variable",
    { state: { kind: "shared", databaseUrl: "" } },
    { secrets: { DATABASE_URL: "x" } },
    "application.environment.DATABASE_URL: is set by the site itself: leave it out",
  ],
  [
    "a folder's variable",
    {},
    { environment: { M: "1" }, shared: { M: { name: "m" } } },
    "application.environment.M: is set by the site itself",
  ],
  [
    "a variable twice",
    {},
    { environment: { A: "1" }, secrets: { A: "2" } },
    "application.secrets.A: is in environment as well: remove one",
  ],
];
test.each(refused)("%s is refused", (_, more, its, message) => {
  expect(() => declare(more, its)).toThrow(`EcommerceSite "shop": ${message}`);
});

test("all problems are told at once", () => {
  expect(() => declare({ servers: [] }, { start: [], port: 1 })).toThrow(/servers: .*\n.*start: .*\n.*port: /);
});
