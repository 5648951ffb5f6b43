import { Declared } from "./declared";
import { ENTRY, KEY, memoryHost, onMemoryHost, owners, said, sysctl, value } from "./one-setting";

jest.mock("../../provider/host/pool", () => require("./one-setting").pool);

// What an administrator does to a host beside Pulumi: the ledger goes, comes back from a backup, or comes along with a copied disk.

const FILE = "/var/lib/lvs/ledger/File.%2Fetc%2Fmotd";
const motd = (owner = "p/s/motd") => new Declared("File", { path: "/etc/motd", content: "declared\n" }, owner);
const told = () => said.splice(0).join("\n");

onMemoryHost("a ledger that has gone", () => {
  test("is told by a refresh, and a delete takes away neither the thing nor the original that was kept", async () => {
    const file = await motd().create();
    memoryHost().remove(FILE);
    await file.refresh();
    expect(told()).toBe(
      "warning: host memory: File /etc/motd: the host's ledger says no more what was there before (/var/lib/lvs/ledger/" +
        "File.%2Fetc%2Fmotd is gone): a delete will leave it there. Was the ledger removed, or restored from an older backup? " +
        "Put the entry back",
    );
    expect(await file.changes()).toBe(false);
    await file.delete();
    expect(told()).toMatch(
      / it stays as it is\. Take it away by hand; of a file, what was kept is there, with \.found/,
    );
    expect([memoryHost().text("/etc/motd"), memoryHost().text(`${FILE}.found`)]).toEqual(["declared\n", "found\n"]);
  });

  test("is told by a change, which a delete takes back to what was there before it", async () => {
    const forward = await sysctl("p/s/lost").create();
    memoryHost().remove(ENTRY);
    forward.inputs = { key: KEY, value: 0 };
    await forward.update();
    expect(told()).toMatch(/ is gone\): what is there now counts as found, and a delete will leave that$/);
    expect(value()).toBe("0");
    await forward.delete();
    expect([value(), told()]).toEqual(["1", ""]);
  });

  test("is nothing to be told where the thing has gone as well, as after a delete that was not saved", async () => {
    const file = await motd().create();
    const copy = file.as("p/s/motd");
    await file.delete();
    await copy.delete();
    expect([memoryHost().text("/etc/motd"), memoryHost().has("/var/lib/lvs"), told()]).toEqual(["found\n", false, ""]);
  });

  test("comes back from a backup, and all is as before", async () => {
    const file = await motd().create();
    const entry = memoryHost().text(FILE);
    memoryHost().remove(FILE);
    await file.refresh();
    memoryHost().write(FILE, entry);
    await file.delete();
    expect([memoryHost().text("/etc/motd"), memoryHost().has("/var/lib/lvs")]).toEqual(["found\n", false]);
  });
});

onMemoryHost("a ledger from a backup of before a replacement", () => {
  test("does not say that the resource belongs to itself, and the next update takes the thing over", async () => {
    const forward = await sysctl("p/s/forward").create();
    const backup = memoryHost().text(ENTRY);
    await forward.replace();
    expect(told()).toBe(`host memory: Sysctl ${KEY} stays: it belongs to p/s/forward now`);
    memoryHost().write(ENTRY, backup);
    await forward.as("p/s/forward").delete();
    expect(told()).toMatch(
      /: the host's ledger has another claim of p\/s\/forward than this state\. .*restored from a backup\?/,
    );
    await forward.refresh();
    await forward.update();
    expect(Object.keys(owners())).toEqual(["p/s/forward"]);
    await forward.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });
});

onMemoryHost("a ledger that names another stack", () => {
  test("keeps the thing, and the delete says for whom", async () => {
    const own = await sysctl("p/s/forward").create();
    const other = await sysctl("p/t/forward").create();
    const backup = memoryHost().text(ENTRY);
    await other.delete();
    expect(told()).toBe(`host memory: Sysctl ${KEY} stays: p/s/forward declares it, too`);
    memoryHost().write(ENTRY, backup);
    await own.delete();
    expect([value(), told()]).toEqual(["1", `host memory: Sysctl ${KEY} stays: p/t/forward declares it, too`]);
  });
});

