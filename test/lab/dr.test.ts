import { changed, snapshots } from "./snapshot";
import { LabStack, must, run } from "./stack";

jest.setTimeout(15 * 60_000);

const dr = new LabStack("dr-test", "172.17.111.111");
const stack = dr.name;
const hosts = ["director", "rs1", "rs2"];
const before: Record<string, string[]> = {};

const TUTORIAL = [
  `-A -t ${dr.vip}:80 -s wrr`,
  `-a -t ${dr.vip}:80 -r 172.17.111.222:80 -g -w 1`,
  `-a -t ${dr.vip}:80 -r 172.17.111.234:80 -g -w 1`,
];

const PERSISTENCE = [
  "-A -f 99 -s rr -p 10",
  "-a -f 99 -r 172.17.111.222:0 -g -w 1",
  "-a -f 99 -r 172.17.111.234:0 -g -w 1",
];

const HEALTH = [
  "-A -f 99 -s wrr -p 10",
  "-a -f 99 -r 172.17.111.222:0 -g -w 2",
  "-a -f 99 -r 172.17.111.234:0 -g -w 2",
];

/** Client 2 in the director's memory of who is whose. */
const idle = /172\.17\.111\.202:0 /;

interface State {
  type: string;
  outputs: Record<string, unknown>;
}

/** The hardware address that a client has learnt for the VIP, anew each time. */
async function learnt(client: number, times: number): Promise<string[]> {
  const script = `for i in $(seq ${times}); do ip neigh flush to ${dr.vip}; curl -s -o /dev/null http://${dr.vip}/ok.html
    ip neigh show ${dr.vip} | sed 's/.*lladdr \\([^ ]*\\).*/\\1/'; done`;
  return (await dr.inLab(script, client)).trim().split("\n");
}

async function onlyTheDirectorAnswersArp(): Promise<void> {
  const mac = (await dr.on("director", "cat /sys/class/net/eth0/address")).trim();
  for (const client of [1, 2]) expect(new Set(await learnt(client, 5))).toEqual(new Set([mac]));
}

beforeAll(async () => {
  await dr.clear();
  await must(["lab", "up", stack]);
  await dr.configure("machines", "oneLan");
});

afterAll(async () => {
  if (!process.env.LVS_KEEP_LAB) await dr.clear();
});

