import { ConnectionSync, DrCluster, Failover, type Host, Keepalived, NatCluster, TrafficCheck } from "pulumi-lvs";
import type { Secret } from "../../provider/host/command";
import { poll } from "../../provider/host/poll";
import { inShell } from "../../provider/host/shell";
import { giveUp } from "../../provider/workflows/failover/giving-up";
import { ABSENCE, armWayBack, CHECK, takeBackFromCheck } from "../../provider/workflows/failover/way-back";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Installed, type Ran } from "./installed";
import { type KernelHost, SharedKernel } from "./kernel";
import { hasHeardOf, noticedUnder } from "./load";
import { ask, declared, serve, table, until } from "./site";

jest.setTimeout(600_000);

const DR = "10.0.0.9";
const NAT = "10.1.0.9";
const GATEWAY = "10.2.0.1";
/** What somebody else's keepalived does. */
const OWN =
  "vrrp_instance own {\n interface eth2\n virtual_router_id 9\n unicast_peer {\n 10.1.0.2\n }\n virtual_ipaddress {\n 10.1.0.77\n }\n}\n";
const stack = new Stack();
const command = new Installed(stack);
let kernel: SharedKernel;
let hosts: Record<"d1" | "d2" | "rs1" | "rs2" | "client" | "outside", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({
    eth0: ["lan", `10.0.0.${last}/24`, `fd00::${last}/64`],
    eth1: ["inside", `10.2.0.${last}/24`],
  });
  hosts = await kernel.hosts({
    d1: { ...on(2), eth2: ["outside", "10.1.0.2/24"] },
    d2: { ...on(3), eth2: ["outside", "10.1.0.3/24"] },
    rs1: on(11),
    rs2: on(12),
    client: { eth0: ["lan", "10.0.0.21/24", "fd00::21/64"] },
    outside: { eth0: ["outside", "10.1.0.21/24"] },
  } as never);
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  for (const host of [hosts.d1, hosts.d2]) await manageServices(host);
});
afterAll(() => kernel?.end());

const realServers = (network: string) =>
  (["rs1", "rs2"] as const).map((name, i) => ({ host: declared(hosts[name]), address: `${network}1${i + 1}` }));

/** One pair of directors, and two sites that float on it: one daemon, and one sync of all connections. */
const sites = (preferred?: string) => {
  const directors = [declared(hosts.d1), declared(hosts.d2)];
  const preferring = preferred && {
    preferred: directors.find(({ name }) => name === preferred) as Host,
    preferredDelay: 2,
  };
  new DrCluster("dr", {
    ...{ directors, failover: { by: "vrrp", addresses: ["10.0.0.2", "10.0.0.3"], ...preferring } },
    ...{ vip: DR, realServers: realServers("10.0.0.") },
  });
  const addresses = ["10.2.0.2", "10.2.0.3"];
  // Each director finds itself in the list, and must not count.
  const reach = [[...addresses, "10.2.0.11", "10.2.0.12"]];
  new NatCluster("nat", {
    directors,
    failover: { by: "vrrp", addresses, outside: "eth2", routerId: 52, sync: false, reach, ...preferring },
    ...{ vip: NAT, gateway: GATEWAY, realServers: realServers("10.2.0."), persistence: {} },
  });
};

/** Fewer requests than half a second has are on connections that the other director has not heard of at a loss. */
const UNDER_WAY = 10;

/** So many requests may be between their connection's first packet and their own when keepalived lets go by itself, all of a sudden. */
const IN_HANDSHAKE = 2;

/** The directors that have the address. */
async function holders(address: string): Promise<string[]> {
  const directors = [hosts.d1, hosts.d2];
  const has = await Promise.all(directors.map((host) => host.run(`ip -o address show to ${address}`)));
  return directors.filter((_, i) => has[i] !== "").map(({ name }) => name);
}

