import { sh } from "../../provider/host/command";
import { Conflict, NotConverged } from "../../provider/host/errors";
import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
import { apply, read, remove } from "../../provider/reconcile/reconcile";
import { hostsArePossible, MemoryHost } from "./memory-host";

const onHosts = hostsArePossible ? describe : describe.skip;
const FORWARD = "net.ipv4.ip_forward";
const ENTRY = `/var/lib/lvs/ledger/Sysctl.${FORWARD}`;

onHosts("reconcile", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    host.write("/proc/sys/net/ipv4/conf/all/forwarding", "0\n");
    host.write("/proc/sys/net/ipv4/conf/all/accept_redirects", "1\n");
    host.write("/etc/sysctl.d/README", "");
    host.write("/etc/modules-load.d/README", "");
    host.write("/srv/modules/ip_vs", "");
  });
  afterEach(() => host[Symbol.dispose]());

  const kind = (name: string) => kinds.get(name) as Kind;
  const wanted = (name: string, inputs: object) => kind(name).inputs.parse(inputs);
  const on = (inputs: object = {}) => wanted("Sysctl", { key: FORWARD, value: 1, ...inputs });
  const make = (name: string, want: object, owner = "p/s/r", had?: object) =>
    apply(kind(name), host, { owner, want, had });
  const drop = (name: string, had: object, owner = "p/s/r") => remove(kind(name), host, { owner, had });
  const forward = () => host.text("/proc/sys/net/ipv4/ip_forward").trim();
  const trips = async (work: () => Promise<unknown>) => {
    const before = host.scripts.length;
    await work();
    return host.scripts.length - before;
  };

  test("creates in two trips, is idle in one, and leaves no trace", async () => {
    const before = host.snapshot().filter((line) => !line.includes("/proc/sys/"));
    expect(await trips(() => make("Sysctl", on()))).toBe(2);
    expect(forward()).toBe("1");
    expect(host.text(`/etc/sysctl.d/zz-lvs-${FORWARD}.conf`)).toBe(`${FORWARD} = 1\n`);
    expect(JSON.parse(host.text(ENTRY))).toMatchObject({ kind: "Sysctl", identity: FORWARD, found: { value: "0" } });
    expect(await trips(() => make("Sysctl", on()))).toBe(1);
    await drop("Sysctl", on());
    expect(forward()).toBe("0");
    expect(host.snapshot().filter((line) => !line.includes("/proc/sys/"))).toEqual(before);
  });

  test("writes the boot file anew after a change of the declaration, and of the file by hand", async () => {
    const file = `/etc/sysctl.d/zz-lvs-${FORWARD}.conf`;
    await make("Sysctl", on({ value: 0 }));
    await make("Sysctl", on(), "p/s/r", on({ value: 0 }));
    expect(host.text(file)).toBe(`${FORWARD} = 1\n`);
    host.write(file, `${FORWARD} = 0\n`);
    await make("Sysctl", on(), "p/s/r", on());
    expect(host.text(file)).toBe(`${FORWARD} = 1\n`);
  });

  test("reports what it saw, which machine it was, and whether it comes back at boot", async () => {
    expect(await make("Sysctl", on())).toEqual({
      reported: { key: FORWARD, value: "1", boot: true },
      machine: "0123456789abcdef0123456789abcdef",
    });
    host.remove(`/etc/sysctl.d/zz-lvs-${FORWARD}.conf`);
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    const drifted = await read(kind("Sysctl"), host, { owner: "p/s/r", want: on() });
    expect(drifted.reported).toEqual({ key: FORWARD, value: "0", boot: false });
    const repaired = await make("Sysctl", on(), "p/s/r", on({ boot: false, value: 0 }));
    expect(repaired.reported).toMatchObject({ value: "1", boot: true });
  });

  test("adopts what is as declared already, and leaves it when it goes", async () => {
    host.write("/proc/sys/net/ipv4/ip_forward", "1\n");
    await make("Sysctl", on());
    await drop("Sysctl", on());
    expect(forward()).toBe("1");
  });

  test("updates: what was found first is what comes back", async () => {
    host.write("/proc/sys/net/ipv4/tcp_rmem", "1\t2\t3\n");
    const rmem = (value: string) => wanted("Sysctl", { key: "net.ipv4.tcp_rmem", value });
    await make("Sysctl", rmem("4 5 6"));
    await make("Sysctl", rmem("7 8 9"), "p/s/r", rmem("4 5 6"));
    expect(host.text("/proc/sys/net/ipv4/tcp_rmem")).toBe("7 8 9\n");
  });

  test("leaves no boot file where none is wanted any more", async () => {
    await make("KernelModule", wanted("KernelModule", { module: "ip_vs" }));
    expect(host.text("/etc/modules-load.d/lvs-ip_vs.conf")).toBe("ip_vs\n");
    const now = wanted("KernelModule", { module: "ip_vs", boot: false });
    await make("KernelModule", now, "p/s/r", wanted("KernelModule", { module: "ip_vs" }));
    expect(host.has("/etc/modules-load.d/lvs-ip_vs.conf")).toBe(false);
  });

  test("is gone only when neither the host nor its ledger has it", async () => {
    const look = async () => (await read(kind("Sysctl"), host, { owner: "p/s/r", want: on() })).reported;
    expect(await look()).toBeUndefined();
    await make("Sysctl", on());
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    expect(await look()).toMatchObject({ value: "0" });
    host.remove("/var/lib/lvs");
    host.write("/proc/sys/net/ipv4/ip_forward", "1\n");
    expect(await look()).toMatchObject({ value: "1" });
  });

  test.each([0, 1, 2, 3])("a connection that is cut after step %d loses nothing", async (steps) => {
    host.cutAfter(steps);
    const cut = await make("Sysctl", on());
    expect(cut.failure?.message).toMatch("the connection was lost");
    expect(host.has(ENTRY)).toBe(steps > 0);
    expect(await make("Sysctl", on(), "p/s/r", on())).toMatchObject({ reported: { value: "1", boot: true } });
    host.cutAfter(steps);
    await expect(drop("Sysctl", on())).rejects.toThrow("the connection was lost");
    await drop("Sysctl", on());
    expect(forward()).toBe("0");
    expect([host.has("/var/lib/lvs"), host.has(`/etc/sysctl.d/zz-lvs-${FORWARD}.conf`)]).toEqual([false, false]);
  });

  test("two owners: the first who leaves changes nothing, the last puts back", async () => {
    await make("Sysctl", on(), "p/one/r");
    await make("Sysctl", on(), "p/two/r");
    await drop("Sysctl", on(), "p/one/r");
    expect([forward(), host.has(`/etc/sysctl.d/zz-lvs-${FORWARD}.conf`)]).toEqual(["1", true]);
    await drop("Sysctl", on(), "p/two/r");
    expect([forward(), host.has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("a rename is a create that adopts and a delete that does nothing", async () => {
    await make("Sysctl", on(), "p/s/old");
    await make("Sysctl", on(), "p/s/new");
    await drop("Sysctl", on(), "p/s/old");
    expect(forward()).toBe("1");
    await drop("Sysctl", on(), "p/s/new");
    expect(forward()).toBe("0");
  });

  test("a rename may change the value as well: what the same stack declared before is no conflict", async () => {
    const told = jest.spyOn(console, "log").mockImplementation(() => {});
    await make("Sysctl", on(), "p/s/old");
    await make("Sysctl", on({ value: 0 }), "p/s/new");
    expect([forward(), told.mock.calls]).toEqual(["0", []]);
    await drop("Sysctl", on(), "p/s/old");
    expect([forward(), host.has(`/etc/sysctl.d/zz-lvs-${FORWARD}.conf`)]).toEqual(["0", true]);
    await drop("Sysctl", on({ value: 0 }), "p/s/new");
    expect(host.has("/var/lib/lvs")).toBe(false);
  });

  test("another stack's different declaration is a conflict, and nothing is touched", async () => {
    await make("Sysctl", on(), "p/one/r");
    const before = host.snapshot();
    const off = make("Sysctl", on({ value: 0 }), "p/two/r");
    await expect(off).rejects.toThrow(Conflict);
    await expect(off).rejects.toThrow("Sysctl net.ipv4.ip_forward is declared differently by p/one/r");
    expect(host.snapshot()).toEqual(before);
  });

  test("two at once: who comes second looks again", async () => {
    const both = await Promise.all(["p/one/r", "p/two/r", "p/three/r"].map((owner) => make("Sysctl", on(), owner)));
    expect(both.every(({ failure }) => failure === undefined)).toBe(true);
    expect(Object.keys(JSON.parse(host.text(ENTRY)).owners).sort()).toEqual(["p/one/r", "p/three/r", "p/two/r"]);
    expect(JSON.parse(host.text(ENTRY)).found.value).toBe("0");
  });

  test("a claim that comes while the last owner leaves is not forgotten", async () => {
    await make("Sysctl", on(), "p/one/r");
    let other: Promise<unknown> | undefined;
    host.before = async (script) => {
      // The claim comes after the found value was put back, and before the ledger's entry is removed.
      const forgets = script.steps?.some(({ argv }) => argv.join(" ").includes(".found"));
      if (!forgets || other) return;
      other = make("Sysctl", on(), "p/two/r");
      await other;
    };
    await drop("Sysctl", on(), "p/one/r");
    expect(other).toBeDefined();
    expect(forward()).toBe("1");
    expect(Object.keys(JSON.parse(host.text(ENTRY)).owners)).toEqual(["p/two/r"]);
    await drop("Sysctl", on(), "p/two/r");
    expect([forward(), host.has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("fails when the host does not keep what was written", async () => {
    const sysctl = kind("Sysctl");
    const stubborn: Kind = {
      ...sysctl,
      look(change) {
        const { ask, read } = sysctl.look(change);
        const setsBack = sh("echo 0 >/proc/sys/net/ipv4/ip_forward");
        return { ask: [setsBack, ...ask], read: (replies) => read(replies.slice(1)) };
      },
    };
    const { failure, reported } = await apply(stubborn, host, { owner: "p/s/r", want: on() });
    expect(failure).toBeInstanceOf(NotConverged);
    expect(failure?.message).toMatch(`Still to do: setting ${FORWARD} = 1`);
    expect(reported).toMatchObject({ value: "0" });
  });

  test("a step that fails is told with what was seen after it", async () => {
    const { failure, reported } = await make("KernelModule", wanted("KernelModule", { module: "nothing" }));
    expect(failure?.message).toMatch(/^host memory: loading the kernel module nothing: exit 1: modprobe: FATAL/);
    expect(failure?.message).toMatch("The running kernel has no module nothing");
    expect(reported).toEqual({ module: "nothing", loaded: false, boot: false });
    await drop("KernelModule", wanted("KernelModule", { module: "nothing" }));
    expect(host.has("/var/lib/lvs")).toBe(false);
  });

  test("another machine than expected is left alone", async () => {
    const meet = (machine: string) => {
      throw new Error(`met ${machine}`);
    };
    await expect(apply(kind("Sysctl"), host, { owner: "p/s/r", want: on(), judge: meet })).rejects.toThrow("met 0123");
    expect(host.has("/var/lib/lvs")).toBe(false);
  });
});
