import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { find } from "../../provider/host/fact";
import { outOfService } from "../../provider/ipvs/maintenance";
import { missedOf } from "../../provider/ipvs/maintenance-missed";
import { switchBack, switchOn } from "../../provider/linux/switches";
import { entryOf } from "../../provider/reconcile/ledger";
import { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

// Former versions could leave empty or half records behind when the host lost its power.

onHosts("an entry of the ledger that cannot be read", () => {
  const sysctls = resources("Sysctl");
  const on = { key: "net.ipv4.ip_forward", value: 1 };
  const entry = "/var/lib/lvs/ledger/Sysctl.net.ipv4.ip_forward";
  beforeEach(async () => {
    sysctls.host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    sysctls.host.write("/etc/sysctl.d/README", "");
    await sysctls.make(on);
  });

  test.each([
    ["", "it is empty"],
    ["\n", "it is empty"],
    ['{"kind":"Sysctl","identity":"net.ipv4.ip_forward","found":{"val', "it is no JSON"],
    ["\0\0\0\0", "it is no JSON"],
    ["null\n", "it names no owners"],
    ["[]\n", "it names no owners"],
    ['{"kind":"Sysctl","found":{"value":"0","along":{}},"owners":[]}\n', "it names no owners"],
    ['{"kind":"Sysctl","owners":{"p/s/r":{"declares":{}}}}\n', "it does not say what was found"],
    ['{"kind":"Sysctl","found":{},"owners":{"p/s/r":null}}\n', "it does not say what p/s/r declares"],
    ['{"kind":"Sysctl","found":{},"owners":{"p/s/r":5}}\n', "it does not say what p/s/r declares"],
    ['{"kind":"Sysctl","found":{},"owners":{"p/s/r":{"claim":"x"}}}\n', "it does not say what p/s/r declares"],
    ...["null", '"0"', "{}", "[]", '{"valu":"0"}'].map((found) => [
      `{"kind":"Sysctl","found":${found},"owners":{"p/s/r":{"declares":{}}}}\n`,
      "what was found is no such thing",
    ]),
    ['{"kind":"Sysctl","found":{},"owners":null}\n', "it names no owners"],
  ])("%j: every operation names host, file and cure, and changes nothing", async (text, why) => {
    sysctls.host.write(entry, text);
    const before = sysctls.host.snapshot();
    const told = new RegExp(
      `^host memory: ${entry}, which says what was found there before the first change, cannot be read: ${why}\\. .*remove the file`,
    );
    await expect(sysctls.make({ ...on, value: 2 }, on)).rejects.toThrow(told);
    await expect(sysctls.read(on)).rejects.toThrow(told);
    await expect(sysctls.drop(on)).rejects.toThrow(told);
    expect(sysctls.host.snapshot()).toEqual(before);
  });

  test("the error quotes nothing of the entry, which may hold a secret", async () => {
    sysctls.host.write(entry, '{"found": hunter2}');
    const error = await sysctls.read(on).catch((one: Error) => one);
    expect(String(error) + String((error as Error).cause)).not.toContain("hunter2");
  });

  test("one that somebody has written anew by an editor is read as before, and goes with its resource", async () => {
    const anew = (text: string) => `${JSON.stringify(JSON.parse(text), null, 2)}\n\n`;
    sysctls.host.write(entry, anew(sysctls.host.text(entry)));
    await sysctls.drop(on);
    expect(sysctls.host.text("/proc/sys/net/ipv4/ip_forward")).toBe("0\n");
    expect(sysctls.host.has("/var/lib/lvs")).toBe(false);
  });

  test("the cure is one: without the file, what is there counts as found", async () => {
    sysctls.host.write(entry, "");
    sysctls.host.remove(entry);
    await sysctls.make(on);
    await sysctls.drop(on);
    expect(sysctls.host.text("/proc/sys/net/ipv4/ip_forward")).toBe("1\n");
  });
});

onHosts("the copy of an original that is empty", () => {
  const files = resources("File");
  const fstab = { path: "/etc/fstab", content: "ours\n" };
  const kept = "/var/lib/lvs/ledger/File.%2Fetc%2Ffstab.found";
  const empty = (path: string) => writeFileSync(join(files.host.root, path), "");

  test("is never put back: the file stays, and the error says what to do", async () => {
    files.host.write("/etc/fstab", "/dev/sda1 / ext4\n");
    await files.make(fstab);
    empty(kept);
    await expect(files.drop(fstab)).rejects.toThrow(
      `host memory: ${kept}, the copy of what was found at /etc/fstab, is empty, and what was found was not`,
    );
    expect(files.host.text("/etc/fstab")).toBe("ours\n");
    files.host.remove(kept);
    await files.drop(fstab);
    expect(files.host.text("/etc/fstab")).toBe("ours\n");
    expect(files.host.has("/var/lib/lvs")).toBe(false);
  });

  test("is put back where the original was empty", async () => {
    files.host.write("/etc/fstab", "");
    await files.make(fstab);
    await files.drop(fstab);
    expect(files.host.text("/etc/fstab")).toBe("");
  });
});

onHosts("other records", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
  });
  afterEach(() => host[Symbol.dispose]());

  test.each(["", "-t 10.0.0.1:80\n", "-t 10.0.0.1:80|10.0.0.2:80|1\n-t 10.0.0.1:4", "-x nonsense|10.0.0.2:80|1\n"])(
    "of a maintenance: %j is an error, so the server's weight of 0 is not repaired",
    async (text) => {
      host.write("/var/lib/lvs/maintenance/10.0.0.2", text);
      await expect(find(host, outOfService())).rejects.toThrow(
        /^host memory: \/var\/lib\/lvs\/maintenance\/10\.0\.0\.2, .* cannot be read: .*Remove the file/,
      );
    },
  );

  test.each([
    ["", "it is empty"],
    ['{"directors":["standby"],"sin', "it is no JSON"],
    ["null", "it names no directors"],
    ['{"directors":[1],"since":"2026-01-01T00:00:00Z"}', "it names no directors"],
    ['{"directors":["standby"]}', "it has no time"],
  ])("of what directors have missed: %j is an error, and never nothing", async (text, why) => {
    const missed = { directors: ["standby"], since: "2026-01-01T00:00:00Z" };
    host.write("/var/lib/lvs/maintenance/.10.0.0.2.missed", text);
    host.write("/var/lib/lvs/maintenance/.10.0.0.3.missed", `${JSON.stringify(missed, null, 2)}\n`);
    await expect(find(host, missedOf())).rejects.toThrow(
      `host memory: /var/lib/lvs/maintenance/.10.0.0.2.missed, which says which directors do not know what has become of 10.0.0.2, cannot be read: ${why}. Remove the file`,
    );
    host.remove("/var/lib/lvs/maintenance/.10.0.0.2.missed");
    expect(await find(host, missedOf())).toEqual([{ address: "10.0.0.3", ...missed }]);
  });

  test("of a switch: an empty value is not put back", async () => {
    const value = "/proc/sys/net/ipv4/vs/expire_nodest_conn";
    host.write(value, "0\n");
    await host.run({ steps: [switchOn("net.ipv4.vs.expire_nodest_conn", "a")] });
    host.write("/var/lib/lvs/borrowed/net.ipv4.vs.expire_nodest_conn/.found", "");
    const { steps } = await host.run({ steps: [switchBack("net.ipv4.vs.expire_nodest_conn", "a")] });
    expect(steps[0]).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("/.found, the value that was found, is empty"),
    });
    expect(host.text(value)).toBe("1\n");
  });
});

