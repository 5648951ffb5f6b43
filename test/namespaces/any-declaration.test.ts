import { createHash } from "node:crypto";
import fc from "fast-check";
import { provider } from "../../provider/index";
import { kinds } from "../../provider/kinds";
import { declared } from "../../provider/model";
import type { Props } from "../../provider/pulumi/handler";
import type { Kind } from "../../provider/reconcile/kind";
import { installPostgresql } from "../engine/database-host";
import { Counts } from "../provider/counts";
import { judge } from "../provider/judge";
import { mutations } from "../provider/mutations";
import type { Host } from "./host";
import { letIn } from "./let-in";
import { declare, Resource, Site } from "./site";
import { SETTLED, snapshot } from "./snapshot";

// Random declarations of the kinds that need no IPVS, and their mutations. Whatever is declared is refused with the name of its
// property, or refused by the host in words that say what of it, or it comes to be so on the host, shows no difference
// afterwards, and goes without a trace.

jest.setTimeout(300_000);

const ADDRESS = "10.77.73.2";
const site = new Site();
let server: Host;

/** How many of what the check accepts are brought to the host, of each kind. To repeat a failure, set the seed that was printed. */
const LIVES = Math.ceil(Number(process.env.LVS_RUNS ?? 200) / 16);
const seed = Number(process.env.LVS_SEED ?? Date.now() % 2 ** 31);
/** How many are on their way at the same time. */
const ABREAST = 4;

const counts = new Counts(`declarations on a host, with the seed ${seed}:`, [
  "refused with the property named",
  "refused by the host",
  "converged",
  "neither",
]);
afterAll(() => counts.tell());

/** A firewall that lets in nothing but SSH, and forwards nothing. */
const FIREWALL = `table inet filter {
  chain input { type filter hook input priority filter; policy drop
    ct state established,related accept
    tcp dport 22 accept
  }
  chain forward { type filter hook forward priority filter; policy drop; }
}`;

const UNITS = ["plain", "with-dash", "dot.ted", "of@one"];

beforeAll(async () => {
  server = await site.host("server", { eth0: [await site.network("10.77.73.1/24"), `${ADDRESS}/24`] });
  await installPostgresql(server);
  await server.run(
    `nft -f -; echo loaded >/etc/any.conf
    for unit in ${UNITS.join(" ")}; do
      printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/$unit.service
      systemctl start $unit.service; systemctl stop $unit.service
    done`,
    FIREWALL,
  );
  await sql("CREATE ROLE keeper");
  // useradd and userdel keep a copy of each former file, and a lock.
  await server.run(`useradd --system before; userdel before; ${SETTLED}`);
});
afterAll(() => site.close());

const sql = (text: string) => server.run(`cd /; runuser -u postgres -- psql -X -q -A -t`, text);

/** The host and its database server, but for the copies that useradd and userdel keep of the former files. */
async function seen(): Promise<string> {
  const lines = (await snapshot(server)).split("\n");
  const isCopy = (line = "") => /^etc \.\/(passwd|group|shadow|gshadow)- /.test(line);
  const rest = lines.filter((line, i) => !isCopy(line) && !(/^[0-9a-f]{64} /.test(line) && isCopy(lines[i - 1])));
  return rest.join("\n") + (await sql("SELECT rolname FROM pg_roles; SELECT datname FROM pg_database"));
}

let programs = 0;
/** Each is of a stack of its own, so that no two contradict each other. */
const owner = () => `lvs/any${programs++}/it`;

interface Given {
  readonly inputs: Props;
  /** The name of the thing on the host. */
  readonly thing: string;
}

/** The declarations and their mutations as far as the check accepts them, each once. The others are counted. */
async function accepted(type: string, bases: readonly Props[], faults: string[]): Promise<Given[]> {
  const kind = kinds.get(type) as Kind;
  const host = declare(server, ADDRESS);
  const check = (inputs: Props) => provider(type).check({}, { __provider: "stub", owner: owner(), host, ...inputs });
  const numbers = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { seed, numRuns: 1000 });
  let next = 0;
  const draw = () => numbers[next++ % numbers.length] as number;
  const all = new Map<string, Given>();
  const take = (inputs: Props) => {
    const { want } = declared(kind.inputs, inputs);
    if (want) all.set(JSON.stringify(want), { inputs, thing: kind.identity(want) });
  };
  for (const base of bases) take(base);
  for (const base of bases)
    for (const mutation of mutations(base, draw)) {
      const { verdict, why } = await judge(type, check, base, mutation);
      if (verdict === "accepted") take(mutation.inputs);
      else counts.add(type, verdict === "refused" ? "refused with the property named" : "neither");
      if (verdict !== "accepted" && verdict !== "refused") faults.push(`${verdict}: ${why}`);
    }
  return [...all.values()];
}

