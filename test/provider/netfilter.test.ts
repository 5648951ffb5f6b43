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

onHosts("a firewall that cannot be read", () => {
  const rules = resources("FirewallRule");
  const inputs = { port: 8000 };
  const NAME = "/var/lib/lvs/ledger/FirewallRule.tcp%208000";
  const found = {
    firewalld: { ours: [], theirs: [], besides: [] },
    ufw: { active: false, ours: [], theirs: [] },
    netfilter: { ours: [], theirs: [], shut: ["nft inet filter input"], tools: ["nft"] },
  };
  const entry = { kind: "FirewallRule", identity: "tcp 8000", found, owners: { "p/s/r": "" } };
  const program = (name: string, script: string) => {
    rules.host.write(`/usr/local/sbin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(rules.host.root, "/usr/local/sbin", name), 0o755);
  };
  const chains = `cat <<'END'
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
	}
}
END
`;
  const busy = 'echo "netlink: Error: cache initialization failed: Interrupted system call" >&2; exit 1';
  const isKept = () => rules.host.has(NAME);
  beforeEach(() => {
    rules.host.write(NAME, `${JSON.stringify(entry)}\n`);
    program("nft", `case $* in *"list chains"*) ${chains};; *) ${busy};; esac`);
    program("ufw", "echo 'Status: inactive'");
  });

  test("is told by a refresh and by a delete, which forgets nothing", async () => {
    const words = /^host memory: reading the netfilter rules: .*Interrupted system call\. .*Run again/;
    await expect(rules.read(inputs)).rejects.toThrow(words);
    await expect(rules.drop(inputs)).rejects.toThrow(words);
    expect(isKept()).toBe(true);
  });

  test("and the chains to which it leads: one of them may drop", async () => {
    const leads = `cat <<'END'
table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		jump more
	}
}
END
`;
    program("nft", `case $* in *"list chains"*) ${chains};; *"filter input"*) ${leads};; *) ${busy};; esac`);
    await expect(rules.read(inputs)).rejects.toThrow("Interrupted system call");
  });

  test("by ufw is told, too: its rule was taken for none", async () => {
    program(
      "nft",
      `case $* in *"list chains"*) ${chains};; *) echo "Error: No such file or directory" >&2; exit 1;; esac`,
    );
    program("ufw", "echo 'ERROR: Could not load logging rules' >&2; exit 1");
    await expect(rules.drop(inputs)).rejects.toThrow(
      /^host memory: ufw does not answer: ERROR: Could not load.*"ufw status"/,
    );
    expect(isKept()).toBe(true);
  });
});
