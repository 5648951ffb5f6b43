import { Host, Rollout, type RolloutTurns, VirtualService } from "pulumi-lvs";
import { LISTING } from "../../provider/application/places";
import { areHeardOf, listingOf } from "../../provider/ipvs/open-connections";
import { declaredHost, drainServer, returnServer } from "../../provider/operations";
import { manageServices } from "../namespaces/service-manager";
import { Stack } from "./engine";
import { Installed } from "./installed";
import { type KernelHost, SharedKernel } from "./kernel";
import { download, failuresUnder } from "./load";
import { printedBy } from "./printed";
import { ask, declared, table, until } from "./site";

jest.setTimeout(300_000);

const VIP = "10.1.0.9";
const URL = `http://${VIP}/`;
const [A, B, C, BROKEN] = ["a", "b", "c", "d"].map((letter) => letter.repeat(32)) as [string, string, string, string];
const names = ["rs1", "rs2", "rs3", "rs4", "rs5", "rs6", "rs7", "rs8"] as const;
type ServerName = (typeof names)[number];
type Name = "director" | "standby" | "client" | ServerName;
const addressOf = (name: string) => `10.2.0.1${name.slice(2)}`;
const weightOf = (name: string) => (name === "rs1" ? 2 : 1);

const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<Name, KernelHost>;

const onServers = (work: (host: KernelHost) => Promise<unknown>) => Promise.all(names.map((name) => work(hosts[name])));

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const servers = names.map((name) => [name, { eth0: ["inside", `${addressOf(name)}/24`] }]);
  hosts = await kernel.hosts<Name>({
    director: { eth0: ["outside", "10.1.0.1/24", `${VIP}/24`], eth1: ["inside", "10.2.0.1/24"] },
    standby: { eth0: ["outside", "10.1.0.2/24"], eth1: ["inside", "10.2.0.2/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"] },
    ...Object.fromEntries(servers),
  });
  await onServers(async (host) => {
    await manageServices(host);
    await host.run(`ip route add default via 10.2.0.1; sysctl -qw net.ipv4.ip_unprivileged_port_start=80
      mkdir -p /run/web /etc/systemd/system; head -c 9000000 /dev/zero >/run/web/slow; chown -R www-data /run/web`);
    await put(host, A);
  });
});
afterAll(() => kernel?.end());

/** Puts a release on a server, as its `Release` does. The application is an nginx that answers with the release's letter. */
function put(host: KernelHost, release: string): Promise<string> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) => `${of}_temp_path /run/web/${of};`);
  return host.run(
    `folder=/srv/shop/releases/${release}; mkdir -p $folder/app; cat >$folder/app/conf
     ${LISTING}
     listing $folder/app >$folder/manifest; : >$folder/environment
     cat >$folder/unit <<.
[Service]
User=www-data
ExecStart="/usr/sbin/nginx" "-c" "$folder/app/conf"
.
    `,
    `daemon off; pid /run/web/pid; error_log /run/web/log; worker_processes 1;
     events {} http { access_log off; lingering_close always; send_timeout 10m; ${temporary.join(" ")}
       server { listen 80; add_header X-Backend ${host.name};
         location = /slow { root /run/web; } location / { return ${release === BROKEN ? 503 : 200} "${release[0]}\n"; } } }\n`,
  );
}

interface Declared extends RolloutTurns {
  readonly down?: boolean;
  readonly servers?: readonly ServerName[];
  readonly ready?: { readonly path: string; readonly within: number };
}

const site =
  (release: string, { down = false, servers = names, ready = { path: "/", within: 30 }, ...more }: Declared = {}) =>
  () => {
    const standby = down ? new Host("standby", { ...hosts.standby.connection, port: 9, ready: 1 }) : undefined;
    new Rollout("shop", {
      ...{ site: "shop", root: "/srv/shop", release, user: "www-data", ready },
      servers: servers.map((name) => ({ host: declared(hosts[name]), address: addressOf(name) })),
      directors: [declared(hosts.director), standby ?? declared(hosts.standby)].map((host) => ({ host, vip: VIP })),
      ...{ drain: { timeout: 30 }, ...more },
    });
  };

/** Looks into a director's table during `work`, some times a second. Returns who was out, each time that it changed. */
async function outDuring(director: KernelHost, work: () => Promise<unknown>): Promise<string[][]> {
  const stop = "/run/watched";
  // One program for all looks: to start some each time costs more than what is watched.
  const watch = director.run(`rm -f ${stop}; perl -e '
    my $before = "";
    until (-e "${stop}") {
      open my $table, "<", "/proc/net/ip_vs" or die "table: $!";
      my @out = sort map { /^ +-> ([0-9A-F]{8}):\\S+ +\\S+ +0 / ? $1 : () } <$table>;
      my $now = join(" ", map { join ".", unpack "C4", pack "H8", $_ } @out) . "\\n";
      print $now if $now ne $before;
      $before = $now;
      select undef, undef, undef, 0.1;
    }'`);
  await work().finally(() => director.run(`: >${stop}`));
  const nameOf = (address: string) => names.find((name) => addressOf(name) === address) as string;
  return (await watch).split("\n").map((line) => line.trim().split(" ").filter(Boolean).map(nameOf));
}

