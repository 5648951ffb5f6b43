import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { type Adopted, adopted, counted, written } from "./adopted";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { failuresUnder } from "./load";
import { alternate, serve, table, until } from "./site";

jest.setTimeout(300_000);

const VIP = "10.1.0.1";
const ALIAS = "10.3.0.9";
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: { eth0: ["outside", "10.1.0.1/24"], eth1: ["inside", "10.2.0.1/24"], eth2: ["lan", "10.3.0.2/24"] },
    rs1: { eth0: ["inside", "10.2.0.11/24"], eth1: ["lan", "10.3.0.11/24"] },
    rs2: { eth0: ["inside", "10.2.0.12/24"], eth1: ["lan", "10.3.0.12/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"], eth1: ["lan", "10.3.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  await manageServices(hosts.director);
  await hosts.director.run("mkdir /run/units");
});
afterAll(() => kernel?.end());

const site = () => [hosts.director, hosts.rs1, hosts.rs2];

/** Everything on the hosts but what they remember for us, and what brings things back at boot. */
async function everything(): Promise<string[]> {
  const ours = /^(etc|var) \.\/(lvs|lib\/lvs|sysctl\.d\/zz-lvs|modules-load\.d\/lvs)[^\n]*\n(?:[0-9a-f]{64} {2}-\n)?/gm;
  const all: string[] = [];
  for (const host of site()) all.push((await snapshot(host)).replace(ours, "").replace(/^ {2}-> .*\n/gm, ""));
  return all;
}

/**
 * The whole way of a site that was set up by hand: a program is written, its preview creates all of it, its first `up` changes
 * nothing and no request is lost. Then the program changes a weight. What is deleted stays as it was found.
 */
async function takeOver(url: string, heavier: (text: string) => string, after: readonly string[]): Promise<Adopted> {
  const before = await everything();
  const it = await adopted(site());
  for (const host of site()) expect(await host.run("ls -d /etc/lvs /var/lib/lvs 2>/dev/null || :")).toBe("");
  const { start, steps } = counted();
  const stack = new Stack("adopted", start);
  const preview = await stack.preview(it.program());
  expect(preview.length).toBeGreaterThanOrEqual(it.things.length);
  expect(preview.filter((one) => !one.startsWith("create "))).toEqual([]);
  expect(await failuresUnder(hosts.client, url, () => stack.up(it.program()))).toEqual([]);
  expect(steps).toEqual([]);
  expect(await everything()).toEqual(before);
  expect(await stack.drift(it.program())).toEqual([]);

  const rules = await table(hosts.director);
  const changed = it.program(heavier(it.text));
  expect(await failuresUnder(hosts.client, url, () => stack.up(changed))).toEqual([]);
  expect((await table(hosts.director)).filter((line) => !rules.includes(line))).toEqual(after);
  const back = async () => {
    await stack.up(it.program());
    await stack.destroy();
  };
  const failed = await failuresUnder(hosts.client, url, back);
  // ldirectord is restarted with the file that is put back, and empties the table when it stops (cleanstop).
  const restarts = it.declarations.some((one) => one.class === "HealthChecks");
  if (!restarts) expect(failed).toEqual([]);
  await until(hosts.director, "ipvsadm -Sn | grep -c -e ' -r ' || :", /^[24]$/m);
  expect(await table(hosts.director)).toEqual(rules);
  expect(await everything()).toEqual(before);
  return it;
}

/** What the director has once, beside its services. */
const ONCE = "ipvsadm -L --timeout; ipvsadm -L --daemon; cat /proc/sys/net/ipv4/vs/nat_icmp_send";

