import { type Artefact, artefact, removeArtefacts } from "../artefact";
import { commandsOf } from "../guide";
import { type KernelHost, management, SharedKernel } from "../kernel/kernel";
import { failuresUnder } from "../kernel/load";
import { table, until } from "../kernel/site";
import { type Answer, answersOf, loadScript, servingScript } from "../lab/load";
import { command } from "../namespaces/command";
import { manageServices } from "../namespaces/service-manager";
import { Site } from "../namespaces/site";
import { installPostgresql } from "./database-host";
import { OwnUser } from "./own-user";

jest.setTimeout(900_000);

// The guide's commands for hosts of one's own, as they stand there, by the real Pulumi. The director and the real
// servers have a kernel with IPVS, the real nginx and the real ldirectord; the database's host has the real PostgreSQL.
// Pulumi runs on the clients' LAN. In the shop's place is an application without its libraries, which talks to the
// database: the shop itself is tested on the lab's machines.

const VIP = "10.0.0.9";
const STACK = "engine-own";
const SOURCES = ["10.0.0.21", "10.0.0.22", "10.0.0.23", "10.0.0.24"];
const ADDRESSES = { director: "10.0.0.1", rs1: "10.0.0.11", rs2: "10.0.0.12", db: "10.0.0.20" };
const words = {
  "-s shop": `-s ${STACK}`,
  "stack init shop": `stack init --no-select ${STACK}`,
  "192.0.2.10": ADDRESSES.director,
};

/** The application: it is ready once the database lets its role in so far as to ask for the password. */
const APPLICATION = {
  "server.pl": `use IO::Socket;
my ($db, $at, $port, $name) = $ENV{DATABASE_URL} =~ m{//(\\w+):[^@]+@([^:]+):(\\d+)/(\\w+)} or die;
my $listen = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ENV{PORT}, Listen => 9, ReuseAddr => 1) or die;
while (my $client = $listen->accept) {
  my ($path) = (<$client> // "") =~ m{^GET (\\S+)};
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  my $said = "";
  if ($path eq "/readyz" and my $server = IO::Socket::INET->new(PeerAddr => $at, PeerPort => $port, Timeout => 5)) {
    my $start = pack("N", 196608) . "user\\0$db\\0database\\0$name\\0\\0";
    print $server pack("N", 4 + length $start) . $start; $server->flush; read($server, $said, 1);
  }
  my $status = $path ne "/readyz" || $said eq "R" ? "200 OK" : "503 Not Ready";
  my $page = "a page of $ENV{SHOP_NAME}\\n";
  print $client "HTTP/1.0 $status\\r\\nContent-Length: ", length $page, "\\r\\n\\r\\n$page"; close $client;
}
`,
  "prepare.pl":
    'open my $made, ">", "/tmp/prepared" or die; print $made $ENV{DATABASE_URL} =~ /^postgresql:/ ? "yes" : "no";\n',
};

const lans = new Site();
/** The director has Debian 12 and marks by iptables. The others have Debian 13. */
let kernels: Record<"bookworm" | "trixie", SharedKernel>;
let hosts: Record<"director" | "rs1" | "rs2", KernelHost>;
let client: KernelHost;
let user: OwnUser;

beforeAll(async () => {
  const lan = await management();
  for (const address of ["10.0.0.2", ...SOURCES]) await command(["ip", "address", "add", `${address}/24`, "dev", lan]);
  kernels = { bookworm: await SharedKernel.boot("bookworm"), trixie: await SharedKernel.boot("trixie") };
  const on = (address: string) => ({ eth0: ["mgmt", `${address}/24`] as const });
  const { director, rs1, rs2 } = ADDRESSES;
  const servers = await kernels.trixie.hosts({ rs1: on(rs1), rs2: on(rs2) });
  hosts = { ...(await kernels.bookworm.hosts({ director: on(director) })), ...servers };
  client = await kernels.trixie.host("client", on("10.0.0.31"));
  for (const host of Object.values(hosts)) {
    await manageServices(host);
    // The device by which the tests reach the host is on the LAN as well: it is silent about addresses of others.
    await host.run("sysctl -qw net.ipv4.conf.mgmt0.arp_ignore=1; mkdir -p /etc/systemd/system");
  }
  const db = await lans.host("db", { eth0: [lan, `${ADDRESSES.db}/24`] });
  await installPostgresql(db);
  const { privateKey, hostKey } = hosts.director.connection;
  const known = [rs1, rs2].map((address) => `${address} ${hostKey}`);
  user = new OwnUser(STACK, privateKey, [...known, `${ADDRESSES.db} ${db.hostKey}`]);
  const own = await command(["ssh-keygen", "-y", "-f", `${user.home}/.ssh/id_ed25519`]);
  await db.run("cat >>/etc/ssh/test_authorized_keys", own);
});
afterAll(async () => {
  user?.leave();
  removeArtefacts();
  await lans.close();
  for (const kernel of Object.values(kernels ?? {})) await kernel.end();
});

