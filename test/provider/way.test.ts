import { spawnSync } from "node:child_process";
import { WAY } from "../../provider/reconcile/way";
import { onHosts } from "./on-host";

// A network namespace with the addresses and routes of a host. The kernel itself says what became of them.

const HOST = `
ip link set lo up
for key in all default; do echo 0 >/proc/sys/net/ipv4/conf/$key/rp_filter; echo 0 >/proc/sys/net/ipv6/conf/$key/disable_ipv6; done
for n in 0 1; do ip link add eth$n type veth peer name peer$n && ip link set eth$n up && ip link set peer$n up; done
ip address add 10.0.0.5/24 dev eth0; ip address add 10.1.0.5/24 dev eth1
ip address add 10.2.0.5/32 dev eth0
ip route add default via 10.0.0.1; ip route add default via 10.1.0.1 table 7
ip -6 address add fd00::5/64 dev eth0 nodad; ip -6 route add default via fd00::1
# The kernel tells IPv6 of a link that is up in its own time.
n=0; until ip -6 route get fd77::9 from fd00::5 2>&1 | grep -q '^fd77::9 .* via fd00::1 ' &&
  ip -6 route get fd00::5 from fd77::9 iif eth0 2>&1 | grep -q '^local'; do
  n=$((n + 1)); [ $n -lt 50 ] || break; sleep 0.1; done
`;

/** The way before a change and after it. The connection is that of the variable, or of the process above. */
function ways(
  client: string,
  server: string,
  change: string,
  env: object = { SSH_CONNECTION: `${client} 40000 ${server} 22` },
) {
  const script = `exec 2>&1; ${HOST}\n${WAY}\nway; echo; (${change}); way`;
  const all = ["--net", "--mount", "sh", "-c", `mount -t proc proc /proc 2>/dev/null; ${script}`];
  const { stdout } = spawnSync("unshare", all, { encoding: "utf8", env: { PATH: process.env.PATH, ...env } });
  return stdout.split("\n");
}

onHosts("the way of our own connection", () => {
  test("is what the kernel does with its packets", () => {
    expect(ways("10.9.0.9", "10.0.0.5", ":")).toEqual([
      "10.9.0.9 10.0.0.1 eth0, local lo",
      "10.9.0.9 10.0.0.1 eth0, local lo",
    ]);
    expect(ways("10.0.0.9", "10.0.0.5", ":")[0]).toBe("10.0.0.9 eth0, local lo");
    expect(ways("fd77::9", "fd00::5", ":")[0]).toBe("fd77::9 fd00::1 eth0, local lo");
    expect(ways("fe80::9%eth0", "fd00::5%eth0", ":")[0]).toBe("fe80::9 eth0, local lo");
    expect(ways("127.0.0.1", "127.0.0.1", ":")[0]).toBe("local lo");
  });

  test("is not known without sshd's word, or where the kernel would not take the packets", () => {
    expect(ways("", "", ":", {})).toEqual(["", ""]);
    expect(ways("", "", ":", { SSH_CONNECTION: "" })).toEqual(["", ""]);
    expect(ways("10.9.0.9", "10.0.0.77", ":")).toEqual(["", ""]);
    expect(ways("10.9.0.9", "10.1.0.5", "echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter")[0]).not.toBe("");
  });

  test.each([
    ["a route to one host", "ip route add 10.9.0.9 via 10.0.0.7"],
    ["a route to one host by a device", "ip route add 10.9.0.9 dev eth1"],
    ["a route to its network", "ip route add 10.9.0.0/16 via 10.0.0.7"],
    ["a default route", "ip route replace default via 10.0.0.7"],
    ["half of the default", "ip route add 0.0.0.0/1 via 10.0.0.7"],
    ["an unreachable route", "ip route add unreachable 10.9.0.9"],
    ["the default route gone", "ip route del default"],
    ["a rule", "ip rule add priority 9 to 10.9.0.0/16 table 7"],
    ["a rule by the own address", "ip rule add priority 9 from 10.0.0.5 table 7"],
    ["a rule that swallows", "ip rule add priority 9 to 10.9.0.9 blackhole"],
    ["the client's address on the host", "ip address add 10.9.0.9/32 dev lo"],
    ["the client's network on the host", "ip address add 10.9.0.1/24 dev eth1"],
    ["the own address gone", "ip address del 10.0.0.5/24 dev eth0"],
    ["the link down", "ip link set eth0 down"],
    [
      "rp_filter, with a way back by the other link",
      "ip route add 10.9.0.0/16 dev eth1; echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter",
    ],
  ])("is another one after a change: %s", (_, change) => {
    const [before, after] = ways("10.9.0.9", "10.0.0.5", change);
    expect(before).toBe("10.9.0.9 10.0.0.1 eth0, local lo");
    expect(after).not.toBe(before);
  });

  test.each([
    ["disable_ipv6", "echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6"],
    ["disable_ipv6 of all", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"],
    ["a route to one host", "ip -6 route add fd77::9 via fd00::7"],
    ["the address gone", "ip -6 address del fd00::5/64 dev eth0"],
  ])("is another one after a change: IPv6, %s", (_, change) => {
    const [before, after] = ways("fd77::9", "fd00::5", change);
    expect(before).toBe("fd77::9 fd00::1 eth0, local lo");
    expect(after).not.toBe(before);
  });

  test.each([
    ["a route to another host", "ip route add 10.9.0.8 via 10.0.0.7"],
    ["a route of another table", "ip route add 10.9.0.9 via 10.0.0.7 table 9"],
    ["a VIP", "ip address add 10.0.0.9/32 dev lo; ip route add 10.0.0.9 dev lo"],
    ["a rule for others", "ip rule add priority 9 from 10.3.0.0/16 table 7"],
    ["the other link down", "ip link set eth1 down"],
    ["forwarding", "echo 1 >/proc/sys/net/ipv4/ip_forward"],
    ["the other family", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"],
  ])("is the same after a change: %s", (_, change) => {
    const [before, after] = ways("10.9.0.9", "10.0.0.5", change);
    expect(before).not.toBe("");
    expect(after).toBe(before);
  });

  test("is found behind sudo, which drops the variable", () => {
    const script = `${HOST}\nenv -u SSH_CONNECTION sh -c "$0"; true`;
    const { stdout } = spawnSync("unshare", ["--net", "sh", "-c", script, `${WAY}\nway`], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, SSH_CONNECTION: "10.9.0.9 40000 10.0.0.5 22" },
    });
    expect(stdout).toBe("10.9.0.9 10.0.0.1 eth0, local lo");
  });
});