test("a site behind NAT that was set up by hand, of TCP and UDP, is taken over as one NatCluster", async () => {
  await hosts.director.run(`echo 1 >/proc/sys/net/ipv4/ip_forward
    modprobe ip_vs; ipvsadm --set 1800 0 0; echo 1 >/proc/sys/net/ipv4/vs/nat_icmp_send
    for role in master backup; do ipvsadm --start-daemon $role --mcast-interface eth1 --syncid 4; done
    ipvsadm -A -t ${VIP}:80 -s wrr
    ipvsadm -a -t ${VIP}:80 -r 10.2.0.11:80 -m -w 1
    ipvsadm -a -t ${VIP}:80 -r 10.2.0.12:80 -m -w 1
    ipvsadm -A -u ${VIP}:53 -s wrr
    ipvsadm -a -u ${VIP}:53 -r 10.2.0.11:53 -m -w 1
    ipvsadm -a -u ${VIP}:53 -r 10.2.0.12:53 -m -w 1`);
  for (const server of [hosts.rs1, hosts.rs2]) await server.run("ip route add default via 10.2.0.1");
  await alternate(hosts.client, `http://${VIP}/`);
  const heavier = (text: string) =>
    text.replace('host("rs1"), address: "10.2.0.11", weight: 1', "$&0").replace("tcp: 1800", "tcp: 2400");
  const once = await hosts.director.run(ONCE);
  const it = await takeOver(`http://${VIP}/`, heavier, [
    `-a -t ${VIP}:80 -r 10.2.0.11:80 -m -w 10`,
    `-a -u ${VIP}:53 -r 10.2.0.11:53 -m -w 10`,
  ]);
  expect(it.text).toContain('ports: [80, "53/udp"],');
  expect(it.declarations.map((one) => one.class)).toEqual(["NatCluster", "IpvsTimeouts", "ConnectionSync", "Sysctl"]);
  expect(it.notes).toEqual([]);
  expect(once).toMatch(/1800 120 300\n(.*syncid=4.*\n){2}1\n$/);
  expect(await hosts.director.run(ONCE)).toBe(once);
  const [text, configuration, report, said] = await written(site(), "index.ts", "Pulumi.adopted.yaml", "ADOPTED.md");
  expect(text).toContain(it.text);
  expect(JSON.parse(configuration as string).config["shop:hosts"].rs1).toMatchObject({
    address: hosts.rs1.address,
    user: "root",
  });
  expect(report).toContain("Nothing was left out.");
  expect(said).toContain(report);
  await hosts.director.run(`ipvsadm -C; ipvsadm --set 900 120 300; echo 0 >/proc/sys/net/ipv4/vs/nat_icmp_send
    for role in master backup; do ipvsadm --stop-daemon $role; done`);
});

/** Direct routing, word for word as tutorials have it; `ip` says what `ifconfig` and `route` said. */
async function directRouting(): Promise<void> {
  for (const server of [hosts.rs1, hosts.rs2])
    await server.run(`for at in lo all; do
        echo 1 >/proc/sys/net/ipv4/conf/$at/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/$at/arp_announce
      done
      ip address add ${ALIAS}/32 broadcast ${ALIAS} dev lo label lo:0
      ip route add ${ALIAS} dev lo`);
  await hosts.director.run(`ip address add ${ALIAS}/32 broadcast ${ALIAS} dev eth2 label eth2:0
    ip route add ${ALIAS} dev eth2`);
}

test("a site with direct routing that was set up by hand is taken over as a DrCluster", async () => {
  await directRouting();
  await hosts.director.run(`ipvsadm -C; ipvsadm -A -t ${ALIAS}:80 -s wrr
    ipvsadm -a -t ${ALIAS}:80 -r 10.3.0.11:80 -g -w 1
    ipvsadm -a -t ${ALIAS}:80 -r 10.3.0.12:80 -g -w 1
    mkdir -p /usr/local/sbin && printf 'ipvsadm -C\\n' >/usr/local/sbin/site`);
  await alternate(hosts.client, `http://${ALIAS}/`);
  const heavier = (text: string) => text.replace(/(host: host\("rs2"\), address: "10\.3\.0\.12", weight: )1/, "$13");
  const it = await takeOver(`http://${ALIAS}/`, heavier, [`-a -t ${ALIAS}:80 -r 10.3.0.12:80 -g -w 3`]);
  expect(it.declarations.map((one) => one.class)).toEqual(["DrCluster"]);
  expect(it.notes.map(({ what }) => what)).toEqual(["/usr/local/sbin/site:1:ipvsadm -C"]);
  await hosts.director.run("ipvsadm -C; rm /usr/local/sbin/site");
});

