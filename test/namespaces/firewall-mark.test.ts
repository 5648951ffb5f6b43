import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
const VIP = "10.77.32.2";
let director: Host;
let client: Host;
let before: string;
/** What closes the connections of other runs. */
const closing: (() => void)[] = [];

beforeAll(async () => {
  const lan = await site.network("10.77.32.1/24");
  director = await site.host("director", { eth0: [lan, `${VIP}/24`] });
  client = await site.host("client", { eth0: [lan, "10.77.32.9/24"] });
  // Rules that are not the product's count the packets that arrive with a mark.
  await director.run(`nft -f - <<'END'
add table inet probe
add chain inet probe seen { type filter hook prerouting priority 0; }
add counter inet probe marked
add rule inet probe seen meta mark 99 counter name marked
END`);
  before = await snapshot(director);
});
afterAll(async () => {
  for (const close of closing) close();
  await site.close();
});

function mark(more: object = {}, owner?: string): Resource {
  return new Resource(
    "FirewallMark",
    { host: declare(director, VIP), mark: 99, address: VIP, ports: [443, 80], ...more },
    owner,
  );
}

/** Returns those of the ports whose packets arrive with a mark. */
async function marked(ports: number[]): Promise<number[]> {
  const found: number[] = [];
  for (const port of ports) {
    await client.run(`timeout 2 bash -c ': </dev/tcp/${VIP}/${port}' 2>/dev/null || :`);
    const counted = await director.run("nft reset counter inet probe marked");
    if (!/packets 0 /.test(counted)) found.push(port);
  }
  return found;
}

const left = () => director.run("ls -d /etc/lvs /var/lib/lvs/ledger 2>/dev/null || :");
const ours = () => director.run("nft list table inet lvs | grep -o 'ip6\\? daddr.*' || :");

test("packets to the ports are marked, others are not, and nothing is left", async () => {
  const web = mark({ ports: [443, 80, "8000-8002", 8003] });
  await web.create();
  expect(await marked([22, 80, 443, 7999, 8003, 8004])).toEqual([80, 443, 8003]);
  expect(await web.differences({ ...web.inputs, ports: [80, 443, "8000-8003"] })).toEqual([]);
  await web.delete();
  expect(await marked([80])).toEqual([]);
  expect(await snapshot(director)).toBe(before);
});

test("other ports are an update of the one rule; another mark is a replacement", async () => {
  const web = mark();
  await web.create();
  expect(await web.replaces({ ...web.inputs, ports: [80] })).toEqual([]);
  await web.update({ ...web.inputs, ports: [80] });
  expect(await ours()).toMatch(/^ip daddr 10.77.32.2 tcp dport 80 meta mark set 0x00000063 .*\n$/);
  expect(await web.replaces({ ...web.inputs, mark: 98 })).toEqual(expect.arrayContaining(["mark"]));
  await web.delete();
  expect(await snapshot(director)).toBe(before);
});

/**
 * Returns a new copy of the class, for resources of another run of the program. That run may declare something else, and
 * has connections of its own.
 */
function anotherRun(): typeof Resource {
  let another = Resource;
  jest.isolateModules(() => {
    another = (require("./site") as { Resource: typeof Resource }).Resource;
    closing.push((require("../../provider/host/pool") as { closeIdle(): void }).closeIdle);
  });
  return another;
}

test("no ports: the ports of the former resource are no longer marked, also after its delete", async () => {
  const persistent = mark({}, "site/later/persistent");
  await persistent.create();
  const plain = new (anotherRun())("FirewallMark", { ...persistent.inputs, ports: [] }, "site/later/plain");
  await plain.create();
  expect(await marked([80, 443])).toEqual([]);
  await persistent.delete();
  expect(await director.run("cat /etc/lvs/boot.d/*FirewallMark.99*")).not.toMatch(/nft/);
  await plain.delete();
  expect(await snapshot(director)).toBe(before);
});

const byHand: [string, string][] = [
  ["flushed", "nft flush table inet lvs"],
  ["deleted with its table", "nft delete table inet lvs"],
  [
    "turned into another rule",
    `nft flush table inet lvs; nft add rule inet lvs prerouting tcp dport 80 meta mark set 7 comment '"lvs mark 99 ${VIP} tcp"'`,
  ],
  [
    "doubled with another port",
    `nft add rule inet lvs prerouting ip daddr ${VIP} tcp dport 81 meta mark set 99 comment '"lvs mark 99 ${VIP} tcp"'`,
  ],
];
test.each(byHand)("%s by hand: shows as `ports`, and is repaired", async (_, command) => {
  const web = mark();
  await web.create();
  await director.run(command);
  expect(await web.read()).toBe(true);
  expect(await web.differences({ ...web.inputs, ports: [80, 443] })).toEqual(["ports"]);
  await web.update();
  expect(await ours()).toMatch(/^ip daddr 10.77.32.2 tcp dport { 80, 443 } meta mark set 0x00000063 .*\n$/);
  await web.delete();
  expect(await snapshot(director)).toBe(before);
});

