import { onlyTheDirectorAnswersArp } from "./arp";
import { type LabStack, must } from "./stack";

const HEALTH = [
  "-A -f 99 -s wrr -p 10",
  "-a -f 99 -r 172.17.111.222:0 -g -w 2",
  "-a -f 99 -r 172.17.111.234:0 -g -w 2",
];

interface State {
  type: string;
  outputs: Record<string, unknown>;
}

/** Experiment 4, after experiment 3. */
export function health(lan: LabStack, hosts: readonly string[]): void {
  it("hands the table to ldirectord without losing a request", async () => {
    const codes = await lan.underLoad(() => must(["start", "health", "--stack", lan.name]));
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await lan.table()).toEqual(HEALTH);
    expect(await lan.on("director", "systemctl is-enabled ldirectord; systemctl is-active ldirectord")).toBe(
      "enabled\nactive\n",
    );
    await lan.pulumi("preview", "--expect-no-changes");
  });

  it("takes out a server that is unfit, reports it as health and not as drift, and takes it in again", async () => {
    await lan.on("rs2", "cp /srv/lvs/site/ok.html /tmp/; echo sick > /srv/lvs/site/ok.html");
    await lan.tableBecomes(HEALTH.filter((line) => !line.includes(".222:")));
    for (const client of [0, 1]) expect(new Set(await lan.backends(4, client))).toEqual(new Set(["rs1"]));
    await lan.on("rs2", "cp -p /tmp/ok.html /srv/lvs/site/; rm /tmp/ok.html; systemctl stop nginx");
    const seen = await lan.pulumi("refresh", "--yes", "--diff", "--target", "**HealthChecks**");
    expect(seen).not.toMatch(/[~+-] pulumi-nodejs:dynamic\/lvs:HealthChecks|172\.17\.111\.222:0.*weight/);
    const state = JSON.parse(await lan.pulumi("stack", "export")) as { deployment: { resources: State[] } };
    const checks = state.deployment.resources.find(({ type }) => type.endsWith(":HealthChecks"));
    expect(checks?.outputs.health).toEqual({ 99: { "172.17.111.222:0": "down", "172.17.111.234:0": "up" } });
    await lan.on("rs2", "systemctl start nginx");
    await lan.tableBecomes(HEALTH);
  });

  it("comes back by itself when it is killed", async () => {
    const pid = await lan.on("director", "systemctl show -p MainPID --value ldirectord");
    await lan.on("director", `kill -9 ${pid}`);
    await lan.on("director", "for i in $(seq 60); do sleep 1; systemctl -q is-active ldirectord && break; done");
    expect(await lan.on("director", "systemctl show -p MainPID --value ldirectord")).not.toBe(pid);
    expect(await lan.table()).toEqual(HEALTH);
  });

  it("works again after reboots, a restarted network manager and a flapped link", async () => {
    await lan.reboot(hosts);
    await lan.answersAgain(1);
    await lan.tableBecomes(HEALTH);
    await lan.restartNetwork(hosts);
    await lan.on("rs1", "ip link set eth0 down; sleep 1; ip link set eth0 up");
    await lan.answersAgain(1);
    // As `netplan apply` does, and as whoever changes the rules of the firewall.
    await Promise.all(hosts.map((host) => lan.on(host, "networkctl reload; networkctl reconfigure eth0")));
    // Debian's own rules are a table that lets everything through, which was not there before.
    await lan.on("director", "systemctl restart nftables; nft delete table inet filter");
    await lan.answersAgain(1);
    await onlyTheDirectorAnswersArp(lan);
    await lan.tableBecomes(HEALTH);
    await lan.pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });
}