test("keepalived by itself, of IPv6, and the sync leave a host as it was found, with its own configuration", async () => {
  await hosts.d2.run("mkdir -p /etc/keepalived; cat >/etc/keepalived/keepalived.conf", OWN);
  const before = await snapshot(hosts.d2);
  const alone = () => {
    const host = declared(hosts.d2);
    const after = [new ConnectionSync("sync", { host, device: "eth0", syncId: 9, group: "ff02::81" })];
    const how = { device: "eth0", source: "fd00::3", peers: ["fd00::2"], reach: [["fd00::11"]] };
    new Keepalived("six", { host, ...how, addresses: [{ address: "fd00::9" }], after });
  };
  const single = new Stack("alone");
  await single.up(alone);
  await until(hosts.client, "ping -c 1 -w 1 fd00::9 || :", / 0% packet loss/);
  expect(await single.preview(alone)).toEqual([]);
  await single.refresh();
  expect(single.state("VrrpInstance").state).toBe("MASTER");
  expect(single.state("ConnectionSync")).toMatchObject({ device: "eth0", syncId: 9, group: "ff02::81" });
  await single.destroy();
  await hosts.d2.run("rm /run/units/keepalived.service.log && rmdir /run/units");
  expect(await snapshot(hosts.d2)).toBe(before);
  expect(await hosts.d2.run("ip -o address show to fd00::9")).toBe("");
});

test("a keepalived that works for somebody else keeps its file and its address, and ours floats beside it", async () => {
  const conf = "/etc/keepalived/keepalived.conf";
  const own = `${OWN}\ninclude own.d/*.conf\n`;
  await hosts.d2.run(`mkdir -p /etc/keepalived/own.d; cat >${conf}; systemctl enable --now keepalived`, own);
  await until(hosts.d2, "ip -o address show to 10.1.0.77", /10\.1\.0\.77/);
  const beside = (more: object) => () => {
    const how = { host: declared(hosts.d2), device: "eth0", source: "10.0.0.3", peers: ["10.0.0.2"] };
    new Keepalived("ours", { ...how, ...more, addresses: [{ address: DR }] });
  };
  const single = new Stack("beside");
  await expect(single.up(beside({}))).rejects.toThrow(
    /keepalived works there by a keepalived.conf that somebody else has written. Declare main: false/,
  );
  await expect(single.up(beside({ main: false }))).rejects.toThrow(
    /Put the line include \/etc\/keepalived\/lvs.d\/\*.conf into keepalived.conf/,
  );
  await hosts.d2.run(`echo 'include /etc/keepalived/lvs.d/*.conf' >>${conf}`);
  const clash = { main: false, device: "eth2", source: "10.1.0.3", peers: ["10.1.0.2"], routerId: 9 };
  await expect(single.up(beside(clash))).rejects.toThrow(/duplicate VRID/);
  await single.up(beside({ main: false }));
  await until(hosts.d2, `ip -o address show to ${DR}`, /10\.0\.0\.9/);
  expect(await hosts.d2.run("ip -o address show to 10.1.0.77")).not.toBe("");
  // A change is judged beside the instance as it was.
  await single.up(beside({ main: false, priority: 120 }));
  expect(await single.drift(beside({ main: false, priority: 120 }))).toEqual([]);
  await single.destroy();
  expect(await hosts.d2.run(`ip -o address show to ${DR}; ls -A ${conf} /etc/keepalived/lvs* 2>/dev/null || :`)).toBe(
    `${conf}\n`,
  );
  expect(await hosts.d2.run("ip -o address show to 10.1.0.77")).not.toBe("");
  await hosts.d2.run(
    "systemctl disable --now keepalived; rm -r /etc/keepalived/*.conf /etc/keepalived/own.d /run/units /run/lvs",
  );
});

