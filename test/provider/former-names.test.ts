import { entryName, formerEntryName } from "../../provider/reconcile/entry-name";
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
