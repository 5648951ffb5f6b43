import { onlyTheDirectorAnswersArp } from "./arp";
import { type LabStack, must } from "./stack";

/** The director's table with direct routing, as the tutorial has it. */
export function tutorial({ vip }: LabStack): string[] {
  return [
    `-A -t ${vip}:80 -s wrr`,
    `-a -t ${vip}:80 -r 172.17.111.222:80 -g -w 1`,
    `-a -t ${vip}:80 -r 172.17.111.234:80 -g -w 1`,
  ];
}

/** Experiment 2, on bare machines. */
export function directRouting(lan: LabStack): void {
  const TUTORIAL = tutorial(lan);

  it("makes the tutorial's site of direct routing, with requests alternating", async () => {
    await must(["start", "dr", "--stack", lan.name]);
    expect(await lan.table()).toEqual(TUTORIAL);
    await lan.answersAlternate();
    expect(await lan.on("director", "ip -o addr show label eth0:0")).toMatch(
      /172\.17\.111\.111\/32 brd 172\.17\.111\.111/,
    );
    expect(await lan.on("rs1", "ip -o addr show label lo:0")).toMatch(/172\.17\.111\.111\/32 brd 172\.17\.111\.111/);
    await lan.pulumi("preview", "--expect-no-changes");
  });

  it("lets the director alone answer ARP for the VIP, and replies bypass it", async () => {
    await onlyTheDirectorAnswersArp(lan);
    const [, service] = /^TCP +\S+:80((?: +\d+)+)/m.exec(await lan.on("director", "ipvsadm -Ln --stats --exact")) ?? [];
    const [connections, inPackets, outPackets, inBytes, outBytes] = (service ?? "").trim().split(/ +/).map(Number);
    expect(connections).toBeGreaterThan(8);
    expect(inPackets).toBeGreaterThan(8);
    expect(inBytes).toBeGreaterThan(0);
    expect([outPackets, outBytes]).toEqual([0, 0]);
  });

  it("sees an alias, an ARP setting and a service that were changed by hand, and repairs them", async () => {
    await lan.on("director", `ip addr del ${lan.vip}/32 dev eth0; ipvsadm -C`);
    await lan.on("rs1", "sysctl -qw net.ipv4.conf.all.arp_ignore=0");
    const seen = await lan.pulumi("refresh", "--yes", "--diff");
    expect(seen).toMatch(/~ pulumi-nodejs:dynamic\/lvs:VipAlias/);
    expect(seen).toMatch(/~ pulumi-nodejs:dynamic\/lvs:VirtualService/);
    expect(seen).toMatch(/value\s*: "1" => "0"/);
    await lan.up();
    expect(await lan.table()).toEqual(TUTORIAL);
    await onlyTheDirectorAnswersArp(lan);
  });

  it("reaches the real servers through tunnels, and directly again", async () => {
    await lan.configure("forwarding", "tun");
    await lan.up();
    expect(await lan.table()).toEqual(TUTORIAL.map((line) => line.replace("-g -w 1", "-i -w 1 --tun-type ipip")));
    const unwrapped = "cat /sys/class/net/tunl0/statistics/rx_packets";
    const before = await lan.on("rs1", unwrapped);
    expect(new Set(await lan.backends(4))).toEqual(new Set(["rs1", "rs2"]));
    expect(Number(await lan.on("rs1", unwrapped))).toBeGreaterThan(Number(before));
    await onlyTheDirectorAnswersArp(lan);
    await lan.configure("forwarding", "dr");
    await lan.up();
    expect(await lan.table()).toEqual(TUTORIAL);
    expect(new Set(await lan.backends(4))).toEqual(new Set(["rs1", "rs2"]));
  });

  it("brings any declaration into the kernel's own table, beside the site's", async () => {
    expect(await lan.inside("kernel")).toMatch(/Tests: +2 passed, 2 total/);
    expect(await lan.table()).toEqual(TUTORIAL);
  });

  it("takes a real server out only when a download that runs through it has ended", async () => {
    await lan.on("rs2", "head -c 9000000 /dev/zero > /srv/lvs/site/download");
    const fetch = `curl -s -o /dev/null -w '%{http_code} %{size_download}' --limit-rate 200k --max-time 200 http://${lan.vip}/download`;
    // Of two servers one has the file: the other answers 404 at once.
    const downloads = [lan.inLab(fetch, 1), lan.inLab(fetch, 1)];
    await lan.inLab("sleep 2");
    await lan.configure("realServers", '["rs1"]');
    const said = await lan.up();
    expect((await Promise.all(downloads)).sort()).toEqual(["200 9000000", expect.stringMatching(/^404 /)]);
    expect(said).toMatch(/draining 172\.17\.111\.222:80: 1 connection is open/);
    expect(await lan.table()).toEqual(TUTORIAL.filter((line) => !line.includes(".222:")));
    expect(await lan.backends(2)).toEqual(["rs1", "rs1"]);
    await lan.on("rs2", "rm /srv/lvs/site/download");
    await lan.configure("realServers", '["rs1","rs2"]');
    await lan.up();
    expect(await lan.table()).toEqual(TUTORIAL);
  });
}