test("one of two directors has all that floats, both have the table, and the sites answer", async () => {
  await stack.up(sites);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await table(hosts.d2)).toEqual(await table(hosts.d1));
  expect(await table(hosts.d1)).toHaveLength(6);
  expect(new Set(await ask(hosts.client, `http://${DR}/`, 8))).toEqual(new Set(["rs1", "rs2"]));
  // The client stays on its server.
  expect(new Set(await ask(hosts.outside, `http://${NAT}/`, 8)).size).toBe(1);
  expect(stack.state("Failover", "dr-failover")).toMatchObject({
    holder: "d1",
    states: {
      d1: { state: "MASTER", sync: ["master", "backup"] },
      d2: { state: "BACKUP", sync: ["master", "backup"] },
    },
  });
  expect(await stack.preview(sites)).toEqual([]);
});

test("the director that stands by does not answer for the VIP", async () => {
  const mac = (await hosts.d1.run("cat /sys/class/net/eth0/address")).trim();
  const answers = await hosts.client.run(`arping -b -c 2 -w 4 -I eth0 ${DR} || :`);
  expect([...new Set(answers.match(/(?<=\[)[0-9A-F:]{17}(?=\])/g))].map((one) => one.toLowerCase())).toEqual([mac]);
});

test("another stack has a site on the same pair; a clash of virtual routers is refused, and touches nobody", async () => {
  const other = new Stack("other");
  const site = (routerId: number) => () =>
    new DrCluster("more", {
      ...{ directors: [declared(hosts.d1), declared(hosts.d2)], vip: "10.0.0.8", realServers: realServers("10.0.0.") },
      failover: { by: "vrrp", addresses: ["10.0.0.2", "10.0.0.3"], routerId },
    });
  await expect(other.up(site(51))).rejects.toThrow(/\(dr\) duplicate VRID conflict with … VRID 51/);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  await other.up(site(53));
  expect(await holders("10.0.0.8")).toHaveLength(1);
  expect(await stack.drift(sites)).toEqual([]);
  await other.destroy();
  expect(await holders("10.0.0.8")).toEqual([]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await stack.drift(sites)).toEqual([]);
});

test("two that have the VIP are told with the cause, and the next run mends it", async () => {
  // Killed, keepalived leaves its addresses behind. Here no systemd starts it again. A child whose parent dies before it would
  // take the addresses away, so all are stopped first.
  await hosts.d1.run("pkill -STOP keepalived; pkill -KILL keepalived");
  await until(hosts.d2, `ip -o address show to ${DR}`, /10\.0\.0\.9/);
  const told = jest.spyOn(console, "log").mockImplementation(() => {});
  try {
    expect(await stack.refresh()).toContain("Failover dr-failover");
    const cause = /warning: d1 and d2 have 10.0.0.9 at the same time: d1: keepalived does not run there/;
    expect(told.mock.calls.flat().join("\n")).toMatch(cause);
  } finally {
    told.mockRestore();
  }
  const operations = await stack.up(sites);
  expect(operations).toContain("update Failover dr-failover");
  expect(operations).toContain("update VrrpInstance dr-keepalived-d1");
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d2"]);
  expect(stack.state("Failover", "dr-failover").holder).toBe("d2");
});

test("a connection that the other director has not heard of goes on, where both find the client's server", async () => {
  const [server = ""] = await ask(hosts.outside, `http://${NAT}/`, 1);
  await until(hosts.d1, "ipvsadm -Lnc", /NONE +10\.1\.0\.21:0 /);
  await hosts.d2.run("ipvsadm --stop-daemon master");
  const port = 39999;
  const twice = hosts.outside.run(
    `curl -s -o /dev/null --rate 10/m --local-port ${port} -w '%{num_connects} %{http_code} %header{x-backend}\n' 'http://${NAT}/?[1-2]'`,
  );
  await until(hosts.d2, "ipvsadm -Lnc", new RegExp(`ESTABLISHED +10\\.1\\.0\\.21:${port} `));
  expect(await hosts.d1.run(`ipvsadm -Lnc | grep -c ':${port} ' || :`)).toBe("0\n");
  await hosts.d2.run("systemctl stop keepalived");
  expect(await twice).toBe(`1 200 ${server}\n0 200 ${server}\n`);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await stack.drift(sites)).toContain("update ConnectionSync dr-sync-d2");
  await stack.up(sites);
  await until(hosts.d2, "cat /run/lvs/vrrp/nat /run/lvs/vrrp/dr", /^BACKUP .*\nBACKUP /);
  await hosts.d1.run("systemctl restart keepalived");
  await until(hosts.d2, "cat /run/lvs/vrrp/nat /run/lvs/vrrp/dr", /^MASTER .*\nMASTER /);
  await until(hosts.d1, "cat /run/lvs/vrrp/nat /run/lvs/vrrp/dr", /^BACKUP .*\nBACKUP /);
});

