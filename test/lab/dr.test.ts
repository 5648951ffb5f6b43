import { difference, snapshot } from "./snapshot";
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
  "-A -f 99 -s rr -p 300",
  "-a -f 99 -r 172.17.111.222:0 -g -w 1",
  "-a -f 99 -r 172.17.111.234:0 -g -w 1",
];

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

describe("experiments 2 and 3 on one LAN", () => {
  it("makes the tutorial's site of direct routing, with requests alternating", async () => {
    await must(["start", "bare", "--stack", stack]);
    for (const host of hosts) before[host] = await snapshot(dr, host);
    await must(["start", "dr", "--stack", stack]);
    expect(await dr.table()).toEqual(TUTORIAL);
    const answers = await dr.backends(8);
    expect(answers.slice(0, 2).sort()).toEqual(["rs1", "rs2"]);
    for (const [i, server] of answers.entries()) expect(server).toBe(answers[i % 2]);
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

  it("is there again after reboots, a restarted network manager and a flapped link", async () => {
    const rebooted = await Promise.all(hosts.map((host) => dr.on(host, "cat /proc/sys/kernel/random/boot_id")));
    for (const host of hosts) await run(["lab", "ssh", `${stack}/${host}`, "systemctl reboot"]);
    await dr.answersAgain();
    const now = await Promise.all(hosts.map((host) => dr.on(host, "cat /proc/sys/kernel/random/boot_id")));
    for (const [i, id] of now.entries()) expect(id).not.toBe(rebooted[i]);
    for (const host of hosts) await dr.on(host, "systemctl restart systemd-networkd");
    await dr.on("rs1", "ip link set eth0 down; sleep 1; ip link set eth0 up");
    await dr.answersAgain();
    await onlyTheDirectorAnswersArp();
    await dr.pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
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

  it("becomes one persistent service for http and https without losing a request", async () => {
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
    await dr.pulumi("preview", "--expect-no-changes");
  });

  it("puts every host back as it was found", async () => {
    await must(["start", "bare", "--stack", stack]);
    for (const host of hosts)
      expect({ host, difference: difference(before[host] as string[], await snapshot(dr, host)) }).toEqual({
        host,
        difference: [],
      });
  });
});