const CF = `checktimeout=3
checkinterval=1
autoreload=no
quiescent=no
logfile="/var/log/ldirectord.log"

virtual=${ALIAS}:http
\treal=10.3.0.11->10.3.0.12:http gate 2
# a server that is gone
\tservice=http
\trequest="ok.html"
\treceive="^rs[12]"
\tlogin="monitor"
\tpasswd="open \\\`sesame\\\`"
\tscheduler=wrr
\tprotocol=tcp
`;

test("a site that ldirectord keeps is taken over with ldirectord's file as it is", async () => {
  await hosts.director.run(
    "mkdir -p /etc/ha.d; cat >/etc/ha.d/ldirectord.cf; chmod 600 /etc/ha.d/ldirectord.cf; sleep 3",
    CF,
  );
  await hosts.director.run("ipvsadm -C; systemctl enable --now ldirectord");
  await until(hosts.director, "ipvsadm -Sn | grep -c -e ' -r ' || :", /^2$/m);
  const heavier = (text: string) => text.replace("gate 2", "gate 5").replace(/weight: 2/g, "weight: 5");
  const running = "systemctl show -p MainPID --value ldirectord";
  const process = await hosts.director.run(running);
  const it = await takeOver(`http://${ALIAS}/`, heavier, [
    `-a -t ${ALIAS}:80 -r 10.3.0.11:80 -g -w 5`,
    `-a -t ${ALIAS}:80 -r 10.3.0.12:80 -g -w 5`,
  ]);
  expect(it.declarations.map((one) => one.class)).toEqual([
    "Director",
    "RealServer",
    "RealServer",
    "Package",
    "File",
    "HealthChecks",
  ]);
  expect(it.text).not.toContain("sesame");
  expect(Object.keys(it.secrets)).toEqual(["director-ldirectord-line-14"]);
  expect(it.text).toContain('config.requireSecret("director-ldirectord-line-14")');
  expect(await hosts.director.run("cat /etc/ha.d/ldirectord.cf; systemctl is-active ldirectord")).toBe(`${CF}active\n`);
  expect(process).toMatch(/^[1-9]/);
});

const KEEPALIVED = `virtual_server ${ALIAS} 80 {
  delay_loop 1
  lb_algo wrr
  lb_kind DR
  protocol TCP
  real_server 10.3.0.11 80 {
    weight 1
    TCP_CHECK {
      connect_timeout 20
    }
  }
  real_server 10.3.0.12 80 {
    weight 1
    TCP_CHECK {
      connect_timeout 20
    }
  }
}
`;

test("of a site that keepalived keeps the hosts' own sides are taken over, and the service is left to keepalived", async () => {
  await hosts.director.run(
    `systemctl disable --now ldirectord; ipvsadm -C; mkdir -p /etc/keepalived; cat >/etc/keepalived/keepalived.conf
    systemctl enable --now keepalived`,
    KEEPALIVED,
  );
  await until(hosts.director, "ipvsadm -Sn | grep -c -e ' -r ' || :", /^2$/m);
  await alternate(hosts.client, `http://${ALIAS}/`);
  const [before, rules] = [await everything(), await table(hosts.director)];
  const it = await adopted(site());
  expect(it.declarations.map((one) => one.class)).toEqual(["Director", "RealServer", "RealServer"]);
  expect(it.notes).toContainEqual(
    expect.objectContaining({
      why: expect.stringContaining("keepalived keeps it (/etc/keepalived/keepalived.conf:1)"),
    }),
  );
  const { start, steps } = counted();
  const stack = new Stack("adopted", start);
  const url = `http://${ALIAS}/`;
  const preview = await stack.preview(it.program());
  expect(preview.length).toBeGreaterThanOrEqual(it.things.length);
  expect(preview.filter((one) => !one.startsWith("create "))).toEqual([]);
  expect(await failuresUnder(hosts.client, url, () => stack.up(it.program()))).toEqual([]);
  expect(steps).toEqual([]);
  expect(await stack.drift(it.program())).toEqual([]);
  expect(await failuresUnder(hosts.client, url, () => stack.destroy())).toEqual([]);
  expect(await table(hosts.director)).toEqual(rules);
  expect(await everything()).toEqual(before);
});