test("a keepalived that is stopped loses no connection; who serves goes on serving", async () => {
  const noticed = await noticedUnder(hosts.client, DR, async () => {
    await hasHeardOf(hosts.client, hosts.d1);
    await hosts.d2.run("systemctl stop keepalived");
  });
  expect(noticed.kept).toBe(20);
  expect(noticed.failed).toBeLessThanOrEqual(IN_HANDSHAKE);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await stack.drift(sites)).toContain("update VrrpInstance dr-keepalived-d2");
  await stack.up(sites);
  expect(await hosts.d2.run("systemctl is-active keepalived")).toBe("active\n");
  expect(await holders(DR)).toEqual(["d1"]);
});

test("a director that is cut off from the real servers gives everything up, and no connection is lost", async () => {
  expect(await holders(NAT)).toEqual(["d1"]);
  const noticed = await noticedUnder(hosts.outside, NAT, async () => {
    await hasHeardOf(hosts.outside, hosts.d2);
    await kernel.unplug(hosts.d1, 1);
    await until(hosts.d1, "cat /run/lvs/vrrp/nat", /^FAULT /);
    await until(hosts.d2, "cat /run/lvs/vrrp/nat", /^MASTER /);
  });
  expect(noticed.kept).toBe(20);
  expect(noticed.failed).toBeLessThan(UNDER_WAY);
  for (const address of [NAT, GATEWAY]) expect(await holders(address)).toEqual(["d2"]);
  await kernel.plug(hosts.d1, 1, "inside");
  await until(hosts.d1, "cat /run/lvs/vrrp/nat", /^BACKUP /);
});

test("keepalived's process that speaks VRRP hangs and is killed: the other director goes on, and it comes back without the addresses", async () => {
  const child = "pgrep -P $(cat /run/units/keepalived.service.pid)";
  const hung = await hosts.d2.run(child);
  const noticed = await noticedUnder(hosts.outside, NAT, async () => {
    await hasHeardOf(hosts.outside, hosts.d1);
    await hosts.d2.run("pkill -STOP -P $(cat /run/units/keepalived.service.pid)");
    await until(hosts.d1, "cat /run/lvs/vrrp/nat", /^MASTER /);
    await hosts.d2.run("pkill -KILL -P $(cat /run/units/keepalived.service.pid)");
    await until(hosts.d2, `cut -d' ' -f1 /run/lvs/vrrp/nat; ip -o address show to ${NAT} | wc -l`, /^BACKUP\s+0\s*$/);
  });
  expect(noticed.kept).toBe(20);
  expect(noticed.failed).toBeLessThan(UNDER_WAY);
  expect(await hosts.d2.run(child)).not.toBe(hung);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
});

