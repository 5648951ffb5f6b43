import fc from "fast-check";
import type { Session } from "../../provider/host/command";
import { declaredHost } from "../../provider/host/declared";
import { each } from "../../provider/host/fact";
import { withSession } from "../../provider/host/pool";
import { kinds } from "../../provider/kinds";
import { declared, isAddress, isLabel } from "../../provider/model";
import type { Kind } from "../../provider/reconcile/kind";
import { apply, read, remove } from "../../provider/reconcile/reconcile";
import { letIn } from "../namespaces/let-in";
import { SETTLED } from "../namespaces/snapshot";
import { Counts } from "../provider/counts";
import { type KernelHost, type Release, SharedKernel } from "./kernel";

// The kernel's other tables: addresses, routes, settings, and rules by iptables. Any declaration that the check accepts
// must converge and can be deleted.

jest.setTimeout(300_000);

/**
 * The number of random things of each kind, and the seed. To repeat a failure, set the seed that fast-check printed.
 */
const crowd = Math.ceil(Number(process.env.LVS_RUNS ?? (process.env.LVS_THOROUGH ? 200 : 100)) / 10);
const seed = process.env.LVS_SEED ? { seed: Number(process.env.LVS_SEED) } : {};

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

const counts = new Counts("declarations on a real kernel:", ["converged, and gone"]);
afterAll(() => counts.tell());

/** As long as an interface's name can be, and one with a dot. */
const LONG = "enx001122334455";
const DOTTED = "br-lan.7";

let host: KernelHost;

/** The tests of a block run on a kernel of this release. */
function on(release: Release): void {
  let kernel: SharedKernel;
  beforeAll(async () => {
    kernel = await SharedKernel.boot(release);
    host = await kernel.host("director", { eth0: ["lan", "10.0.0.2/24", "2001:db8::2/64"] });
    await host.run(
      `ip link add ${LONG} type dummy; ip link add ${DOTTED} type dummy; ip link set ${LONG} up; ip link set ${DOTTED} up`,
    );
    await host.run(SETTLED);
  });
  afterAll(() => kernel?.end());
}

interface One {
  change: { readonly had?: object; readonly want?: object };
  found?: unknown;
  seen?: unknown;
}

/**
 * Makes all things of a kind in one trip, because trips are what takes time here. Risky steps and steps that wait have
 * tests of their own.
 */
async function make(kind: Kind, session: Session, all: readonly One[], act = true): Promise<void> {
  const steps = act ? all.flatMap(({ change, found, seen }) => kind.plan({ ...change, found }, seen)) : [];
  const there = each(all.map(({ change }) => kind.look(change)));
  const answer = await session.run({ steps: steps.map(({ run }) => run), looks: there.ask });
  expect(answer.steps.filter(({ exit }) => exit !== 0)).toEqual([]);
  for (const [i, seen] of there.read(answer.looks).entries()) (all[i] as One).seen = seen;
}

function expectConverged(kind: Kind, all: readonly One[]): void {
  for (const { change, found, seen } of all) {
    const want = change.want as Record<string, unknown>;
    const which = kind.identity(want);
    expect({ which, left: kind.plan({ ...change, found }, seen) }).toEqual({ which, left: [] });
    const all: object = plain(kind.report(want, seen));
    const reported = Object.fromEntries(Object.entries(all).filter(([key]) => !kind.outputs?.includes(key)));
    const wanted = plain(Object.fromEntries(Object.keys(reported).map((key) => [key, want[key]])));
    expect({ which, reported }).toEqual({ which, reported: wanted });
  }
}

const TABLES = "ip address; ip rule; ip -6 rule; ip -6 route show table all; ip route show table all";
const RULES = "for tables in iptables ip6tables; do $tables -t nat -S; $tables -t mangle -S; $tables -S; done";
let snapshot = TABLES;

/**
 * Declares one thing twice, with different inputs, and this for many things at a time.
 *
 * @param thing what no two of the things have in common; by default what the kind says
 */
