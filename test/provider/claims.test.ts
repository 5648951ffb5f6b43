import { Declared } from "./declared";
import { ENTRY, KEY, memoryHost, onMemoryHost, owners, said, sysctl, value } from "./one-setting";

jest.mock("../../provider/host/pool", () => require("./one-setting").pool);

const everything = () =>
  memoryHost()
    .snapshot()
    .filter((line) => !line.includes("/proc/sys/"));

onMemoryHost("a replaced resource", () => {
  test("stays: the delete of the original takes nothing away, and what was found comes back at the end", async () => {
    const before = everything();
    const forward = await sysctl("p/s/forward").create();
    const motd = await new Declared("File", { path: "/etc/motd", content: "declared\n" }, "p/s/motd").create();
    for (let times = 0; times < 2; times++) {
      await forward.replace();
      await motd.replace();
      expect([value(), memoryHost().text("/etc/motd")]).toEqual(["1", "declared\n"]);
      expect([await forward.changes(), await motd.changes()]).toEqual([false, false]);
    }
    expect(said.join("\n")).toMatch(`host memory: Sysctl ${KEY} stays: it belongs to p/s/forward now`);
    await forward.delete();
    await motd.delete();
    expect([value(), memoryHost().text("/etc/motd")]).toEqual(["0", "found\n"]);
    expect(everything()).toEqual(before);
  });

  test("whose host got another name stays, too", async () => {
    const forward = await sysctl("p/s/forward").create();
    const renamed = forward.as("p/s/forward", {}, { name: "renamed" });
    await renamed.create();
    await forward.delete();
    expect(value()).toBe("1");
    await renamed.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("shows its original no claim: a refresh says so, and the next update claims the thing again", async () => {
    const forward = await sysctl("p/s/forward").create();
    // The run was killed after the replacement was created, so the state still has the original.
    await forward.as("p/s/forward").create();
    expect(await forward.changes()).toBe(false);
    await forward.refresh();
    expect(await forward.changes()).toBe(true);
    await forward.update();
    await forward.refresh();
    expect(await forward.changes()).toBe(false);
    await forward.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });
});

onMemoryHost("an owner", () => {
  test("is one by its parents: two components have children of one name, and the second keeps the thing", async () => {
    const one = await sysctl("p/s/my:Web::forward").create();
    const two = await sysctl("p/s/my:Shop::forward").create();
    await one.delete();
    expect(value()).toBe("1");
    await two.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("whose host says that the owner's own stack is gone takes nothing from another one of it", async () => {
    const host = { supersedes: ["p/s", "p/gone"] };
    await sysctl("p/gone/forward").create();
    const one = await sysctl("p/s/one").create();
    const two = await sysctl("p/s/two").as("p/s/two", {}, host).create();
    expect(Object.keys(owners())).toEqual(["p/s/one", "p/s/two"]);
    await two.delete();
    expect([value(), Object.keys(owners())]).toEqual(["1", ["p/s/one"]]);
    await one.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("that moves into a component, or whose stack was renamed, takes its claim along", async () => {
    const forward = await sysctl("p/s/forward").create();
    for (const name of ["p/s/my:Web::forward", "p/t/my:Web::forward"]) {
      forward.owner = name;
      expect(await forward.changes()).toBe(true);
      await forward.update();
      expect(Object.keys(owners())).toEqual([name]);
    }
    forward.inputs = { key: KEY, value: 0 };
    await forward.update();
    expect(value()).toBe("0");
    await forward.delete();
    expect(memoryHost().has("/var/lib/lvs")).toBe(false);
  });

  test("that was moved by a run which did not live to save it, is still known by its claim", async () => {
    const forward = await sysctl("p/s/forward").create();
    await forward.as("p/s/my:Web::forward").update();
    await forward.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("proves itself by the claim and not by the name", async () => {
    const here = await sysctl("p/s/forward").create();
    const there = sysctl("q/s/forward", 1, { ...here.state, owner: "q/s/forward", claim: "another" });
    await there.delete();
    expect([value(), Object.keys(owners())]).toEqual(["1", ["p/s/forward"]]);
  });

  test("whose state was copied into another stack leaves that stack its own", async () => {
    const one = await sysctl("p/s/forward").create();
    const copy = one.as("p/copy/forward");
    await copy.update();
    await one.refresh();
    expect(await one.changes()).toBe(true);
    await one.update();
    expect(Object.keys(owners())).toEqual(["p/copy/forward", "p/s/forward"]);
    await copy.delete();
    expect([value(), Object.keys(owners())]).toEqual(["1", ["p/s/forward"]]);
  });

  test("draws the claim at random, and a preview never shows it", async () => {
    const [one, two] = [await sysctl("p/s/one").create(), await sysctl("p/s/two").create()];
    expect(one.state?.claim).toMatch(/^[0-9a-f]{32}$/);
    expect(two.state?.claim).not.toBe(one.state?.claim);
    await one.refresh();
    expect(await one.changes()).toBe(false);
    await one.update();
    expect(await one.changes()).toBe(false);
    expect(owners()["p/s/one"].claim).toBe(one.state?.claim);
  });
});

onMemoryHost("a state and an entry of 0.1.0", () => {
  const DIGEST = "17d4ea3b0a1b6f6b9f6d0d6c6a7d6c2f";
  const asOf010 = async (owner: string) => {
    const it = await sysctl(owner).create();
    const { claim: _, ...state } = it.state as { claim: string };
    const entry = JSON.parse(memoryHost().text(ENTRY));
    memoryHost().write(ENTRY, `${JSON.stringify({ ...entry, owners: { [owner]: DIGEST } })}\n`);
    return sysctl(owner, 1, state);
  };

  test("show no difference under the full name, and are taken over without touching the thing", async () => {
    const it = await asOf010("p/s/forward");
    it.owner = "p/s/lvs:NatCluster::forward";
    expect(await it.changes()).toBe(false);
    await it.refresh();
    expect(await it.changes()).toBe(false);
    const { scripts } = memoryHost();
    scripts.length = 0;
    it.state = { ...it.state, incomplete: true };
    await it.update();
    expect(scripts.flatMap(({ steps = [] }) => steps)).toHaveLength(1);
    expect(Object.keys(owners())).toEqual(["p/s/lvs:NatCluster::forward"]);
    expect(await it.changes()).toBe(false);
    await it.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("hold the thing once: not any more after the resource was replaced", async () => {
    const it = await asOf010("p/s/forward");
    await it.replace();
    expect(value()).toBe("1");
    await it.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("an interrupted create of 0.1.0 is gone on with", async () => {
    await asOf010("p/s/forward");
    const again = await sysctl("p/s/lvs:NatCluster::forward").create();
    await again.delete();
    expect([value(), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });
});
