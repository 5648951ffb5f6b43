import { type Session, sh } from "../../provider/host/command";
import { fact } from "../../provider/host/fact";
import { kinds } from "../../provider/kinds";
import type { Props } from "../../provider/pulumi/handler";
import { kindHandler } from "../../provider/pulumi/kind-handler";
import type { AdviceContext, Kind } from "../../provider/reconcile/kind";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

let mockHost: MemoryHost;
jest.mock("../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: Session) => unknown) => work(mockHost),
}));

const host = { name: "memory", address: "192.0.2.1" };
const handlerOf = (kind: string) => kindHandler(kinds.get(kind) as Kind);

/** The inputs as the engine has them after a check. */
async function checked(kind: string, inputs: Props): Promise<Props> {
  const { inputs: normal, failures } = await handlerOf(kind).check({}, { host, owner: "p/s/r", ...inputs });
  expect(failures).toEqual([]);
  return normal;
}

describe("what a preview compares", () => {
  const service = { address: "192.0.2.9", port: 80, forwarding: "nat", destinations: {}, drain: { timeout: 7 } };

  test("a property that has left the program is a change", async () => {
    const olds = await checked("VirtualService", { ...service, persistence: { timeout: 60 } });
    const { persistence: _, ...news } = olds;
    expect(await handlerOf("VirtualService").diff("id", olds, news)).toMatchObject({ changes: true, replaces: [] });
  });

  test("what is told of a host, and not declared, is none", async () => {
    const inputs = await checked("HealthChecks", { configuration: {}, services: {} });
    const olds = { ...inputs, machine: "0123456789abcdef0123456789abcdef", health: { "192.0.2.9:80": {} } };
    expect(await handlerOf("HealthChecks").diff("id", olds, inputs)).toMatchObject({ changes: false });
  });
});

onHosts("a change that failed half-way", () => {
  beforeEach(() => {
    mockHost = new MemoryHost();
    mockHost.write("/proc/sys/net/ipv4/ip_forward", "0\n");
  });
  afterEach(() => mockHost[Symbol.dispose]());

  test("is gone on with by the next update, although the state says what is declared", async () => {
    const sysctl = handlerOf("Sysctl");
    const inputs = await checked("Sysctl", { key: "net.ipv4.ip_forward", value: 1 });
    mockHost.cutAfter(1);
    const failure = await sysctl.create(inputs).catch((error: { id: string; properties: Props }) => error);
    const { id, properties: state } = failure as { id: string; properties: Props };
    expect(state).toMatchObject({ value: "1", boot: true, incomplete: true });
    expect(await sysctl.diff(id, state, inputs)).toMatchObject({ changes: true, replaces: [] });
    const done = await sysctl.update?.(id, state, inputs);
    expect(mockHost.text("/proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    expect(await sysctl.diff(id, done?.outs as Props, inputs)).toMatchObject({ changes: false });
  });
});

onHosts("advice", () => {
  const printed = jest.spyOn(console, "log").mockImplementation(() => {});
  beforeEach(() => {
    printed.mockClear();
    mockHost = new MemoryHost();
    mockHost.write("/proc/sys/net/core/somaxconn", "0\n");
  });
  afterEach(() => mockHost[Symbol.dispose]());
  afterAll(() => printed.mockRestore());

  const contexts: AdviceContext[] = [];
  const finding = { name: "ftp", severity: "warning", property: "", reason: "so: because. Do this" } as const;
  const sysctl = kindHandler({
    ...(kinds.get("Sysctl") as Kind),
    advice(_, context) {
      contexts.push(context);
      return fact(sh("echo seen"), ({ stdout }) => (stdout === "seen\n" ? [finding] : []));
    },
  });
  const inputs = { key: "net.core.somaxconn", value: 1, owner: "p/s/r" };
  const made = (more: Props) => sysctl.check({}, { host: { ...host, ...more }, ...inputs, advice: { ports: [80] } });

  test("is looked at by the trip that is made anyway, is printed once a run, and stands in no state", async () => {
    const { inputs: normal } = await made({ name: "advised", address: "192.0.2.21" });
    expect(normal).not.toHaveProperty("advice");
    const { id, outs } = await sysctl.create(normal);
    expect(mockHost.scripts).toHaveLength(2);
    expect(outs).not.toHaveProperty("advice");
    expect(contexts.at(-1)?.hints).toEqual({ ports: [80] });
    expect(contexts.at(-1)?.declared()).toMatchObject([{ kind: "Sysctl", want: { key: "net.core.somaxconn" } }]);
    await sysctl.read?.(id, outs);
    expect(mockHost.scripts).toHaveLength(3);
    expect(printed.mock.calls).toEqual([['warning: host advised: so: because. Do this. (advice "ftp")']]);
    await sysctl.delete?.(id, outs);
    expect(printed).toHaveBeenCalledTimes(1);
  });

  test("is silent where the host's declaration says so, and another name is refused", async () => {
    const { inputs: normal } = await made({ name: "silent", address: "192.0.2.22", advice: { ignore: ["ftp"] } });
    await sysctl.create(normal);
    expect(printed).not.toHaveBeenCalled();
    expect(
      (await made({ name: "other", address: "192.0.2.23", advice: { ignore: ["nothing"] } })).failures,
    ).toMatchObject([{ property: "host.advice.ignore.0" }]);
  });

  test("what is said for it alone is checked as well, and may come later", async () => {
    const check = (advice: unknown) => sysctl.check({}, { host, ...inputs, advice });
    expect((await check({ address: "10.0.0.300", port: [80] })).failures).toMatchObject([
      { property: "advice.port" },
      { property: "advice.address" },
    ]);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect((await check({ address: unknown, ports: [80] })).failures).toEqual([]);
    expect((await check(unknown)).failures).toEqual([]);
  });

  test("two Hosts of one name are refused, and of one address told, those of another stack not", async () => {
    const check = (name: string, address: string, stack = "p/two") =>
      sysctl.check({}, { ...inputs, host: { name, address }, owner: `${stack}/r` });
    expect((await check("one", "192.0.2.11")).failures).toEqual([]);
    expect((await check("one", "192.0.2.12")).failures).toMatchObject([
      {
        property: "host.address",
        reason: expect.stringContaining("two Hosts are called one, at 192.0.2.11 and 192.0.2.12"),
      },
    ]);
    expect((await check("one", "192.0.2.12", "p/three")).failures).toEqual([]);
    expect((await check("twin", "192.0.2.11")).failures).toEqual([]);
    expect((await check("one", "192.0.2.11")).failures).toEqual([]);
    expect(printed.mock.calls).toEqual([[expect.stringContaining('(advice "one-host-two-names")')]]);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect((await check("one", unknown)).failures).toEqual([]);
  });
});
