import { declaredHost } from "../../provider/host/declared";
import { withSession } from "../../provider/host/pool";
import { kinds } from "../../provider/kinds";
import { declared } from "../../provider/model";
import type { Kind } from "../../provider/reconcile/kind";
import { apply } from "../../provider/reconcile/reconcile";
import { type KernelHost, SharedKernel } from "./kernel";
import { talked } from "./site";

// Direct routing on one network. Every case has a port of its own, so that no case finds the connections that another
// one left in the kernel's table.

jest.setTimeout(120_000);

const VIP = "10.0.0.9";
/** Every address of this network is a VIP. Packets to the network get a mark. */
const VIPS = "10.0.8";
const MARKS = { dh: 1, lblc: 2, lblcr: 3 };
const SERVERS = { a: "10.0.0.11", b: "10.0.0.12", c: "10.0.0.13" };
const CLIENT = [21, 22, 23, 24, 25, 26, 27, 28].map((last) => `10.0.0.${last}`);
const PORTS = {
  rr: 8001,
  wrr: 8002,
  lc: 8003,
  wlc: 8004,
  sed: 8005,
  nq: 8006,
  fo: 8007,
  ovf: 8008,
  sh: 8009,
  mh: 8010,
};
const MORE = { shPort: 8011, limits: 8012, sctp: 8013, udp: 8014, onePacket: 8015, sip: 5060, mhPort: 8016 };

let kernel: SharedKernel;
let hosts: Record<"director" | "client" | keyof typeof SERVERS, KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot("bookworm");
  const lan = (...addresses: string[]) => ({ eth0: ["lan", ...addresses.map((one) => `${one}/24`)] as const });
  hosts = await kernel.hosts({
    director: lan("10.0.0.2", VIP),
    client: lan(...CLIENT),
    a: lan(SERVERS.a),
    b: lan(SERVERS.b),
    c: lan(SERVERS.c),
  } as never);
  await hosts.client.run(`modprobe sctp; ip route add ${VIPS}.0/24 via 10.0.0.2`);
  const marks = Object.values(MARKS).map(
    (mark) => `iptables -t mangle -A PREROUTING -d ${VIPS}.${mark * 16}/28 -j MARK --set-mark ${mark}`,
  );
  await hosts.director.run(`ip route add local ${VIPS}.0/24 dev lo; ${marks.join("; ")}; ipvsadm --set 0 1 0`);
  for (const name of ["a", "b", "c"] as const) await serve(hosts[name]);
});
afterAll(() => kernel?.end());

async function serve(host: KernelHost): Promise<void> {
  const tcp = [...Object.values(PORTS), MORE.shPort, MORE.mhPort, MORE.limits].map((port) => `tcp:${port}`);
  const others = [`sctp:${MORE.sctp}`, ...[MORE.udp, MORE.onePacket, MORE.sip].map((port) => `udp:${port}`)];
  await host.run(`
    sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    ip address add ${VIP}/32 dev lo; ip route add local ${VIPS}.0/24 dev lo
    perl /run/scripts/answer ${host.name} ${VIP} ${[...tcp, ...others].join(" ")} >/run/answer 2>&1 </dev/null &
    perl /run/scripts/answer ${host.name} 0.0.0.0 tcp:80 >/run/answer.80 2>&1 </dev/null &
    for i in $(seq 200); do grep -qs ready /run/answer && grep -qs ready /run/answer.80 && exit; sleep 0.1; done
    cat /run/answer*; exit 1`);
}

/** Declares a service with these weights for the real servers a, b and c. */
async function declare(service: object, weights: readonly number[] = [1, 1, 1], more: Record<string, object> = {}) {
  const kind = kinds.get("VirtualService") as Kind;
  const port = "port" in service ? `:${service.port}` : "";
  const to = Object.entries(SERVERS).map(([name, at], i) => [`${at}${port}`, { weight: weights[i], ...more[name] }]);
  const catches = "mark" in service ? {} : { address: VIP };
  const inputs = { ...catches, ...service, forwarding: "dr", destinations: Object.fromEntries(to), boot: false };
  const { want, problems } = declared(kind.inputs, inputs as never);
  expect(problems).toEqual([]);
  const host = declared(declaredHost, hosts.director.declare()).want as never;
  const made = await withSession(host, (session) =>
    apply(kind, session, { owner: "lvs/kernel/any", want: want as object }),
  );
  expect(made.failure).toBeUndefined();
}

interface Asked {
  hold?: boolean;
  protocol?: "tcp" | "udp" | "sctp";
  to?: string;
  from?: string;
  fromPort?: number;
  text?: string;
}

function line(
  port: number,
  { hold, protocol = "tcp", to = VIP, from = CLIENT[0], fromPort = 0, text = "x" }: Asked = {},
) {
  return `${hold ? "hold" : "ask"} ${protocol} ${to} ${port} ${from} ${fromPort} ${text}`;
}

/**
 * Returns the server that answers each request, in order. A connection that is held stays open while the later requests
 * are made.
 */
