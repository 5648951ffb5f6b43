import { createHash } from "node:crypto";
import { provider } from "../../provider";
import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
import { apply, remove } from "../../provider/reconcile/reconcile";
import { Host, Ldirectord } from "../../sdk/index";
import { withLdirectord } from "../ldirectord";
import { only, register } from "../sdk/registered";
import { makeDirector } from "./ldirectord-host";
import { onHosts, resources } from "./on-host";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const path = "/etc/ha.d/ldirectord.cf";

onHosts("ldirectord", () => {
  const checks = resources("HealthChecks");
  const file = kinds.get("File") as Kind;
  const to = { forwarding: "dr", weight: 2 };
  const at = "-t 172.17.111.111:80";
  const service = `-A ${at} -s wrr`;
  const [a, b] = ["172.17.111.222:80", "172.17.111.234:80"];
  const entry = (key: string, weight = 2) => `-a ${at} -r ${key} -g -w ${weight}`;
  const declared = (content: string, keys = [a, b]) => ({
    configuration: { [path]: sha256(content) },
    services: { "172.17.111.111:80": { destinations: Object.fromEntries(keys.map((key) => [key, to])) } },
    patience: 1,
    drain: { timeout: 1 },
  });
  const write = (content: string, more = {}) =>
    apply(file, checks.host, { owner: "p/s/f", want: file.inputs.parse({ path, content, ...more }) });
  const unwrite = () => remove(file, checks.host, { owner: "p/s/f", had: file.inputs.parse({ path }) });
  const makes = (...lines: string[]) => checks.host.write("/run/made-by-ldirectord", `${lines.join("\n")}\n`);
  const table = () => checks.host.text("/run/table").trim().split("\n").filter(Boolean).sort();
  const unit = (name: string) => checks.host.text(`/run/units/ldirectord.service/${name}`).trim();
  const loads = () => (checks.host.has("/run/units/ldirectord.service/loads") ? unit("loads").length : 0);

  beforeEach(() => makeDirector(checks.host));

  test("is reloaded with its configuration, and the table is believed, not its word", async () => {
    await write("one");
    makes(service, entry(a), entry(b));
    const { failure, reported } = await checks.make(declared("one"));
    expect(failure).toBeUndefined();
    expect(reported?.health).toEqual({ "172.17.111.111:80": { [a]: "up", [b]: "up" } });
    expect(checks.host.calls()).toContain("systemctl reload-or-restart ldirectord.service");
    expect((await checks.make(declared("one"), declared("one"))).failure).toBeUndefined();
    expect(checks.host.calls().filter((line) => line.includes("reload-or-restart"))).toHaveLength(1);
  });

  test("a service that does not come is a failure, although the unit runs", async () => {
    await write("one");
    const { failure } = await checks.make(declared("one"));
    expect(failure?.message).toMatch(
      /waiting for ldirectord's first checks: the kernel has no virtual service 172.*log/,
    );
  });

  test("a server that stays out is health", async () => {
    await write("one");
    makes(service, entry(a));
    const { failure, reported } = await checks.make(declared("one"));
    expect(failure).toBeUndefined();
    expect(reported?.health).toEqual({ "172.17.111.111:80": { [a]: "up", [b]: "down" } });
    const again = await checks.read(declared("one"));
    const { health: _, ...inputs } = again.reported as Record<string, unknown>;
    expect(inputs).toEqual(checks.want(declared("one")));
  });

  test("what was changed by hand is told and repaired; who is out stays out", async () => {
    await write("one");
    makes(service, entry(a));
    await checks.make(declared("one"));
    checks.host.write("/run/table", `-A ${at} -s rr\n${entry(a, 9)}\n`);
    expect((await checks.read(declared("one"))).reported).toMatchObject({
      services: { "172.17.111.111:80": { scheduler: "rr", destinations: { [a]: { weight: 9 }, [b]: { weight: 2 } } } },
    });
    expect((await checks.make(declared("one"), declared("one"))).failure).toBeUndefined();
    expect(table()).toEqual([service, entry(a)]);
    checks.host.write("/run/table", "");
    expect((await checks.make(declared("one"), declared("one"))).failure).toBeUndefined();
    expect(table()).toEqual([service, entry(a)]);
  });

  test("one that was stopped and disabled by hand is told and put back", async () => {
    await write("one");
    makes(service, entry(a), entry(b));
    await checks.make(declared("one"));
    checks.host.write("/run/units/ldirectord.service/enabled", "disabled\n");
    checks.host.write("/run/units/ldirectord.service/active", "failed\n");
    expect((await checks.read(declared("one"))).reported).toMatchObject({ enabled: false, running: false });
    expect((await checks.make(declared("one"), declared("one"))).failure).toBeUndefined();
    expect([unit("enabled"), unit("active")]).toEqual(["enabled", "active"]);
  });

  test("a server that is no longer declared is drained before the reload; one that is busy gets its weight back", async () => {
    await write("one");
    makes(service, entry(a), entry(b));
    await checks.make(declared("one"));
    await write("two");
    makes(service, entry(a));
    checks.host.write("/run/connections", `TCP  172.17.111.111:80 wrr\n  -> ${b}  Route   0  3  0\n`);
    const before = loads();
    const busy = await checks.make(declared("two", [a]), declared("one"));
    expect(busy.failure?.message).toMatch(/draining 172.17.111.234:80: 3 connections are open/);
    expect([table(), loads()]).toEqual([[service, entry(a), entry(b)], before]);
    checks.host.remove("/run/connections");
    expect((await checks.make(declared("two", [a]), declared("one"))).failure).toBeUndefined();
    expect(table()).toEqual([service, entry(a)]);
    const calls = checks.host.calls();
    const quiet = calls.lastIndexOf(`-e ${at} -r ${b} -g -w 0`);
    expect(quiet).toBeLessThan(calls.lastIndexOf("systemctl reload-or-restart ldirectord.service"));
    expect(quiet).toBeGreaterThan(0);
  });

  test("gone, everything is as it was found, and the daemon is restarted with its own configuration", async () => {
    const others = "-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 10.0.0.2:80 -m -w 1\n";
    checks.host.write("/run/table", others);
    checks.host.write(path, "# dummy\n");
    const before = checks.host.snapshot().filter((line) => !/loads|table|made-by|ldirectord.service.active/.test(line));
    await write("one");
    makes(...others.trim().split("\n"), service, entry(a), entry(b));
    expect((await checks.make(declared("one"))).failure).toBeUndefined();
    await checks.drop(declared("one"));
    expect(checks.host.text("/run/table")).toBe(others);
    checks.host.remove("/run/made-by-ldirectord");
    await unwrite();
    expect(checks.host.calls()).toContain("systemctl try-restart ldirectord.service");
    expect(
      checks.host.snapshot().filter((line) => !/loads|table|made-by|ldirectord.service.active/.test(line)),
    ).toEqual(before);
  });

  test("health is no difference", async () => {
    const handler = provider("HealthChecks");
    const { inputs } = await handler.check({}, { ...declared("one"), host: { name: "d" }, owner: "p/s/r" });
    const outputs = { machine: "0123", health: { "172.17.111.111:80": { [a]: "down" } } };
    expect((await handler.diff("d", { ...inputs, ...outputs }, inputs)).changes).toBe(false);
    expect((await handler.diff("d", { ...inputs, ...outputs, running: false }, inputs)).changes).toBe(true);
  });

  test("systemd is told of the drop-in, which it does not notice, and that it went", async () => {
    checks.host.write("/run/systemd/system/x", "");
    const dropIn = file.inputs.parse({
      path: "/etc/systemd/system/ldirectord.service.d/lvs.conf",
      content: "[Unit]\n",
    });
    const reloads = () => checks.host.calls().filter((call) => call === "systemctl daemon-reload").length;
    await apply(file, checks.host, { owner: "p/s/d", want: dropIn });
    expect(reloads()).toBe(1);
    await apply(file, checks.host, { owner: "p/s/d", had: dropIn, want: dropIn });
    expect(reloads()).toBe(1);
    await remove(file, checks.host, { owner: "p/s/d", had: dropIn });
    expect(reloads()).toBe(2);
  });

  const component = async () => {
    const virtuals = { "172.17.111.111:80": { real: { [a]: { forwarding: "dr" } }, receive: "OK" } } as const;
    const registered = await register(() => new Ldirectord("h", { host: new Host("d"), virtuals }));
    const { content, validate, mode } = only(registered, "File", "h-configuration").inputs;
    return { content: content as string, validate: validate as string[], mode };
  };

  withLdirectord("a configuration that its own parser refuses never goes live, and the pid file stays", async () => {
    const { content, validate, mode } = await component();
    checks.host.write("/run/ldirectord.ldirectord.pid", "1\n");
    expect((await write(content, { validate, mode })).failure).toBeUndefined();
    const { failure } = await write(content.replace("scheduler=wrr", "scheduler=7"), { validate, mode });
    expect(failure?.message).toMatch(/at line \d+: invalid scheduler.*The new content was refused by/);
    expect(checks.host.text(path)).toBe(content);
    expect(checks.host.has("/run/ldirectord.ldirectord.pid")).toBe(true);
  });

  withLdirectord("nor does one with an expression that Perl cannot compile", async () => {
    const { content, validate, mode } = await component();
    const writing = write(content.replace('receive="OK"', 'receive="O(K"'), { validate, mode });
    await expect(writing).rejects.toThrow(/line \d+: Unmatched \(/);
    expect(checks.host.has(path)).toBe(false);
  });
});