describe("experiments 2 to 4 on one LAN", () => {
  it("makes the tutorial's site of direct routing, with requests alternating", async () => {
    await must(["start", "bare", "--stack", stack]);
    Object.assign(before, await snapshots(dr, hosts));
    await must(["start", "dr", "--stack", stack]);
    expect(await dr.table()).toEqual(TUTORIAL);
    await dr.answersAlternate();
    expect(await dr.on("director", "ip -o addr show label eth0:0")).toMatch(
      /172\.17\.111\.111\/32 brd 172\.17\.111\.111/,
    );
    expect(await dr.on("rs1", "ip -o addr show label lo:0")).toMatch(/172\.17\.111\.111\/32 brd 172\.17\.111\.111/);
    await dr.pulumi("preview", "--expect-no-changes");
  });

  it("lets the director alone answer ARP for the VIP, and replies bypass it", async () => {
    await onlyTheDirectorAnswersArp();
    const [, service] = /^TCP +\S+:80((?: +\d+)+)/m.exec(await dr.on("director", "ipvsadm -Ln --stats --exact")) ?? [];
    const [connections, inPackets, outPackets, inBytes, outBytes] = (service ?? "").trim().split(/ +/).map(Number);
    expect(connections).toBeGreaterThan(8);
    expect(inPackets).toBeGreaterThan(8);
    expect(inBytes).toBeGreaterThan(0);
    expect([outPackets, outBytes]).toEqual([0, 0]);
  });

  it("sees an alias, an ARP setting and a service that were changed by hand, and repairs them", async () => {
    await dr.on("director", `ip addr del ${dr.vip}/32 dev eth0; ipvsadm -C`);
    await dr.on("rs1", "sysctl -qw net.ipv4.conf.all.arp_ignore=0");
    const seen = await dr.pulumi("refresh", "--yes", "--diff");
    expect(seen).toMatch(/~ pulumi-nodejs:dynamic\/lvs:VipAlias/);
    expect(seen).toMatch(/~ pulumi-nodejs:dynamic\/lvs:VirtualService/);
    expect(seen).toMatch(/value\s*: "1" => "0"/);
    await dr.up();
    expect(await dr.table()).toEqual(TUTORIAL);
    await onlyTheDirectorAnswersArp();
  });

  it("reaches the real servers through tunnels, and directly again", async () => {
    await dr.configure("forwarding", "tun");
    await dr.up();
    expect(await dr.table()).toEqual(TUTORIAL.map((line) => line.replace("-g -w 1", "-i -w 1 --tun-type ipip")));
    const unwrapped = "cat /sys/class/net/tunl0/statistics/rx_packets";
    const before = await dr.on("rs1", unwrapped);
    expect(new Set(await dr.backends(4))).toEqual(new Set(["rs1", "rs2"]));
    expect(Number(await dr.on("rs1", unwrapped))).toBeGreaterThan(Number(before));
    await onlyTheDirectorAnswersArp();
    await dr.configure("forwarding", "dr");
    await dr.up();
    expect(await dr.table()).toEqual(TUTORIAL);
    expect(new Set(await dr.backends(4))).toEqual(new Set(["rs1", "rs2"]));
  });

  it("brings any declaration into the kernel's own table, beside the site's", async () => {
    expect(await dr.inside("kernel")).toMatch(/Tests: +2 passed, 2 total/);
    expect(await dr.table()).toEqual(TUTORIAL);
  });

  it("takes a real server out only when a download that runs through it has ended", async () => {
    await dr.on("rs2", "head -c 9000000 /dev/zero > /srv/lvs/site/download");
    const fetch = `curl -s -o /dev/null -w '%{http_code} %{size_download}' --limit-rate 200k --max-time 200 http://${dr.vip}/download`;
    // Of two servers one has the file: the other answers 404 at once.
    const downloads = [dr.inLab(fetch, 1), dr.inLab(fetch, 1)];
    await dr.inLab("sleep 2");
    await dr.configure("realServers", '["rs1"]');
    const said = await dr.up();
    expect((await Promise.all(downloads)).sort()).toEqual(["200 9000000", expect.stringMatching(/^404 /)]);
    expect(said).toMatch(/draining 172\.17\.111\.222:80: 1 connection is open/);
    expect(await dr.table()).toEqual(TUTORIAL.filter((line) => !line.includes(".222:")));
    expect(await dr.backends(2)).toEqual(["rs1", "rs1"]);
    await dr.on("rs2", "rm /srv/lvs/site/download");
    await dr.configure("realServers", '["rs1","rs2"]');
    await dr.up();
    expect(await dr.table()).toEqual(TUTORIAL);
  });

  it("becomes one persistent service for http and https without losing a request", async () => {
    await dr.configure("timeout", "10");
    const codes = await dr.underLoad(() => must(["start", "persistence", "--stack", stack]));
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await dr.table()).toEqual(PERSISTENCE);
    // The lab's own namespace (0) is a client as well: of three, round robin sends two to different servers.
    const chosen = new Set<string | undefined>();
    for (const client of [0, 1, 2]) {
      const answers = [...(await dr.backends(4, client)), ...(await dr.backends(4, client, "https"))];
      expect(new Set(answers).size).toBe(1);
      chosen.add(answers[0]);
    }
    expect(chosen).toEqual(new Set(["rs1", "rs2"]));
    expect(await dr.on("director", "ipvsadm -Lcn")).toMatch(idle);
    await dr.pulumi("preview", "--expect-no-changes");
  });

  it("hands the table to ldirectord without losing a request", async () => {
    const codes = await dr.underLoad(() => must(["start", "health", "--stack", stack]));
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await dr.table()).toEqual(HEALTH);
    expect(await dr.on("director", "systemctl is-enabled ldirectord; systemctl is-active ldirectord")).toBe(
      "enabled\nactive\n",
    );
    await dr.pulumi("preview", "--expect-no-changes");
  });

  it("takes out a server that is unfit, tells it as health and not as drift, and takes it in again", async () => {
    await dr.on("rs2", "cp /srv/lvs/site/ok.html /tmp/; echo sick > /srv/lvs/site/ok.html");
    await dr.tableBecomes(HEALTH.filter((line) => !line.includes(".222:")));
    for (const client of [0, 1]) expect(new Set(await dr.backends(4, client))).toEqual(new Set(["rs1"]));
    await dr.on("rs2", "cp -p /tmp/ok.html /srv/lvs/site/; rm /tmp/ok.html; systemctl stop nginx");
    const seen = await dr.pulumi("refresh", "--yes", "--diff", "--target", "**HealthChecks**");
    expect(seen).not.toMatch(/[~+-] pulumi-nodejs:dynamic\/lvs:HealthChecks|172\.17\.111\.222:0.*weight/);
    const state = JSON.parse(await dr.pulumi("stack", "export")) as { deployment: { resources: State[] } };
    const checks = state.deployment.resources.find(({ type }) => type.endsWith(":HealthChecks"));
    expect(checks?.outputs.health).toEqual({ 99: { "172.17.111.222:0": "down", "172.17.111.234:0": "up" } });
    await dr.on("rs2", "systemctl start nginx");
    await dr.tableBecomes(HEALTH);
  });

  it("comes back by itself when it is killed, and by `up` when it was disabled", async () => {
    const pid = await dr.on("director", "systemctl show -p MainPID --value ldirectord");
    await dr.on("director", `kill -9 ${pid}`);
    await dr.on("director", "for i in $(seq 60); do sleep 1; systemctl -q is-active ldirectord && break; done");
    expect(await dr.on("director", "systemctl show -p MainPID --value ldirectord")).not.toBe(pid);
    expect(await dr.table()).toEqual(HEALTH);
    await dr.on("director", "systemctl disable --now ldirectord; nft delete table inet lvs");
    const seen = await dr.pulumi("refresh", "--yes", "--diff");
    expect(seen).toMatch(/enabled\s*: true => false/);
    expect(seen).toMatch(/running\s*: true => false/);
    expect(seen).toMatch(/~ pulumi-nodejs:dynamic\/lvs:FirewallMark/);
    await dr.up();
    expect(await dr.table()).toEqual(HEALTH);
    expect((await dr.backends(2)).every((server) => /^rs[12]$/.test(server))).toBe(true);
    await dr.pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("never puts a configuration into place that ldirectord could not read", async () => {
    const state = "sha256sum /etc/ha.d/ldirectord.cf; systemctl show -p MainPID --value ldirectord; ls /etc/ha.d";
    const before = await dr.on("director", state);
    await dr.configure("receive", "[[:nonsense:]]");
    const { exit, text } = await run(["pulumi", "up", "--yes", "--skip-preview", "-s", stack, "--color", "never"]);
    expect(exit).not.toBe(0);
    expect(text).toMatch(/host director: .*POSIX class \[:nonsense:\] unknown.*The new content was refused by/s);
    expect(await dr.on("director", state)).toBe(before);
    expect(await dr.table()).toEqual(HEALTH);
    await dr.configure("receive", "OK");
    await dr.up();
  });

  it("lets a client move when its time is over", async () => {
    // It has asked for nothing since the table became persistent. Its ended connections hold its place for two minutes, and the
    // kernel looks once a minute whether they are gone.
    const gone = `for i in $(seq 90); do ipvsadm -Lcn | grep -q '172.17.111.202:0 ' || break; sleep 2; done; ipvsadm -Lcn`;
    expect(await dr.on("director", gone)).not.toMatch(idle);
  });

  it("is there again after reboots, a restarted network manager and a flapped link", async () => {
    await dr.reboot(hosts);
    await dr.answersAgain(1);
    await dr.tableBecomes(HEALTH);
    await Promise.all(hosts.map((host) => dr.on(host, "systemctl restart systemd-networkd")));
    await dr.on("rs1", "ip link set eth0 down; sleep 1; ip link set eth0 up");
    await dr.answersAgain(1);
    await onlyTheDirectorAnswersArp();
    await dr.tableBecomes(HEALTH);
    await dr.pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("goes back to a static service without losing a request", async () => {
    const codes = await dr.underLoad(() => must(["start", "dr", "--stack", stack]));
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await dr.table()).toEqual(TUTORIAL);
    await dr.pulumi("preview", "--expect-no-changes");
  });

  it("puts every host back as it was found", async () => {
    await must(["start", "bare", "--stack", stack]);
    expect(await changed(dr, before)).toEqual({ director: [], rs1: [], rs2: [] });
  });
});
