import type { Command } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { heldSwitches, switchBack, switchesOnFor, switchOn } from "../../provider/linux/switches";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

const KEY = "net.ipv4.vs.expire_nodest_conn";
const FILE = "/proc/sys/net/ipv4/vs/expire_nodest_conn";

onHosts("a switch of the kernel that services borrow", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.write(FILE, "0\n");
  });
  afterEach(() => host[Symbol.dispose]());

  const run = async (...steps: Command[]) => {
    for (const { exit, stderr } of (await host.run({ steps })).steps) if (exit !== 0) throw new Error(stderr);
  };
  const borrowed = (who: string) => find(host, switchesOnFor(who));

  it("is on while one of them needs it, and as found after the last", async () => {
    await run(switchOn(KEY, "a"), switchOn(KEY, "b"), switchOn(KEY, "a"));
    expect(host.text(FILE)).toBe("1\n");
    expect([await borrowed("a"), await borrowed("b"), await borrowed("c")]).toEqual([[KEY], [KEY], []]);
    await run(switchBack(KEY, "a"));
    expect(host.text(FILE)).toBe("1\n");
    await run(switchBack(KEY, "b"), switchBack(KEY, "b"));
    expect(host.text(FILE)).toBe("0\n");
    expect(host.has("/var/lib/lvs")).toBe(false);
  });

  it("stays on where it was found on, and as somebody set it meanwhile", async () => {
    host.write(FILE, "1\n");
    await run(switchOn(KEY, "a"), switchBack(KEY, "a"));
    expect(host.text(FILE)).toBe("1\n");
    await run(switchOn(KEY, "a"));
    host.write(FILE, "2\n");
    await run(switchBack(KEY, "a"));
    expect(host.text(FILE)).toBe("2\n");
  });

  it("comes back at boot while one needs it, and one that is off all the same is told", async () => {
    const atBoot = `/etc/sysctl.d/zz-lvs-borrowed-${KEY}.conf`;
    await run(switchOn(KEY, "a"), switchOn(KEY, "b"));
    expect(host.text(atBoot)).toBe(`${KEY} = 1\n`);
    expect(await find(host, heldSwitches("a"))).toEqual({ keys: [KEY], off: [] });
    host.write(FILE, "0\n");
    expect(await find(host, heldSwitches("a"))).toEqual({ keys: [KEY], off: [KEY] });
    await run(switchOn(KEY, "a"));
    expect(host.text(FILE)).toBe("1\n");
    await run(switchBack(KEY, "a"));
    expect(host.has(atBoot)).toBe(true);
    await run(switchBack(KEY, "b"));
    expect([host.text(FILE), host.has(atBoot), host.has("/var/lib/lvs")]).toEqual(["0\n", false, false]);
  });

  it("is not there in every kernel", async () => {
    host.remove(FILE);
    await run(switchOn(KEY, "a"), switchBack(KEY, "a"));
    expect(host.has("/var/lib/lvs")).toBe(false);
  });
});
