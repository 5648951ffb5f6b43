import * as pulumi from "@pulumi/pulumi";
import {
  type ApplicationArgs,
  DrCluster,
  EcommerceSite,
  type EcommerceSiteArgs,
  Host,
  NatCluster,
  Postgresql,
  TlsCertificate,
} from "../../sdk/index";
import { only, type Registered, register, secret } from "./registered";

const VIP = "172.17.111.111";
const [rs1, rs2, director] = [new Host("rs1"), new Host("rs2"), new Host("director")];
const sha256 = "0f".repeat(32);

const application = (more: Partial<ApplicationArgs> = {}): ApplicationArgs => ({
  artefact: { path: "shop.tar.gz", sha256 },
  start: ["node", "server.js"],
  ready: { path: "/readyz" },
  ...more,
});
const site = (more: Partial<EcommerceSiteArgs> = {}, its: Partial<ApplicationArgs> = {}): EcommerceSiteArgs => ({
  servers: [
    { host: rs1, address: "172.17.111.234" },
    { host: rs2, address: "172.17.111.222" },
  ],
  application: application(its),
  state: { kind: "local" },
  ...more,
});
/** The provider's outputs. The password is the key from which releases get their names. */
const GENERATED = {
  Password: { value: "KEY" },
  TlsCertificate: { certificate: "CERT", privateKey: "KEY" },
  Release: { machine: "0123" },
};
const declare = (more?: Partial<EcommerceSiteArgs>, its?: Partial<ApplicationArgs>) =>
  register(() => new EcommerceSite("shop", site(more, its)), GENERATED);
const kinds = (registered: Registered[]) =>
  registered.map(({ type, name }) => `${type.split(":").pop()} ${name}`).filter((it) => !it.startsWith("Stack"));
const releaseOf = (registered: Registered[], name = "shop-rs1") => only(registered, "Release", name).inputs;

test("on each server a web site, a user and a release, and one rollout over them", async () => {
  const registered = await declare({}, { packages: ["nodejs"] });
  const on = (host: string) => [
    ...[`WebSite shop-${host}`, `Package shop-${host}-nginx`, `SystemdService shop-${host}-nginx`],
    ...["configuration", "default", "index", "ok"].map((file) => `File shop-${host}-${file}`),
    ...[`Package shop-${host}-curl`, `Package shop-${host}-nodejs`],
    ...[`SystemUser shop-${host}-user`, `Release shop-${host}`],
  ];
  expect(kinds(registered).sort()).toEqual(
    ["EcommerceSite shop", "Password shop-release-key", ...on("rs1"), ...on("rs2"), "Rollout shop"].sort(),
  );
  const { release } = releaseOf(registered);
  expect(release).toMatch(/^[0-9a-f]{32}$/);
  expect(releaseOf(registered, "shop-rs2").release).toBe(release);
  expect(releaseOf(registered)).toMatchObject({
    ...{ site: "shop", root: "/srv/shop", user: "shop", start: ["node", "server.js"], shared: [] },
    ...{ artefact: { path: "shop.tar.gz", sha256 }, host: { name: "rs1" } },
  });
  expect(only(registered, "Rollout").inputs).toMatchObject({
    ...{ site: "shop", root: "/srv/shop", user: "shop", release, ready: { path: "/readyz" } },
    servers: [
      { host: { name: "rs1" }, address: "172.17.111.234" },
      { host: { name: "rs2" }, address: "172.17.111.222" },
    ],
    ...{ directors: [], machines: ["0123", "0123"], running: { rs1: release, rs2: release } },
  });
});

test("a release knows the directors that may have drained its server", async () => {
  const director = new Host("director", { address: "10.0.0.2" });
  const registered = await declare({ directors: [{ host: director, vip: "172.17.111.111" }] }, {});
  expect(releaseOf(registered, "shop-rs2").behind).toMatchObject({
    address: "172.17.111.222",
    directors: [{ name: "director", address: "10.0.0.2" }],
  });
  expect(releaseOf(await declare({}, {}))).not.toHaveProperty("behind");
});

