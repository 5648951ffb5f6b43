import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as lvs from "../../sdk/index";
import { artefact, removeArtefacts } from "../artefact";
import { type Given, givenTo, programsOf, runProgram } from "../guide";
import { loadedAnew } from "../kernel/loaded-anew";
import { keyPair } from "../key-pair";
import { GENERATED, type Registered, register, unmarked } from "./registered";

jest.mock("pulumi-lvs", () => jest.requireActual("../../sdk/index"), { virtual: true });

// Each program of README and the guides runs, and the provider accepts what it declares. A test of namespaces runs one
// of them on a host as well.

const warned = jest.spyOn(console, "warn").mockImplementation(() => {});
afterEach(() => {
  // Nothing is known to fail in what a guide shows.
  const told = warned.mock.calls.map(([said]) => said);
  warned.mockClear();
  expect(told).toEqual([]);
});
afterAll(removeArtefacts);

const hostKey = keyPair().public;
const host = (name: string, address: string) => new lvs.Host(name, { address, hostKey });
const director = () => host("director", "172.17.111.2");
const directors = () =>
  Object.fromEntries([1, 2, 3].map((n) => [`director${n}`, host(`director${n}`, `172.17.111.${n + 1}`)]));
const servers = (network: string) => ({ rs1: host("rs1", `${network}11`), rs2: host("rs2", `${network}12`) });
const realServers = (network: string) =>
  Object.values(servers(network)).map((one, i) => ({ host: one, address: `${network}1${i + 1}` }));
const config = { requireSecret: () => pulumi.secret("a password") };
const OUTPUTS = { ...GENERATED, Release: { machine: "0123456789abcdef0123456789abcdef" } };
const app = artefact({ "server.pl": "" });

interface Row {
  readonly guide: string;
  /** A text that one program of the guide has. */
  readonly having: string;
  /** What the program is given. It is made within the program's run. */
  readonly given?: () => Given;
  readonly configuration?: Readonly<Record<string, string>>;
  /** Some of what it declares: "VirtualService dns-53". */
  readonly declares: readonly string[];
}

const rows: readonly Row[] = [
  {
    guide: "README.md",
    having: 'new NatCluster("shop"',
    declares: ["VirtualService shop-80", "Route shop-rs2-default", "TlsCertificate site", "TrafficCheck traffic"],
  },
  {
    guide: "docs/in-place-of-ansible.md",
    having: "SystemdService(",
    configuration: { web: '{"address":"192.0.2.10"}', gateway: "192.0.2.1" },
    declares: ["File page", "File unit", "Package python", "Route office", "Sysctl keepalive", "SystemdService hello"],
  },
  {
    guide: "docs/udp.md",
    having: "new NatCluster(",
    given: () => ({ named: { director: director(), realServers: realServers("10.0.0.") } }),
    declares: ["VirtualService dns-53", "VirtualService dns-53-udp"],
  },
  {
    guide: "docs/udp.md",
    having: "new DrCluster(",
    given: () => ({ named: { director: director(), realServers: realServers("192.0.2.") } }),
    declares: ["FirewallMark shop-packets", "FirewallMark shop-packets-udp", "VirtualService shop-mark-99"],
  },
  {
    guide: "docs/health-checks.md",
    having: 'by: "ldirectord"',
    given: () => ({ named: { director: director(), realServers: realServers("172.17.111.") } }),
    declares: ["HealthChecks shop-health"],
  },
  {
    guide: "docs/health-checks.md",
    having: "sorryServer",
    given: () => ({
      leftOut: {
        ...{ director: director(), vip: "172.17.111.111", gateway: "10.0.0.1", realServers: realServers("10.0.0.") },
      },
    }),
    declares: ["HealthChecks site-health"],
  },
  {
    guide: "docs/rollouts.md",
    having: "canary: true",
    given: () => ({ leftOut: shop(), named: {} }),
    declares: ["Rollout shop", "Release shop-rs2"],
  },
  {
    guide: "docs/rollouts.md",
    having: "onDirectorDown",
    given: () => ({ leftOut: shop(), named: directors() }),
    declares: ["Rollout shop"],
  },
  {
    guide: "docs/ha.md",
    having: "directors: [director1, director2]",
    given: () => ({ named: { ...directors(), realServers: realServers("172.17.111.") } }),
    declares: [
      "VrrpInstance shop-keepalived-director2",
      "ConnectionSync shop-sync-director1",
      "Failover shop-failover",
    ],
  },
  {
    guide: "docs/ha.md",
    having: "// was:",
    given: () => ({ named: { ...directors(), realServers: realServers("172.17.111.") } }),
    declares: ["VrrpInstance shop-keepalived-director3", "Handover shop-handover"],
  },
  {
    guide: "docs/ha.md",
    having: "new TrafficCheck(",
    given: () => {
      const { director1, director2 } = directors() as Record<string, lvs.Host>;
      const failover = { by: "vrrp" as const, addresses: ["172.17.111.2", "172.17.111.3"] };
      const cluster = new lvs.DrCluster("shop", {
        ...{ directors: [director1 as lvs.Host, director2 as lvs.Host], failover, vip: "172.17.111.111" },
        realServers: realServers("172.17.111."),
      });
      return { named: { cluster } };
    },
    declares: ["TrafficCheck failover"],
  },
  {
    guide: "docs/ha.md",
    having: 'protocol: "vrrp"',
    given: () => ({ named: directors() }),
    declares: ["FirewallRule director1-vrrp", "FirewallRule director2-sync"],
  },
  {
    guide: "docs/ecmp.md",
    having: "-bfd`",
    given: () => ({ named: directors() }),
    declares: ["FirewallRule director1-bfd"],
  },
  {
    guide: "docs/ecmp.md",
    having: "password: config",
    given: () => ({ named: { ...directors(), config, realServers: realServers("10.0.0.") } }),
    declares: ["BgpAnnouncement shop-bird-director3", "VirtualService shop-80-director1"],
  },
  {
    guide: "docs/ecmp.md",
    having: "health:",
    given: () => {
      const named = { ...directors(), config, realServers: realServers("10.0.0.") };
      return { leftOut: givenTo("DrCluster", "docs/ecmp.md", "password: config", { named })[1] };
    },
    declares: ["BgpAnnouncement shop-bird-director3", "HealthChecks shop-health-director1"],
  },
  {
    guide: "docs/metrics.md",
    having: "new Metrics(",
    given: () => ({ named: { ...directors(), ...servers("172.17.111.") } }),
    declares: ["SystemdService shop-director2-figures", "SystemdService shop-rs1-exporter"],
  },
  {
    guide: "docs/shop.md",
    having: "new EcommerceSite(",
    given: () => ({
      words: { "shop.tar.gz": app.path, 'sha256: "…"': `sha256: "${app.sha256}"` },
      named: {
        ...{ director: director(), db: host("db", "172.17.111.200"), ...servers("172.17.111.") },
        certificate: new lvs.TlsCertificate("shop", { names: ["172.17.111.111"] }),
        health: { by: "ldirectord", service: "http", checkPort: 80, request: "ok.html", receive: "OK" },
      },
    }),
    declares: ["PostgresqlRole shop-db-role", "Rollout shop", "Password secret-key", "HealthChecks shop-health"],
  },
];

