import fc from "fast-check";
import type { Command, Reply, Session } from "../../provider/host/command";
import { declaredHost } from "../../provider/host/declared";
import { each } from "../../provider/host/fact";
import { withSession } from "../../provider/host/pool";
import { checked } from "../../provider/ipvs/checked-services";
import { destinationLine, serviceLine } from "../../provider/ipvs/ipvsadm";
import { kernelService } from "../../provider/ipvs/kernel-table";
import { kinds } from "../../provider/kinds";
import { declared, declaredNow } from "../../provider/model";
import { same } from "../../provider/reconcile/equality";
import type { Kind, Step } from "../../provider/reconcile/kind";
import { apply, read, remove } from "../../provider/reconcile/reconcile";
import { Counts } from "../provider/counts";
import { FakeIpvs } from "../provider/fake-ipvs";
import { declarations, sites } from "../provider/service-declarations";
import { type KernelHost, SharedKernel } from "./kernel";

jest.setTimeout(600_000);

/** The number of random sites, and the seed. To repeat a failure, set the seed that fast-check printed. */
const runs = Number(process.env.LVS_RUNS ?? 200);
const seed = process.env.LVS_SEED ? { seed: Number(process.env.LVS_SEED) } : {};
/** fast-check must not shrink, because shrinking takes minutes. The message names the service. */
const once = { ...seed, endOnFailure: true };
/** How many services are in one table at the same time. */
const CROWD = 10;

const kindOf = (name: string) => kinds.get(name) as Kind;
const service = kindOf("VirtualService");
const owner = "lvs/kernel/any";
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

const counts = new Counts("declarations on a real kernel:", ["converged, and gone"]);
afterAll(() => counts.tell());

let kernel: SharedKernel;
let director: KernelHost;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  // Two of the destinations' addresses belong to the director itself.
  director = await kernel.host("director", { eth0: ["lan", "10.0.1.3/24", "fd00::3/64"] });
});
afterAll(() => kernel?.end());

function onDirector<T>(work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(declared(declaredHost, director.declare()).want as never, work);
}

/** One service through its life: an entry that somebody else made before, if any, and two declarations of ours. */
const lives = sites.chain((site) =>
  fc.record({
    byHand: fc.option(declarations(site), { nil: undefined }),
    first: declarations(site),
    second: declarations(site),
  }),
);
const crowds = fc.uniqueArray(lives, {
  minLength: CROWD,
  maxLength: CROWD,
  selector: ({ first }) => service.identity(service.inputs.parse(first)),
});

/** What is declared or no longer declared, what was found before us, and what was seen last. */
interface One {
  change: { readonly had?: object; readonly want?: object };
  found: unknown;
  seen: unknown;
}

const NOTHING = { service: null, borrowed: [] };

/** The steps that change the table. The kernel's switches have tests of their own. */
function steps({ change, found, seen }: One): Step[] {
  return service
    .plan({ ...change, found }, seen)
    .filter(({ run: { argv } }) => argv[0] === "ipvsadm" || argv[2]?.includes("ipvsadm"));
}

function edits(one: One): string[] {
  return steps(one).map(({ run }) => run.stdin as string);
}

/**
 * Makes all of them in one trip, looks at each, and returns the table. The kernel's table must equal that of the units'
 * fake after the same commands. All edits are one process, and all looks are one process: processes are what takes time
 * here.
 */
async function make(session: Session, fake: FakeIpvs, made: readonly One[], looked: readonly One[]): Promise<string> {
  const edit = { argv: ["ipvsadm", "-R"], stdin: made.flatMap(edits).join("") };
  fake.run(edit);
  const there = each(looked.map(({ change }) => service.look(change)));
  const questions = new Set(["-Sn", "-Ln --thresholds", ...there.ask.flatMap((look) => question(look) ?? [])]);
  const answer = await session.run({ steps: [edit], looks: [ask([...questions])] });
  const answers = answersTo([...questions], answer.looks[0]?.stdout ?? "");
  const reply = (look: Command): Reply => ({ exit: 0, stdout: answers.get(question(look) ?? "") ?? "", stderr: "" });
  for (const [i, seen] of there.read(there.ask.map(reply)).entries()) (looked[i] as One).seen = seen;
  const [saved, limits] = ["-Sn", "-Ln --thresholds"].map((all) => sorted(answers.get(all)));
  expect(saved).toEqual(sorted(fake.saved()));
  return [...(saved ?? []), ...(limits ?? [])].join("\n");
}