/** Who was out when most of a batch were. */
function peaks(out: readonly string[][]): string[][] {
  const size = (at: number) => out[at]?.length ?? 0;
  return out.filter((now, at) => now.length > size(at - 1) && now.length > size(at + 1));
}

const TABLE = [
  `-A -t ${VIP}:80 -s wrr`,
  ...names.map((name) => `-a -t ${VIP}:80 -r ${addressOf(name)}:80 -m -w ${weightOf(name)}`),
];

test("a release goes to eight servers before they have clients", async () => {
  await printedBy(() => stack.up(site(A)));
  for (const director of [hosts.director, hosts.standby])
    await director.run("sysctl -qw net.ipv4.ip_forward=1; ipvsadm -R", TABLE.map((line) => `${line}\n`).join(""));
  expect(await ask(hosts.client, URL, 8)).toEqual(Array(8).fill("a"));
  expect(await stack.preview(site(A))).toEqual([]);
});

/** The director's table as a program declares it, for what the command shows of it. */
function declaredTable() {
  new VirtualService("web", {
    ...{ host: declared(hosts.director), address: VIP, port: 80, scheduler: "wrr", forwarding: "nat", boot: false },
    destinations: Object.fromEntries(names.map((name) => [`${addressOf(name)}:80`, { weight: weightOf(name) }])),
  });
}

/** What the command shows while the release waits for a download from this server. */
async function shownInRelease(command: Installed, server: string) {
  await until(hosts.director, "ipvsadm -Ln", new RegExp(`${addressOf(server)}:80 +Masq +0 +1 `));
  return Promise.all([
    command.run("status"),
    command.run("watch", "--times", "1"),
    command.run("graph", "--format", "html"),
  ]);
}

let stale = "";
const openOnStandby = "ipvsadm -Ln | awk '$1 == \"->\" { n += $5 } END { print n }'";

/**
 * The standby has the entry of a connection that has ended on the holder. The entry stays for 15 minutes. Returns the server that
 * the connection was to.
 */
async function staleEntry(): Promise<string> {
  await hosts.standby.run("ipvsadm --start-daemon backup --mcast-interface eth1 --syncid 1");
  await hosts.director.run("ipvsadm --start-daemon master --mcast-interface eth1 --syncid 1");
  const running = await download(hosts.client, `${URL}slow`);
  await until(hosts.standby, openOnStandby, /^1$/m);
  // A delete on the standby does not wait for it.
  const look = listingOf({ protocol: "tcp", address: VIP, port: 80 }, []);
  const asked = `set -- -Ln -t ${VIP}:80\n${look.argv[2]}`;
  expect(areHeardOf(await hosts.standby.run(asked))).toBe(true);
  expect(areHeardOf(await hosts.director.run(asked))).toBe(false);
  await hosts.director.run("ipvsadm --stop-daemon master");
  await hosts.standby.run("ipvsadm --stop-daemon backup");
  expect(await running.finish()).toBe("200 9000000 0");
  return running.server;
}

test("a canary, then batches under load: no request fails, and never more are out", async () => {
  stale = await staleEntry();
  await onServers((host) => put(host, B));
  const seen = new Stack("seen");
  await seen.up(declaredTable);
  const running = await download(hosts.client, `${URL}slow`);
  let out: string[][] = [];
  let failures: string[] = [];
  let shown: Awaited<ReturnType<typeof shownInRelease>> | undefined;
  const lines = await printedBy(async () => {
    failures = await failuresUnder(hosts.client, URL, async () => {
      out = await outDuring(hosts.director, async () => {
        const rolling = stack.up(site(B, { canary: true, batch: 3 }));
        shown = await shownInRelease(new Installed(seen), running.server);
        expect(await running.finish()).toBe("200 9000000 0");
        await rolling;
      });
    });
  });
  const row = new RegExp(
    `${addressOf(running.server)}:80 +nat +0 of ${weightOf(running.server)} +1 .*out since 20\\S+: the rollout of shop`,
  );
  const [status, watched, page] = shown ?? [];
  expect(status).toMatchObject({ exit: 3, stdout: expect.stringMatching(row) });
  expect(watched?.stdout).toMatch(row);
  expect(status?.stdout).toContain(" 0 not as declared;");
  expect(page).toMatchObject({ exit: 0, stdout: expect.stringContaining("out for maintenance</text>") });
  expect(failures).toEqual([]);
  const batches = [["rs1"], ["rs2", "rs3", "rs4"], ["rs5", "rs6", "rs7"], ["rs8"]];
  expect(peaks(out)).toEqual(batches);
  for (const now of out) expect(batches.some((batch) => now.every((name) => batch.includes(name)))).toBe(true);
  expect(lines.filter((line) => line.includes("back in the table"))).toHaveLength(8);
  expect(await ask(hosts.client, URL, 8)).toEqual(Array(8).fill("b"));
  for (const director of [hosts.director, hosts.standby])
    expect((await table(director)).sort()).toEqual([...TABLE].sort());
  // The drain did not wait for the connection that the standby alone knows.
  expect(await hosts.standby.run(openOnStandby)).toBe("1\n");
});