test("a check takes a director away and judges what clients notice; it takes none away where no other is fit", async () => {
  const checks = new Stack("checks");
  const check = (by: "hand-over" | "stop") => () => {
    const directors = [declared(hosts.d1), declared(hosts.d2)];
    const of = new Failover("dr", { instance: "dr", addresses: [DR], directors });
    const request = { url: `http://${DR}/`, requests: 5, from: declared(hosts.client) };
    new TrafficCheck("check", { ...request, within: 60, expect: { failover: { of, by, gap: 60, onTimeout: "cut" } } });
  };
  await checks.up(check("hand-over"));
  expect(checks.state("TrafficCheck").failover).toMatchObject({ from: "d1", to: "d2" });
  expect(await holders(DR)).toEqual(["d2"]);
  expect(await checks.preview(check("hand-over"))).toEqual([]);
  await checks.up(check("stop"));
  expect(checks.state("TrafficCheck").failover).toMatchObject({ from: "d2", to: "d1" });
  await hosts.d2.run("systemctl stop keepalived");
  const why =
    /nothing was changed: d1 may not be taken away, because no other director is fit: keepalived does not run on d2/;
  await expect(checks.up(check("hand-over"))).rejects.toThrow(why);
  await hosts.d2.run("systemctl start keepalived");
  await until(hosts.d2, "cat /run/lvs/vrrp/dr", /^BACKUP /);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
});

test("a check that was killed leaves nobody away: the director comes back by itself, and the next check waits for that", async () => {
  const checks = new Stack("killed");
  const [from = ""] = await holders(DR);
  const [holder, other] = from === "d1" ? [hosts.d1, hosts.d2] : [hosts.d2, hosts.d1];
  // What a check has done when it is killed.
  const note = { reason: "a check of the failover", by: CHECK, since: new Date().toISOString() };
  const gone = giveUp("dr", note);
  const armed = armWayBack("dr", takeBackFromCheck("dr"));
  expect(armed.argv.at(-1)).toBe(String(ABSENCE));
  const sooner = { ...armed, argv: [...armed.argv.slice(0, -1), "20"] };
  await holder.run(inShell(sooner));
  await holder.run(inShell({ argv: gone.argv }), (gone.stdin as Secret).reveal());
  await until(other, "cat /run/lvs/vrrp/dr", /^MASTER /);
  await until(holder, "cat /run/lvs/vrrp/dr", /^FAULT /);
  await checks.up(() => {
    const of = new Failover("dr", {
      ...{ instance: "dr", addresses: [DR] },
      directors: [declared(hosts.d1), declared(hosts.d2)],
    });
    const request = { url: `http://${DR}/`, requests: 5, from: declared(hosts.client) };
    // A director that was lost before may have entries of clients that are gone.
    const failover = { of, gap: 60, onTimeout: "cut" } as const;
    new TrafficCheck("check", { ...request, within: 60, expect: { failover } });
  });
  expect(checks.state("TrafficCheck").failover).toMatchObject({ from: other.name, to: from });
  expect(await hosts.d1.run("ls /etc/keepalived/lvs.d /run/lvs")).not.toMatch(/given-up|absence/);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
});

test("an address that somebody takes from the director that serves comes back by itself", async () => {
  const [from = ""] = await holders(DR);
  await hosts[from as "d1"].run(`ip address del ${DR}/32 dev eth0`);
  expect(
    await poll(
      () => holders(DR),
      (has) => has.length === 1,
      { within: 20, every: 0.1 },
    ),
  ).toHaveLength(1);
  for (const host of [hosts.d1, hosts.d2]) await until(host, "cat /run/lvs/vrrp/dr", /^(MASTER|BACKUP) /);
});

