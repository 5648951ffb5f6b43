import { kinds } from "../../provider/kinds";
import { entryName, formerEntryName } from "../../provider/reconcile/entry-name";
import type { Kind } from "../../provider/reconcile/kind";
import { onHosts, resources } from "./on-host";

// What earlier versions called things on their hosts: an upgraded host converges, and keeps no file of former names.

const LEDGER = "/var/lib/lvs/ledger";
const owners = { "p/s/r": "of an earlier version" };

onHosts("an entry and a boot file with former names", () => {
  const settings = resources("Sysctl");
  const key = "net.ipv4.conf.eth0.rp_filter";
  const slashed = "net/ipv4/conf/eth0/rp_filter";
  const conf = (name: string) => `/etc/sysctl.d/zz-lvs-${name}.conf`;
  let before: string[];
  /** Everything, without the times of files. */
  const lasting = () => settings.host.snapshot().map((line) => line.replace(/ [\d.]+ (?=\w{64})/, " "));

  beforeEach(() => {
    settings.host.write("/proc/sys/net/ipv4/conf/eth0/rp_filter", "0\n");
    settings.host.write("/etc/sysctl.d/10-own.conf", "");
    before = lasting();
  });

  /** The host as an earlier version left it after it had declared 2 where 0 was. */
  const earlier = (text = `${slashed} = 2\n`) => {
    const entry = { kind: "Sysctl", identity: slashed, found: { value: "0", along: {} }, owners };
    settings.host.write(`${LEDGER}/Sysctl.${encodeURIComponent(slashed)}`, `${JSON.stringify(entry)}\n`);
    settings.host.write(conf("net_ipv4_conf_eth0_rp_filter"), text);
    settings.host.write("/proc/sys/net/ipv4/conf/eth0/rp_filter", "2\n");
  };
  const left = () =>
    settings.host
      .snapshot()
      .filter((line) => /zz-lvs|ledger\//.test(line))
      .map((line) => line.split(" ")[0]);

  test("count in a refresh, which gives the entry its name", async () => {
    earlier();
    const { reported } = await settings.read({ key, value: 2 });
    expect(reported).toMatchObject({ key, value: "2", boot: true });
    expect(left()).toEqual([conf("net_ipv4_conf_eth0_rp_filter"), `${LEDGER}/Sysctl.${key}`]);
  });

  test("get today's names by an update, and go without a trace", async () => {
    earlier();
    const { failure, reported } = await settings.make({ key, value: 1 }, { key, value: 2 });
    expect([failure, reported?.value]).toEqual([undefined, "1"]);
    expect(left()).toEqual([conf(key), `${LEDGER}/Sysctl.${key}`]);
    await settings.drop({ key, value: 1 });
    expect(lasting()).toEqual(before);
  });

  test("go without a trace by a delete at once", async () => {
    earlier();
    await settings.drop({ key, value: 2 });
    expect(lasting()).toEqual(before);
  });

  test("a file that another thing wrote under the same former name stays", async () => {
    earlier("net/ipv4/conf_eth0/rp_filter = 2\n");
    await settings.make({ key, value: 1 }, { key, value: 2 });
    expect(settings.host.text(conf("net_ipv4_conf_eth0_rp_filter"))).toBe("net/ipv4/conf_eth0/rp_filter = 2\n");
    expect(settings.host.text(conf(key))).toBe(`${key} = 1\n`);
  });
});

onHosts("a file beside the kept original of another", () => {
  const files = resources("File");
  const [motd, found] = ["/etc/motd", "/etc/motd.found"];

  test("has an original of its own, and both come back", async () => {
    files.host.write(motd, "one\n");
    files.host.write(found, "two\n");
    for (const path of [motd, found, "/etc/motd.new"]) await files.make({ path, content: `of ${path}\n` });
    expect(files.host.text(found)).toBe(`of ${found}\n`);
    for (const path of ["/etc/motd.new", motd, found]) await files.drop({ path, content: `of ${path}\n` });
    expect([files.host.text(motd), files.host.text(found)]).toEqual(["one\n", "two\n"]);
    expect([files.host.has("/etc/motd.new"), files.host.has("/var/lib/lvs")]).toEqual([false, false]);
  });

  test("an entry of an earlier version gets today's name, with its original; the original of the other file is none", async () => {
    const before = formerEntryName("File", found);
    const entry = { kind: "File", identity: found, found: { here: { is: "file" } }, owners };
    files.host.write(found, "ours\n");
    files.host.write(`${LEDGER}/${before}`, `${JSON.stringify(entry)}\n`);
    files.host.write(`${LEDGER}/${before}.found`, "two\n");
    await files.drop({ path: found, content: "ours\n" });
    expect(files.host.text(found)).toBe("two\n");
    expect(files.host.has("/var/lib/lvs")).toBe(false);

    files.host.write(motd, "one\n");
    await files.make({ path: motd, content: "ours\n" });
    await files.read({ path: found, content: "" });
    expect(files.host.text(`${LEDGER}/${entryName("File", motd)}.found`)).toBe("one\n");
  });
});

/** The boot files of earlier versions whose name another thing could have. Only a file with the text of then is ours. */
describe("the text of a former boot file", () => {
  const textOf = (kind: string, inputs: object) => {
    const it = kinds.get(kind) as Kind;
    return it.formerly?.(it.inputs.parse(inputs)).boot?.map(({ text }) => text)[0];
  };
  const [vip, service] = ["2001:db8::9", { port: 80, forwarding: "nat", scheduler: "sh" }];

  test("announces no VIP", () => {
    const text = `ip -6 address replace ${vip}/128 dev eth0 nodad\n`;
    expect(textOf("VipAlias", { address: vip, device: "eth0" })).toBe(text);
  });

  test("lets a hash pick a destination of weight 0", () => {
    const destinations = { "[2001:db8::2]:80": { weight: 0 } };
    expect(textOf("VirtualService", { ...service, address: vip, destinations })).toBe(
      `ipvsadm -Sn | grep -qF -- '-A -t [${vip}]:80 -s ' || ipvsadm -R <<'END'
-A -t [${vip}]:80 -s sh
-a -t [${vip}]:80 -r [2001:db8::2]:80 -m -w 0
END
`,
    );
  });

  test.each([
    ["Masquerade", { source: "10.0.0.0/24" }],
    ["FirewallMark", { mark: 1, address: vip, ports: [80] }],
    ["FirewallRule", { port: 80 }],
  ])("%s: has its lock where locks were", (kind, inputs) => {
    const locked = "{ [ -d /run/lock/lvs ] || mkdir -p /run/lock/lvs; } && exec 8>/run/lock/lvs/netfilter && flock";
    expect(textOf(kind, inputs)).toContain(`\n${locked} -w 100 8 || exit 1\n`);
    expect(textOf(kind, inputs)).not.toContain("/run/lvs");
  });

  test("a route to 0.0.0.0/0 was another one than the default route", () => {
    const route = kinds.get("Route") as Kind;
    const want = route.inputs.parse({ to: "0.0.0.0/0", via: "10.0.0.1" });
    expect(route.identity(want)).toBe("default main 0");
    expect(route.formerly?.(want).identities).toContain("0.0.0.0/0 main 0");
    expect(route.formerly?.(want).boot?.map(({ path }) => path)).toContain("/etc/lvs/boot.d/30-route-main-0.0.0.0_0-0");
  });
});