async function converges(
  name: string,
  things: fc.Arbitrary<readonly [object, object]>,
  many = crowd,
  thing?: (want: never) => string,
): Promise<void> {
  const kind = kinds.get(name) as Kind;
  const parse = (inputs: object) => kind.inputs.parse(inputs);
  const selector = ([first]: readonly [object, object]) => (thing ?? kind.identity)(parse(first) as never);
  const all = fc.uniqueArray(things, { minLength: many, maxLength: many, selector });
  const property = fc.asyncProperty(all, (chosen) =>
    withSession(declared(declaredHost, host.declare()).want as never, async (session) => {
      const before = lasting(await host.run(snapshot));
      const ours = chosen.map(([first]): One => ({ change: { want: parse(first) } }));
      await make(kind, session, ours, false);
      const found = plain(ours.map(({ seen }) => seen));
      for (const one of ours) one.found = one.seen;
      await make(kind, session, ours);
      expectConverged(kind, ours);
      for (const [i, one] of ours.entries())
        one.change = { had: one.change.want as object, want: parse(chosen[i]?.[1] as object) };
      await make(kind, session, ours);
      expectConverged(kind, ours);
      for (const one of ours) one.change = { had: one.change.want as object };
      await make(kind, session, ours);
      const again = chosen.map(([first]): One => ({ change: { want: parse(first) } }));
      await make(kind, session, again, false);
      expect(plain(again.map(({ seen }) => seen))).toEqual(found);
      expect(lasting(await host.run(snapshot))).toBe(before);
      counts.add(name, "converged, and gone", 2 * many);
    }),
  );
  await fc.assert(property, { ...seed, numRuns: 1, endOnFailure: true });
}

/** The snapshot without what changes by itself. */
function lasting(snapshot: string): string {
  return snapshot.replace(/ (valid|preferred)_lft \w+/g, "");
}

const byte = fc.integer({ min: 1, max: 254 });
const group = fc.nat(0xffff).map((part) => part.toString(16));
const four = fc.tuple(byte, byte, byte).map(([a, b, c]) => `172.${a}.${b}.${c}`);
const six = fc.tuple(group, group, group, group).map((groups) => `fd00:0:0:9:${groups.join(":")}`);
/** Any spelling that is accepted. */
const spelled = six.map((text) => text.toUpperCase().replace("FD00:0:0:9", "fd00:0000::9"));
const address = fc.oneof(
  four,
  six,
  spelled.filter((text) => isAddress(text)),
);
const port = fc.integer({ min: 1, max: 65535 });
const unchanged = <T>(one: fc.Arbitrary<T>) => one.map((it) => [it, it] as const);

/** Sets the bits after the prefix to 0. */
const network = fc.oneof(
  fc.tuple(fc.nat(2 ** 32 - 1), fc.integer({ min: 8, max: 32 })).map(([bits, prefix]) => {
    const base = ((0xac000000 | (bits & 0xffffff)) & (2 ** 32 - 2 ** (32 - prefix))) >>> 0;
    return `${[24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join(".")}/${prefix}`;
  }),
  fc
    .tuple(group, fc.constantFrom(64, 60, 48))
    .map(([part, prefix]) =>
      prefix === 64 ? `fd00:1:${part}::/64` : prefix === 60 ? `fd00:2:${part}:10::/60` : `fd00:3:${part}::/48`,
    ),
  six.map((host) => `${host}/128`),
);

