import fc from "fast-check";
import { kinds } from "../../provider/kinds";
import { entryName } from "../../provider/reconcile/entry-name";
import type { Kind } from "../../provider/reconcile/kind";
import { keptFile } from "../../provider/reconcile/ledger";

// The names of things on a host. Two things never have one name.

/** Texts that are near one another, with the characters of names, their escapes, and the endings of files beside an entry. */
const piece = fc.constantFrom(
  "a",
  "b",
  "/",
  ":",
  "_",
  "-",
  ".",
  " ",
  "%",
  "%2F",
  "%2E",
  "1",
  "::1",
  ".found",
  ".new",
  "ü",
  "\ud800",
  "\udc00",
  "\n",
);
const short = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""));
const long = fc
  .tuple(fc.constantFrom("a", "/x", "é"), fc.integer({ min: 30, max: 160 }), short)
  .map(([one, times, end]) => one.repeat(times) + end);
/** An identity that is spelled like the shortened name of another. */
const forged = long.map((other) => {
  const name = entryName("File", other);
  return name.length === 145 ? name.slice("File.".length).replaceAll("%2F", "/") : other;
});
const identity = fc.oneof(short, long, forged, fc.string({ unit: "binary", maxLength: 300 }));

test("names differ where identities differ, fit a file system, and are no path", () => {
  fc.assert(
    fc.property(fc.uniqueArray(identity, { minLength: 2, maxLength: 30 }), (identities) => {
      const names = identities.map((one) => entryName("File", one));
      // The files beside an entry, and the undo of a risky step, are names as well.
      const beside = names.flatMap((name) => [name, `${name}.found`, `${name}.new`, `${name}.found.new`]);
      expect(new Set(beside).size).toBe(4 * identities.length);
      for (const name of beside) expect(name).toMatch(/^File\.[\w.!~*'()%-]{0,220}$/);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["/etc/motd", "File.%2Fetc%2Fmotd"],
  ["/etc/motd.found", "File.%2Fetc%2Fmotd%2Efound"],
  ["/etc/motd.new", "File.%2Fetc%2Fmotd%2Enew"],
  ["/etc/motd%2Efound", "File.%2Fetc%2Fmotd%252Efound"],
])("%s is %s", (path, name) => {
  expect(entryName("File", path)).toBe(name);
  expect(keptFile("File", path)).toBe(`/var/lib/lvs/ledger/${name}.found`);
});

const address = fc.constantFrom(
  "2001:db8::1:1",
  "2001:db8:1::1",
  "2001:db8::11",
  "10.0.0.1",
  "10.0.0.11",
  "10.0.0.111",
);
const device = fc.constantFrom("eth0", "eth0.5", "eth0_5", "eth0-5", "any", "a", "a-b", "b");
const network = fc.constantFrom(
  "10.0.0.0/8",
  "10.0.0.0/16",
  "10.0.0.0",
  "10.0.0.0/24",
  "2001:db8::/64",
  "2001:db8::/65",
);
const table = fc.constantFrom("main", "254", "100", "64", "default", "253", "blue");
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

/** Declarations of each kind that acts at boot. */
const declarations: Record<string, fc.Arbitrary<object>> = {
  VipAlias: fc.record({ address, device }),
  Link: fc.record({ device }),
  Masquerade: fc.record({ source: network, outInterface: optional(device) }),
  FirewallMark: fc.record({
    ...{ mark: fc.integer({ min: 1, max: 12 }), address },
    ...{ protocol: fc.constantFrom("tcp", "udp"), ports: fc.constant([80]) },
  }),
  FirewallRule: fc.record({
    port: fc.constantFrom(80, 8000, "80-8000"),
    ...{ source: optional(network), inInterface: optional(device) },
  }),
  Route: fc.record({
    to: fc.oneof(fc.constant("default"), network, address),
    ...{ via: address, metric: fc.constantFrom(0, 1, 1024), table },
  }),
  RoutingRule: fc.record({
    priority: fc.constantFrom(1, 11, 111),
    ...{ from: optional(network), to: optional(network), mark: optional(fc.constantFrom(1, 16)) },
    ...{ inInterface: optional(device), family: optional(fc.constantFrom("ipv4", "ipv6")), table },
  }),
  Sysctl: fc.record({
    key: fc
      .tuple(fc.constantFrom("ipv4", "ipv6"), device, fc.boolean())
      .map(([family, of, dotted]) =>
        dotted ? `net.${family}.conf.${of.replace(".", "/")}.x` : `net/${family}/conf/${of}/x`,
      ),
    value: fc.constant("1"),
  }),
  VirtualService: fc.record({
    ...{ address, port: fc.constantFrom(8, 80), protocol: fc.constantFrom("tcp", "udp") },
    ...{ forwarding: fc.constant("nat"), destinations: fc.constant({}) },
  }),
  KernelModule: fc.record({ module: fc.constantFrom("ip_vs", "ip-vs", "ip_vs_wrr") }),
};

test.each(Object.keys(declarations))(
  "%s: two things share neither entry nor boot file, and one thing has one",
  (name) => {
    const kind = kinds.get(name) as Kind;
    const valid = (declarations[name] as fc.Arbitrary<object>)
      .map((inputs) => kind.inputs.safeParse(inputs).data)
      .filter((want) => want !== undefined);
    fc.assert(
      fc.property(valid, valid, (one, other) => {
        const isSame = kind.identity(one) === kind.identity(other);
        const [a, b] = [one, other].map((want) => kind.boot?.(want).map(({ path }) => path));
        expect(a).toHaveLength(1);
        expect(JSON.stringify(a) === JSON.stringify(b)).toBe(isSame);
        expect(entryName(name, kind.identity(one)) === entryName(name, kind.identity(other))).toBe(isSame);
        for (const path of a ?? []) expect(Buffer.byteLength(path.replace(/.*\//, ""))).toBeLessThan(256);
      }),
      { numRuns: 400 },
    );
  },
);

test.each([
  ["Route", { to: "default", via: "10.0.0.1", table: "254" }, { to: "default", via: "10.0.0.9", table: "main" }],
  ["Route", { to: "default", via: "fd00::1", metric: 1024 }, { to: "default", via: "fd00::1", table: "254" }],
  ["Route", { to: "::/0", via: "fd00::1" }, { to: "default", via: "fd00::1" }],
  ["RoutingRule", { priority: 9, table: "254" }, { priority: 9, table: "main" }],
  ["Sysctl", { key: "net/ipv4/ip_forward", value: 1 }, { key: "net.ipv4.conf.all.forwarding", value: 0 }],
])("%s: spellings of one thing are one identity", (name, one, other) => {
  const kind = kinds.get(name) as Kind;
  expect(kind.identity(kind.inputs.parse(one))).toBe(kind.identity(kind.inputs.parse(other)));
});

test.each([
  ["PostgresqlRole", { name: "shop", password: "x" }],
  ["PostgresqlDatabase", { name: "shop", role: "shop" }],
])("%s: of two servers on one host are two", (name, inputs) => {
  const kind = kinds.get(name) as Kind;
  const at = (port?: number) => kind.identity(kind.inputs.parse({ ...inputs, port }));
  expect([at(), at(5432), at(5433)]).toEqual(["shop", "shop", "shop 5433"]);
});