async function ask(port: number, asked: readonly Asked[]): Promise<string[]> {
  const lines = asked.map((one) => line(port, one));
  return talked(hosts.client, lines);
}

const times = <T>(n: number, one: T) => Array<T>(n).fill(one);
const held = { hold: true };

function counts(answers: readonly string[]): Record<string, number> {
  return Object.fromEntries(["a", "b", "c"].map((name) => [name, answers.filter((one) => one === name).length]));
}

test("rr: the real servers answer in turn", async () => {
  await declare({ port: PORTS.rr, scheduler: "rr" });
  const answers = await ask(PORTS.rr, times(9, {}));
  expect(new Set(answers.slice(0, 3)).size).toBe(3);
  expect(answers).toEqual([...times(3, answers.slice(0, 3))].flat());
});

test("wrr: the real servers answer by weight, to the connection", async () => {
  await declare({ port: PORTS.wrr, scheduler: "wrr" }, [3, 2, 1]);
  expect(counts(await ask(PORTS.wrr, times(18, {})))).toEqual({ a: 9, b: 6, c: 3 });
});

test("lc: the real server with the fewest connections answers", async () => {
  await declare({ port: PORTS.lc, scheduler: "lc" }, [1, 1, 0]);
  const answers = await ask(PORTS.lc, times(6, held));
  expect(counts(answers)).toEqual({ a: 3, b: 3, c: 0 });
});

test("wlc: the real server with the fewest connections for its weight answers", async () => {
  await declare({ port: PORTS.wlc, scheduler: "wlc" }, [2, 1, 1]);
  expect(counts(await ask(PORTS.wlc, times(8, held)))).toEqual({ a: 4, b: 2, c: 2 });
});

test("sed: the real server with the shortest expected delay answers, although others are idle", async () => {
  await declare({ port: PORTS.sed, scheduler: "sed" }, [4, 1, 1]);
  expect(await ask(PORTS.sed, times(3, held))).toEqual(["a", "a", "a"]);
});

test("nq: an idle real server answers first", async () => {
  await declare({ port: PORTS.nq, scheduler: "nq" }, [4, 1, 1]);
  const answers = await ask(PORTS.nq, times(5, held));
  expect(counts(answers.slice(0, 3))).toEqual({ a: 1, b: 1, c: 1 });
  expect(answers.slice(3)).toEqual(["a", "a"]);
});

test("fo: the real server of the highest weight answers alone, as long as it takes connections", async () => {
  await declare({ port: PORTS.fo, scheduler: "fo" }, [2, 3, 1], { b: { upperThreshold: 2, lowerThreshold: 1 } });
  expect(await ask(PORTS.fo, times(4, held))).toEqual(["b", "b", "a", "a"]);
});

test("ovf: the real server of the highest weight answers, until it has more connections than its weight", async () => {
  await declare({ port: PORTS.ovf, scheduler: "ovf" }, [3, 2, 1]);
  expect(await ask(PORTS.ovf, times(8, held))).toEqual(["a", "a", "a", "a", "b", "b", "b", "c"]);
});

test.each(["sh", "mh"] as const)("%s: a client stays on one real server, and clients spread", async (scheduler) => {
  await declare({ port: PORTS[scheduler], scheduler });
  const answers = await ask(
    PORTS[scheduler],
    [...CLIENT, ...CLIENT, ...CLIENT].map((from) => ({ from })),
  );
  const first = answers.slice(0, CLIENT.length);
  expect(answers).toEqual([...first, ...first, ...first]);
  expect(new Set(first).size).toBeGreaterThan(1);
});

test.each([
  ["sh", MORE.shPort],
  ["mh", MORE.mhPort],
] as const)("%s with ports: one client spreads", async (scheduler, port) => {
  await declare({ port, scheduler, schedulerFlags: [`${scheduler}-port`] });
  const answers = await ask(
    port,
    [...Array(16).keys()].map((i) => ({ fromPort: 4 * port + i })),
  );
  expect(new Set(answers).size).toBeGreaterThan(1);
  expect(answers).not.toContain("-");
});

const vips = (mark: number) => [...Array(12).keys()].map((i) => `${VIPS}.${mark * 16 + i + 1}`);

test("dh: all clients of an address go to one server, and addresses spread", async () => {
  await declare({ mark: MARKS.dh, scheduler: "dh" });
  const asked = vips(MARKS.dh).flatMap((to) => CLIENT.slice(0, 2).map((from) => ({ to, from })));
  const answers = await ask(80, asked);
  expect(answers.filter((_, i) => i % 2 === 1)).toEqual(answers.filter((_, i) => i % 2 === 0));
  expect(new Set(answers).size).toBeGreaterThan(1);
});