test("what it needs comes before a release, and everything before the rollout; the database for that alone", async () => {
  const registered = await register(() => {
    const db = { host: new Host("db"), address: "172.17.111.200", database: "shop", clients: ["172.17.111.234"] };
    const database = new Postgresql("db", db);
    const state = { kind: "shared", databaseUrl: database.url, after: database } as const;
    new EcommerceSite("shop", site({ state }, { packages: ["nodejs"] }));
  }, GENERATED);
  const needs = ["shop-rs1-curl", "shop-rs1-nodejs", "shop-rs1-user"];
  expect(only(registered, "Release", "shop-rs1").dependsOn).toEqual(
    expect.arrayContaining([...needs, "shop-release-key"]),
  );
  const ofDatabase = registered.filter(({ parent }) => parent === "db").map(({ name }) => name);
  const { dependsOn } = only(registered, "Rollout");
  for (const host of ["rs1", "rs2"])
    expect(dependsOn).toEqual(expect.arrayContaining([`shop-${host}`, `shop-${host}-nginx`]));
  expect(dependsOn).toEqual(expect.arrayContaining(ofDatabase));
  expect(ofDatabase.length).toBeGreaterThan(1);
});

test("passwords and URLs are secrets, wherever they go; the release's name tells nothing of them", async () => {
  const state = { kind: "shared", databaseUrl: "postgresql://shop:HIDDEN@db/shop" } as const;
  const secrets = { SECRET_KEY: pulumi.output("HIDDEN") };
  const registered = await declare({ state }, { secrets, environment: { SHOP_NAME: "Outfitters" } });
  const environment = { DATABASE_URL: "postgresql://shop:HIDDEN@db/shop", SECRET_KEY: "HIDDEN" };
  expect(releaseOf(registered).environment).toEqual(secret({ PORT: "8000", SHOP_NAME: "Outfitters", ...environment }));
  for (const { name, inputs, secretOutputs } of registered.filter(({ type }) => type.endsWith(":Release"))) {
    expect(JSON.stringify({ ...inputs, environment: "" })).not.toContain("HIDDEN");
    expect([name, secretOutputs]).toEqual([name, ["environment", "declared"]]);
  }
  const others = registered.filter(({ type }) => !type.endsWith(":Release"));
  expect(JSON.stringify(others)).not.toContain("HIDDEN");
  expect(only(registered, "Rollout").inputs.release).toMatch(/^[0-9a-f]{32}$/);
});

const base = { environment: { A: "1", B: "2" }, secrets: { S: "3" }, memory: "400M" };
const same: [what: string, more: Partial<EcommerceSiteArgs>, its: Partial<ApplicationArgs>][] = [
  ["the artefact's path", {}, { artefact: { path: "elsewhere.tar.gz", sha256 } }],
  ["how it is asked", {}, { ready: { path: "/other", within: 5 } }],
  ["what is prepared", {}, { prepare: ["node", "migrate.js"] }],
  ["packages", {}, { packages: ["nodejs"] }],
  ["what nginx serves", {}, { static: { "/static/": "static" } }],
  ["the order of the environment", {}, { environment: { B: "2", A: "1" } }],
  ["servers", { servers: [{ host: rs2, address: "172.17.111.222" }] }, {}],
  ["how many are kept", { keep: 7, deleteData: true, alone: "interrupt" }, {}],
];
const others: [what: string, more: Partial<EcommerceSiteArgs>, its: Partial<ApplicationArgs>][] = [
  ["the artefact", {}, { artefact: { path: "shop.tar.gz", sha256: "1f".repeat(32) } }],
  ["the command", {}, { start: ["node", "other.js"] }],
  ["a variable", {}, { environment: { A: "1", B: "9" } }],
  ["a secret", {}, { secrets: { S: "9" } }],
  ["the memory", {}, { memory: "500M" }],
  ["the port", {}, { port: 9000 }],
  ["a shared folder", {}, { shared: { MEDIA: { name: "media" } } }],
  ["the database", { state: { kind: "shared", databaseUrl: "postgresql://db/" } }, {}],
];
test("another release is what runs otherwise, and nothing else", async () => {
  const variants = [["as it is", {}, {}] as const, ...same, ...others];
  const registered = await register(() => {
    for (const [what, more, its] of variants)
      new EcommerceSite(what, site({ site: "shop", ...more }, { ...base, ...its }));
  }, GENERATED);
  const names = variants.map(([what]) => releaseOf(registered, `${what}-rs2`).release);
  const [name] = names;
  expect(variants.filter((_, i) => names[i] !== name).map(([what]) => what)).toEqual(others.map(([what]) => what));
  expect(new Set(names).size).toBe(others.length + 1);
  const keyed = await register(() => new EcommerceSite("as it is", site({ site: "shop" }, base)), {
    ...GENERATED,
    Password: { value: "ANOTHER KEY" },
  });
  expect(releaseOf(keyed, "as it is-rs2").release).not.toBe(name);
});