onMemoryHost("two Hosts with one machine-id", () => {
  test("are told once: a machine with two addresses, or a copied disk", async () => {
    const on = (name: string, address: string, key = KEY) =>
      new Declared("Sysctl", { key, value: 1 }, `p/twins/${name}`, undefined, { name, address });
    await on("one", "192.0.2.11").create();
    expect(told()).toBe("");
    const two = await on("two", "192.0.2.12").create();
    expect(told()).toBe(
      "warning: host two: the Hosts one (192.0.2.11) and two (192.0.2.12) have one machine-id: they are one machine, or one is a " +
        "copy of the other. Of one machine, declare one Host. In a copy, make another id: rm /etc/machine-id; " +
        'systemd-machine-id-setup. (advice "one-host-two-names")',
    );
    two.inputs = { key: KEY, value: 0 };
    await two.update();
    expect(told()).not.toContain("machine-id");
  });
});

onMemoryHost("another machine than before", () => {
  test("is no way to lose what stands on the first one, and the cure that is named works", async () => {
    const file = await motd().create();
    memoryHost().remove("/var/lib/lvs");
    memoryHost().write("/etc/motd", "of the other machine\n");
    memoryHost().write("/etc/machine-id", `${"f".repeat(32)}\n`);
    for (const act of [() => file.refresh(), () => file.delete()])
      await expect(act()).rejects.toThrow(
        /declare machine: "f{32}" on the host, and run `pulumi up` without a refresh before it: /,
      );
    expect(memoryHost().text("/etc/motd")).toBe("of the other machine\n");
    const replaced = file.as("p/s/motd", {}, { machine: "f".repeat(32) });
    expect(await replaced.changes()).toBe(true);
    await replaced.update();
    await replaced.refresh();
    expect(memoryHost().text("/etc/motd")).toBe("declared\n");
    await replaced.delete();
    expect([memoryHost().text("/etc/motd"), memoryHost().has("/var/lib/lvs")]).toEqual([
      "of the other machine\n",
      false,
    ]);
  });
});

onMemoryHost("a host that was reinstalled with the machine-id of before", () => {
  test("has lost everything: a refresh finds nothing, and what is made anew keeps what is there now", async () => {
    const file = await motd().create();
    memoryHost().remove("/var/lib/lvs");
    memoryHost().write("/etc/motd", "of the new system\n");
    await file.refresh();
    expect([file.state, told()]).toEqual([undefined, ""]);
    await file.create();
    expect(memoryHost().text("/etc/motd")).toBe("declared\n");
    await file.delete();
    expect([memoryHost().text("/etc/motd"), memoryHost().has("/var/lib/lvs")]).toEqual(["of the new system\n", false]);
  });
});

onMemoryHost("an address that leads to another machine", () => {
  test("is stored, and nothing is changed there: every look and act names both machines", async () => {
    const file = await motd().create();
    const moved = file.as("p/s/motd", {}, { address: "192.0.2.99" });
    await moved.update();
    expect(moved.state).toMatchObject({ host: { address: "192.0.2.99" }, machine: file.state?.machine });
    memoryHost().remove("/var/lib/lvs");
    memoryHost().write("/etc/motd", "theirs\n");
    memoryHost().write("/etc/machine-id", `${"a".repeat(32)}\n`);
    const changed = moved.as("p/s/motd", { content: "changed\n" });
    for (const act of [() => moved.refresh(), () => changed.update(), () => moved.delete()])
      await expect(act()).rejects.toThrow(
        /\(192\.0\.2\.99\): another machine answers: its machine-id is a{32}, expected is /,
      );
    expect([memoryHost().text("/etc/motd"), memoryHost().has("/var/lib/lvs")]).toEqual(["theirs\n", false]);
  });
});
