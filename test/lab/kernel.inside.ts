import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { sh } from "../../provider/command";
import { declared, same } from "../../provider/declaration";
import { declaredHost } from "../../provider/host/declared";
import { closeIdle, withSession } from "../../provider/host/pool";
import type { Kind } from "../../provider/kind";
import { kinds } from "../../provider/kinds";
import { apply, read, remove } from "../../provider/reconcile";
import { declarations, sites } from "../provider/service-declarations";

// Runs inside a lab's namespace, where the director can be reached: lan.test.ts starts it there. What the fake of the unit tests
// believes of the kernel is tried on the kernel here.
jest.setTimeout(10 * 60_000);

const folder = process.env.LVS_LAB_KEYS as string;
const file = (name: string) => readFileSync(join(folder, name), "utf8");
const host = declared(declaredHost, {
  name: "director",
  address: "172.17.111.117",
  privateKey: file("id_ed25519"),
  hostKey: file("director_host_ed25519_key.pub").trim(),
}).want;
const kindOf = (name: string) => kinds.get(name) as Kind;
const owner = "lvs/lab/any";
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

afterAll(closeIdle);

test("any declaration after any other converges on the kernel's own table, and a second plan is empty", async () => {
  const kind = kindOf("VirtualService");
  const cases = sites.chain((site) => fc.tuple(declarations(site), declarations(site)));
  await fc.assert(
    fc.asyncProperty(cases, ([first, second]) =>
      withSession(host as never, async (session) => {
        let had: object | undefined;
        for (const inputs of [first, second]) {
          const want = kind.inputs.parse(inputs);
          const made = await apply(kind, session, { owner, had, want });
          expect(made.failure?.message).toBeUndefined();
          const { reported } = await read(kind, session, { owner, want });
          for (const [key, value] of Object.entries(plain(want)))
            expect({ key, same: same(plain(reported)[key], value) }).toEqual({ key, same: true });
          had = want;
        }
        await remove(kind, session, { owner, had: had as object });
      }),
    ),
    { numRuns: Number(process.env.LVS_RUNS ?? 5) },
  );
});

test("the kernel's timeouts: changed by hand they show, are repaired, and go back to what was found", async () => {
  const kind = kindOf("IpvsTimeouts");
  const want = kind.inputs.parse({ tcp: 1234, tcpFin: 56, udp: 78 });
  await withSession(host as never, async (session) => {
    const now = async (command: string) => (await session.run({ looks: [sh(command)] })).looks[0]?.stdout;
    const found = await now("ipvsadm -L --timeout");
    await apply(kind, session, { owner, want });
    expect(await now("ipvsadm -L --timeout")).toMatch(/: 1234 56 78$/m);
    await now("ipvsadm --set 99 0 0");
    expect((await read(kind, session, { owner, want })).reported).toMatchObject({ tcp: 99, tcpFin: 56 });
    expect((await apply(kind, session, { owner, had: want, want })).failure).toBeUndefined();
    expect(await now("ipvsadm -L --timeout")).toMatch(/: 1234 56 78$/m);
    await remove(kind, session, { owner, had: want });
    expect(await now("ipvsadm -L --timeout")).toBe(found);
  });
});
