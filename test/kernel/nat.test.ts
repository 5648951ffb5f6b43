import { NatCluster, type ServedPort, Sysctl, VirtualService } from "pulumi-lvs";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { download, failuresUnder } from "./load";
import { connectedBy } from "./printed";
import { alternate, answer, ask, declared, serve, table, talked } from "./site";

jest.setTimeout(300_000);

const VIP = "10.1.0.1";
const VIP6 = "fd00:1::1";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
const found: Record<string, string> = {};

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: {
      eth0: ["outside", "10.1.0.1/24", "fd00:1::1/64"],
      eth1: ["inside", "10.2.0.1/24", "fd00:2::1/64"],
      eth2: ["lan", "10.3.0.1/24", "10.4.0.1/24", "fd00:3::1/64", "fd00:4::1/64"],
    },
    rs1: { eth0: ["inside", "10.2.0.11/24", "fd00:2::11/64"], eth1: ["lan", "10.4.0.11/24", "fd00:4::11/64"] },
    rs2: { eth0: ["inside", "10.2.0.12/24", "fd00:2::12/64"], eth1: ["lan", "10.4.0.12/24", "fd00:4::12/64"] },
    client: { eth0: ["outside", "10.1.0.21/24", "fd00:1::21/64"], eth1: ["lan", "10.3.0.21/24", "fd00:3::21/64"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  for (const host of [hosts.director, hosts.rs1, hosts.rs2]) found[host.name] = await snapshot(host);
});
afterAll(() => kernel?.end());

function realServers(network: string, weights: Record<string, number> = {}) {
  return (
    [
      ["rs1", "11"],
      ["rs2", "12"],
    ] as const
  ).map(([name, last]) => {
    const weight = weights[name];
    return { host: declared(hosts[name]), address: `${network}${last}`, ...(weight !== undefined && { weight }) };
  });
}

const twoArms =
  (weights?: Record<string, number>, more = () => {}) =>
  () => {
    const director = declared(hosts.director);
    const how = { vip: VIP, gateway: "10.2.0.1", clients: "10.1.0.0/24" };
    new NatCluster("nat", { director, ...how, realServers: realServers("10.2.0.", weights) });
    more();
  };

const lines = (vip: string, network: string, weight1 = 1, weight2 = 1) => [
  `-A -t ${vip}:80 -s wrr`,
  `-a -t ${vip}:80 -r ${network}11:80 -m -w ${weight1}`,
  `-a -t ${vip}:80 -r ${network}12:80 -m -w ${weight2}`,
];

test("a director with two arms answers by both real servers in turn", async () => {
  await stack.up(twoArms());
  expect(await table(hosts.director)).toEqual(lines(VIP, "10.2.0."));
  await alternate(hosts.client, `http://${VIP}/`);
  const again = await connectedBy(async () => {
    expect(await stack.preview(twoArms())).toEqual([]);
    expect(await stack.up(twoArms())).toEqual([]);
  });
  expect(again).toEqual([]);
});

test("a weight changes by one connection, without losing a request; six of eight requests are its share", async () => {
  expect(await stack.preview(twoArms({ rs1: 3 }))).toEqual(["update VirtualService nat-80"]);
  let connections: string[] = [];
  const failures = await failuresUnder(hosts.client, `http://${VIP}/`, async () => {
    connections = await connectedBy(() => stack.up(twoArms({ rs1: 3 })));
  });
  expect(failures).toEqual([]);
  expect(connections).toEqual(["director"]);
  expect(await table(hosts.director)).toEqual(lines(VIP, "10.2.0.", 3));
  const answers = await ask(hosts.client, `http://${VIP}/`, 8);
  expect(answers.sort().join(" ")).toBe("rs1 rs1 rs1 rs1 rs1 rs1 rs2 rs2");
});

test("a real server of weight 0 keeps its connections and gets no new one", async () => {
  const running = await download(hosts.client, `http://${VIP}/slow`);
  const other = running.server === "rs1" ? "rs2" : "rs1";
  expect(await stack.up(twoArms({ [running.server]: 0 }))).toEqual(["update VirtualService nat-80"]);
  expect(await ask(hosts.client, `http://${VIP}/`)).toEqual([other, other, other, other]);
  expect(await running.finish()).toBe("200 9000000 0");
  await stack.up(twoArms());
  expect(await table(hosts.director)).toEqual(lines(VIP, "10.2.0."));
});