/** Brings one declaration to the host and takes it away again. Returns what is wrong, if anything is. */
async function live(type: string, { inputs, thing }: Given): Promise<string[] | undefined> {
  const one = new Resource(type, { host: declare(server, ADDRESS), ...inputs }, owner());
  const wrong = (what: string) => [`${type} ${thing.slice(0, 100)} ${JSON.stringify(inputs).slice(0, 300)}: ${what}`];
  try {
    await one.create();
  } catch (error) {
    const { message } = error as Error;
    if (one.id) await one.delete();
    const names = Object.values(inputs).some((value) => message.includes(String(value)));
    counts.add(type, names ? "refused by the host" : "neither");
    return names && /^host server: /.test(message) ? undefined : wrong(message);
  }
  const isThere = await one.read();
  const differences = isThere ? await one.differences() : [];
  await one.delete();
  const isSo = isThere && differences.length === 0;
  counts.add(type, isSo ? "converged" : "neither");
  return isSo ? undefined : wrong(isThere ? `it differs in ${differences}` : "it is not there");
}

/**
 * @param bases any declarations
 * @param fits which of the mutations that the check accepts may be brought to this host
 */
async function any(type: string, bases: fc.Arbitrary<Props>, fits: (inputs: Props) => boolean = () => true) {
  const faults: string[] = [];
  const drawn = fc.sample(bases, { seed, numRuns: Math.ceil(LIVES / 2) });
  const all = (await accepted(type, drawn, faults)).filter(({ inputs }) => fits(inputs));
  // The declarations themselves, and as many mutations from all parts of the list.
  const step = Math.max(1, Math.floor((all.length - drawn.length) / (LIVES / 2)));
  const chosen = all.filter((_, i) => i < drawn.length || i % step === 0).slice(0, LIVES);
  const before = await seen();
  // What is said of one thing is said one after the other.
  const things = [...new Set(chosen.map(({ thing }) => thing))];
  const lane = async () => {
    for (let thing = things.shift(); thing !== undefined; thing = things.shift())
      for (const one of chosen.filter((other) => other.thing === thing))
        faults.push(...((await live(type, one)) ?? []));
  };
  await Promise.all(Array.from({ length: ABREAST }, lane));
  expect(faults).toEqual([]);
  expect(await seen()).toBe(before);
}

const byte = fc.integer({ min: 1, max: 254 });
const source = fc.oneof(
  fc.tuple(byte, byte).map(([a, b]) => `172.16.${a}.${b}`),
  fc.tuple(byte, fc.constantFrom(24, 25)).map(([a, prefix]) => `172.17.${a}.0/${prefix}`),
  fc.tuple(byte, fc.constantFrom("::/64", "::9", ":0:0:0:AB/128")).map(([a, rest]) => `fd00:0:0:${a}${rest}`),
);

test("what is let in", () => any("FirewallRule", letIn(source, ["eth0", "lo", "br-lan.7", "a_b@c", "not-there"])));

test("what is forwarded", () => any("ForwardRule", fc.record({ source })));

/** Any name that a file can have. */
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/[/\n\0]|^\.{1,2}$/.test(text) && Buffer.byteLength(text) < 200);