test("a director that is given up loses nothing, stays given up, is no difference, and comes back", async () => {
  const [from = ""] = await holders(DR);
  const to = from === "d1" ? "d2" : "d1";
  const drained: Ran[] = [];
  const drops = `perl -e 'for my $i (1 .. 3000) {
      open my $mode, "<", "/proc/sys/net/ipv4/vs/drop_packet" or die $!;
      if (<$mode> =~ /^3$/ || $i == 3000) { print $i; exit }
      select undef, undef, undef, 0.03;
    }'`;
  let waited = "";
  const noticed = await noticedUnder(hosts.client, DR, async () => {
    const waiting = hosts[from as "d1"].run(drops);
    // A director that was lost before may have entries of clients that are gone.
    drained.push(await command.run("drain", from, "--reason", "new memory", "--timeout", "10", "--cut"));
    waited = await waiting;
  });
  // New connections wait for the handover, on the director that is given up.
  expect(Number(waited)).toBeLessThan(3000);
  expect(drained).toEqual([
    {
      exit: 0,
      stderr: expect.stringMatching(/^(\d+ open connections? of [\d.]+: not known to d\d, cut\n)?$/),
      stdout: expect.stringContaining(`dr: ${to} has taken 10.0.0.9\n`),
    },
  ]);
  expect(noticed).toMatchObject({ failed: 0, kept: 20 });
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual([to]);
  expect(await stack.drift(sites)).toEqual([]);
  // They waited for the handover alone.
  for (const host of [hosts.d1, hosts.d2])
    await until(host, "cd /proc/sys/net/ipv4/vs && cat am_droprate drop_packet", /^10\n0\n$/);
  const both = await command.run("drain", to, "--reason", "both");
  expect(both).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining(`no other director is fit: ${from} (new memory, `),
  });
  // As after a reboot.
  await hosts[from as "d1"].run("rm -r /run/lvs/vrrp; systemctl restart keepalived");
  await until(hosts[from as "d1"], "cat /run/lvs/vrrp/dr || :", /^FAULT /);
  const shown = await command.run("status");
  expect(shown).toMatchObject({ exit: 3, stdout: expect.stringContaining(`destinations out; given up: ${from}\n`) });
  expect(shown.stdout).toMatch(/dr {2}FAULT since \S+, given up since \S+: new memory \(\S+@\S+\)\n/);

  const back = await command.run("return", from);
  expect(back).toMatchObject({ exit: 0, stdout: expect.stringContaining(`dr: ${from} is back: BACKUP\n`) });
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual([to]);
});

test("a director that the program prefers takes the addresses back after a while", async () => {
  const [from] = await holders(DR);
  const to = from === "d1" ? "d2" : "d1";
  const all = () => Promise.all([DR, NAT, GATEWAY].map(holders));
  /** Prefers it, until it has all, and then no more. Returns who has what in the end. */
  const preferred = async () => {
    const noticed = await noticedUnder(hosts.client, DR, async () => {
      await stack.up(() => sites(to));
      await until(hosts[to], `ip -o address show to ${DR}`, /10\.0\.0\.9/);
    });
    expect(noticed.kept).toBe(20);
    expect(noticed.failed).toBeLessThanOrEqual(IN_HANDSHAKE);
    await until(hosts[to], `ip -o address show to ${GATEWAY}`, /10\.2\.0\.1/);
    await stack.up(sites);
    return all();
  };
  let has = await preferred();
  // On a machine that is busy with others, keepalived may reload for longer than three adverts: it has lost them, as it should.
  if (has.flat().includes(from as string)) has = await preferred();
  expect(has).toEqual([[to], [to], [to]]);
});

test("the director that serves loses power: the other one goes on with every connection that it has heard of", async () => {
  const [from] = await holders(DR);
  const [lost, other] = from === "d1" ? [hosts.d1, hosts.d2] : [hosts.d2, hosts.d1];
  const cut = async () => {
    for (const client of [hosts.client, hosts.outside]) await hasHeardOf(client, other);
    await kernel.powerOff(lost);
  };
  let off: Promise<void> | undefined;
  const once = () => {
    off ??= cut();
    return off;
  };
  const noticed = await Promise.all([noticedUnder(hosts.client, DR, once), noticedUnder(hosts.outside, NAT, once)]);
  for (const { failed, kept } of noticed) {
    expect(kept).toBe(20);
    expect(failed).toBeLessThanOrEqual(IN_HANDSHAKE);
  }
  // Where both find the client's server, only a request is lost whose answer was under way: the other director learns of the
  // connection by the client's packets alone, and the client sends none.
  expect(noticed[1]?.failed).toBeLessThanOrEqual(1);
  expect(await other.run(`ip -o address show to ${GATEWAY}`)).not.toBe("");
});
