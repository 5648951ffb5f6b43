import { chmodSync } from "node:fs";
import { join } from "node:path";
import { JUDGE_TEXT } from "../../sdk/bird/judge";
import { makeDirector } from "../provider/ldirectord-host";
import { MemoryHost } from "../provider/memory-host";
import { onHosts } from "../provider/on-host";

// What withdraws an announcement: one look at the table. test/kernel has the loop, with BIRD and a router.

const UNFIT = "/etc/bird/lvs.d/shop.unfit";
const table = (...weights: number[]) => [
  "-A -t 10.9.0.9:80 -s mh",
  ...weights.map((weight, at) => `-a -t 10.9.0.9:80 -r 10.0.0.1${at}:80 -g -w ${weight}`),
];
const SIX = ["-A -f 99 -6 -s mh", "-a -f 99 -6 -r [fd00::10]:0 -g -w 0 -x 5 -y 1"];

onHosts("the judge of an announcement", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    makeDirector(host);
    for (const [path, text] of Object.entries({
      "/usr/local/sbin/birdc": "#!/bin/sh\necho reloaded >>/run/birdc\n",
      "/etc/bird/lvs-judge": JUDGE_TEXT,
    })) {
      host.write(path, text);
      chmodSync(join(host.root, path), 0o755);
    }
    host.write("/etc/bird/lvs.d/shop.conf", "");
  });
  afterEach(() => host[Symbol.dispose]());

  /** Looks once. Returns why the host is unfit; undefined if it is not. */
  const judge = async (lines: readonly string[], ...services: string[]) => {
    host.write("/run/table", `${lines.join("\n")}\n`);
    const { steps } = await host.run({ steps: [{ argv: ["/etc/bird/lvs-judge", "once", UNFIT, ...services] }] });
    expect(steps.map(({ exit, stderr }) => [exit, stderr])).toEqual([[0, ""]]);
    const [first, note = ""] = host.has(UNFIT) ? host.text(UNFIT).split("\n") : [];
    expect([undefined, "disabled;"]).toContain(first);
    return first && (JSON.parse(note.replace("# ", "")) as { reason: string }).reason;
  };
  const lacks = (service: string) => `${service} has no real server for clients`;

  test.each<[string, readonly string[], string | undefined]>([
    ["one of two serves", table(0, 1), undefined],
    ["none serves", table(0, 0), lacks("10.9.0.9:80")],
    ["there is none", table(), lacks("10.9.0.9:80")],
    ["the table is empty", [], lacks("10.9.0.9:80")],
    ["another service has servers", [...table(0), "-a -t 10.9.0.9:8080 -r 10.0.0.9:80 -g -w 1"], lacks("10.9.0.9:80")],
  ])("%s", async (_, lines, why) => {
    expect(await judge(lines, "10.9.0.9:80")).toBe(why);
    // BIRD reads the file, or its absence.
    expect(host.text("/run/birdc")).toBe("reloaded\n");
  });

  test("the first service that lacks servers is told; marks and UDP are found as ipvsadm prints them", async () => {
    expect(await judge([...table(1), ...SIX], "10.9.0.9:80", "99/ipv6")).toBe(lacks("99/ipv6"));
    host.remove(UNFIT);
    const four = ["-a -f 99 -r 10.0.0.10:0 -g -w 1", "-a -u 10.9.0.9:53 -r 10.0.0.10:53 -g -w 1"];
    expect(await judge(four, "99", "10.9.0.9:53/udp")).toBeUndefined();
    expect(await judge(four, "99", "10.9.0.9:53")).toBe(lacks("10.9.0.9:53"));
  });

  test("servers in maintenance do not count: where all of them are, it stays announced", async () => {
    host.write("/var/lib/lvs/maintenance/10.0.0.10", "-t 10.9.0.9:80|10.0.0.10:80|1\n");
    expect(await judge(table(0, 0), "10.9.0.9:80")).toBe(lacks("10.9.0.9:80"));
    host.remove(UNFIT);
    host.write("/var/lib/lvs/maintenance/10.0.0.11@shop", "-t 10.9.0.9:80|10.0.0.11:80|1\n");
    expect(await judge(table(0, 0), "10.9.0.9:80")).toBeUndefined();
    host.write("/var/lib/lvs/maintenance/fd00::10", "-f 99 -6|[fd00::10]:0|1\n");
    expect(await judge(SIX, "99/ipv6")).toBeUndefined();
  });
});