describe("rules", () => {
  on("bookworm");
  beforeAll(async () => {
    // The kernel makes the tables of rules when somebody first reads them. The snapshot needs them.
    for (const tables of ["iptables", "ip6tables"]) await host.run(`${tables} -t nat -S; ${tables} -t mangle -S`);
    snapshot = `${TABLES}; ${RULES}`;
  });
  afterAll(() => {
    snapshot = TABLES;
  });

  test("marks, by iptables", async () => {
    const range = fc.tuple(port, fc.nat(100)).map(([first, more]) => `${first}-${Math.min(first + more, 65535)}`);
    const ports = fc.array(fc.oneof(port, port, range), { minLength: 1, maxLength: 4 });
    const marks = fc.oneof(fc.constantFrom(1, 2 ** 31, 2 ** 32 - 1), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
    const things = fc.record({
      mark: marks,
      address,
      protocol: fc.constantFrom("tcp", "udp", "sctp"),
      first: ports,
      second: fc.oneof(ports, fc.constant([])),
    });
    await converges(
      "FirewallMark",
      things.map(({ first, second, ...rest }) => [
        { ...rest, ports: first },
        { ...rest, ports: second },
      ]),
      crowd / 2,
    );
  });

  test("masquerading, by iptables", async () => {
    const outInterface = fc.constantFrom("eth0", "lo", "br-lan.7", "enx001122334455", "a_b@c");
    await converges(
      "Masquerade",
      unchanged(fc.record({ source: network, outInterface }, { requiredKeys: ["source"] })),
      crowd / 2,
    );
  });

  /** Chains that may drop packets, but for those by which this test reaches the host. */
  async function filtered(chain: "INPUT" | "FORWARD", work: () => Promise<void>): Promise<void> {
    const change = (verb: string) =>
      host.run(`for tables in iptables ip6tables; do $tables -${verb} ${chain} -i eth0 -j DROP; done`);
    await change("A");
    await work();
    await change("D");
  }

  test("what is let in, by iptables", async () => {
    const rules = letIn(network, ["eth0", "lo", DOTTED, LONG, "a_b@c"]);
    await filtered("INPUT", () => converges("FirewallRule", unchanged(rules), crowd / 2));
  });

  test("what is forwarded, by iptables", async () => {
    const things = fc.record({ source: network.filter((one) => !one.endsWith("/0")) });
    await filtered("FORWARD", () => converges("ForwardRule", unchanged(things), crowd / 2));
  });
});

// What needs no packet filter.
describe("what is no rule", () => {
  on("trixie");

  test("lengths of packets", async () => {
    // With an address of IPv6 an interface has at least 1280.
    const mtu = fc.oneof(fc.constantFrom(1280, 1500, 65535), fc.integer({ min: 1280, max: 65535 }));
    const things = fc
      .tuple(fc.constantFrom(LONG, DOTTED, "lo"), mtu, mtu)
      .map(([device, ...lengths]) => lengths.map((mtu) => ({ device, mtu })) as unknown as readonly [object, object]);
    await converges("LinkMtu", things, 3);
  });

  test("modules of the kernel, by any of their names", async () => {
    const kind = kinds.get("KernelModule") as Kind;
    const all = await host.run(
      "find /lib/modules/$(uname -r)/kernel/net -name '*.ko' | sed 's,.*/,,; s,[.]ko$,,' | grep -E '^(ip_vs_|xt_|nf_log|sch_)'",
    );
    const names = fc
      .constantFrom(...all.trim().split("\n"))
      .chain((name) => fc.constantFrom(name, name.replaceAll("_", "-")));
    const chosen = fc.sample(
      fc.uniqueArray(names, { minLength: 6, maxLength: 6, selector: (one) => one.replaceAll("-", "_") }),
      {
        ...seed,
        numRuns: 1,
      },
    )[0] as string[];
    await withSession(declared(declaredHost, host.declare()).want as never, async (session) => {
      for (const module of chosen) {
        const want = kind.inputs.parse({ module });
        const [task, file] = [{ owner: "lvs/kernel/any", want }, `/etc/modules-load.d/lvs-${kind.identity(want)}.conf`];
        expect((await apply(kind, session, task)).failure).toBeUndefined();
        expect((await read(kind, session, task)).reported).toEqual({ ...want, boot: true });
        expect(await host.run(`cat ${file}; [ -d /sys/module/${kind.identity(want)} ]`)).toBe(
          `${kind.identity(want)}\n`,
        );
        await remove(kind, session, { owner: task.owner, had: want });
        // Others may use the module by now: it stays loaded until the next boot.
        expect(await host.run(`ls ${file} /var/lib/lvs 2>/dev/null || :`)).toBe("");
        counts.add("KernelModule", "converged, and gone");
      }
    });
  });

  test("virtual addresses", async () => {
    const device = fc.constantFrom("eth0", "lo", LONG, DOTTED);
    const label = fc.option(fc.constantFrom("0", "vip", "a.b-c_d"), { nil: undefined });
    const things = fc.tuple(address, device, label, label).map(([address, device, ...labels]) => {
      const [first, second] = labels.map((name) =>
        name === undefined || address.includes(":") || !isLabel(`${device}:${name}`, device)
          ? { address, device }
          : { address, device, label: `${device}:${name}` },
      );
      return [first as object, second as object] as const;
    });
    await converges("VipAlias", things);
  });

  test("routes", async () => {
    const ways = (to: string): Record<"via" | "source", fc.Arbitrary<string>> =>
      to.includes(":")
        ? { via: fc.constantFrom("2001:db8::1", "2001:db8::99"), source: fc.constant("2001:db8::2") }
        : { via: fc.constantFrom("10.0.0.1", "10.0.0.99"), source: fc.constant("10.0.0.2") };
    const way = (to: string) =>
      fc.oneof(
        fc.record({ ...ways(to), device: fc.constant("eth0") }, { requiredKeys: ["via"] }),
        fc.constant({ device: "eth0" }),
      );
    const metric = fc.oneof(fc.constantFrom(0, 1, 1024, 2 ** 32 - 1), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
    const table = fc.oneof(
      fc.constantFrom("main", "254", "253", "default", "4294967295"),
      fc.integer({ min: 1, max: 250 }).map(String),
    );
    // The tables of numbers are not those by which this test reaches the host.
    const everywhere = fc.tuple(fc.constantFrom("default", "0.0.0.0/0", "::/0"), metric, fc.constantFrom("251", "252"));
    const somewhere = fc.tuple(network, metric, table);
    const things = fc.oneof({ weight: 5, arbitrary: somewhere }, everywhere).chain(([to, metric, table]) =>
      fc.tuple(way(to), way(to)).map(([first, second]) => {
        const rest = { to, metric, table };
        return [
          { ...rest, ...first },
          { ...rest, ...second },
        ] as const;
      }),
    );
    await converges("Route", things);
  });

  test("routing rules", async () => {
    const conditions = fc
      .record(
        {
          from: network,
          to: network,
          mark: fc.constantFrom(1, 2 ** 31, 2 ** 32 - 1),
          inInterface: fc.constantFrom("lo", "eth0", LONG, DOTTED, "not-there"),
        },
        { requiredKeys: [] },
      )
      .filter(({ from, to }) => !from || !to || from.includes(":") === to.includes(":"));
    const family = fc.constantFrom("ipv4", "ipv6");
    const things = fc
      .record({
        // Below the rules by which this test reaches the host.
        priority: fc.oneof(fc.constantFrom(33_000, 2 ** 32 - 1), fc.integer({ min: 33_000, max: 2 ** 32 - 1 })),
        table: fc.constantFrom("main", "254", "local", "255", "default", "100", "4294967295"),
        conditions,
        family,
      })
      .map(({ conditions, family, ...rest }) => ({
        ...{ ...rest, ...conditions },
        ...(!conditions.from && !conditions.to && { family }),
      }));
    // Of two rules of one priority and one table the kernel may take one for the other, and the product refuses the second
    // (test/provider/cases/RoutingRule). The kernel knows some tables by two names.
    const tables: Record<string, string> = { main: "254", local: "255", default: "253" };
    const place = ({ priority, table, family }: { priority: number; table: string; family: string }) =>
      [priority, tables[table] ?? table, family].join(" ");
    await converges("RoutingRule", unchanged(things), crowd, place);
  });

  test("interfaces", async () => {
    await converges(
      "Link",
      fc.constantFrom(LONG, DOTTED, "lo").map((device) => [{ device }, { device }] as const),
      3,
    );
  });

  test("settings", async () => {
    const values: Record<string, fc.Arbitrary<number | string>> = {
      "net.ipv4.conf.eth0.rp_filter": fc.nat(2),
      "net/ipv4/conf/eth0/arp_ignore": fc.nat(3),
      "net/ipv4/conf/br-lan.7/arp_ignore": fc.nat(3),
      "net.ipv4.conf.br-lan/7.arp_announce": fc.nat(2),
      "net.ipv4.ping_group_range": fc.nat(9).map((n) => `${n} 2147483647`),
      "net.ipv4.conf.all.arp_announce": fc.nat(2),
      "net.ipv4.ip_forward": fc.nat(1),
      "net.ipv4.tcp_fin_timeout": fc.integer({ min: 1, max: 120 }),
      "net.ipv4.ip_local_port_range": fc.nat(100).map((n) => `  ${20_000 + 2 * n}   ${50_001 + 2 * n} `),
      "net.ipv4.tcp_rmem": fc.nat(9999).map((n) => `4096 ${10_000 + n}\t6291456`),
      "net.ipv4.vs.sync_threshold": fc.nat(40).map((n) => `${n} ${n + 10}`),
      "net.ipv4.vs.conn_reuse_mode": fc.nat(1),
      "net.ipv6.conf.all.forwarding": fc.nat(1).map(String),
      "net.ipv4.tcp_congestion_control": fc.constantFrom("reno", "cubic"),
    };
    const things = fc.constantFrom(...Object.keys(values)).chain((key) => {
      const one = (values[key] as fc.Arbitrary<number | string>).map((value) => ({ key, value }));
      return fc.tuple(one, one);
    });
    await converges("Sysctl", things, Object.keys(values).length);
  });
});
