import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import {
  type ApplicationArgs,
  DrCluster,
  EcommerceSite,
  Password,
  Postgresql,
  type Scheduler,
  TlsCertificate,
  TrafficCheck,
  type VrrpFailoverArgs,
} from "pulumi-lvs";
import { hosts } from "./hosts";
import { shopLan, shopPair } from "./machines";

// Experiment: the tutorial's site with a real shop on it: two servers behind one firewall mark for http and https,
// clients that stay on one server, ldirectord, and a host for the database. In the configuration, `directors: 2` has a
// second director stand in for the first, and `application` another application take the shop's place, property by property.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
const scheduler = config.get<Scheduler>("scheduler") ?? "wlc";
const mark = config.getNumber("mark") ?? 99;
type Addresses = Record<"rs1" | "rs2" | "db", string>;
const addresses: Addresses = {
  ...{ rs1: "172.17.111.234", rs2: "172.17.111.222", db: "172.17.111.200" },
  ...config.getObject<Partial<Addresses>>("addresses"),
};
const serving = config.getObject<("rs1" | "rs2")[]>("realServers") ?? ["rs1", "rs2"];
const checkInterval = config.getNumber("checkInterval") ?? 5;
// Seconds after which a real server that does not answer is out. Default: 5.
const checkTimeout = config.getNumber("checkTimeout");

const pair = config.getNumber("directors", { min: 1, max: 2 }) === 2 ? hosts(shopPair) : undefined;
const machines = pair ?? hosts(shopLan);
const directors = pair ? [pair.director, pair.director2] : [machines.director];

const database = new Postgresql("shop-db", {
  host: machines.db,
  version: config.getNumber("postgresqlVersion") ?? 15,
  address: addresses.db,
  clients: [addresses.rs1, addresses.rs2],
  database: "shop",
  deleteData: config.getBoolean("deleteData") ?? false,
});

const certificate = new TlsCertificate("site", { names: [vip] });

const site = new EcommerceSite("shop", {
  servers: serving.map((name) => ({ host: machines[name], address: addresses[name] })),
  directors: directors.map((host) => ({ host, vip, mark })),
  application: { ...oscar(), ...config.getObject<Partial<ApplicationArgs>>("application") },
  state: { kind: "shared", databaseUrl: database.url, after: database },
  certificate,
  deleteData: config.getBoolean("deleteData") ?? false,
});

const cluster = new DrCluster("shop", {
  ...(pair ? { directors, failover: failover() } : { director: machines.director }),
  ...{ vip, device, scheduler },
  ...{ ports: [80, 443], mark, persistence: { timeout: config.getNumber("timeout") ?? 300 } },
  health: {
    ...{ by: "ldirectord", service: "http", checkPort: 80, request: "ok.html", receive: "OK" },
    globals: { checkInterval, maintenanceDirectory: "/etc/ha.d/maintenance", ...(checkTimeout && { checkTimeout }) },
  },
  realServers: site.servers,
});

/** The directors' own addresses, and the seconds between two adverts: see the experiment ha. */
function failover(): VrrpFailoverArgs {
  const own = { director: "172.17.111.117", director2: "172.17.111.118", ...config.getObject<Addresses>("addresses") };
  const advertInterval = config.getNumber("advertInterval");
  return { by: "vrrp", addresses: [own.director, own.director2], ...(advertInterval && { advertInterval }) };
}

/** The shop of examples/shop, built by `npm run artefact`. */
function oscar(): ApplicationArgs {
  const path = config.require("artefact");
  return {
    artefact: { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") },
    start: ["/usr/bin/python3", "-m", "shop"],
    prepare: ["/usr/bin/python3", "manage.py", "prepare"],
    ready: { path: "/readyz", within: config.getNumber("readyWithin") ?? 180 },
    packages: ["python3"],
    static: { "/static/": "static" },
    shared: { MEDIA_ROOT: { name: "media", url: "/media/" } },
    environment: { ALLOWED_HOSTS: vip, SHOP_NAME: config.get("shopName") ?? "LVS Outfitters" },
    secrets: { SECRET_KEY: new Password("secret-key", { length: 50 }).value },
    memory: "400M",
  };
}

export const url = `http://${vip}/`;

/** Which director has the VIP. Of two: at the last look. */
export const holder = cluster.failover ? cluster.failover.holder : "director";

/** What runs on each server. */
export const running = site.rollout.running;

/** Which real servers were fit at the last look. */
export const health = cluster.checks?.checks.health;

export const { distribution } = new TrafficCheck(
  "traffic",
  {
    url: [`${url}index.html`, `https://${vip}/`],
    requests: config.getNumber("requests") ?? 3,
    timeout: 60,
    insecure: true,
    expect: { persistence: true, failures: 0 },
    triggers: [vip, scheduler, addresses],
  },
  { dependsOn: cluster },
);
