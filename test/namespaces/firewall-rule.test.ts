import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
const ADDRESS = "10.77.36.2";
const SIX = "2001:db8:36::2";
let director: Host;
let client: Host;
let other: Host;
let before: string;

/** A firewall as its owner sets it up. Pulumi's own connection is let in by it. */
const OWNERS = `table inet filter {
  set blocked { type ipv4_addr; elements = { 192.0.2.1 } }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif "lo" accept
    meta l4proto ipv6-icmp accept
    tcp dport 22 counter accept comment "ssh"
    ip saddr @blocked drop
    jump services
  }
  chain services { tcp dport 9 accept
    counter drop
  }
  chain forward { type filter hook forward priority filter; policy drop; }
}
table ip other {
  chain arriving { type filter hook input priority 10; policy accept;
    tcp dport 8080-8090 drop
  }
  chain marked { type filter hook prerouting priority 0; policy accept; }
}`;

beforeAll(async () => {
  const lan = await site.network("10.77.36.1/24");
  director = await site.host("director", {
    eth0: [lan, `${ADDRESS}/24`],
    eth1: [await site.network(), "10.77.37.2/24"],
  });
  client = await site.host("client", { eth0: [lan, "10.77.36.9/24"] });
  other = await site.host("other", { eth0: [lan, "10.77.36.8/24"] });
  const six = (host: Host, address: string) =>
    host.run(`sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.accept_dad=0
      ip address add ${address}/64 dev eth0 nodad`);
  await six(director, SIX);
  await six(client, "2001:db8:36::9");
});
afterAll(() => site.close());

/** The firewall that a test begins with. */
async function firewall(script: string): Promise<void> {
  await director.run(`nft flush ruleset
    for tool in iptables ip6tables; do
      $tool-legacy -P INPUT ACCEPT; $tool-legacy -F
    done\n${script}`);
  before = await everything();
}
const nftables = (rules: string) => firewall(`nft -f - <<'END'\n${rules}\nEND`);

/** What counts packets is no part of a rule. */
async function everything(): Promise<string> {
  const legacy = await director.run("iptables-legacy -S; ip6tables-legacy -S");
  return `${await snapshot(director)}${legacy}`.replace(/counter packets \d+ bytes \d+/g, "counter");
}

function letIn(what: object, owner = `site/test/${JSON.stringify(what).replace(/\W+/g, "-")}`): Resource {
  return new Resource("FirewallRule", { host: declare(director, ADDRESS), ...what }, owner);
}

/** Whether a connection gets there: a host that refuses it has been reached, too. */
async function gets(port: number, { from = client, to = ADDRESS } = {}): Promise<boolean> {
  const connect = `require("net").connect(${port}, "${to}").on("connect", () => end("in")).on("error", (e) => end(e.code))`;
  const end = "function end(said) { console.log(said); process.exit() }; setTimeout(() => end(0), 1500)";
  const said = (await from.run(`${process.execPath} -e '${connect}; ${end}'`)).trim();
  return said === "in" || said === "ECONNREFUSED";
}

const DECLARED = { port: 8000 };

test("a port is let in through every chain that may drop, by IPv4 and IPv6, and nothing else is", async () => {
  await nftables(OWNERS);
  const range = letIn({ port: "8080-8081" });
  expect(await Promise.all([gets(8080), gets(8081, { to: SIX })])).toEqual([false, false]);
  await range.create();
  expect(range.state).toMatchObject({
    open: true,
    firewall: "nft inet filter input, nft ip other arriving",
    boot: true,
  });
  expect(await Promise.all([gets(8081), gets(8080, { to: SIX }), gets(8082), gets(8000)])).toEqual([
    ...[true, true, false, false],
  ]);
  await range.read();
  expect(await range.differences()).toEqual([]);
  await range.delete();
  expect(await gets(8081)).toBe(false);
  expect(await everything()).toBe(before);
});

test("one source is let in on one interface, and no other source", async () => {
  await nftables(OWNERS);
  const from = letIn({ ...DECLARED, source: "10.77.36.9", inInterface: "eth0" });
  const away = letIn({ port: 8001, inInterface: "eth1" });
  const six = letIn({ port: 8002, source: "2001:db8:36::/64" });
  for (const one of [from, away, six]) await one.create();
  expect(await Promise.all([gets(8000), gets(8000, { from: other }), gets(8000, { to: SIX })])).toEqual([
    ...[true, false, false],
  ]);
  expect(await gets(8001)).toBe(false);
  expect(await Promise.all([gets(8002, { to: SIX }), gets(8002)])).toEqual([true, false]);
  expect(six.state.firewall).toBe("nft inet filter input");
  for (const one of [from, away, six]) await one.delete();
  expect(await everything()).toBe(before);
});

/** Whether a packet of a protocol without ports gets past the filter: what is past it is counted. */
async function arrives(protocol: number, from = client): Promise<boolean> {
  await director.run(`nft -f - <<'END'
    table inet probe { counter seen {}
      chain past { type filter hook input priority 300; meta l4proto ${protocol} counter name seen; }
    }
END`);
  const raw = `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_RAW, ${protocol}); s.sendto(b"hello", ("${ADDRESS}", 0))`;
  await from.run(`python3 -c '${raw}'`);
  const counted = await director.run("nft list counter inet probe seen; nft delete table inet probe");
  return !/packets 0 /.test(counted);
}

