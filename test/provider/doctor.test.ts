import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { checkup } from "../../provider/operations/doctor";
import { memoryHost, onMemoryHost } from "./one-setting";

jest.mock("../../provider/host/pool", () => ({
  // Not before it is asked: the pool's file imports what is tested here.
  withSession: (...asked: unknown[]) => require("./one-setting").pool.withSession(...asked),
}));

// A director that is well, and the faults that `doctor` names: each is one change of what the host's own tools show.

const VIP = "192.0.2.9";
const host = { name: "director", address: "192.0.2.2", hostKey: "ssh-ed25519 AAAA" };

interface Shown {
  readonly fault: string;
  readonly forwarding?: "nat" | "dr" | "tun";
  /** What these programs of the host do. */
  readonly tools?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** What is told; nothing else is. */
  readonly says: RegExp;
}

const ip = (addresses: string, mtu = 1500) => `case $* in
  "-o address show") echo "2: eth0    inet 192.0.2.2/24 scope global eth0"; echo "${addresses}";;
  "-o link show") echo "2: eth0: <UP> mtu ${mtu} qdisc";;
  *-batch*) echo "10.0.0.11 dev eth0 src 192.0.2.2 uid 0";;
esac`;

const WELL: Readonly<Record<string, string>> = {
  ip: ip(`2: eth0    inet ${VIP}/32 scope global eth0`),
  ipvsadm: 'case $* in --version) echo "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)";; esac',
  modprobe: ":",
  nft: ":",
  iptables: "exit 1",
  ip6tables: "exit 1",
  uname: "echo 6.1.0-none",
  date: "exec /bin/date +%s",
};

const DROPPING = `case $* in *"list ruleset"*) cat <<'END'
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
	}
}
END
esac`;

const faults: readonly Shown[] = [
  { fault: "no ipvsadm", tools: { ipvsadm: "exit 127" }, says: /^it has no ipvsadm: .*install the package ipvsadm$/ },
  {
    fault: "a clock that is two minutes ahead",
    tools: { date: "echo $(($(/bin/date +%s) + 120))" },
    says: /^its clock is 1(19|20|21) s ahead of this machine's: .*NTP/,
  },
  {
    fault: "a clock that is an hour behind",
    tools: { date: "echo $(($(/bin/date +%s) - 3600))" },
    says: /^its clock is 3(599|60\d) s behind this machine's: .*NTP/,
  },
  {
    fault: "a VIP that is gone",
    tools: { ip: ip("") },
    says: /192\.0\.2\.9.*Give the director the address \(VipAlias\)/,
  },
  {
    fault: "a kernel that forwards nothing",
    forwarding: "nat",
    files: { "/proc/sys/net/ipv4/ip_forward": "0\n" },
    says: /ip_forward.*Declare the Sysctl with the value 1/,
  },
  {
    fault: "a tunnel that is too narrow",
    forwarding: "tun",
    files: { "/proc/sys/net/ipv4/vs/pmtu_disc": "1\n" },
    says: /1500.*Raise the MTU between the hosts \(LinkMtu\) to 1520/,
  },
  {
    fault: "a firewall that drops what clients send",
    tools: { nft: DROPPING },
    says: /80.*drops.*Declare that FirewallRule/s,
  },
];

async function told({ forwarding = "dr", tools = {}, files = {} }: Partial<Shown> = {}) {
  for (const [name, script] of Object.entries({ ...WELL, ...tools })) {
    memoryHost().write(`/usr/local/sbin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(memoryHost().root, "/usr/local/sbin", name), 0o755);
  }
  memoryHost().write("/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
  for (const [path, text] of Object.entries(files)) memoryHost().write(path, text);
  const inputs = { host, address: VIP, port: 80, forwarding, destinations: { "10.0.0.11:80": { weight: 1 } } };
  const resource = { kind: "VirtualService", name: "web", id: "web", parents: [], state: {} };
  const [seen] = await checkup([{ ...resource, inputs }]);
  return seen;
}

onMemoryHost("doctor", () => {
  test("a director that is well: what it is, and nothing to do", async () => {
    expect(await told()).toMatchObject({
      ...{ host: "director", address: "192.0.2.2", system: "Debian GNU/Linux 12 (bookworm)", kernel: "6.1.0-none" },
      ...{ ipvsadm: "1.31", firewall: [], advice: [] },
    });
  });

  test.each(faults.map((one) => [one.fault, one] as const))("%s: the cause and the cure", async (_, one) => {
    expect((await told(one))?.advice).toEqual([expect.stringMatching(one.says)]);
  });

  test("a host that says odd things of itself: what it says, and nothing of what it does not know", async () => {
    const files = { "/etc/os-release": 'PRETTY_NAME="Our=Linux $(date) 3"\n' };
    const seen = await told({ tools: { date: "exit 1", uname: ":", ipvsadm: "echo ipvsadm of our own" } });
    expect(seen).not.toHaveProperty("clock");
    expect(seen).toMatchObject({ kernel: "unknown", advice: [expect.stringContaining("it has no ipvsadm")] });
    memoryHost().write("/etc/os-release", files["/etc/os-release"]);
    expect((await told({ files }))?.system).toMatch(/^Our=Linux .* 3$/);
  });

  // A machine whose own kernel has IPVS shows it to every host of these tests.
  (existsSync("/proc/net/ip_vs") ? test.skip : test)("a kernel without IPVS", async () => {
    const seen = await told({ tools: { modprobe: "exit 1" } });
    expect(seen?.advice).toEqual([
      "its kernel 6.1.0-none has no IPVS (the module ip_vs): it keeps no table. Install the distribution's own kernel, and boot that",
    ]);
  });
});