test("marks and masquerading share the table, and the boot fragment brings it back once", async () => {
  const web = mark();
  const dns = mark({ protocol: "udp", ports: [53] }, "site/test/dns");
  const six = mark({ address: "2001:db8::9" }, "site/test/six");
  const nat = new Resource("Masquerade", { host: declare(director, VIP), source: "10.79.0.0/24" });
  const all = [web, dns, six, nat];
  await Promise.all(all.map((one) => one.create()));
  const whole = (await ours()).split("\n").sort();
  await director.run("nft delete table inet lvs; for i in 1 2; do for f in /etc/lvs/boot.d/*; do sh $f; done; done");
  expect((await ours()).split("\n").sort()).toEqual(whole);
  expect(whole.filter((line) => line !== "")).toHaveLength(4);
  await web.delete();
  for (const one of [dns, six, nat]) {
    await one.read();
    expect(await one.differences()).toEqual([]);
  }
  await Promise.all([dns, six, nat].map((one) => one.delete()));
  expect(await snapshot(director)).toBe(before);
});

test("a host without nft does the same by iptables", async () => {
  await director.run("iptables -t mangle -A PREROUTING -p tcp --dport 9 -j MARK --set-mark 9");
  const rules = () => director.run("iptables -t mangle -S PREROUTING");
  const found = await rules();
  await director.run("mkdir /tmp/away; mv /usr/sbin/nft /tmp/away");
  const web = mark({ ports: [80, "8000-8010"] });
  await web.create();
  expect((await rules()).match(/--set-xmark 0x63/g)).toHaveLength(2);
  await director.run("iptables -t mangle -D PREROUTING 2; sh /etc/lvs/boot.d/*");
  await web.read();
  expect(await web.differences()).toEqual(["ports"]);
  await web.update();
  expect(await web.differences()).toEqual([]);
  await director.run("mv /tmp/away/nft /usr/sbin");
  expect(await marked([80, 443, 8005])).toEqual([80, 8005]);
  await director.run("mv /usr/sbin/nft /tmp/away");
  await web.delete();
  expect(await rules()).toBe(found);
  await director.run("mv /tmp/away/nft /usr/sbin");
});

test("two runs at once bring all their rules to a host of iptables-legacy, and take them away", async () => {
  await director.run(`mv /usr/sbin/nft /tmp/away
    for tool in iptables ip6tables; do for end in '' -restore; do
      mv /usr/sbin/$tool$end /tmp/away; ln -s $tool-legacy$end /usr/sbin/$tool$end
    done; done`);
  const rules = () => director.run("for tool in iptables ip6tables; do $tool -t mangle -S; done");
  const found = await rules();
  const marks = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
    ...{ host: declare(director, VIP), mark: number, ports: [80] },
    address: number > 6 ? `2001:db8::${number}` : `10.79.0.${number}`,
  }));
  const all = [Resource, anotherRun()].flatMap((One, run) =>
    marks
      .filter(({ mark: number }) => number % 2 === run)
      .map((inputs) => new One("FirewallMark", inputs, `site/${run}/${inputs.mark}`)),
  );
  await Promise.all(all.map((one) => one.create()));
  expect((await rules()).match(/(?<=--set-xmark )\w+/g)?.sort()).toEqual(
    marks.map(({ mark: number }) => `0x${number}`),
  );
  await Promise.all(all.map((one) => one.delete()));
  expect(await rules()).toBe(found);
  await director.run("cd /tmp/away && for tool in *; do rm -f /usr/sbin/$tool; mv $tool /usr/sbin; done");
});

// An administrator installs nft, takes it away, or turns iptables into the other one. What was made before stays in the kernel.
describe.each(["iptables-nft", "iptables-legacy"])("rules that %s made, where nft comes later", (tool) => {
  beforeEach(() =>
    director.run(`mv /usr/sbin/nft /tmp/away
      for tool in iptables ip6tables; do for end in '' -restore; do
        mv /usr/sbin/$tool$end /tmp/away; ln -s $tool-${tool.slice(9)}$end /usr/sbin/$tool$end
      done; done`),
  );
  const nftComes = () => director.run("cp -p /tmp/away/nft /usr/sbin/nft");
  afterEach(() => director.run("cd /tmp/away && for tool in *; do rm -f /usr/sbin/$tool; mv $tool /usr/sbin; done"));
  const rules = () => director.run(`${tool} -t mangle -S PREROUTING`);

  test("are seen, are replaced by its own, and go", async () => {
    const found = await rules();
    const [web, dns] = [mark(), mark({ protocol: "udp", ports: [53] }, "site/test/dns")];
    await web.create();
    await dns.create();
    await nftComes();
    await web.read();
    expect(await web.differences({ ...web.inputs, ports: [80, 443] })).toEqual([]);
    await web.update({ ...web.inputs, ports: [81] });
    expect(await ours()).toMatch(/^ip daddr 10.77.32.2 tcp dport 81 meta mark set 0x00000063 .*\n$/);
    expect((await rules()).match(/--set-xmark 0x63/g)).toHaveLength(1);
    await director.run("for one in /etc/lvs/boot.d/*; do sh $one; done");
    await Promise.all([web.delete(), dns.delete()]);
    expect(await rules()).toBe(found);
    expect(await ours()).toBe("");
    expect(await left()).toBe("");
  });
});

test("rules of an nft that is gone: the delete says so, and takes them once it is back", async () => {
  const web = mark();
  await web.create();
  await director.run("mv /usr/sbin/nft /tmp/away");
  await expect(web.delete()).rejects.toThrow(
    /^host director: the rules were made by nft, which is not installed any more.*install nftables again/,
  );
  await director.run("mv /tmp/away/nft /usr/sbin");
  await web.delete();
  expect(await ours()).toBe("");
  expect(await left()).toBe("");
});