test("VRRP of the other director gets past the filter, and other protocols do not", async () => {
  await nftables(OWNERS);
  const vrrp = letIn({ protocol: "vrrp", source: "10.77.36.0/24" });
  expect(await arrives(112)).toBe(false);
  await vrrp.create();
  expect([await arrives(112), await arrives(47)]).toEqual([true, false]);
  await vrrp.delete();
  expect(await arrives(112)).toBe(false);
  expect(await everything()).toBe(before);
});

test("what the owner lets in by the same rule is adopted, and stays", async () => {
  await nftables(`table inet filter {
    chain input {
      type filter hook input priority filter; policy drop;
      ct state established,related accept
      tcp dport 22 counter accept comment "ssh"
      iif "eth0" ip saddr 10.77.36.9 tcp dport 8100-8110 accept
      meta l4proto vrrp accept
    }
  }`);
  const same = [
    letIn({ port: 22 }),
    letIn({ port: "8100-8110", source: "10.77.36.9", inInterface: "eth0" }),
    letIn({ protocol: "vrrp" }),
  ];
  for (const one of same) await one.create();
  await director.run("for f in /etc/lvs/boot.d/*; do sh $f; done");
  expect(await director.run("nft list ruleset")).not.toMatch(/lvs/);
  for (const one of same) expect(one.state).toMatchObject({ open: true, firewall: "nft inet filter input" });
  for (const one of same) await one.delete();
  expect(await everything()).toBe(before);
});

test("a rule below one that ends everything lets nothing in, and the declared rule comes above it", async () => {
  await nftables(`table inet filter {
    chain input {
      type filter hook input priority filter
      ct state established,related accept
      tcp dport 22 accept
      drop
      tcp dport 8000 accept
    }
  }`);
  const one = letIn(DECLARED);
  await one.create();
  expect(await gets(8000)).toBe(true);
  await director.run(`nft insert rule inet filter input drop; nft insert rule inet filter input tcp dport 22 accept
    nft insert rule inet filter input ct state established,related accept`);
  await one.read();
  expect(await one.differences()).toEqual(["open"]);
  await one.update();
  expect(await gets(8000)).toBe(true);
  expect((await director.run("nft list ruleset")).match(/lvs lets in/g)).toHaveLength(1);
  await one.delete();
  expect(await director.run("nft list ruleset")).not.toMatch(/lvs/);
});

test("where nothing filters nothing is changed; a firewall that comes later shows, and is repaired", async () => {
  await nftables(`table inet filter {
    chain input {
      type filter hook input priority filter
      tcp dport 80 accept
      jump more
    }
    chain more {
      counter accept
    }
  }`);
  const rules = await director.run("nft -s list ruleset");
  const one = letIn(DECLARED);
  await one.create();
  expect(one.state).toMatchObject({ open: true, firewall: "none" });
  expect(await director.run("sh /etc/lvs/boot.d/*; nft -s list ruleset")).toBe(rules);
  await director.run(`nft flush ruleset; nft -f - <<'END'\n${OWNERS}\nEND`);
  expect(await one.read()).toBe(true);
  expect(await one.differences()).toEqual(["open"]);
  await one.update();
  expect(await one.differences()).toEqual([]);
  expect(await gets(8000)).toBe(true);
  await one.delete();
  expect(await gets(8000)).toBe(false);
});

