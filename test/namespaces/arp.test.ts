import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const VIP = "10.77.33.111";
const site = new Site();
let director: Host;
let server: Host;
let client: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.33.1/24");
  director = await site.host("director", { eth0: [lan, "10.77.33.2/24"] });
  server = await site.host("rs1", { eth0: [lan, "10.77.33.3/24"] });
  client = await site.host("client", { eth0: [lan, "10.77.33.9/24"] });
  before = await snapshot(server);
});
afterAll(() => site.close());

const mac = async (host: Host) => (await host.run("cat /sys/class/net/eth0/address")).trim();

/** The MAC address that a client gets for the VIP; "" where nobody answers. */
async function answers(): Promise<string> {
  await client.run(`ip neighbour flush dev eth0; timeout 2 bash -c ": </dev/tcp/${VIP}/9" 2>/dev/null || :`);
  return (await client.run(`ip neighbour show ${VIP} dev eth0 | grep -o 'lladdr [^ ]*' | cut -d' ' -f2 || :`)).trim();
}

function setting(key: string, value: number): Resource {
  const on = declare(server, "10.77.33.3");
  return new Resource("Sysctl", { host: on, key: `net.ipv4.conf.${key}`, value }, `site/test/${key}`);
}

// The same settings as the SDK's ArpSettings declares.
function silence(): Resource {
  const of = (on: string) => [
    [`net.ipv4.conf.${on}.arp_ignore`, 1],
    [`net.ipv4.conf.${on}.arp_announce`, 2],
  ];
  const settings = Object.fromEntries(["all", "lo", "eth0"].flatMap(of));
  return new Resource("Sysctls", { host: declare(server, "10.77.33.3"), settings }, "site/test/silence");
}

const onServer = () =>
  new Resource("VipAlias", { host: declare(server, "10.77.33.3"), address: VIP, device: "lo", label: "lo:0" });

const onDirector = () =>
  new Resource("VipAlias", { host: declare(director, "10.77.33.2"), address: VIP, device: "eth0", label: "eth0:0" });

test("without the settings a real server answers for the VIP", async () => {
  const vip = onServer();
  await vip.create();
  expect(await answers()).toBe(await mac(server));
  await vip.delete();
  expect(await answers()).toBe("");
});

test("with the settings the director alone answers, whatever the real server sends, and the delete puts everything back", async () => {
  const quiet = silence();
  await quiet.create();
  const [theirs, ours] = [onServer(), onDirector()];
  await theirs.create();
  expect(await answers()).toBe("");
  await ours.create();
  expect(await answers()).toBe(await mac(director));
  // The server asks for the client's address with the VIP as sender. This must not change the client's ARP entry of the
  // VIP.
  await server.run(`ip route add 10.77.33.9 dev eth0 src ${VIP}; ip neighbour flush dev eth0
    timeout 2 bash -c ": </dev/tcp/10.77.33.9/9" 2>/dev/null; ip route del 10.77.33.9`);
  expect(await client.run(`ip neighbour show ${VIP}`)).toContain(await mac(director));
  await ours.delete();
  expect(await answers()).toBe("");
  await theirs.delete();
  await quiet.delete();
  expect(await snapshot(server)).toBe(before);
});

test("two sites on one real server share the settings: the last one to go puts them back", async () => {
  const first = ["all", "eth0"].map((on) => setting(`${on}.arp_ignore`, 1));
  const second = new Resource(
    "Sysctl",
    { host: declare(server, "10.77.33.3"), key: "net.ipv4.conf.all.arp_ignore", value: 1 },
    "other/prod/all",
  );
  for (const one of [...first, second]) await one.create();
  for (const one of first) await one.delete();
  expect(await server.run("sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.eth0.arp_ignore")).toBe("1\n0\n");
  await second.delete();
  expect(await snapshot(server)).toBe(before);
});

test("an address of IPv6 that comes to another host: who knew it elsewhere learns at once where it is", async () => {
  const vip = "fd00:77:33::111";
  for (const host of [director, client])
    await host.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0");
  await client.run(`ip -6 address add fd00:77:33::9/64 dev eth0 nodad
    ip -6 neighbour replace ${vip} lladdr ${await mac(server)} dev eth0 nud reachable`);
  const alias = new Resource("VipAlias", { host: declare(director, "10.77.33.2"), address: vip, device: "eth0" });
  await alias.create();
  await client.run(`n=0; until ip -6 neighbour show ${vip} | grep -q ${await mac(director)}; do
    n=$((n + 1)); [ $n -lt 100 ] || { ip -6 neighbour show >&2; exit 1; }; sleep 0.1; done`);
  await alias.delete();
});