test("a director that is down is named and passed, and asked again; the share is one of the weights", async () => {
  await Promise.all(names.slice(0, 5).map((name) => put(hosts[name], C)));
  // Of the weights 34% are 3, and rs1 has 2.
  const shared = { batch: "34%", servers: names.slice(0, 5) };
  let out: string[][] = [];
  let failures: string[] = [];
  const lines = await printedBy(async () => {
    failures = await failuresUnder(hosts.client, URL, async () => {
      out = await outDuring(hosts.director, () => stack.up(site(C, { ...shared, down: true })));
    });
  });
  expect(failures).toEqual([]);
  expect(lines.filter((line) => line.includes("director standby is down"))).toHaveLength(1);
  expect(peaks(out)).toEqual([
    ["rs1", "rs2"],
    ["rs3", "rs4", "rs5"],
  ]);
  expect((await table(hosts.director)).sort()).toEqual([...TABLE].sort());
  expect(await stack.preview(site(C, { ...shared, down: true }))).toEqual(["update Rollout shop"]);
  await stack.up(site(C, shared));
  expect(await stack.preview(site(C, shared))).toEqual([]);
});

test("a release that does not get ready is taken back under load; to declare the former one again changes nothing", async () => {
  const servers = names.slice(0, 5);
  await Promise.all(servers.map((name) => put(hosts[name], BROKEN)));
  const running = () =>
    Promise.all(names.map((name) => hosts[name].run("readlink /srv/shop/current; cat /run/web/pid")));
  const before = await running();
  let said = "";
  let out: string[][] = [];
  const failures = await failuresUnder(hosts.client, URL, async () => {
    out = await outDuring(hosts.director, async () => {
      const ready = { path: "/", within: 5 };
      said = await stack.up(site(BROKEN, { servers, ready })).then(String, String);
    });
  });
  expect(said).toMatch(/waiting until rs1 is ready: \/ answers 503/);
  expect(said).toMatch(/rs1 runs release c{12} again; the other servers go on as they are/);
  expect(failures).toEqual([]);
  expect(peaks(out)).toEqual([["rs1"]]);
  const now = await running();
  expect(now.slice(1)).toEqual(before.slice(1));
  expect((await table(hosts.director)).sort()).toEqual([...TABLE].sort());
  await stack.up(site(C, { servers }));
  expect(await running()).toEqual(now);
  expect(await stack.preview(site(C, { servers }))).toEqual([]);
});

test("a drained server gets the release under load, and is in no table until it is brought back", async () => {
  const balancers = [hosts.director, hosts.standby].map((host) => ({
    ...{ director: declaredHost.parse(host.declare()), vips: [VIP] },
  }));
  const note = { reason: "replacing a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
  const zero = new RegExp(`-r ${addressOf(stale)}:80 -m -w 0$`, "m");
  let out: string[][] = [];
  const lines: string[] = [];
  const failures = await failuresUnder(hosts.client, URL, async () => {
    // The standby's entry is no connection: the drain does not wait for it.
    await drainServer(balancers, addressOf(stale), note, { timeout: 10, onTimeout: "fail" });
    expect(await hosts.standby.run(openOnStandby)).toBe("1\n");
    const rolling = () => stack.up(site(A, { batch: 3 }));
    out = await outDuring(hosts.director, async () => lines.push(...(await printedBy(rolling))));
  });
  expect(failures).toEqual([]);
  const looked = out.slice(0, -1);
  expect(looked.length).toBeGreaterThan(4);
  for (const now of looked) expect(now).toContain(stale);
  expect(Math.max(...looked.map((now) => now.length))).toBe(4);
  expect(lines.filter((line) => line.includes(`${stale} runs release`))).toEqual([
    expect.stringContaining("stays out of the table: drained by root@here: replacing a disk"),
  ]);
  expect(await ask(hosts.client, URL, 7)).toEqual(Array(7).fill("a"));
  for (const director of [hosts.director, hosts.standby]) expect(await director.run("ipvsadm -Sn")).toMatch(zero);
  expect(await stack.preview(site(A, { batch: 3 }))).toEqual([]);

  await returnServer(balancers, addressOf(stale));
  for (const director of [hosts.director, hosts.standby]) {
    expect((await table(director)).sort()).toEqual([...TABLE].sort());
    expect(await director.run("ls -A /var/lib/lvs/maintenance /etc/lvs/boot.d 2>/dev/null || :")).toBe("");
  }
  expect(await hosts[stale as ServerName].run("readlink /srv/shop/current")).toBe(`releases/${A}\n`);
});
