import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { DeclaredHost } from "../../provider/host/declared";
import { claimsOn, releaseClaims } from "../../provider/operations/claims";
import { differencesOf } from "../../provider/operations/differences";
import type { Props } from "../../provider/pulumi/handler";
import { Declared } from "./declared";
import { makeDirector } from "./ldirectord-host";
import { ENTRY, KEY, memoryHost, onMemoryHost, sysctl, value } from "./one-setting";

jest.mock("../../provider/host/pool", () => ({
  // Not before it is asked: the pool's file imports what is tested here.
  withSession: (...asked: unknown[]) => require("./one-setting").pool.withSession(...asked),
}));

const host = { name: "memory" } as DeclaredHost;

onMemoryHost("a stack that is released", () => {
  test("is the one of this name: a stack whose name only begins alike keeps what it declares", async () => {
    await sysctl("p/prod/forward").create();
    await sysctl("p/prod2/forward").create();
    const released = await releaseClaims(host, "p/prod");
    expect(released).toMatchObject([{ kind: "Sysctl", identity: KEY, owner: "p/prod/forward" }]);
    expect((await claimsOn(host)).map(({ owner }) => owner)).toEqual(["p/prod2/forward"]);
    expect(value()).toBe("1");
  });
});

onMemoryHost("claims", () => {
  test("of an entry that an editor has written anew are shown and released", async () => {
    await sysctl("p/prod/forward").create();
    memoryHost().write(ENTRY, `${JSON.stringify(JSON.parse(memoryHost().text(ENTRY)), null, 2)}\n\n`);
    expect(await claimsOn(host)).toMatchObject([{ identity: KEY, owner: "p/prod/forward" }]);
    expect(await releaseClaims(host, "p/prod")).toHaveLength(1);
    expect(await claimsOn(host)).toEqual([{ kind: "Sysctl", identity: KEY }]);
  });

  test("of files in folders that we made: the marks of the folders are no claims", async () => {
    await new Declared("File", { path: "/srv/site/pages/index.html", content: "x" }, "p/s/page").create();
    expect(memoryHost().has("/var/lib/lvs/ledger/Folder.%2Fsrv%2Fsite")).toBe(true);
    expect(await claimsOn(host)).toMatchObject([
      { kind: "File", identity: "/srv/site/pages/index.html", owner: "p/s/page" },
    ]);
  });
});

onMemoryHost("what differs from the program", () => {
  test("is told with both values, but for secrets", async () => {
    const file = await new Declared("File", { path: "/etc/motd", content: "hidden\n" }, "p/s/motd").create();
    const it = { kind: "File", name: "motd", id: "id", parents: [], inputs: await file.checked() };
    const differences = () => differencesOf({ ...it, state: file.state as Props });
    expect(await differences()).toEqual([]);
    memoryHost().write("/etc/motd", "hidden as well\n");
    chmodSync(join(memoryHost().root, "/etc/motd"), 0o600);
    expect(await differences()).toEqual([
      { kind: "File", name: "motd", property: "content" },
      { kind: "File", name: "motd", property: "mode", declared: "0644", seen: "0600" },
    ]);
  });

  test("is told of a virtual service, whose destinations the state has in the engine's form", async () => {
    makeDirector(memoryHost());
    const own = { forwarding: "dr", boot: false };
    const inputs = { ...own, address: "10.0.0.9", port: 80, destinations: { "10.0.0.11:80": { weight: 1 } } };
    const service = await new Declared("VirtualService", inputs, "p/s/web").create();
    const it = { kind: "VirtualService", name: "web", id: "id", parents: [], inputs: await service.checked() };
    expect(Object.values(it.inputs.destinations as object)).toEqual([expect.any(String)]);
    memoryHost().write("/run/table", "-A -t 10.0.0.9:80 -s wlc\n-a -t 10.0.0.9:80 -r 10.0.0.11:80 -g -w 7\n");
    expect(await differencesOf({ ...it, state: service.state as Props })).toMatchObject([
      { kind: "VirtualService", name: "web", property: "destinations" },
    ]);
  });

  test.each(["Sysctl", "Sysctls"])("is told without a setting that root alone may read (%s)", async (kind) => {
    const [key, file] = ["net.ipv4.tcp_fastopen_key", "/proc/sys/net/ipv4/tcp_fastopen_key"];
    memoryHost().write(file, "00000001-00000002-00000003-00000004\n");
    const value = "c0ffee01-00000002-00000003-00000004";
    const keys = await new Declared(
      kind,
      kind === "Sysctl" ? { key, value } : { settings: { [key]: value } },
      `p/s/${kind}`,
    ).create();
    memoryHost().write(file, "c0ffee02-00000002-00000003-00000004\n");
    const it = { kind, name: "k", id: "id", parents: [], inputs: await keys.checked(), state: keys.state as Props };
    expect(await differencesOf(it)).toEqual([{ kind, name: "k", property: kind === "Sysctl" ? "value" : "settings" }]);
  });
});
