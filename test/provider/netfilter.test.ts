import { chmodSync } from "node:fs";
import { join } from "node:path";
import { onHosts, resources } from "./on-host";

onHosts("rules that cannot be read", () => {
  const marks = resources("FirewallMark");
  const inputs = { mark: 1, address: "10.0.0.9", ports: [80] };
  const listing = `table inet lvs {\n\tchain prerouting {\n\t\tip daddr 10.0.0.9 tcp dport 80 meta mark set 0x00000001 comment "lvs mark 1 10.0.0.9 tcp" # handle 4\n\t}\n}`;
  const nft = (says: string) => {
    marks.host.write("/usr/local/sbin/nft", `#!/bin/sh\ncase $* in *list*) ${says};; *) cat >>/run/log;; esac\n`);
    chmodSync(join(marks.host.root, "/usr/local/sbin/nft"), 0o755);
  };
  const there = `cat <<'END'\n${listing}\nEND\n`;
  const absent = 'echo "Error: No such file or directory" >&2; exit 1';
  const busy = 'echo "netlink: Error: cache initialization failed: Interrupted system call" >&2; exit 1';

  beforeEach(async () => {
    marks.host.write("/var/lib/lvs/ledger/FirewallMark.1%2010.0.0.9%20tcp", `${JSON.stringify(entry)}\n`);
  });
  const entry = {
    ...{ kind: "FirewallMark", identity: "1 10.0.0.9 tcp", found: { ports: [], others: [] } },
    owners: { "p/s/r": "" },
  };
  const isKept = () => marks.host.has("/var/lib/lvs/ledger/FirewallMark.1%2010.0.0.9%20tcp");

  test("are told by a refresh and by a delete, which forgets nothing and takes no other rules away", async () => {
    nft(busy);
    const words = /^host memory: reading the netfilter rules: .*Interrupted system call\. .*Run again/;
    await expect(marks.read(inputs)).rejects.toThrow(words);
    await expect(marks.drop(inputs)).rejects.toThrow(words);
    expect(isKept()).toBe(true);
    // They could be read before, and cannot be now.
    nft(`[ -e /run/seen ] || { : >/run/seen; ${there}exit; }; ${busy}`);
    await expect(marks.drop(inputs)).rejects.toThrow("Interrupted system call");
    expect(marks.host.calls().join("\n")).not.toMatch(/^delete/m);
    expect(isKept()).toBe(true);
  });

  test("are no rules where the chain is not there", async () => {
    nft(absent);
    expect((await marks.read(inputs)).reported).toMatchObject({ ports: [] });
    await marks.drop(inputs);
    expect(isKept()).toBe(false);
  });
});
