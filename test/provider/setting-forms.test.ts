import fc from "fast-check";
import { sysctl } from "../../provider/kinds/sysctl";
import { sysctls } from "../../provider/kinds/sysctls";
import { normalSetting } from "../../provider/linux/setting-forms";
import { onHosts, resources } from "./on-host";

const PORTS = "net.ipv4.ip_local_reserved_ports";

/** What the kernel prints of a set of numbers: it goes over its bits. */
function printed(numbers: ReadonlySet<number>): string {
  const ranges: string[] = [];
  for (let at = 0; at <= 70; at++) {
    if (!numbers.has(at) || numbers.has(at - 1)) continue;
    let last = at;
    while (numbers.has(last + 1)) last++;
    ranges.push(last === at ? `${at}` : `${at}-${last}`);
  }
  return ranges.join(",");
}

test("a set of numbers has one form, in whatever ranges and order it is written", () => {
  const range = fc.tuple(fc.nat(60), fc.nat(9)).map(([first, more]): [number, number] => [first, first + more]);
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 12 }), (ranges) => {
      const written = ranges.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(",");
      const numbers = new Set(ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i)));
      const normal = normalSetting(PORTS, written);
      expect(normal).toBe(printed(numbers));
      expect(normalSetting(PORTS, normal)).toBe(normal);
    }),
  );
});

test("whatever is declared, its normal form is its own normal form", () => {
  const keys = [PORTS, "net.core.rps_default_mask", "net.ipv4.tcp_fastopen_key", "net.ipv6.conf.lo.stable_secret"];
  fc.assert(
    fc.property(
      fc.constantFrom(...keys, "net.ipv4.tcp_allowed_congestion_control", "net.ipv4.tcp_rmem"),
      fc.string({ unit: fc.constantFrom(..."0123abf,-: x"), minLength: 1, maxLength: 12 }),
      (key, text) => {
        const normal = normalSetting(key, text);
        expect(normalSetting(key, normal)).toBe(normal);
      },
    ),
  );
});

test("the secret of an interface's addresses is an address of IPv6, of which the kernel prints all digits", () => {
  const key = "net.ipv6.conf.eth0.stable_secret";
  const declared = (value: string) => sysctl.inputs.safeParse({ key, value });
  expect(declared("2001:0DB8:0000:0000:0000:0000:0000:0001").data).toMatchObject({ value: "2001:db8::1" });
  const seen = sysctl.look({ want: { key, value: "2001:db8::1", boot: true } });
  const printed = "2001:0db8:0000:0000:0000:0000:0000:0001\nnet/ipv6/conf/eth0/addr_gen_mode:2\n";
  expect(seen.read([{ exit: 0, stdout: printed, stderr: "" }])).toEqual({
    value: "2001:db8::1",
    along: { "net/ipv6/conf/eth0/addr_gen_mode": "2" },
  });
  for (const value of ["10.0.0.1", "::1%lo", "2001:db8::1/64", "::ffff:10.0.0.1"])
    expect(declared(value).error?.issues).toMatchObject([{ path: ["value"] }]);
});

test("Sysctls has the same forms, and refuses the same", () => {
  const refused = sysctls.inputs.safeParse({ settings: { [PORTS]: "90-80" } });
  expect(refused.error?.issues).toMatchObject([{ path: ["settings", PORTS] }]);
  const { settings } = sysctls.inputs.parse({ settings: { "net/ipv4/ip_local_reserved_ports": "8081,8080" } });
  expect(settings).toEqual({ [PORTS]: "8080-8081" });
  expect(sysctl.inputs.parse({ key: PORTS, value: "8081,8080" })).toMatchObject({ value: "8080-8081" });
});

onHosts("a setting", () => {
  const settings = resources("Sysctl");
  const file = "/proc/sys/net/ipv4/ip_local_reserved_ports";

  test("that was empty is empty again after the delete", async () => {
    settings.host.write(file, "\n");
    expect((await settings.make({ key: PORTS, value: "81,80" })).failure).toBeUndefined();
    expect(settings.host.text(file)).toBe("80-81\n");
    await settings.drop({ key: PORTS, value: "81,80" });
    expect(settings.host.text(file)).toBe("\n");
  });
});

