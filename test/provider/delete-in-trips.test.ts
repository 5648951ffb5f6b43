import { chmodSync } from "node:fs";
import { join } from "node:path";
import { HostError } from "../../provider/host/errors";
import { onHosts, resources } from "./on-host";

// A delete that drains goes in several trips. Pulumi, the connection or the host may end before each of them, and after it.

/** An ipvsadm whose table is a file. No connection is open. */
const ipvsadm = `#!/bin/sh
case $1 in
-R) while read -r line; do
    it=\${line#-? }
    case $line in
    -[Aa]*) echo "$line" >>/run/table;;
    -e*) sed -i "s|^-a \${it%-w*}.*|-a $it|" /run/table;;
    -d*) sed -i "\\|^-a $it |d" /run/table;;
    -D*) : >/run/table;;
    esac
  done;;
-Sn) cat /run/table;;
-Ln) [ "$2" = --thresholds ] || echo "FWM  99 wlc";;
esac
`;
const FOUND = "-A -f 99 -s wlc\n-a -f 99 -r 10.0.1.9:0 -g -w 5\n";
const NODEST = "/proc/sys/net/ipv4/vs/expire_nodest_conn";
const LOST = "the connection was lost";

onHosts("a service that was found with another destination", () => {
  const services = resources("VirtualService");
  const service = {
    ...{ mark: 99, scheduler: "wlc", forwarding: "dr", drain: { timeout: 60 } },
    destinations: { "10.0.1.1": { weight: 3 }, "10.0.1.9": { weight: 5 } },
  };
  const lasting = () => services.host.snapshot().filter((line) => !/^\/(run|proc)\b/.test(line));
  let before: string[];

  beforeEach(async () => {
    const { host } = services;
    host.write("/usr/local/sbin/ipvsadm", ipvsadm);
    chmodSync(join(host.root, "/usr/local/sbin/ipvsadm"), 0o755);
    host.write("/run/table", FOUND);
    host.write(NODEST, "0\n");
    host.write("/etc/sysctl.d/README", "");
    before = lasting();
    expect((await services.make(service)).failure).toBeUndefined();
    expect(host.text("/run/table")).toContain("10.0.1.1:0");
  });

  /** Ends everything before the trip of this number, and says whether there was such a trip. */
  async function endsBefore(trip: number): Promise<boolean> {
    let trips = 0;
    services.host.before = () => {
      if (trips++ === trip) throw new HostError(LOST, "cut");
    };
    const failure = await services.drop(service).catch((error: Error) => error);
    services.host.before = undefined;
    if (failure) expect(String(failure)).toContain(LOST);
    return failure !== undefined;
  }

  function isAsFound(): void {
    expect(services.host.text("/run/table")).toBe(FOUND);
    expect(services.host.text(NODEST)).toBe("0\n");
    expect(lasting()).toEqual(before);
  }

  test("the next delete puts back what was found, wherever the first has ended", async () => {
    let trip = 0;
    for (; await endsBefore(trip); trip++) {
      await services.drop(service);
      isAsFound();
      expect((await services.make(service)).failure).toBeUndefined();
    }
    // One look, and at least: the draining, the waiting, the deletion.
    expect(trip).toBeGreaterThanOrEqual(4);
    isAsFound();
  });

  test("the next `up` has it as declared, and a delete after it puts back what was found", async () => {
    let trip = 0;
    for (; await endsBefore(trip); trip++) {
      expect((await services.make(service, service)).failure).toBeUndefined();
      expect(services.host.text("/run/table")).toContain("10.0.1.1:0 -g -w 3");
    }
    expect(trip).toBeGreaterThanOrEqual(4);
    isAsFound();
  });
});

onHosts("a file that was found", () => {
  const files = resources("File");
  const [PATH, KEPT] = ["/etc/motd", "/var/lib/lvs/ledger/File.%2Fetc%2Fmotd.found"];
  const file = { path: PATH, content: "ours\n" };

  test("is kept until it was read back, and the next delete puts it back if it was not", async () => {
    const { host } = files;
    host.write(PATH, "theirs\n");
    expect((await files.make(file)).failure).toBeUndefined();
    let trips = 0;
    host.before = () => {
      if (trips++ < 2) return;
      // Another program writes the file before Pulumi has read back what it has put there, and then Pulumi ends.
      host.write(PATH, "another program's\n");
      throw new HostError(LOST, "cut");
    };
    await expect(files.drop(file)).rejects.toThrow(LOST);
    host.before = undefined;
    expect(host.text(KEPT)).toBe("theirs\n");
    await files.drop(file);
    expect([host.text(PATH), host.has("/var/lib/lvs")]).toEqual(["theirs\n", false]);
  });
});
