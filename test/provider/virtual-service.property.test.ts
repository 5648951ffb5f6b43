import fc from "fast-check";
import { hostPort } from "../../provider/inputs";
import { destinationLine, markMatch, match, parseService, type Service, serviceLine } from "../../provider/ipvsadm";
import type { Kind } from "../../provider/kind";
import { virtualService } from "../../provider/kinds/virtual-service";
import { FakeIpvs } from "./fake-ipvs";

const kind = virtualService as unknown as Kind;

type Site = { six: boolean; catches: object; port: number; forwardings: string[] };

const sites: fc.Arbitrary<Site> = fc
  .record({
    six: fc.boolean(),
    mark: fc.boolean(),
    port: fc.constantFrom(0, 80, 443),
    protocol: fc.constantFrom("tcp", "udp", "sctp"),
  })
  .map(({ six, mark, port, protocol }) => ({
    six,
    port: mark ? 0 : port,
    catches: mark
      ? { mark: 99, family: six ? "ipv6" : "ipv4" }
      : { address: six ? "2001:db8::9" : "10.0.0.9", port, protocol },
    forwardings: ["nat", "dr", "tun"],
  }));

const limits = fc
  .tuple(fc.nat(100), fc.nat(100))
  .map(([a, b]) => ({ upperThreshold: Math.max(a, b), lowerThreshold: Math.min(a, b) }));
const tunnels = fc.oneof(
  fc.constant({ type: "ipip" }),
  fc.record({
    type: fc.constant("gue"),
    port: fc.integer({ min: 1, max: 65535 }),
    checksum: fc.constantFrom("none", "full", "remote"),
  }),
  fc.record({ type: fc.constant("gre"), checksum: fc.constantFrom("none", "full") }),
);

/** Any valid declaration for what the site catches. */
function declarations({ six, catches, port }: Site): fc.Arbitrary<object> {
  const udp = "mark" in catches || (catches as { protocol: string }).protocol === "udp";
  const masks = six
    ? fc.constantFrom("1", "64", "128")
    : fc.constantFrom("255.0.0.0", "255.255.255.0", "255.255.255.255");
  const persistence = fc.record(
    { timeout: fc.integer({ min: 1, max: 2678400 }), mask: masks, ...(udp && { engine: fc.constant("sip") }) },
    { requiredKeys: [] },
  );
  return fc.constantFrom("nat", "dr", "tun").chain((forwarding) => {
    const families = forwarding === "tun" ? fc.boolean() : fc.constant(six);
    const key = fc
      .tuple(families, fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 8080))
      .map(([v6, last, shift]) => {
        const at = forwarding === "nat" && shift ? shift : port;
        return hostPort(v6 ? `fd00::${last}` : `10.0.1.${last}`, at);
      });
    const scheduling = fc.constantFrom(
      { scheduler: "rr" },
      { scheduler: "wrr" },
      { scheduler: "sh", schedulerFlags: ["sh-port", "sh-fallback"] },
      { scheduler: "mh", schedulerFlags: ["mh-port"] },
      { scheduler: "fo", schedulerFlags: ["flag-3", "flag-1"] },
    );
    const destination = fc
      .tuple(
        fc.nat(65535),
        limits,
        forwarding === "tun" ? fc.option(tunnels, { nil: undefined }) : fc.constant(undefined),
      )
      .map(([weight, limit, tunnel]) => ({ weight, ...limit, ...(tunnel && { tunnel }) }));
    return fc
      .record({
        scheduling,
        persistence: port === 0 && !("mark" in catches) ? persistence : fc.option(persistence, { nil: undefined }),
        onePacket: udp ? fc.boolean() : fc.constant(false),
        destinations: fc.dictionary(key, destination, { maxKeys: 6 }),
      })
      .map(({ scheduling, persistence, ...rest }) => ({
        ...catches,
        ...scheduling,
        ...(persistence && { persistence }),
        forwarding,
        ...rest,
      }));
  });
}

const look = (ipvs: FakeIpvs, change: object) =>
  kind.read(
    kind.observe(change).map((command) => ipvs.run(command)),
    change,
  );

function act(ipvs: FakeIpvs, change: object): void {
  for (const { run } of kind.plan(change, look(ipvs, change))) ipvs.run(run);
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

const local = new Set(["10.0.1.3", "[fd00::3]"]);

test("any declaration after any other converges, a second plan is empty, and deleting restores what was found", () => {
  const cases = sites.chain((site) => fc.tuple(declarations(site), declarations(site), declarations(site)));
  fc.assert(
    fc.property(cases, ([byHand, first, second]) => {
      const ipvs = new FakeIpvs(local);
      ipvs.run({
        argv: ["ipvsadm", "-R"],
        stdin: "-A -t 10.0.0.7:80 -s rr\n-a -t 10.0.0.7:80 -r 10.0.1.1:80 -m -w 1\n",
      });
      const others = ipvs.saved();
      act(ipvs, { want: kind.inputs.parse(byHand) });
      const found = look(ipvs, { want: kind.inputs.parse(byHand) });
      const asFound = ipvs.saved();
      let had: object | undefined;
      for (const inputs of [first, second]) {
        const want = kind.inputs.parse(inputs) as Record<string, unknown>;
        expect(kind.inputs.parse(plain(want))).toEqual(want);
        const change = { had, want, found };
        act(ipvs, change);
        const seen = look(ipvs, change);
        expect(kind.plan(change, seen)).toEqual([]);
        const reported = plain(kind.report(want, seen));
        expect(reported).toEqual(plain(Object.fromEntries(Object.keys(reported).map((key) => [key, want[key]]))));
        had = want;
      }
      act(ipvs, { had, found });
      expect(ipvs.saved().split("\n").sort()).toEqual(asFound.split("\n").sort());
      act(ipvs, { had, found: { service: null, borrowed: [] } });
      expect(ipvs.saved()).toBe(others);
    }),
    { numRuns: 300 },
  );
});

test("what is written is what is read", () => {
  const matches = [
    match("tcp", "10.0.0.9", 80),
    match("sctp", "2001:db8::9", 80),
    markMatch(99, "ipv4"),
    markMatch(99, "ipv6"),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...matches), sites.chain(declarations), (at, inputs) => {
      const six = at.includes("[") || at.endsWith("-6");
      const { scheduler, schedulerFlags, onePacket, destinations, forwarding } = kind.inputs.parse(inputs) as never;
      const port = at.startsWith("-f") ? 0 : 80;
      const service = {
        scheduler,
        flags: schedulerFlags,
        onePacket,
        persistence: { timeout: 9, mask: six ? "64" : "255.0.0.0" },
      };
      const lines = Object.entries<object>(destinations).map(
        ([, to], i) =>
          [hostPort(six ? `fd00::${i + 10}` : `10.0.1.${i + 10}`, port), { ...to, forwarding } as never] as const,
      );
      const ipvs = new FakeIpvs();
      const stdin = [
        serviceLine("-A", at, service),
        ...lines.map(([key, to]) => destinationLine("-a", at, key, to)),
      ].join("\n");
      ipvs.run({ argv: ["ipvsadm", "-R"], stdin });
      const read = parseService(
        { saved: ipvs.saved(), listing: ipvs.listing(at, false).stdout, thresholds: ipvs.listing(at, true).stdout },
        at,
      ) as Service;
      expect(plain(read)).toEqual(plain({ ...service, destinations: Object.fromEntries(lines) }));
    }),
  );
});