/** Runs the guide's commands with an experiment in the place of the one that stands there, but for the `up` at their end. */
async function configured(heading: string, commands: readonly string[]): Promise<void> {
  expect([heading, commands.at(-1)]).toEqual([heading, `npm run pulumi -- up -s ${STACK}`]);
  const lines = commands.slice(0, -1);
  await (heading === "first" ? user.sh(lines.join("\n")) : user.guide(lines));
}

const others = () => {
  const commands = commandsOf("docs/own-hosts.md", "## The other experiments", {
    ...words,
    "set experiment shop": "set experiment shop",
  });
  const end = commands.findIndex((line) => line.includes(" up "));
  return { lan: commands.slice(0, end + 1), shop: commands.slice(end + 1) };
};

/** Brings the stack up. Then there is nothing more to do, and nothing differs on the hosts. */
async function up(): Promise<void> {
  await user.pulumi("up --yes --skip-preview");
  await user.pulumi("up --refresh --yes --skip-preview --expect-no-changes");
}

const destinations = (weight: number) =>
  [ADDRESSES.rs1, ADDRESSES.rs2].map((address) => `-a -f 99 -r ${address}:0 -g -w ${weight}`);

test("the director, the real servers and their addresses, as the guide says; dr, with a look at who answers ARP", async () => {
  // The hosts have neither the user admin nor sudo: the lab's machines have.
  const first = commandsOf("docs/own-hosts.md", "## The first experiment", words).filter(
    (line) => !/rs1\.(user|sudo)/.test(line),
  );
  const second = first
    .filter((line) => line.includes("rs1"))
    .map((line) => line.replace("rs1", "rs2").replace(/0\.11 /, "0.12 "));
  await configured("first", [...first.slice(0, -1), ...second, ...first.slice(-1)]);
  await configured("lan", others().lan);
  const sources = SOURCES.map((address, i) => `--plaintext 'sources[${i}]=${address}'`).join(" ");
  await user.pulumi(`config set-all --path --plaintext arp=${await management()} ${sources}`);

  expect(await user.pulumi("preview")).toMatch(/\+ .*VirtualService dr-80 create/);
  await up();
  expect(await table(hosts.director)).toEqual([
    `-A -t ${VIP}:80 -s wrr`,
    ...[ADDRESSES.rs1, ADDRESSES.rs2].map((address) => `-a -t ${VIP}:80 -r ${address}:80 -g -w 1`),
  ]);
  expect(await user.pulumi("stack output distribution")).toMatch(/rs1.*rs2/s);
});

test.each([
  { experiment: "persistence", lines: ["-A -f 99 -s rr -p 300", ...destinations(1)] },
  { experiment: "health", lines: ["-A -f 99 -s wrr -p 300", ...destinations(2)] },
])("$experiment, by its name in the configuration", async ({ experiment, lines }) => {
  await configured(
    "lan",
    others().lan.map((line) => line.replace("experiment dr", `experiment ${experiment}`)),
  );
  await up();
  expect(await table(hosts.director)).toEqual(lines);
});

const SHOP = ["-A -f 99 -s wlc -p 300", ...destinations(1)];

/** The application that the stack has in the shop's place. */
let shop: Artefact;

const perl = (script: string) => ["/usr/bin/perl", script];

/** Declares properties of the application in the place of the shop's own. */
function application(settings: object): Promise<string> {
  const declared = { packages: [], start: perl("server.pl"), prepare: perl("prepare.pl"), artefact: shop, ...settings };
  return user.pulumi(`config set --plaintext application '${JSON.stringify(declared)}'`);
}

/** The release that each server runs, as the server's own link has it. */
function releases(): Promise<string[]> {
  return Promise.all([hosts.rs1, hosts.rs2].map((host) => host.run("readlink /srv/shop/current")));
}

/**
 * Four customers make requests during `work`. Returns the requests that got no page, and the least number of real servers that the
 * director sent clients to.
 */
async function whileWatched(work: () => Promise<unknown>): Promise<{ failed: Answer[]; serving: number }> {
  const stop = `${user.home}/stop`;
  const load = { paths: ["/", "/index.html"], host: 0, sources: SOURCES, rate: "4/s", patience: 20, within: 300 };
  const answers = command(["sh", "-c", loadScript(VIP, load, stop)]);
  const watch = hosts.director.run(servingScript("/run/watched", 0.3));
  try {
    await work();
  } finally {
    await Promise.all([hosts.director.run(": >/run/watched"), command(["touch", stop])]);
  }
  const all = answersOf(await answers);
  expect(all.length).toBeGreaterThan(20);
  return {
    failed: all.filter(({ status }) => status !== "200"),
    serving: Math.min(...(await watch).trim().split("\n").map(Number)),
  };
}

/** What a client notices of nginx's own page meanwhile: it is there without the application, which has yet to come. */
const throughout = (work: () => Promise<unknown>) => failuresUnder(client, `http://${VIP}/index.html`, work);