/** The question of a look to ipvsadm. Other looks ask about files that this host does not have. */
function question({ argv }: Command): string | undefined {
  return argv[2]?.includes("ipvsadm") ? argv.slice(4).join(" ") : undefined;
}

/** ipvsadm reads each line as a command line (ipvsadm(8), --restore). */
function ask(questions: readonly string[]): Command {
  return { argv: ["ipvsadm", "-R"], stdin: `${questions.join("\n")}\n` };
}

/** The first answer, of "-Sn", has no title. Every other answer begins with a title. */
function answersTo(questions: readonly string[], text: string): Map<string, string> {
  const parts = text.replace(/^IP Virtual Server .*\n/gm, "").split(/^(?=Prot )/m);
  if (parts[0]?.startsWith("Prot ")) parts.unshift("");
  return new Map(questions.map((one, i) => [one, parts[i] ?? ""]));
}

/** The lines of an answer, whose columns ipvsadm fills with spaces. The kernel answers in no order. */
function sorted(text = ""): string[] {
  return text.trimEnd().split(/ *\n/).sort();
}

/** Expects each service as declared, and no step left. */
function expectConverged(all: readonly One[]): void {
  for (const one of all) {
    const { change, seen } = one;
    const want = change.want as Record<string, unknown>;
    const which = service.identity(want);
    expect({ which, left: steps(one) }).toEqual({ which, left: [] });
    const reported = plain(service.report(want, seen));
    const wanted = plain(Object.fromEntries(Object.keys(reported).map((key) => [key, want[key]])));
    expect({ which, reported }).toEqual({ which, reported: wanted });
  }
}

test("any declaration after any other converges on the kernel's own table, and what was found goes back", async () => {
  const parse = (inputs: object) => service.inputs.parse(inputs);
  const property = fc.asyncProperty(crowds, (crowd) =>
    onDirector(async (session) => {
      const fake = new FakeIpvs();
      const others = crowd.flatMap(({ byHand }): One[] =>
        byHand ? [{ change: { want: parse(byHand) }, found: NOTHING, seen: NOTHING }] : [],
      );
      const ours = crowd.map(({ first }): One => ({ change: { want: parse(first) }, found: NOTHING, seen: NOTHING }));
      const before = await make(session, fake, others, others);
      expectConverged(others);
      const had = new Map(others.map(({ change, seen }) => [service.identity(change.want as object), seen]));
      for (const one of ours) one.seen = one.found = had.get(service.identity(one.change.want as object)) ?? NOTHING;
      await make(session, fake, ours, ours);
      expectConverged(ours);
      for (const [i, one] of ours.entries())
        one.change = { had: one.change.want as object, want: parse((crowd[i] as { second: object }).second) };
      await make(session, fake, ours, ours);
      expectConverged(ours);
      for (const one of ours) one.change = { had: one.change.want as object };
      expect(await make(session, fake, ours, [])).toBe(before);
      for (const one of others) one.change = { had: one.change.want as object };
      await make(session, fake, others, []);
      expect(fake.saved()).toBe("");
      counts.add("VirtualService", "converged, and gone", others.length + 2 * ours.length);
    }),
  );
  await fc.assert(property, { ...once, numRuns: Math.ceil(runs / CROWD) });
});

test("any declaration after any other converges by the whole algorithm, with the host's ledger", async () => {
  const property = fc.asyncProperty(lives, ({ byHand, first, second }) =>
    onDirector(async (session) => {
      const by = byHand && service.inputs.parse(byHand);
      const lines = by ? edits({ change: { want: by }, found: NOTHING, seen: NOTHING }).join("") : "";
      const before = await table(lines);
      let had: object | undefined;
      for (const inputs of [first, second]) {
        const want = service.inputs.parse(inputs);
        const made = await apply(service, session, { owner, had, want });
        expect(made.failure?.message).toBeUndefined();
        const { reported } = await read(service, session, { owner, want });
        for (const [key, value] of Object.entries(plain(want)))
          expect({ key, same: same(plain(reported)[key], value) }).toEqual({ key, same: true });
        had = want;
      }
      await remove(service, session, { owner, had: had as object });
      expect(await table()).toEqual(before);
      expect(await director.run("ipvsadm -C; ls -d /var/lib/lvs /etc/lvs 2>/dev/null || :")).toBe("");
      counts.add("VirtualService", "converged, and gone", 2);
    }),
  );
  await fc.assert(property, { ...once, numRuns: Math.ceil(runs / 80) });
});

