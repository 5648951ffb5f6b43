import { LISTING } from "../../provider/application/places";
import { closeIdle } from "../../provider/host/pool";
import { statistics } from "../../provider/host/statistics";
import { type KernelHost, management, SharedKernel } from "../kernel/kernel";
import { failuresUnder } from "../kernel/load";
import { printedBy } from "../kernel/printed";
import type { Host } from "../namespaces/host";
import { manageServices } from "../namespaces/service-manager";
import { declare, Resource, Site } from "../namespaces/site";
import { FEW_ROUNDS, Figures, RELEASED } from "./measure";

// How long does a release to many servers take in five batches, against five times one server's own time? One kernel of User
// Mode Linux cannot carry fifty applications: it carries the director with its real IPVS alone, which sends by direct routing.
// The servers and the client are network namespaces of this machine's own kernel, on the network of that director.

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

const BATCHES = 5;
const VIP = "10.98.0.1";
const URL = `http://${VIP}/`;
const APPLICATION = { site: "app", root: "/srv/app", user: "www-data" };

/** An application that starts at once, and answers with its release. */
const SERVER = `use IO::Socket::INET;
my ($name, $release) = @ARGV;
my $listen = IO::Socket::INET->new(LocalPort => 80, Listen => 100, ReuseAddr => 1) or die $!;
while (my $client = $listen->accept) {
  while (<$client>) { last if /^\\r?\\n/ }
  print $client "HTTP/1.1 200 OK\\r\\nX-Backend: $name\\r\\nConnection: close\\r\\n\\r\\n$release\\n";
  close $client;
}
`;

interface Server {
  readonly host: Host;
  readonly address: string;
}

const site = new Site();
let kernel: SharedKernel;
let director: KernelHost;
let client: Host;
const servers: Server[] = [];
let before: string;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  director = await kernel.host("director", {});
  const network = await management();
  const at = (last: number) => director.address.replace(/\d+$/, String(last));
  client = await site.host("client", { eth0: [network, `${at(99)}/24`] });
  await client.run(`ip route add ${VIP} via ${director.address}`);
  for (let i = 0; i < RELEASED; i++) {
    const address = at(101 + i);
    const host = await site.host(`rs${i + 1}`, { eth0: [network, `${address}/24`] });
    await manageServices(host);
    await host.run(`sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 \\
        net.ipv4.ip_unprivileged_port_start=80
      ip address add ${VIP}/32 dev lo; mkdir -p /etc/systemd/system`);
    servers.push({ host, address });
  }
  const lines = servers.map(({ address }) => `-a -t ${VIP}:80 -r ${address}:80 -g -w 1\n`);
  await director.run(`ip address add ${VIP}/32 dev lo; ipvsadm -R`, `-A -t ${VIP}:80 -s rr\n${lines.join("")}`);
  before = await table();
});
afterAll(async () => {
  await site.close();
  await kernel?.end();
});

const table = async () => (await director.run("ipvsadm -Sn")).trim().split("\n").sort().join("\n");

/** Puts a release on the servers, as their `Release` does. */
function put(release: string, to: readonly Server[]): Promise<unknown> {
  const folder = `${APPLICATION.root}/releases/${release}`;
  return Promise.all(
    to.map(({ host }) =>
      host.run(
        `mkdir -p ${folder}/app; cat >${folder}/app/server
        ${LISTING}
        listing ${folder}/app >${folder}/manifest; : >${folder}/environment
        printf '[Service]\\nUser=www-data\\nExecStart="/usr/bin/perl" "${folder}/app/server" "${host.name}" "${release}"\\n' \\
          >${folder}/unit`,
        SERVER,
      ),
    ),
  );
}

function rollout(release: string, to: readonly Server[], batch: number): Resource {
  return new Resource("Rollout", {
    ...{ ...APPLICATION, release, batch, ready: { path: "/", within: 60 }, drain: { timeout: 30 } },
    servers: to.map(({ host, address }) => ({ host: declare(host, address), address })),
    directors: [{ host: director.declare(), vip: VIP }],
  });
}

let last = 0;
/** Rolls a new release out, as a process does that has no connection yet. Returns the seconds. */
async function rolled(to: readonly Server[], batch: number): Promise<number> {
  const release = String(++last).padStart(32, "0");
  await put(release, to);
  closeIdle();
  const start = performance.now();
  await printedBy(() => rollout(release, to, batch).create());
  const seconds = (performance.now() - start) / 1000;
  for (const { host, address } of to)
    expect(await host.run(`curl -s --noproxy '*' http://${address}/`)).toBe(`${release}\n`);
  expect(await table()).toBe(before);
  return seconds;
}

test("a release in batches, under load", async () => {
  const scenario = `release to ${RELEASED} servers in batches of ${RELEASED / BATCHES}`;
  // The first release comes before the first client.
  await rolled(servers, RELEASED);
  const underLoad = async (to: readonly Server[], batch: number) => {
    let seconds = 0;
    const failures = await failuresUnder(client, URL, async () => {
      seconds = await rolled(to, batch);
    });
    expect(failures).toEqual([]);
    return seconds;
  };
  for (let round = 0; round < FEW_ROUNDS; round++) {
    const one = await underLoad(servers.slice(0, 1), 1);
    figures.add(scenario, "five times one server's own time", one * BATCHES);
    const until = statistics.scripts;
    const all = await underLoad(servers, RELEASED / BATCHES);
    const scripts = `${statistics.scripts - until} scripts`;
    figures.add(scenario, "ours, without Pulumi", all, `${scripts}, 0 failed requests`);
  }
});