test("files, of which some were there", async () => {
  const folders = fc.constantFrom("/srv/any", "/srv/any/folder of it", "/srv/any/a/b/c");
  const mode = fc.oneof(
    fc.nat(0o7777).map((bits) => bits.toString(8).padStart(4, "0")),
    fc.nat(0o777).map((bits) => bits.toString(8).padStart(3, "0")),
  );
  const account = fc.constantFrom("root", "daemon", "1", "0", "nobody", "4294967294");
  const path = fc.tuple(folders, name).map((parts) => parts.join("/"));
  const content = fc.string({ unit: "binary", maxLength: 300 });
  const present = fc.record(
    { path, content, mode, user: account, group: account.filter((one) => one !== "nobody") },
    { requiredKeys: ["path"] },
  );
  const absent = fc.record({ path, state: fc.constant("absent") });
  const files = fc.oneof({ weight: 4, arbitrary: present }, absent);
  const byHand = fc.sample(files, { seed, numRuns: 6 }).map(({ path }) => path);
  for (const [i, path] of byHand.entries())
    if (i % 2 === 0)
      await server.run(
        `path=$(cat; echo x); path=\${path%x}; mkdir -p "\${path%/*}"; printf 'found\\0' >"$path"; chmod 2640 "$path"; chown 7:8 "$path"`,
        path,
      );
  // The folders of other paths are the machine's own.
  await any("File", files, ({ path }) => String(path).startsWith("/srv/any/"));
});

test("users, of which some were there", async () => {
  const names = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,20}$/);
  await any(
    "SystemUser",
    fc.record({ user: fc.oneof({ weight: 4, arbitrary: names }, fc.constantFrom("daemon", "www-data")) }),
  );
});

test("units", async () => {
  const sha256 = createHash("sha256").update("loaded\n").digest("hex");
  const units = fc.record(
    {
      unit: fc.constantFrom(...UNITS, ...UNITS.map((unit) => `${unit}.service`)),
      ...{ enabled: fc.boolean(), running: fc.boolean(), reload: fc.constantFrom("reload", "restart") },
      configuration: fc.constant({ "/etc/any.conf": sha256 }),
    },
    { requiredKeys: ["unit"] },
  );
  // The hosts' systemctl enables what is not there. Nobody compares the files of a unit that does not run before a refresh.
  const isThere = ({ unit, enabled }: Props) =>
    enabled === false || UNITS.some((one) => [one, `${one}.service`].includes(String(unit)));
  const isLoaded = ({ running, configuration = {} }: Props) =>
    running !== false ||
    Object.entries(configuration as object).every(([path, now]) => path === "/etc/any.conf" && now === sha256);
  const fits = (inputs: Props) => isThere(inputs) && isLoaded(inputs);
  await any("SystemdService", units, fits);
});

test("packages that are there, which a delete leaves", async () => {
  const lines = (await server.run(`dpkg-query -W -f '\${binary:Package} \${Version}\\n'`)).trim().split("\n");
  const there = fc.constantFrom(...lines.map((line) => line.split(" ") as [string, string]));
  const packages = there.chain(([name, version]) =>
    fc.record(
      { package: fc.constant(name), version: fc.constant(version), removeOnDelete: fc.boolean() },
      { requiredKeys: ["package"] },
    ),
  );
  const isThere = new Set(lines);
  const names = new Set(lines.map((line) => line.split(" ")[0]));
  // What is not there would be asked of the distribution.
  const fits = ({ package: name, version, file }: Props) =>
    file === undefined && (version === undefined ? names.has(String(name)) : isThere.has(`${name} ${version}`));
  await any("Package", packages, fits);
});

const identifier = fc.oneof(
  fc
    .stringMatching(/^[a-z_][a-z0-9_]{0,30}$/)
    .filter((text) => !/^(pg_|postgres$|public$|none$|template[01]$)/.test(text)),
  fc.constantFrom("user", "select", "table", "order", "all", "x".repeat(63)),
);
/** What is not there after a delete. */
const goes = ({ deleteData }: Props) => deleteData === true;

test("roles of PostgreSQL", async () => {
  const unit = fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code));
  const password = fc.string({ unit, minLength: 1, maxLength: 60 });
  await any("PostgresqlRole", fc.record({ name: identifier, password, deleteData: fc.constant(true) }), goes);
});

test("databases of PostgreSQL", async () => {
  const how = { role: fc.constantFrom("keeper", "postgres"), deleteData: fc.constant(true) };
  const encoding = fc.constantFrom("UTF8", "SQL_ASCII", "LATIN1");
  await any(
    "PostgresqlDatabase",
    fc.record({ name: identifier, ...how, encoding }, { requiredKeys: ["name", "role", "deleteData"] }),
    goes,
  );
});