test("what is declared for a health checker is what the kernel has of it", async () => {
  const kind = kindOf("HealthChecks");
  const destination = fc
    .record(
      { forwarding: fc.constantFrom("nat", "dr", "tun"), weight: fc.constantFrom(0, 1, 65535), ...limit },
      { requiredKeys: ["forwarding"] },
    )
    // A lower threshold above the upper one is refused, and without one the upper one is 0.
    .filter(({ upperThreshold = 0, lowerThreshold = 0 }) => lowerThreshold <= upperThreshold);
  const services = fc.record({
    "[2001:DB8:0::9]:53/udp": fc.record({ onePacket: fc.boolean(), destinations: fc.dictionary(six, destination) }),
    "10.0.0.9:80": fc.record({ persistence: fc.constant({ mask: "255.255.0.0" }), destinations: fc.constant({}) }),
    "2147483648": fc.record({ scheduler: fc.constant("mh"), destinations: fc.dictionary(any, destination) }),
    "4294967295/ipv6": fc.record({ persistence: fc.constant({}), destinations: fc.constant({}) }),
  });
  const property = fc.asyncProperty(services, (given) =>
    onDirector(async (session) => {
      const read = declaredNow(kind.inputs, { configuration: {}, services: given });
      expect(read.problems).toEqual([]);
      const wanted = Object.values(checked((read.want as { services: never }).services));
      const lines = wanted.flatMap(({ match, destinations, ...service }) => [
        serviceLine("-A", match, service),
        ...Object.entries(destinations).map(([key, to]) => destinationLine("-a", match, key, to)),
      ]);
      const looks = each(wanted.map(({ match }) => kernelService(match, true)));
      const answer = await session.run({
        steps: [{ argv: ["ipvsadm", "-R"], stdin: `${lines.join("\n")}\n` }],
        looks: looks.ask,
      });
      for (const [i, seen] of looks.read(answer.looks).entries()) {
        const { match: _, quiescent: __, fallback: ___, ...want } = wanted[i] as (typeof wanted)[number];
        expect(plain(seen)).toEqual(plain(want));
      }
      await director.run("ipvsadm -C");
      counts.add("HealthChecks", "converged, and gone");
    }),
  );
  await fc.assert(property, { ...once, numRuns: Math.ceil(runs / 40) });
});

const limit = { upperThreshold: fc.constantFrom(9, 2 ** 31 - 1), lowerThreshold: fc.constantFrom(0, 9) };
const six = fc.constantFrom("[FD00::0005]:53", "[2001:db8::0:7]:53");
const any = fc.constantFrom("10.0.1.9:0", "10.0.1.10:0", "172.17.0.1:0");

/** Changes and prints the table by hand. */
async function table(lines = ""): Promise<string[]> {
  return sorted(await director.run("ipvsadm -R; ipvsadm -Sn; ipvsadm -Ln --thresholds", lines));
}

test("the kernel's timeouts show a change by hand, are repaired, and go back to what was found", async () => {
  const kind = kindOf("IpvsTimeouts");
  const want = kind.inputs.parse({ tcp: 1234, tcpFin: 56, udp: 78 });
  const now = () => director.run("ipvsadm -L --timeout");
  await onDirector(async (session) => {
    const found = await now();
    await apply(kind, session, { owner, want });
    expect(await now()).toMatch(/: 1234 56 78$/m);
    await director.run("ipvsadm --set 99 0 0");
    expect((await read(kind, session, { owner, want })).reported).toMatchObject({ tcp: 99, tcpFin: 56 });
    expect((await apply(kind, session, { owner, had: want, want })).failure).toBeUndefined();
    expect(await now()).toMatch(/: 1234 56 78$/m);
    await remove(kind, session, { owner, had: want });
    expect(await now()).toBe(found);
    for (const bound of [1, 2678400]) {
      const at = kind.inputs.parse({ tcp: bound, tcpFin: bound, udp: bound });
      expect((await apply(kind, session, { owner, want: at })).failure).toBeUndefined();
      await remove(kind, session, { owner, had: at });
    }
    expect(await now()).toBe(found);
    counts.add("IpvsTimeouts", "converged, and gone", 3);
  });
});