test("servers without IPv6", async () => {
  const configuration = (it: Registered[]) => String(only(it, "File", "shop-rs1-configuration").inputs.content);
  expect(configuration(await declare())).toContain("listen [::]:80");
  expect(configuration(await declare({ ipv6: false }))).not.toContain("[::]");
});

test("folders, the port and the certificate reach nginx, and the paths the application", async () => {
  const registered = await register(() => {
    const certificate = new TlsCertificate("site", { names: [VIP] });
    const shared = { MEDIA_ROOT: { name: "media", url: "/media/" }, SPOOL: { name: "spool" } };
    new EcommerceSite("shop", site({ certificate }, { port: 9000, static: { "/static/": "public" }, shared }));
  }, GENERATED);
  const { content } = only(registered, "File", "shop-rs1-configuration").inputs;
  expect(content).toMatch(/alias "\/srv\/shop\/current\/app\/public\/";/);
  expect(content).toMatch(/alias "\/srv\/shop\/shared\/media\/";/);
  expect(content).not.toContain("spool");
  expect(content).toMatch(/proxy_pass http:\/\/127\.0\.0\.1:9000;[\s\S]*/);
  expect(content).toMatch(/listen 443 ssl/);
  expect(releaseOf(registered)).toMatchObject({
    shared: ["media", "spool"],
    environment: secret({ PORT: "9000", MEDIA_ROOT: "/srv/shop/shared/media", SPOOL: "/srv/shop/shared/spool" }),
  });
});

test("what is prepared: once for a shared state, on each server where it is local", async () => {
  const prepare = ["node", "migrate.js"];
  expect(only(await declare({}, { prepare }), "Rollout").inputs).toMatchObject({ prepare, prepareOn: "each" });
  const state = { kind: "shared", databaseUrl: "postgresql://db/" } as const;
  expect(only(await declare({ state }, { prepare }), "Rollout").inputs).toMatchObject({ prepare, prepareOn: "first" });
  expect(only(await declare(), "Rollout").inputs).not.toHaveProperty("prepare");
});

test("directors, draining and a name of one's own are passed on", async () => {
  const more = { site: "store", directors: [{ host: director, vip: VIP, mark: 7 }], drain: { timeout: 9 } };
  const registered = await declare({ ...more, alone: "interrupt", keep: 5, deleteData: true });
  expect(only(registered, "Rollout").inputs).toMatchObject({
    ...{ site: "store", root: "/srv/store", drain: { timeout: 9 }, alone: "interrupt" },
    directors: [{ host: { name: "director" }, vip: VIP, mark: 7 }],
  });
  expect(releaseOf(registered)).toMatchObject({ site: "store", user: "store", keep: 5, deleteData: true });
  expect(only(registered, "SystemUser", "shop-rs1-user").inputs).toMatchObject({ user: "store" });
});

test("its servers are a cluster's, and serve before the cluster sends them clients", async () => {
  const registered = await register(() => {
    const shop = new EcommerceSite("shop", site());
    new DrCluster("dr", { director, vip: VIP, persistence: {}, realServers: [...shop.servers] });
  }, GENERATED);
  expect(only(registered, "VipAlias", "dr-director-vip").dependsOn).toEqual(
    expect.arrayContaining(["shop", "shop-rs1-nginx"]),
  );
});

describe("a state that is each server's own", () => {
  const clusters: [string, (shop: EcommerceSite, persistence?: object) => unknown][] = [
    [
      "DrCluster",
      (shop, persistence) => new DrCluster("it", { director, vip: VIP, realServers: [...shop.servers], persistence }),
    ],
    [
      "NatCluster",
      (shop, persistence) =>
        new NatCluster("it", {
          ...{ director, vip: VIP, gateway: "172.17.111.1", clients: "10.0.0.0/24", persistence },
          realServers: [...shop.servers],
        }),
    ],
  ];
  test.each(clusters)("is refused by a %s without persistence", async (kind, cluster) => {
    await register(() => {
      const local = new EcommerceSite("shop", site());
      expect(() => cluster(local)).toThrow(
        `${kind} "it": persistence: the site keeps its state on each server alone, so that a client must stay with one server. Declare persistence`,
      );
      cluster(local, { timeout: 60 });
    }, GENERATED);
    await register(() => {
      const state = { kind: "shared", databaseUrl: "postgresql://db/" } as const;
      cluster(new EcommerceSite("shop", site({ state })));
    }, GENERATED);
  });
});