test("rules that a reload took away show, and the boot fragment brings them back once", async () => {
  await nftables(OWNERS);
  const [one, vrrp] = [letIn(DECLARED), letIn({ protocol: "vrrp" })];
  await Promise.all([one.create(), vrrp.create()]);
  await director.run(`nft flush ruleset; nft -f - <<'END'\n${OWNERS}\nEND`);
  await one.read();
  expect(await one.differences()).toEqual(["open"]);
  await director.run("for i in 1 2; do for f in /etc/lvs/boot.d/*; do sh $f; done; done");
  expect((await director.run("nft list ruleset")).match(/comment "lvs lets in/g)).toHaveLength(4);
  for (const each of [one, vrrp]) {
    await each.read();
    expect(await each.differences()).toEqual([]);
  }
  await director.run("nft flush chain ip other arriving");
  await Promise.all([one.delete(), vrrp.delete()]);
  expect(await director.run("nft list ruleset; ls /etc/lvs /var/lib/lvs 2>&1 || :")).not.toMatch(
    /lets in|boot.d|ledger/,
  );
});

test("a rule by which Pulumi itself comes in is put back by the host, and the error says so", async () => {
  const ssh = letIn({ port: 22 });
  await firewall("");
  await nftables(
    "table inet filter { chain input { type filter hook input priority filter; policy accept; tcp dport 1 drop; }; }",
  );
  await ssh.create();
  await director.run("nft add rule inet filter input drop");
  await expect(ssh.delete()).rejects.toThrow(
    /no longer letting in tcp 22.*cut off our own connection.*put the old state back/,
  );
  expect(await gets(22)).toBe(true);
  await director.run("nft insert rule inet filter input tcp dport 22 accept");
  await ssh.delete();
  expect(await director.run("nft list ruleset; ls /etc/lvs /var/lib/lvs 2>&1 || :")).not.toMatch(/lets in|ledger/);
});

describe.each(["iptables-nft", "iptables-legacy"])("by %s", (tool) => {
  const owners = `for tool in ${tool} ip6${tool.slice(2)}; do
      $tool -A INPUT -m state --state ESTABLISHED -j ACCEPT; $tool -A INPUT -i lo -j ACCEPT
      $tool -A INPUT -p ipv6-icmp -j ACCEPT; $tool -A INPUT -p tcp --dport 22 -m comment --comment ssh -j ACCEPT
      $tool -N LOGDROP; $tool -A LOGDROP -j DROP; $tool -A INPUT -j LOGDROP
    done`;

  test("a port, a range from one network, and a protocol are let in, adopted and taken back", async () => {
    await firewall(owners);
    const port = letIn(DECLARED);
    const range = letIn({ port: "8100-8110", source: "10.77.36.9", inInterface: "eth0" });
    const vrrp = letIn({ protocol: "vrrp" });
    const ssh = letIn({ port: 22 });
    const all = [port, range, vrrp, ssh];
    for (const one of all) await one.create();
    expect(port.state.firewall).toBe(`${tool} ip filter INPUT, ip6${tool.slice(2)} ip6 filter INPUT`);
    expect(await Promise.all([gets(8000), gets(8000, { to: SIX }), gets(8105), gets(8105, { from: other })])).toEqual([
      ...[true, true, true, false],
    ]);
    expect((await director.run(`${tool} -S`)).match(/lvs lets in/g)).toHaveLength(3);
    for (const one of all) {
      await one.read();
      expect(await one.differences()).toEqual([]);
    }
    await director.run(`${tool} -F INPUT; ${tool} -A INPUT -p tcp --dport 22 -j ACCEPT; ${tool} -P INPUT DROP
      for i in 1 2; do for f in /etc/lvs/boot.d/*; do sh $f; done; done`);
    expect((await director.run(`${tool} -S`)).match(/lvs lets in/g)).toHaveLength(3);
    await director.run(
      `${tool} -P INPUT ACCEPT; ${tool} -F; ${tool} -X; ip6${tool.slice(2)} -F; ip6${tool.slice(2)} -X\n${owners}`,
    );
    for (const one of all) await one.update();
    for (const one of all) await one.delete();
    expect(await everything()).toBe(before);
  });
});

test("a host without nft has the rules of iptables", async () => {
  await firewall(
    `for tool in iptables ip6tables; do $tool -A INPUT -p tcp --dport 22 -j ACCEPT; $tool -A INPUT -p tcp -j DROP; done`,
  );
  const found = await director.run("iptables -S; ip6tables -S");
  await director.run("mkdir -p /tmp/away; mv /usr/sbin/nft /tmp/away");
  const one = letIn(DECLARED);
  await one.create();
  expect(one.state.firewall).toBe("iptables ip filter INPUT, ip6tables ip6 filter INPUT");
  expect(await gets(8000)).toBe(true);
  await one.delete();
  expect(await director.run("iptables -S; ip6tables -S")).toBe(found);
  await director.run("mv /tmp/away/nft /usr/sbin");
});

test("a rule of an nft that is gone: the delete says so, and takes it once it is back", async () => {
  await nftables(OWNERS);
  const one = letIn(DECLARED);
  await one.create();
  await director.run("mkdir -p /tmp/away; mv /usr/sbin/nft /tmp/away");
  await expect(one.delete()).rejects.toThrow(
    /^host director: the rules were made by nft, which is not installed any more.*install nftables again/,
  );
  await director.run("mv /tmp/away/nft /usr/sbin");
  await one.delete();
  expect(await everything()).toBe(before);
});

test("what comes from a network and the answers to it are forwarded, through each chain that may drop them", async () => {
  await nftables(OWNERS);
  const rule = new Resource(
    "ForwardRule",
    { host: declare(director, ADDRESS), source: "10.77.37.0/24" },
    "p/s/forward",
  );
  await rule.create();
  expect(rule.state).toMatchObject({ open: true, firewall: "nft inet filter forward", boot: true });
  const forward = () => director.run("nft list chain inet filter forward | grep accept");
  const both = await forward();
  expect(both).toMatch(/ip saddr 10\.77\.37\.0\/24 accept/);
  expect(both).toMatch(/ip daddr 10\.77\.37\.0\/24 ct state (established,related|related,established) accept/);
  await director.run("nft flush chain inet filter forward");
  await rule.read();
  expect(rule.state.open).toBe(false);
  await director.run("for again in 1 2; do sh /etc/lvs/boot.d/50-ForwardRule.*; done");
  expect(await forward()).toBe(both);
  await rule.delete();
  expect(await everything()).toBe(before);
});
