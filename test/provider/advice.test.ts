import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseIptables } from "../../provider/advice/iptables";
import { parseNft } from "../../provider/advice/nft";
import { droppedBy, type Packet } from "../../provider/advice/verdict";

const web: Packet = {
  ...{ family: "ipv4", protocol: "tcp", destination: "10.0.0.9", destinationPort: 80, state: "new" },
  in: ["eth0"],
};
const reply: Packet = {
  ...{ family: "ipv4", protocol: "tcp", source: "10.2.0.11", sourcePort: 80, state: "invalid" },
  ...{ in: ["eth1"], out: ["eth0"] },
};
const six: Packet = { ...web, family: "ipv6", destination: "fd00::9" };

const input = (rules: string, policy = "drop", table = "inet filter") =>
  parseNft(`table ${table} {
	set blocked {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}
	chain input {
		type filter hook input priority filter; policy ${policy};
		${rules}
	}
	chain services {
		tcp dport 9 counter accept
	}
	chain shut {
		counter drop
	}
}`);

describe("nft: what surely drops a new connection to port 80", () => {
  const shut: [what: string, rules: string, policy?: string][] = [
    ["nothing is let in", ""],
    [
      "what a host usually lets in",
      'ct state established,related accept\niif "lo" accept\nmeta l4proto ipv6-icmp accept',
    ],
    [
      "other ports, one of them by a set",
      "tcp dport 22 accept\ntcp dport { 25, 8000-8010 } accept\nudp dport 80 accept",
    ],
    ["another interface", 'iifname "docker0" accept\niifname { "br-*", "virbr0" } accept'],
    ["another destination", "ip daddr 10.0.0.8 tcp dport 80 accept"],
    ["chains that let in something else", "jump services"],
    ["a rule that drops it, with an open policy", 'tcp dport 80 log prefix "no" drop', "accept"],
    ["the interface's, with an open policy", 'iifname "eth0" reject with icmpx admin-prohibited', "accept"],
    ["a chain that drops all", "goto shut\ntcp dport 80 accept", "accept"],
    ["invalid and other states are dropped before", "ct state invalid drop\nip6 saddr fd00::/8 accept"],
  ];
  test.each(shut.map(([what, rules, policy = "drop"]) => [what, rules, policy]))("%s", (_, rules = "", policy) => {
    expect(droppedBy(input(rules, policy), "input", web)).toBe("nft inet filter input");
  });

  const open: [what: string, rules: string, policy?: string][] = [
    ["the policy", "", "accept"],
    ["the port", "tcp dport 80 accept"],
    ["the port in a set, a range, by a state", "tcp dport { 22, 80 } ct state new accept"],
    ["a range", "tcp dport 1-1024 accept"],
    ["the interface", 'iifname "eth0" accept'],
    ["a pattern of interfaces", 'iifname "eth*" accept'],
    ["all but one interface", 'iifname != "eth1" accept'],
    ["some sources, who may be the clients", "ip saddr 10.0.0.0/8 tcp dport 80 accept\ndrop"],
    ["a set by name, which may have it", "ip saddr @friends accept"],
    ["a map, which may accept", "tcp dport vmap { 80 : jump services }"],
    ["words that are not known", "socket transparent 1 accept"],
    ["some are dropped, not all", "ip saddr @blocked drop\ntcp dport 80 accept"],
    ["a program decides", "queue to 1"],
    ["a drop that may not match", "tcp flags syn limit rate over 5/second drop", "accept"],
  ];
  test.each(open.map(([what, rules, policy = "drop"]) => [what, rules, policy]))("not: %s", (_, rules = "", policy) => {
    expect(droppedBy(input(rules, policy), "input", web)).toBeUndefined();
  });

  test("a table is for its family, and one chain that drops is enough", () => {
    expect(droppedBy(input("", "drop", "ip6 filter"), "input", web)).toBeUndefined();
    expect(droppedBy(input("", "drop", "ip6 filter"), "input", six)).toBe("nft ip6 filter input");
    expect(droppedBy([...input("accept"), ...input("", "drop", "ip other")], "input", web)).toBe("nft ip other input");
  });
});

test("a chain that some packets leave before its drop: what comes after the chain decides", () => {
  const local = (after: string) =>
    parseNft(`table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		counter packets 2 bytes 120 jump not-local
		${after}
	}
	chain not-local {
		fib daddr type local counter packets 2 bytes 120 return
		counter packets 0 bytes 0 drop
	}
}`);
  expect(droppedBy(local("tcp dport 80 accept"), "input", web)).toBeUndefined();
  expect(droppedBy(local("tcp dport 81 accept"), "input", web)).toBe("nft ip filter INPUT");
});

