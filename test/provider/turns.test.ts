import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
import { apply, read, remove } from "../../provider/reconcile/reconcile";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";
import { turnClock } from "./turn-clock";

// One process serves many resources. What is done of a large one in one turn keeps all others waiting, so each turn has one
// piece of it.

const FORWARD = "net.ipv4.ip_forward";
const sysctl = kinds.get("Sysctl") as Kind;

onHosts("turns", () => {
  test("a look, a plan and a report have a turn each", async () => {
    using host = new MemoryHost();
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    using turns = turnClock();
    const pieces: [string, number][] = [];
    const noted = (name: string) => pieces.push([name, turns.now()]);
    const { irreplaceable: _, ...rest } = sysctl;
    const kind: Kind = {
      ...rest,
      look(change) {
        const fact = sysctl.look(change);
        return {
          ...fact,
          read(replies) {
            noted("look");
            return fact.read(replies);
          },
        };
      },
      plan(...rest) {
        noted("plan");
        return sysctl.plan(...rest);
      },
      report(...rest) {
        noted("report");
        return sysctl.report(...rest);
      },
    };
    const want = sysctl.inputs.parse({ key: FORWARD, value: 1 });
    const expectTurns = async (work: Promise<unknown>, names: string[]) => {
      await work;
      const seen = pieces.splice(0);
      expect(seen.map(([name]) => name)).toEqual(names);
      expect(new Set(seen.map(([, turn]) => turn)).size).toBe(names.length);
    };
    const owner = "p/s/r";
    await expectTurns(apply(kind, host, { owner, want, had: undefined }), ["look", "plan", "look", "plan", "report"]);
    await expectTurns(read(kind, host, { owner, want }), ["look", "report"]);
    await expectTurns(remove(kind, host, { owner, had: want }), ["look", "plan", "look", "plan"]);
  });
});