test("a service whose ipvsadm was removed is not taken for gone: a delete says so, and takes it away when ipvsadm is back", async () => {
  const want = service.inputs.parse({
    address: "10.0.0.7",
    port: 80,
    forwarding: "dr",
    destinations: { "10.0.1.4:80": {} },
  });
  await onDirector((session) => apply(service, session, { owner, want }));
  const program = (await director.run("command -v ipvsadm")).trim();
  const services = () => director.run("grep -c ^TCP /proc/net/ip_vs || :");
  await director.run(`mv ${program} ${program}.away`);
  try {
    const gone = onDirector((session) => remove(service, session, { owner, had: want }));
    await expect(gone).rejects.toThrow(/reading the IPVS table: .*ipvsadm.*not found\. Is ipvsadm installed/);
  } finally {
    await director.run(`mv ${program}.away ${program}`);
  }
  expect((await services()).trim()).toBe("1");
  await onDirector((session) => remove(service, session, { owner, had: want }));
  expect((await services()).trim()).toBe("0");
});

test("any two declarations of the daemons that tell of connections converge, and what was found goes back", async () => {
  const kind = kindOf("ConnectionSync");
  const inputs = fc.record(
    {
      // The other interface, lo, has no way to a group of IPv6.
      device: fc.constant("eth0"),
      syncId: fc.integer({ min: 1, max: 255 }),
      group: fc.constantFrom("224.0.0.81", "239.1.2.3", "FF02:0::81", "ff05::9"),
      threshold: fc
        .tuple(fc.nat(9), fc.nat(50))
        .map(([packets, every]) => `${packets} ${every === 0 ? 0 : packets + every}`),
      ...{
        messageSize: fc.constantFrom(1, 1000, 1472, 1473, 9000, 65_487),
        refreshPeriod: fc.constantFrom(0, 1, 10, 2_147_483),
      },
    },
    { requiredKeys: ["device"] },
  );
  const now = () =>
    director.run("ipvsadm -L --daemon; cd /proc/sys/net/ipv4/vs; cat sync_threshold sync_refresh_period");
  const found = await now();
  const property = fc.asyncProperty(fc.tuple(inputs, inputs), (both) =>
    onDirector(async (session) => {
      let had: object | undefined;
      for (const want of both.map((one) => kind.inputs.parse(one))) {
        expect((await apply(kind, session, { owner, had, want })).failure?.message).toBeUndefined();
        expect(plain((await read(kind, session, { owner, want })).reported)).toEqual(plain(want));
        const hears = /backup .*maxlen=(\d+)/.exec(await director.run("ipvsadm -L --daemon"))?.[1];
        expect(Number(hears)).toBeGreaterThanOrEqual((want as { messageSize: number }).messageSize);
        had = want;
      }
      await remove(kind, session, { owner, had: had as object });
      expect(await now()).toBe(found);
      counts.add("ConnectionSync", "converged, and gone", 2);
    }),
  );
  await fc.assert(property, { ...once, numRuns: Math.ceil(runs / 50) });
});

test("a director hears of every connection by messages that are longer than a packet", async () => {
  const other = await kernel.host("other", { eth0: ["lan", "10.0.1.4/24"] });
  const kind = kindOf("ConnectionSync");
  const want = kind.inputs.parse({ device: "eth0", messageSize: 9000, threshold: "1 0" });
  const onBoth = (work: (session: Session) => Promise<unknown>) =>
    Promise.all([onDirector(work), withSession(declared(declaredHost, other.declare()).want as never, work)]);
  await onBoth(async (session) => {
    expect((await apply(kind, session, { owner, want })).failure?.message).toBeUndefined();
  });
  await director.run(
    "ip addr add 10.0.1.9/32 dev lo; ipvsadm -A -u 10.0.1.9:53 -s rr; ipvsadm -a -u 10.0.1.9:53 -r 10.0.1.4:53 -m",
  );
  // As many new connections within the two seconds after which a message is sent: it has about 4000 bytes.
  const send = "exec 3<>/dev/udp/10.0.1.9/53; for i in 1 2 3; do echo $i >&3; done; exec 3>&-";
  await director.run(`bash -c 'n=0; while [ $n -lt 80 ]; do n=$((n + 1)); { ${send}; } 2>/dev/null; done; :'`);
  // The kernel chooses the clients' ports, so two may have the same one; and a listing may have an entry twice while
  // others come.
  const list = "ipvsadm -Lnc | awk '/ UDP .*10.0.1.9:53/ { print $4 }' | sort -u";
  const known = await director.run(list);
  expect(known.split("\n").length).toBeGreaterThan(60);
  await other.run(
    `n=0; until [ "$(${list})" = "${known.trim()}" ] || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.1; done`,
  );
  expect(await other.run(list)).toBe(known);
  await director.run("ipvsadm -D -u 10.0.1.9:53; ip addr del 10.0.1.9/32 dev lo");
  await onBoth((session) => remove(kind, session, { owner, had: want }));
});