test("shop, with a database on a host of its own, in the place of health while clients are served", async () => {
  const commands = others().shop;
  shop = artefact(APPLICATION);
  await configured(
    "shop",
    commands.map((line) => line.replace("/srv/shop.tar.gz", shop.path)),
  );
  await user.pulumi("config set --plaintext deleteData true");
  await application({});
  expect(await throughout(up)).toEqual([]);
  expect(await table(hosts.director)).toEqual(SHOP);
  const page = await command(["curl", "-sk", "-D", "-", `https://${VIP}/`]);
  expect(page).toMatch(/^x-backend: rs[12]\r$/im);
  expect(page).toMatch(/a page of LVS Outfitters\n$/);
  const [rename = ""] = commandsOf("docs/shop.md", "# A shop", words);
  await user.sh(rename);
  await up();
  expect(await command(["curl", "-s", `http://${VIP}/`])).toBe("a page of Under new name\n");
});

test("what was changed by hand on a server is seen, and repaired while the other one serves", async () => {
  const [runs] = await releases();
  await hosts.rs1.run(
    `systemctl stop shop; cd /srv/shop/current; echo 'X="1"' >>environment; echo '# by hand' >>app/server.pl`,
  );
  const seen = await user.pulumi("refresh --yes --diff");
  expect(seen).toMatch(/rs1: "[0-9a-f]+" => "[0-9a-f]+, its files were changed, not restarted .*, failed"/);
  expect(seen).toMatch(/release\s*: "[0-9a-f]+" => "[0-9a-f]+, app was changed, environment was changed"/);
  // Until the server is taken out, its clients get errors. The health check does not notice, because nginx itself
  // serves ok.html.
  const { failed, serving } = await whileWatched(() => user.pulumi("up --yes --skip-preview"));
  expect(failed.filter(({ server, status }) => server !== "rs1" || status !== "502")).toEqual([]);
  expect(serving).toBe(1);
  expect(await releases()).toEqual([runs, runs]);
  await user.pulumi("up --refresh --yes --skip-preview --expect-no-changes");
});

test("a release that does not get ready is taken back while clients are served, with the end of its log", async () => {
  const runs = await releases();
  const start = ["/bin/sh", "-c", "echo out of order; exec sleep 1000"];
  await application({ start, ready: { path: "/readyz", within: 5 } });
  const { failed, serving } = await whileWatched(async () => {
    const { exit, text } = await user.try(user.command("up --yes --skip-preview"));
    expect(exit).not.toBe(0);
    expect(text).toMatch(/waiting until rs1 is ready: \/readyz answers 502/);
    expect(text).toMatch(/The end of its log:[\s\S]*out of order/);
    expect(text).toMatch(/rs1 runs release [0-9a-f]{12} again; the other servers go on as they are/);
  });
  expect(failed).toEqual([]);
  expect(serving).toBe(1);
  expect(await releases()).toEqual(runs);
  expect(await table(hosts.director)).toEqual(SHOP);
});

/** Another application. Its start takes a while, in which the `up` that waits for it is killed. */
const OTHER = `use IO::Socket;
sleep 3;
my $listen = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ENV{PORT}, Listen => 9, ReuseAddr => 1) or die;
while (my $client = $listen->accept) {
  my ($path) = (<$client> // "") =~ m{^GET (\\S+)};
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  my $page = $path eq "/readyz" ? "ready" : "hello from $ENV{NAME}";
  print $client "HTTP/1.0 200 OK\\r\\nContent-Length: ", length $page, "\\r\\n\\r\\n$page"; close $client;
}
`;

test("another application takes the shop's place by configuration alone, and goes on where Pulumi was killed", async () => {
  const [old] = await releases();
  await application({
    ...{ artefact: artefact({ "other.pl": OTHER }), start: perl("other.pl"), prepare: ["true"], static: {} },
    ...{ ready: { path: "/readyz", contains: "ready" }, environment: { NAME: "another" } },
  });
  const { failed, serving } = await whileWatched(async () => {
    const out = until(hosts.director, "ls /var/lib/lvs/maintenance 2>/dev/null || :", /10\.0\.0\.11/, 120);
    await user.killed("up --yes --skip-preview", () => out);
    await user.pulumi("cancel --yes");
    expect(await releases()).toContain(old);
    await user.pulumi("up --yes --skip-preview");
  });
  expect(failed).toEqual([]);
  expect(serving).toBe(1);
  expect(await command(["curl", "-sk", `https://${VIP}/`])).toBe("hello from another");
  expect(await releases()).not.toContain(old);
  expect(await table(hosts.director)).toEqual(SHOP);
  await user.pulumi("preview --expect-no-changes");
});

test("health again, in the place of the shop while clients are served; then nothing is left", async () => {
  await user.pulumi("config set experiment health");
  expect(await throughout(up)).toEqual([]);
  expect(await command(["curl", "-s", `http://${VIP}/`])).toMatch(/This page was served by rs[12]/);
  await user.pulumi("destroy --yes --skip-preview");
  expect(await table(hosts.director)).toEqual([""]);
});
