import { Conflict } from "../../provider/host/errors";
import { Declared } from "./declared";
import { ENTRY, KEY, memoryHost, onMemoryHost, owners, said, sysctl, VALUE, value } from "./one-setting";

jest.mock("../../provider/host/pool", () => require("./one-setting").pool);

onMemoryHost("another stack's declaration", () => {
  test("that differs is told: what, whose, since when, and the cure; nothing is touched", async () => {
    await sysctl("p/one/my:Web::forward").create();
    const before = memoryHost().snapshot();
    const refused = sysctl("p/two/forward", 0).create();
    await expect(refused).rejects.toThrow(Conflict);
    await expect(refused).rejects.toThrow(
      /^host memory: Sysctl net\.ipv4\.ip_nonlocal_bind is declared differently by p\/one\/forward\. Last seen 20\d\d-\d\d-\d\d \d\d:\d\d UTC: value is "1" there and "0" here\. Declare the same in both stacks, or remove one of the two\. If the stack p\/one is gone \(renamed, lost, removed by force\), declare supersedes: \["p\/one"\] on the host$/,
    );
    expect(memoryHost().snapshot()).toEqual(before);
  });

  test("is told without a secret", async () => {
    const file = new Declared("File", { path: "/etc/key", content: "hidden there" }, "p/one/key");
    await file.create();
    const refused = file.as("p/two/key", { content: "hidden here", mode: "0600" }).create();
    await expect(refused).rejects.toThrow(/: content differs, mode is "0644" there and "0600" here\. /);
    await expect(refused).rejects.not.toThrow(/hidden/);
    expect(memoryHost().text("/var/lib/lvs/ledger/File.%2Fetc%2Fkey")).not.toContain("hidden");
  });

  test("is told without the value of a setting that root alone may read, also where the owner changes it", async () => {
    const key = "net.ipv4.tcp_fastopen_key";
    const [there, here] = [1, 2].map((n) => `c0ffee0${n}-00000002-00000003-00000004`);
    memoryHost().write("/proc/sys/net/ipv4/tcp_fastopen_key", "00000001-00000002-00000003-00000004\n");
    const one = await new Declared("Sysctl", { key, value: there }, "p/one/key").create();
    const refused = one.as("p/two/key", { value: here }).create();
    await expect(refused).rejects.toThrow(/: value differs\. /);
    await one.as("p/two/key").create();
    one.inputs = { key, value: here };
    await one.update();
    expect(said.join()).toMatch(/declared by p\/two\/key as well\. Last seen .*: value differs\./);
    expect([String(await refused.catch(String)), ...said].join()).not.toContain("c0ffee");
  });

  test("that 0.1.0 wrote is told as far as it was noted", async () => {
    await sysctl("p/one/forward").create();
    const entry = JSON.parse(memoryHost().text(ENTRY));
    memoryHost().write(ENTRY, `${JSON.stringify({ ...entry, owners: { "p/one/forward": "0123" } })}\n`);
    await expect(sysctl("p/two/forward", 0).create()).rejects.toThrow(
      /by p\/one\/forward\. Last seen by version 0\.1\.0: what differs was not noted\. .*supersedes: \["p\/one"\]/,
    );
  });

  test.each(["create", "update"] as const)("gives way to `supersedes` at the next %s, and at a delete", async (how) => {
    await sysctl("p/lost/forward").create();
    const it = sysctl("p/two/forward", how === "create" ? 0 : 1);
    if (how === "update") await it.create();
    const heir = it.as("p/two/forward", {}, { supersedes: ["p/lost"] });
    if (how === "update") expect(await heir.changes()).toBe(true);
    await heir[how]();
    expect([value(), Object.keys(owners())]).toEqual([how === "create" ? "0" : "1", ["p/two/forward"]]);
    expect(await heir.changes()).toBe(false);
    await heir.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("of a wrong form is refused by the property", async () => {
    const it = new Declared("Sysctl", { key: KEY, value: 1 }, "p/s/r", undefined, {
      ...{ name: "memory", address: "192.0.2.1", supersedes: ["old"] },
    });
    await expect(it.create()).rejects.toThrow(/host\.supersedes\.0.*project\/stack/);
  });

  test("is changed by one stack after the other, and what was declared before does not undo it", async () => {
    const [one, two] = [await sysctl("a/prod/forward").create(), await sysctl("b/prod/forward").create()];
    one.inputs = { key: KEY, value: 2 };
    await one.update();
    expect(value()).toBe("2");
    expect(said.join()).toMatch(
      /is declared by b\/prod\/forward as well\. Last seen .*: value is "1" there and "2" here\. A refresh of that stack shows/,
    );
    await two.refresh();
    expect([two.state?.value, await two.changes()]).toEqual(["2", true]);
    await expect(two.update()).rejects.toThrow(
      /declared differently by a\/prod\/forward.*value is "2" there and "1" here/,
    );
    expect(value()).toBe("2");

    two.inputs = { key: KEY, value: 2 };
    await two.update();
    two.inputs = { key: KEY, value: 3 };
    await two.update();
    expect(value()).toBe("3");

    // Who declared last repairs it, whoever else is behind.
    memoryHost().write(VALUE, "0\n");
    await two.refresh();
    await two.update();
    expect(value()).toBe("3");
    one.inputs = { key: KEY, value: 3 };
    await one.update();
    await two.delete();
    await one.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("that was shared before an upgrade which adds a default can be changed by either stack", async () => {
    const [one, two] = [await sysctl("c/prod/forward").create(), await sysctl("d/prod/forward").create()];
    const entry = JSON.parse(memoryHost().text(ENTRY));
    memoryHost().write(
      ENTRY,
      `${JSON.stringify({ ...entry, owners: { "c/prod/forward": "former", "d/prod/forward": "former" } })}\n`,
    );
    for (const it of [one, two]) {
      const { claim: _, ...state } = it.state as { claim: string };
      it.state = { ...state, incomplete: true };
      await it.update();
    }
    expect(Object.values(owners()).map((it) => (it as { declares: object }).declares)).toEqual([
      { key: KEY, value: "1", boot: true },
      { key: KEY, value: "1", boot: true },
    ]);
    two.inputs = { key: KEY, value: 2 };
    await two.update();
    expect(value()).toBe("2");
  });

  test("that a former version wrote without a default of today is the same", async () => {
    await sysctl("p/one/forward").create();
    const entry = JSON.parse(memoryHost().text(ENTRY));
    // `boot` stands for a property that has come since.
    delete entry.owners["p/one/forward"].declares.boot;
    memoryHost().write(ENTRY, `${JSON.stringify(entry)}\n`);
    const two = await sysctl("p/two/forward").create();
    await expect(two.as("p/three/forward", { boot: false }).create()).rejects.toThrow(/boot is true there and false/);
  });
});

onMemoryHost("many at once", () => {
  test("wait for one another: twelve need one thing, and all get it", async () => {
    const all = Array.from({ length: 12 }, (_, i) => sysctl(`p/s/my:Cluster${i}::forward`));
    await Promise.all(all.map((one) => one.create()));
    expect(Object.keys(owners())).toHaveLength(12);
    expect(JSON.parse(memoryHost().text(ENTRY)).found.value).toBe("0");
    await Promise.all(all.map((one) => one.delete()));
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });
});
