import { sparingLoginsAt } from "../../provider/ipvs/drain";
import { kinds } from "../../provider/kinds";
import { sparingOwnLogins } from "../../provider/linux/own-logins";
import type { Kind, Step } from "../../provider/reconcile/kind";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

const step: Step = { run: { argv: ["tee", "/srv/made"], stdin: "made\n" }, purpose: "making a service" };

onHosts("what would take the address and port by which Pulumi comes in", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.connection = "10.0.0.1 40000 10.0.0.2 2222";
  });
  afterEach(() => host[Symbol.dispose]());

  const run = async ({ run, advice }: Step) => {
    const [reply] = (await host.run({ steps: [run] })).steps;
    return { made: host.has("/srv/made"), exit: reply?.exit, advice: reply && advice?.(reply) };
  };

  test.each([["2222"], ["80", "2000-3000"], ["1-65535"], ["2222-2222"]])(
    "is refused before it begins: %s",
    async (...ports) => {
      const { made, exit, advice } = await run(sparingOwnLogins(step, "10.0.0.2", ports));
      expect([made, exit]).toEqual([false, 1]);
      expect(advice).toContain("Reach this host by another address or port");
    },
  );

  test.each([
    ["10.0.0.2", ["80", "2223", "1-2221"]],
    ["10.0.0.3", ["2222"]],
  ])("is made where it is another one: %s %j", async (address, ports) => {
    expect(await run(sparingOwnLogins(step, address, ports))).toMatchObject({ made: true, exit: 0, advice: undefined });
    expect(host.text("/srv/made")).toBe("made\n");
  });

  test.each([
    [{ protocol: "tcp", address: "10.0.0.2", port: 0 }, false],
    [{ protocol: "tcp", address: "10.0.0.2", port: 2222 }, false],
    [{ protocol: "udp", address: "10.0.0.2", port: 2222 }, true],
    [{ mark: 7, family: "ipv4" }, true],
  ] as const)("the virtual service %j is made: %s", async (match, isMade) => {
    const [first] = sparingLoginsAt([step], match);
    expect((await run(first as Step)).made).toBe(isMade);
  });

  test.each([
    [
      "VirtualService",
      { address: "10.0.0.2", port: 2222, forwarding: "nat", destinations: {} },
      { service: null, borrowed: [] },
    ],
    ["FirewallMark", { address: "10.0.0.2", mark: 7, ports: [80, "2000-2222"] }, { ports: [], others: [] }],
  ])("a %s asks that of its host", (name, inputs, seen) => {
    const kind = kinds.get(name) as Kind;
    const [first] = kind.plan({ want: kind.inputs.parse(inputs) }, seen);
    const advice = first?.advice?.({ exit: 1, stdout: "", stderr: "it would take Pulumi's own logins along" });
    expect(advice).toContain("Nobody could undo that");
  });
});