/** What `nft -s list ruleset` prints on a host of the given firewall, as its packages set it up. */
const listed = (name: string) => readFileSync(join(__dirname, "rulesets", name), "utf8");

test("firewalld's own table, which lets in its own zone and neighbours of IPv6", () => {
  const firewalld = (allowed: string) =>
    parseNft(listed("firewalld-1.3.nft").replace("tcp dport 22 accept", `$&\n${allowed}`));
  expect(droppedBy(firewalld(""), "input", web)).toBe("nft inet firewalld filter_INPUT");
  expect(droppedBy(firewalld(""), "input", six)).toBe("nft inet firewalld filter_INPUT");
  expect(droppedBy(firewalld(""), "input", { ...web, destinationPort: 22 })).toBeUndefined();
  expect(droppedBy(firewalld("tcp dport 80 accept"), "input", web)).toBeUndefined();
  expect(droppedBy(firewalld(""), "forward", reply)).toBe("nft inet firewalld filter_FORWARD");
  expect(droppedBy(firewalld(""), "forward", { ...reply, state: "established" })).toBeUndefined();
});

test("ufw's chains, by iptables-nft: what its user lets in", () => {
  const ufw = (allowed: string) =>
    parseNft(listed("ufw-0.36.nft").replace(/tcp dport 22 (counter )?accept/, `$&\n${allowed}`));
  expect(droppedBy(ufw(""), "input", web)).toBe("nft ip filter INPUT");
  expect(droppedBy(ufw(""), "input", six)).toBe("nft ip6 filter INPUT");
  expect(droppedBy(ufw(""), "input", { ...web, destinationPort: 22 })).toBeUndefined();
  expect(droppedBy(ufw("tcp dport 80 counter accept"), "input", web)).toBeUndefined();
  expect(droppedBy(ufw(""), "forward", reply)).toBe("nft ip filter FORWARD");
  expect(droppedBy(ufw(""), "forward", { ...reply, state: "established" })).toBeUndefined();
});

describe("iptables", () => {
  const chains = (rules: string) => parseIptables("iptables-legacy", "ipv4", rules);
  const docker = `-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-USER
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-USER -j RETURN`;

  test("Docker's FORWARD drops a real server's reply, and lets in what comes", () => {
    expect(droppedBy(chains(docker), "forward", reply)).toBe("iptables-legacy ip filter FORWARD");
    expect(droppedBy(chains(docker), "forward", { ...reply, state: "established" })).toMatch("FORWARD");
    expect(droppedBy(chains(docker), "input", web)).toBeUndefined();
    const opened = docker.replace("-A DOCKER-USER -j RETURN", "-A DOCKER-USER -s 10.2.0.0/24 -j ACCEPT");
    expect(droppedBy(chains(opened), "forward", reply)).toBeUndefined();
  });

  const shut = ["-P INPUT DROP", '-P INPUT ACCEPT\n-A INPUT -i eth0 -m comment --comment "owner says no" -j DROP'];
  const open = [
    "-P INPUT DROP\n-A INPUT -p tcp -m multiport --dports 22,80,443 -j ACCEPT",
    "-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 1:1024 -m conntrack --ctstate NEW -j ACCEPT",
    "-P INPUT DROP\n-A INPUT ! -i eth1 -j ACCEPT",
    "-P INPUT DROP\n-A INPUT -m set --match-set friends src -j ACCEPT",
    "-P INPUT ACCEPT\n-A INPUT -s 192.0.2.0/24 -j DROP",
    "-P INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 80 -m limit --limit 5/sec -j REJECT --reject-with tcp-reset",
  ];
  test.each(shut)("drops: %s", (rules) => {
    expect(droppedBy(chains(rules), "input", web)).toBe("iptables-legacy ip filter INPUT");
  });
  test.each(open)("does not surely drop: %s", (rules) => {
    expect(droppedBy(chains(rules), "input", web)).toBeUndefined();
  });
  test("what may come by either of two interfaces is not surely dropped by a rule for one", () => {
    const closed = chains("-P INPUT ACCEPT\n-A INPUT -i eth0 -j DROP");
    const by = (...devices: string[]) => droppedBy(closed, "input", { ...web, in: devices });
    expect([by("eth0"), by("eth0", "eth1"), by("eth1")]).toEqual([
      "iptables-legacy ip filter INPUT",
      undefined,
      undefined,
    ]);
  });
  test("a port that only established connections, or UDP, get to is shut", () => {
    const rules =
      "-P INPUT DROP\n-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p udp --dport 80 -j ACCEPT";
    expect(droppedBy(chains(rules), "input", web)).toMatch("INPUT");
  });
});