onHosts("a record that another run removes while it is read", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
  });
  afterEach(() => host[Symbol.dispose]());

  /** The first of these programs removes the file, once the file is open. */
  const removedBy = (program: string, file: string) => {
    // The programs of a pipe begin at the same time: sed waits for what it is to read.
    const run =
      program === "sed"
        ? 'it=$(cat); $GONE; printf "%s\\n" "$it" | /usr/bin/sed "$@"'
        : `$GONE; exec /usr/bin/${program} "$@"`;
    host.write(`/usr/local/sbin/${program}`, `#!/bin/sh\nGONE="rm -f ${file}"\n${run}\n`);
    chmodSync(join(host.root, "/usr/local/sbin", program), 0o755);
  };

  test.each([
    ["stat", undefined],
    ["sed", expect.stringMatching(/^20..-..-..T..:..:..Z$/)],
  ] as const)("a maintenance, before `%s`: is read whole, or is not there", async (program, since) => {
    host.write("/var/lib/lvs/maintenance/10.0.0.2@shop", "-t 10.0.0.1:80|10.0.0.2:80|3\n");
    removedBy(program, "/var/lib/lvs/maintenance/10.0.0.2@shop");
    const whole = {
      ...{ address: "10.0.0.2", site: "shop", since },
      places: [expect.objectContaining({ key: "10.0.0.2:80", weight: 3 })],
    };
    expect(await find(host, outOfService())).toEqual([whole]);
    expect(await find(host, outOfService())).toEqual([]);
  });

  test("an entry of the ledger: is read as it was", async () => {
    const entry = { kind: "Sysctl", identity: "a", found: {}, owners: { "a::b::c": "digest" } };
    host.write("/var/lib/lvs/ledger/Sysctl.a", JSON.stringify(entry));
    removedBy("cat", "/var/lib/lvs/ledger/Sysctl.a");
    expect(await find(host, entryOf("Sysctl.a"))).toEqual(entry);
    expect(await find(host, entryOf("Sysctl.a"))).toBeUndefined();
  });

  test("what is there and cannot be read is an error", async () => {
    host.write("/var/lib/lvs/ledger/Sysctl.a/file", "");
    host.write("/var/lib/lvs/maintenance/10.0.0.2/file", "");
    await expect(find(host, entryOf("Sysctl.a"))).rejects.toThrow("Sysctl.a, which says what was found there");
    await expect(find(host, outOfService())).rejects.toThrow(
      "/var/lib/lvs/maintenance/10.0.0.2, which has the weights",
    );
  });
});