onHosts("a text", () => {
  const settings = resources("Sysctl");
  const file = "/proc/sys/kernel/core_pattern";
  const key = "kernel.core_pattern";

  test("keeps its blanks: now, and at boot", async () => {
    settings.host.write(file, "core\n");
    const value = "|/usr/bin/keep  --dir  /a %P";
    const { failure, reported } = await settings.make({ key, value });
    expect(failure).toBeUndefined();
    expect(settings.host.text(file)).toBe(`${value}\n`);
    expect(settings.host.text("/etc/sysctl.d/zz-lvs-kernel.core_pattern.conf")).toBe(`${key} = ${value}\n`);
    expect(reported).toMatchObject({ value: "|/usr/bin/keep  --dir  /a\t%P" });
    expect((await settings.read({ key, value })).reported).toEqual(reported);
  });

  test.each(["|/a  b", " core", "core ", "a\tb", "a  b\t c "])(
    "that was found as %j comes back as it was",
    async (found) => {
      settings.host.write(file, `${found}\n`);
      await settings.make({ key, value: "core" });
      expect(settings.host.text(file)).toBe(found === " core" || found === "core " ? `${found}\n` : "core\n");
      await settings.drop({ key, value: "core" });
      expect(settings.host.text(file)).toBe(`${found}\n`);
    },
  );
});

test("where the kernel makes something else of a value, the step has what the kernel says", () => {
  const want = sysctl.inputs.parse({ key: "net.ipv4.tcp_rmem", value: "4096 87380" });
  expect(sysctl.plan({ want }, { value: "4096\t87380\t33554432", along: {} })).toMatchObject([
    { instead: 'The kernel says "4096 87380 33554432" now: declare the value as it does.' },
  ]);
});

onHosts("a module", () => {
  const modules = resources("KernelModule");

  test.each(["net-pf-10", "net_pf_10"])("by its alias %s is loaded, and then as declared", async (module) => {
    modules.host.write("/srv/aliases/net_pf_10", "ipv6\nip6-more\n");
    expect((await modules.read({ module })).reported).toBeUndefined();
    const { failure, reported } = await modules.make({ module });
    expect(failure).toBeUndefined();
    expect(reported).toMatchObject({ module: "net_pf_10", loaded: true });
    expect(modules.host.calls()).toContain("modprobe net_pf_10");
    // One of the two was unloaded by hand.
    modules.host.remove("/sys/module/ip6_more");
    expect((await modules.read({ module })).reported).toMatchObject({ loaded: false });
  });

  test("that is an alias of one in the kernel itself counts as loaded", async () => {
    modules.host.write("/srv/aliases/net_pf_10", "ipv6\n");
    modules.host.write("/sys/module/ipv6/uevent", "");
    await modules.make({ module: "net-pf-10" });
    expect(modules.host.calls().filter((call) => /^modprobe [^-]/.test(call))).toEqual([]);
  });
});

onHosts("a setting that root alone may read", () => {
  const settings = resources("Sysctl");
  const key = "net.ipv4.tcp_fastopen_key";
  const file = "/proc/sys/net/ipv4/tcp_fastopen_key";
  const boot = "/etc/sysctl.d/zz-lvs-net.ipv4.tcp_fastopen_key.conf";
  const [found, secret] = ["00000001-00000002-00000003-00000004", "c0ffee00-00000002-00000003-00000004"];

  test("is in no file that others may read, and in no message", async () => {
    settings.host.write(file, `${found}\n`);
    settings.host.write("/etc/sysctl.d/99-own.conf", "");
    const before = settings.host.snapshot();
    const want = { key, value: secret };
    expect((await settings.make(want)).failure).toBeUndefined();
    expect([settings.host.text(file), settings.host.text(boot)]).toEqual([`${secret}\n`, `${key} = ${secret}\n`]);
    expect([settings.host.mode(boot), settings.host.mode("/var/lib/lvs/ledger")]).toEqual(["0600", "0700"]);
    await settings.drop(want);
    expect(settings.host.snapshot().map((line) => line.replace(/(tcp_fastopen_key .*) \d+(\.\d+)? /, "$1 "))).toEqual(
      before.map((line) => line.replace(/(tcp_fastopen_key .*) \d+(\.\d+)? /, "$1 ")),
    );

    // Something sets it back at once.
    const again = settings.kind.plan(
      { want: settings.want(want), found: { value: found, along: {} } },
      { value: found, along: {} },
    );
    expect(again.map(({ purpose, instead }) => [purpose, instead])).toEqual([[`setting ${key}`, undefined]]);
  });

  test("another one is said, and readable for all", async () => {
    settings.host.write("/proc/sys/net/ipv4/tcp_fin_timeout", "60\n");
    await settings.make({ key: "net.ipv4.tcp_fin_timeout", value: 30 });
    expect(settings.host.mode("/etc/sysctl.d/zz-lvs-net.ipv4.tcp_fin_timeout.conf")).toBe("0644");
  });
});