test.each([
  ["sh", { port: PORTS.sh }, CLIENT.map((from) => ({ from }))],
  ["mh", { port: PORTS.mh }, CLIENT.map((from) => ({ from }))],
  ["dh", { mark: MARKS.dh }, vips(MARKS.dh).map((to) => ({ to }))],
] as const)(
  "%s: the clients of a server go on to others while it has weight 0, and come back",
  async (scheduler, at, asked) => {
    const port = "port" in at ? at.port : 80;
    await declare({ ...at, scheduler });
    const answers = await ask(port, asked);
    expect(counts(answers).c).toBeGreaterThan(0);
    await declare({ ...at, scheduler }, [1, 1, 0]);
    const { a = 0, b = 0, c } = counts(await ask(port, asked));
    expect([a + b, c]).toEqual([asked.length, 0]);
    await declare({ ...at, scheduler });
    expect(await ask(port, asked)).toEqual(answers);
  },
);

test.each(["lblc", "lblcr"] as const)(
  "%s: an address stays where it is, a new one goes to the least loaded",
  async (scheduler) => {
    await declare({ mark: MARKS[scheduler], scheduler });
    const three = vips(MARKS[scheduler]).slice(0, 3);
    const answers = await ask(
      80,
      [...three, ...three, ...three].map((to, i) => ({ to, from: CLIENT[i % 4], hold: true })),
    );
    expect(new Set(answers.slice(0, 3)).size).toBe(3);
    expect(answers).toEqual([...times(3, answers.slice(0, 3))].flat());
  },
);

test("UDP: a client's port stays with its server; one-packet scheduling takes each datagram by itself", async () => {
  const udp = { protocol: "udp", fromPort: 20_000 } as const;
  await declare({ port: MORE.udp, protocol: "udp", scheduler: "rr" });
  const answers = await ask(MORE.udp, times(4, udp));
  expect(answers).toEqual(times(4, answers[0]));
  expect(["a", "b", "c"]).toContain(answers[0]);
  await declare({ port: MORE.onePacket, protocol: "udp", scheduler: "rr", onePacket: true });
  expect(counts(await ask(MORE.onePacket, times(6, udp)))).toEqual({ a: 2, b: 2, c: 2 });
});

test("SIP: a call stays with its server, whatever port it comes from", async () => {
  const datagram = (call: string, fromPort: number): Asked => ({
    ...{ protocol: "udp", fromPort },
    text: `INVITE sip:any@${VIP} SIP/2.0\\nVia: SIP/2.0/UDP ${CLIENT[0]}:${fromPort}\\nCall-ID: ${call}\\nContent-Length: 0\\n\\n`,
  });
  const persistence = { timeout: 60, engine: "sip" };
  await declare({ port: MORE.sip, protocol: "udp", scheduler: "rr", persistence });
  const calls = ["one@example", "two@example", "three@example"];
  const answers = await ask(
    MORE.sip,
    [...calls, ...calls, ...calls].map((call, i) => datagram(call, 21_000 + i)),
  );
  expect(new Set(answers.slice(0, 3)).size).toBe(3);
  expect(answers).toEqual([...times(3, answers.slice(0, 3))].flat());
});

test("SCTP: the real servers get associations in turn", async () => {
  await declare({ port: MORE.sctp, protocol: "sctp", scheduler: "rr" });
  const answers = await ask(MORE.sctp, times(6, { protocol: "sctp" }));
  expect(counts(answers)).toEqual({ a: 2, b: 2, c: 2 });
});

test("thresholds: a real server is full at the upper one, and gets connections again only below the lower one", async () => {
  const limits = { upperThreshold: 3, lowerThreshold: 2 };
  await declare({ port: MORE.limits, scheduler: "rr" }, [1, 1, 0], { a: limits });
  // Each pair is a connection to a and one to b.
  const pairs = [await keep(), await keep(), await keep()];
  expect(await ask(MORE.limits, times(3, {}))).toEqual(["b", "b", "b"]);
  await letGo(pairs[0] as string, 2);
  expect(await ask(MORE.limits, times(3, {}))).toEqual(["b", "b", "b"]);
  await letGo(pairs[1] as string, 1);
  expect(new Set(await ask(MORE.limits, times(2, {})))).toEqual(new Set(["a", "b"]));
});

/** Opens two connections and keeps them open. Returns the process that holds them. */
async function keep(): Promise<string> {
  const lines = `${`${line(MORE.limits, held)}\n`.repeat(2)}stay\n`;
  const [pid, ...answers] = (
    await hosts.client.run(
      `cat >/run/kept; : >/run/answers; perl /run/scripts/talk </run/kept >>/run/answers 2>&1 & pid=$!; echo $pid
       for i in $(seq 200); do [ "$(wc -l </run/answers)" = 2 ] && break; sleep 0.1; done; cat /run/answers`,
      lines,
    )
  )
    .trim()
    .split("\n");
  expect(answers.sort()).toEqual(["a", "b"]);
  return pid as string;
}

/** Ends the process, and waits until the kernel's table has only this number of connections to a. */
async function letGo(pid: string, left: number): Promise<void> {
  await hosts.client.run(`kill ${pid}`);
  await hosts.director.run(`
    for i in $(seq 200); do
      [ "$(ipvsadm -Lnc | grep -c '${VIP}:${MORE.limits}.* ${SERVERS.a}:')" = ${left} ] && exit
      sleep 0.1
    done; ipvsadm -Lnc; exit 1`);
}
