import fc from "fast-check";
import { destinationLine, parseTable, serviceLine, spelled } from "../../provider/ipvs/ipvsadm";
import { virtualService } from "../../provider/kinds/virtual-service";
import { familyOfMatch, hostPort, type Match } from "../../provider/model";
import type { Kind } from "../../provider/reconcile/kind";
import { FakeIpvs } from "./fake-ipvs";
import { declarations, sites } from "./service-declarations";

const kind = virtualService as unknown as Kind;

function look(ipvs: FakeIpvs, change: object) {
  const { ask, read } = kind.look(change);
  return read(ask.map((command) => ipvs.run(command)));
}

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
  const matches: Match[] = [
    { protocol: "tcp", address: "10.0.0.9", port: 80 },
    { protocol: "sctp", address: "2001:db8::9", port: 80 },
    { mark: 99, family: "ipv4" },
    { mark: 99, family: "ipv6" },
  ];
  fc.assert(
    fc.property(fc.constantFrom(...matches), sites.chain(declarations), (match, inputs) => {
      const six = familyOfMatch(match) === "ipv6";
      const { scheduler, schedulerFlags, onePacket, destinations, forwarding } = kind.inputs.parse(inputs) as never;
      const port = "mark" in match ? 0 : 80;
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
        serviceLine("-A", match, service),
        ...lines.map(([key, to]) => destinationLine("-a", match, key, to)),
      ].join("\n");
      ipvs.run({ argv: ["ipvsadm", "-R"], stdin });
      const at = spelled(match);
      const [listing, thresholds] = [false, true].map((limits) => ipvs.listing(at, limits).stdout) as [string, string];
      const read = parseTable({ saved: ipvs.saved(), listing, thresholds })[at];
      expect(plain(read)).toEqual(plain({ ...service, destinations: Object.fromEntries(lines) }));
    }),
  );
});