test("changes by hand show and are repaired; what is somebody else's stays", async () => {
  await hosts.director.run(
    `ipvsadm -d -t ${VIP}:80 -r 10.2.0.12:80; ipvsadm -e -t ${VIP}:80 -r 10.2.0.11:80 -m -w 7
     sysctl -qw net.ipv4.ip_forward=0; ipvsadm -A -t ${VIP}:8080 -s rr`,
  );
  await hosts.rs1.run("ip route del default");
  expect(await stack.refresh()).toEqual([
    "Sysctl nat-director-ip-forward",
    "Route nat-rs1-default",
    "VirtualService nat-80",
  ]);
  expect(stack.state("VirtualService").destinations).toMatchObject({ "10.2.0.11:80": "weight 7" });
  expect(Object.keys(stack.state("VirtualService").destinations as object)).toEqual(["10.2.0.11:80"]);
  expect(stack.state("Sysctl").value).toBe("0");
  expect(await stack.preview(twoArms())).toEqual([
    "update Sysctl nat-director-ip-forward",
    "update Route nat-rs1-default",
    "update VirtualService nat-80",
  ]);
  await stack.up(twoArms());
  expect(await table(hosts.director)).toEqual([...lines(VIP, "10.2.0."), `-A -t ${VIP}:8080 -s rr`].sort());
  expect(await hosts.director.run("cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
  await alternate(hosts.client, `http://${VIP}/`);
  expect(await stack.drift(twoArms())).toEqual([]);
  await hosts.director.run(`ipvsadm -D -t ${VIP}:8080`);
});

test("another team shares the director: a change of a service is refused, and nothing goes with the team", async () => {
  const team = new Stack("second", undefined, "team");
  const theirs = (port: number) => () => {
    // The team declares the same machine by a Host of its own.
    const host = declared(hosts.director);
    const dependsOn = new Sysctl("forwarding", { host, key: "net.ipv4.ip_forward", value: 1 });
    const how = { scheduler: "rr", forwarding: "nat", destinations: { "10.2.0.11:80": {} } } as const;
    new VirtualService("service", { host, address: VIP, port, ...how }, { dependsOn });
  };
  const everything = "ipvsadm -Sn; cd /; find etc/lvs etc/sysctl.d var/lib/lvs -type f | sort | xargs sha256sum";
  const alone = await hosts.director.run(everything);
  expect(await failuresUnder(hosts.client, `http://${VIP}/`, () => team.up(theirs(8080)))).toEqual([]);
  expect(await ask(hosts.client, `http://${VIP}:8080/`, 2)).toEqual(["rs1", "rs1"]);
  expect(await stack.drift(twoArms())).toEqual([]);

  const together = await hosts.director.run(everything);
  await expect(team.up(theirs(80))).rejects.toThrow(
    `${VIP}:80 is declared differently by ${stack.project}/${stack.name}/nat-80.`,
  );
  expect(await hosts.director.run(everything)).toBe(together);

  expect(await failuresUnder(hosts.client, `http://${VIP}/`, () => team.destroy())).toEqual([]);
  expect(await hosts.director.run(everything)).toBe(alone);
});

test("UDP beside TCP: a client's port stays with its server, and moves at once when that is taken away", async () => {
  const ends = [await answer(hosts.rs1, "0.0.0.0", "udp:53"), await answer(hosts.rs2, "0.0.0.0", "udp:53")];
  const dns =
    (...names: string[]) =>
    () => {
      const how = { vip: VIP, gateway: "10.2.0.1", ports: [80, "53/udp"] satisfies ServedPort[] };
      const servers = realServers("10.2.0.").filter(({ host }) => names.includes(host.name));
      new NatCluster("nat", { director: declared(hosts.director), ...how, realServers: servers });
    };
  await stack.up(dns("rs1", "rs2"));
  const datagrams = lines(VIP, "10.2.0.").map((line) => line.replace("-t", "-u").replace(/:80/g, ":53"));
  expect(await table(hosts.director)).toEqual([...lines(VIP, "10.2.0."), ...datagrams].sort());
  const talk = (...ports: number[]) =>
    talked(
      hosts.client,
      ports.map((port) => `ask udp ${VIP} 53 10.1.0.21 ${port} x`),
    );
  const [one, two] = await talk(20_000, 20_001);
  expect([one, two].sort()).toEqual(["rs1", "rs2"]);
  expect(await talk(20_000, 20_001, 20_000, 20_001)).toEqual([one, two, one, two]);
  // What NAT cannot translate: `one-packet-nat` warns of it.
  await hosts.director.run(`ipvsadm -A -u ${VIP}:54 --ops -s rr; ipvsadm -a -u ${VIP}:54 -r 10.2.0.11:53 -m`);
  expect(await talked(hosts.client, [`ask udp ${VIP} 54 10.1.0.21 20002 x`])).toEqual(["-"]);
  await hosts.director.run(`ipvsadm -D -u ${VIP}:54`);
  await stack.up(dns(two as string));
  expect(await talk(20_000, 20_001, 20_000)).toEqual([two, two, two]);
  expect(await stack.drift(dns(two as string))).toEqual([]);
  for (const end of ends) await end();
  await stack.up(twoArms());
  expect(await table(hosts.director)).toEqual(lines(VIP, "10.2.0."));
});

test("a site of IPv6 answers: its director forwards IPv6 as well", async () => {
  const both = twoArms({}, () => {
    const director = declared(hosts.director);
    const how = { vip: VIP6, gateway: "fd00:2::1", clients: "fd00:1::/64" };
    new NatCluster("nat6", { director, ...how, realServers: realServers("fd00:2::") });
  });
  // Forwarding would take away a default route that a router advertised. The run that would do so ends before it.
  await hosts.director.run("ip -6 route add default via fd00:1::fe dev eth0 proto ra");
  await expect(stack.up(both)).rejects.toThrow("Set net.ipv6.conf.eth0.accept_ra to 2 first");
  expect(await hosts.director.run("ip -6 route show default")).toContain("via fd00:1::fe");
  expect(await hosts.director.run("cat /proc/sys/net/ipv6/conf/all/forwarding")).toBe("0\n");
  await hosts.director.run("ip -6 route del default");
  await stack.up(both);
  const lines6 = lines(`[${VIP6}]`, "[fd00:2::").map((line) => line.replace(/(::1[12]):80/, "$1]:80"));
  expect(await table(hosts.director)).toEqual([...lines(VIP, "10.2.0."), ...lines6].sort());
  await alternate(hosts.client, `http://[${VIP6}]/`);
  await alternate(hosts.client, `http://${VIP}/`);
  await stack.destroy();
});

test("a director with one arm answers, too, and tells the real servers no way past it", async () => {
  const oneArm = () => {
    const how = {
      vip: "10.3.0.1",
      gateway: "10.4.0.1",
      clients: "10.3.0.0/24",
      arms: "one",
      interface: "eth2",
    } as const;
    new NatCluster("one", { director: declared(hosts.director), ...how, realServers: realServers("10.4.0.") });
  };
  await stack.up(oneArm);
  expect(await table(hosts.director)).toEqual(lines("10.3.0.1", "10.4.0."));
  await alternate(hosts.client, "http://10.3.0.1/");
  expect(await hosts.client.run("curl -s -o /dev/null -w '%{http_code} %{size_download}' http://10.3.0.1/slow")).toBe(
    "200 9000000",
  );
  const redirects = `awk '/^Icmp:/ { if (n++) print $at; else for (i = 1; i <= NF; i++) if ($i == "OutRedirects") at = i }' /proc/net/snmp`;
  expect(await hosts.director.run(redirects)).toBe("0\n");
  expect(await hosts.rs1.run("ip route get 10.3.0.21")).toMatch(/^10\.3\.0\.21 via 10\.4\.0\.1 dev eth1/);
  await stack.destroy();
});

test("a site of IPv6 answers with one arm, too: the real servers follow no redirects", async () => {
  const oneArm = () => {
    const how = { vip: "fd00:3::1", gateway: "fd00:4::1", arms: "one", interface: "eth2" } as const;
    new NatCluster("six", {
      director: declared(hosts.director),
      ...how,
      realServers: realServers("fd00:4::").map((one) => ({ ...one, device: "eth1" })),
    });
  };
  await stack.up(oneArm);
  await alternate(hosts.client, "http://[fd00:3::1]/");
  expect(
    await hosts.client.run("curl -gs -o /dev/null -w '%{http_code} %{size_download}' 'http://[fd00:3::1]/slow'"),
  ).toBe("200 9000000");
  expect(await hosts.rs1.run("ip -6 route get fd00:3::21")).toMatch(/^fd00:3::21.* via fd00:4::1 dev eth1/);
  await alternate(hosts.client, "http://[fd00:3::1]/");
  await stack.destroy();
});

test("every host is as it was found", async () => {
  for (const host of [hosts.director, hosts.rs1, hosts.rs2]) expect(await snapshot(host)).toBe(found[host.name]);
});