/** What the programs about rollouts leave out. */
function shop() {
  return {
    servers: realServers("172.17.111."),
    directors: [{ host: director(), vip: "172.17.111.111" }],
    application: { artefact: app, start: ["/usr/bin/perl", "server.pl"], ready: { path: "/readyz" } },
    state: { kind: "shared", databaseUrl: "postgresql://shop@172.17.111.200/shop" },
  };
}

/** What the provider has against resources, as `pulumi preview` asks it. The provider is a process of its own for each program. */
async function refused(registered: readonly Registered[]): Promise<string[]> {
  const { provider } = loadedAnew(() => require("../../provider/index") as typeof import("../../provider/index"));
  const all: string[] = [];
  for (const { type, name, inputs } of registered) {
    const kind = /^pulumi-nodejs:dynamic\/lvs:(.*)$/.exec(type)?.[1];
    if (!kind) continue;
    const { __provider: _, ...given } = unmarked(inputs) as Record<string, unknown>;
    const { failures } = await provider(kind).check({}, given);
    all.push(...failures.map(({ property, reason }) => `${kind} ${name}: ${property}: ${reason}`));
  }
  return all;
}

test.each(rows)("$guide: $having", async ({ guide, having, given, configuration = {}, declares }) => {
  const registered = await register(() => {
    const all = Object.entries(configuration).map(([key, value]) => [`shop:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(all));
    runProgram(guide, having, given?.());
  }, OUTPUTS);
  const names = registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
  expect(names).toEqual(expect.arrayContaining([...declares]));
  expect(await refused(registered)).toEqual([]);
});

/** Code in pieces, and machines on a libvirt, which `test/sdk/lab/machines.test.ts` has. */
const NOT_RUN = ["docs/adding-a-kind.md: Link", "docs/ha.md: qemu+ssh"];

test("every program of README and the guides is among them", () => {
  const root = join(__dirname, "../..");
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`);
  const guides = [
    "README.md",
    "DESIGN.md",
    ...docs.filter((name) => /\.md$/.test(name) && !/^docs\/\.site/.test(name)),
  ];
  const run = rows.map(({ guide, having }) => `${guide}: ${having}`).concat(NOT_RUN);
  const left = guides.flatMap((guide) =>
    programsOf(guide).filter(
      ({ code }) => !run.some((one) => one.startsWith(`${guide}: `) && code.includes(one.slice(guide.length + 2))),
    ),
  );
  expect(left.map(({ from }) => from)).toEqual([]);
});
