import { spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { find } from "../../provider/host/fact";
import { confirmLoaded, filesNow, noted, prepareLoaded } from "../../provider/linux/loaded-files";
import { digest } from "../../provider/reconcile/equality";
import type { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

// To start a program is most of what a trip costs a host.

const LOGGED = ["stat", "sha256sum", "grep", "rmdir", "wc", "cut"];
const COUNTED = [...LOGGED, "cat", "dd", "base64", "mv", "sync"];

/** The programs that are started during `work`, and how often. */
async function started(host: MemoryHost, work: () => Promise<unknown>): Promise<Record<string, number>> {
  for (const tool of LOGGED) {
    host.write(`/usr/local/sbin/${tool}`, `#!/bin/sh\necho ${tool} >>/run/log\nexec /usr/bin/${tool} "$@"\n`);
    chmodSync(join(host.root, "/usr/local/sbin", tool), 0o755);
  }
  const before = host.calls().length;
  await work();
  const counts: Record<string, number> = {};
  for (const line of host.calls().slice(before)) {
    const [tool = ""] = line.split(" ");
    if (COUNTED.includes(tool)) counts[tool] = (counts[tool] ?? 0) + 1;
  }
  return counts;
}

onHosts("the programs of a trip", () => {
  const files = resources("File");

  test("a look at a file reads it once, and one too large to be shown as well", async () => {
    const small = { path: "/etc/motd", content: "small\n" };
    await files.make(small);
    // Of the ledger's entry, cat; of the way there and of the file, stat.
    const once = { cat: 1, stat: 2, dd: 1 };
    expect(await started(files.host, () => files.read(small))).toEqual({ ...once, base64: 1 });
    const large = { path: "/etc/issue", content: "0123456789abcdef\n".repeat(5000) };
    await files.make(large);
    expect(await started(files.host, () => files.read(large))).toEqual({ ...once, sha256sum: 1 });
    expect((await files.read(large)).reported).toMatchObject({ content: large.content });
  });

  test("three files that a service has loaded are looked at by two programs", async () => {
    const paths = ["/etc/nginx/a", "/etc/nginx/b b", "/etc/nginx/c\\c"];
    for (const path of paths) files.host.write(path, path);
    const seen = async () => find(files.host, filesNow(paths, "nginx.service"));
    expect(await started(files.host, seen)).toEqual({ sha256sum: 1, stat: 1 });
    expect(Object.entries(await seen()).map(([path, { sha256 }]) => [path, sha256])).toEqual(
      paths.map((path) => [path, digest(path)]),
    );
    // One by one, where one is not there.
    files.host.remove("/etc/nginx/a");
    expect(Object.values(await seen()).map(({ sha256 }) => sha256)).toEqual([
      "absent",
      ...paths.slice(1).map((path) => digest(path)),
    ]);
  });

  test("an entry of the ledger is written and brought to the disk by three programs", async () => {
    const write = () => files.make({ path: "/etc/motd", state: "absent" });
    expect(await started(files.host, write)).toEqual({ stat: 2, cat: 1, dd: 1, mv: 1, sync: 1 });
  });

  test("a file that was there before the service began is told from a newer one", async () => {
    files.host.write("/etc/old", "old");
    // Both clocks are read in whole seconds.
    await sleep(3200);
    const service = spawn("sleep", ["60"]);
    try {
      files.host.write("/usr/local/sbin/systemctl", `#!/bin/sh\necho ${service.pid}\n`);
      chmodSync(join(files.host.root, "/usr/local/sbin/systemctl"), 0o755);
      files.host.write("/etc/new", "new");
      // Looked at together, and one by one where one is not there.
      for (const paths of [
        ["/etc/old", "/etc/new"],
        ["/etc/old", "/etc/new", "/etc/gone"],
      ]) {
        const seen = await find(files.host, filesNow(paths, "it.service"));
        expect(paths.filter((path) => seen[path]?.older)).toEqual(["/etc/old"]);
      }
    } finally {
      service.kill();
    }
  });

  test("the folder of the ledger is removed with its last entry, and only then tried", async () => {
    const [one, other] = ["/etc/motd", "/etc/issue"].map((path) => ({ path, state: "absent" }));
    for (const absent of [one, other]) await files.make(absent as object);
    expect((await started(files.host, () => files.drop(one as object))).rmdir).toBeUndefined();
    expect((await started(files.host, () => files.drop(other as object))).rmdir).toBe(1);
    expect(files.host.has("/var/lib/lvs")).toBe(false);
  });

  test("what a service has loaded is read by no program, and a record of no file is a draft", async () => {
    files.host.write("/var/lib/lvs/loaded/a.service", `restart it\n${digest("a")} 1.2 File.a /etc/a b\n`);
    files.host.write("/var/lib/lvs/loaded/b.service", "restart it\n");
    const both = () => Promise.all(["a", "b"].map((unit) => find(files.host, noted(`${unit}.service`))));
    expect(await started(files.host, both)).toEqual({});
    expect(await both()).toEqual([
      { loaded: { "/etc/a b": { sha256: digest("a"), mark: "1.2", declared: false } } },
      { loaded: {}, draft: true },
    ]);
  });

  test("whether a service has loaded a file is asked only where a service has loaded some", async () => {
    const look = () => files.read({ path: "/etc/motd", state: "absent" });
    expect((await started(files.host, look)).grep).toBeUndefined();
    files.host.write("/etc/nginx/a", "a");
    const loaded = { "/etc/nginx/a": digest("a") };
    const steps = [prepareLoaded("nginx.service", "restart", loaded), confirmLoaded("nginx.service")];
    expect((await files.host.run({ steps })).steps.map(({ exit }) => exit)).toEqual([0, 0]);
    expect((await started(files.host, look)).grep).toBe(1);
  });
});
