import { randomBytes } from "node:crypto";
import { type Session, sh } from "../../provider/host/command";
import { fact } from "../../provider/host/fact";
import { kinds } from "../../provider/kinds";
import { destinationValues } from "../../provider/model";
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

  test("a destination is a text of its own, and one of a state of before is no difference", async () => {
    const tunnel = { type: "gue", port: 6080, checksum: "full" };
    const destinations = { "10.0.0.1": { weight: 2, upperThreshold: 100, tunnel }, "10.0.0.2:80": {} };
    const texts = {
      "10.0.0.1:80": `weight 2, upperThreshold 100, tunnel ${JSON.stringify(tunnel)}`,
      "10.0.0.2:80": "weight 1",
    };
    const inputs = await checked("VirtualService", { ...service, forwarding: "tun", destinations });
    expect(inputs.destinations).toEqual(texts);
    // As where changes of the destinations are ignored: the engine gives back what it has.
    expect(await checked("VirtualService", { ...service, forwarding: "tun", destinations: texts })).toEqual(inputs);
    const before = { ...inputs, destinations: destinationValues(texts) };
    const { diff } = handlerOf("VirtualService");
    expect(before.destinations).toMatchObject({ "10.0.0.2:80": { weight: 1 }, "10.0.0.1:80": { tunnel } });
    expect(await diff("id", before, inputs)).toMatchObject({ changes: false, replaces: [] });
    const other = { ...inputs, destinations: { ...texts, "10.0.0.2:80": "weight 3" } };
    for (const olds of [before, inputs]) expect(await diff("id", olds, other)).toMatchObject({ changes: true });
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

onHosts("a state of another version", () => {
  beforeEach(() => {
    mockHost = new MemoryHost();
    mockHost.write("/proc/sys/net/ipv4/tcp_fin_timeout", "0\n");
  });
  afterEach(() => mockHost[Symbol.dispose]());

  test("is refreshed and deleted with properties that no program can declare", async () => {
    const sysctl = handlerOf("Sysctl");
    const inputs = await checked("Sysctl", { key: "net.ipv4.tcp_fin_timeout", value: 1 });
    const { id, outs } = await sysctl.create(inputs);
    const state = { ...outs, gone: { deeper: 1 }, host: { ...(outs.host as Props), proxy: "gate" } };
    expect((await sysctl.read?.(id, state))?.props).toMatchObject({ value: "1" });
    await sysctl.delete?.(id, state);
    expect(mockHost.text("/proc/sys/net/ipv4/tcp_fin_timeout")).toBe("0\n");
  });

  test("is no difference in a spelling that is another one today, and its thing is found again", async () => {
    const sysctl = handlerOf("Sysctl");
    const inputs = await checked("Sysctl", { key: "net.ipv4.tcp_fin_timeout", value: 1 });
    const { id, outs } = await sysctl.create(inputs);
    const former = "net/ipv4/tcp_fin_timeout";
    const entry = (key: string) => `/var/lib/lvs/ledger/Sysctl.${encodeURIComponent(key)}`;
    mockHost.write(
      entry(former),
      mockHost.text(entry("net.ipv4.tcp_fin_timeout")).replace("net.ipv4.tcp_fin_timeout", former),
    );
    mockHost.remove(entry("net.ipv4.tcp_fin_timeout"));
    const olds = { ...outs, key: former };
    const itsId = id.replace("net.ipv4.tcp_fin_timeout", former);
    expect(await sysctl.diff(itsId, olds, inputs)).toMatchObject({ changes: false, replaces: [] });
    expect((await sysctl.read?.(itsId, olds))?.props).toMatchObject({ value: "1" });
    await sysctl.delete?.(itsId, olds);
    expect(mockHost.text("/proc/sys/net/ipv4/tcp_fin_timeout")).toBe("0\n");
    expect(mockHost.has("/var/lib/lvs")).toBe(false);
  });

  test("cannot be declared: each of them is told by its path", async () => {
    const news = { host: { ...host, prot: 22 }, owner: "p/s/r", key: "net.ipv4.tcp_fin_timeout", vlaue: 1, value: 1 };
    expect((await handlerOf("Sysctl").check({}, news)).failures).toEqual([
      { property: "host.prot", reason: 'there is no such property: did you mean "port"?' },
      // The engine prints the value of a property that a problem names, and this value may be a secret.
      { property: "", reason: 'vlaue: there is no such property: did you mean "value"?' },
    ]);
  });
});

describe("a state with other spellings of the same values", () => {
  const spellings: [kind: string, olds: Props, news: Props][] = [
    ["Route", { to: "default", via: "fd00::1", table: "254", metric: 1024 }, { to: "default", via: "fd00::1" }],
    ["RoutingRule", { priority: 9, table: "254", family: "ipv4" }, { priority: 9, table: "main", family: "ipv4" }],
    ["Sysctl", { key: "net/ipv4/ip_forward", value: "1" }, { key: "net.ipv4.conf.all.forwarding", value: 1 }],
  ];
  test.each(spellings)("%s: is no difference, and another value is one", async (kind, olds, news) => {
    const inputs = await checked(kind, news);
    const state = { ...inputs, ...olds, machine: "0123456789abcdef0123456789abcdef" };
    expect(await handlerOf(kind).diff("id", state, inputs)).toMatchObject({ changes: false, replaces: [] });
    const seen = { ...state, boot: false };
    expect(await handlerOf(kind).diff("id", seen, inputs)).toMatchObject({ changes: true, replaces: [] });
  });

  test("a VIP that was seen in a network is a difference", async () => {
    const inputs = await checked("VipAlias", { address: "192.0.2.9", device: "eth0" });
    for (const seen of [{ prefix: 24 }, { broadcast: "192.0.2.255" }, { hostRoute: false }, { label: "" }])
      expect(await handlerOf("VipAlias").diff("id", { ...inputs, ...seen }, inputs)).toMatchObject({ changes: true });
  });
});

onHosts("a thing that went by hand", () => {
  beforeEach(() => {
    mockHost = new MemoryHost();
  });
  afterEach(() => mockHost[Symbol.dispose]());

  test("is still what was declared: no replacement, and a delete forgets it", async () => {
    const users = handlerOf("SystemUser");
    const inputs = await checked("SystemUser", { user: "shop" });
    const { id, outs } = await users.create(inputs);
    expect(outs.declared).toBeUndefined();
    await mockHost.run({ steps: [{ argv: ["userdel", "shop"] }] });
    const seen = await users.read?.(id, outs);
    expect(seen?.props).toMatchObject({ user: "", declared: { user: "shop" } });
    expect(seen?.inputs).not.toHaveProperty("declared");
    expect(await users.diff(id, seen?.props as Props, inputs)).toMatchObject({ changes: true, replaces: [] });
    const again = await users.read?.(id, seen?.props as Props);
    expect(again?.props).toEqual(seen?.props);
    await users.delete?.(id, again?.props as Props);
    expect(mockHost.has("/var/lib/lvs")).toBe(false);
  });

  test("comes back by an update, after which nothing is kept apart", async () => {
    const users = handlerOf("SystemUser");
    const inputs = await checked("SystemUser", { user: "shop" });
    const { id, outs } = await users.create(inputs);
    await mockHost.run({ steps: [{ argv: ["userdel", "shop"] }] });
    const seen = await users.read?.(id, outs);
    const done = await users.update?.(id, seen?.props as Props, inputs);
    expect(done?.outs).toEqual(outs);
  });

  test("keeps no secret apart", async () => {
    const files = handlerOf("File");
    const inputs = await checked("File", { path: "/srv/key", content: "never\n" });
    const { id, outs } = await files.create(inputs);
    mockHost.write("/srv/key", "by hand\n");
    await mockHost.run({ steps: [{ argv: ["chmod", "600", "/srv/key"] }] });
    const seen = await files.read?.(id, outs);
    expect(seen?.props).toMatchObject({ content: "by hand\n", mode: "0600", declared: { mode: "0644" } });
    expect(JSON.stringify(seen?.props)).not.toContain("never");
  });
});

onHosts("advice", () => {
  const printed = jest.spyOn(console, "log").mockImplementation(() => {});
  beforeEach(() => {
    printed.mockClear();
    mockHost = new MemoryHost();
    mockHost.write("/proc/sys/net/core/somaxconn", "0\n");
    // Each test has another machine.
    mockHost.write("/etc/machine-id", `${randomBytes(16).toString("hex")}\n`);
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
    let resources = 0;
    const check = (name: string, address: string, stack = "p/two") =>
      sysctl.check({}, { ...inputs, host: { name, address }, owner: `${stack}/r${++resources}` });
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
