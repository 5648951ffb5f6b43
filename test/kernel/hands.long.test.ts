import { DrCluster } from "pulumi-lvs";
import { createCertificate } from "../../provider/values/tls-certificate";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { failuresUnder } from "./load";
import { ask, declared, ONE_LAN, serve, table, until } from "./site";

jest.setTimeout(300_000);

const VIP = "10.0.0.9";
const URL = `http://${VIP}/`;
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
let found: string;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    ...ONE_LAN,
    client: { eth0: ["lan", "10.0.0.21/24"] },
  });
  await serve(hosts.rs1, [80, 443]);
  await serve(hosts.rs2, [80, 443]);
  await manageServices(hosts.director);
  found = await snapshot(hosts.director);
});
afterAll(() => kernel?.end());

type Declared = Partial<ConstructorParameters<typeof DrCluster>[1]>;

const site = (args: Declared) => () => {
  const weight = args.health ? 2 : 1;
  const realServers = (["rs1", "rs2"] as const).map((name, i) => ({
    host: declared(hosts[name]),
    address: `10.0.0.1${i + 1}`,
    weight,
  }));
  new DrCluster("dr", { director: declared(hosts.director), vip: VIP, realServers, ...args });
};

const together = { ports: [80, 443], persistence: { timeout: 10 } };
const persistent = site(together);
const checked = (receive = "^rs[12]") =>
  site({
    ...together,
    health: {
      by: "ldirectord",
      service: "http",
      checkPort: 80,
      request: "ok.html",
      receive,
      globals: { checkInterval: 1 },
    },
  });
const fixed = site({});

const lines = (weight: number) => [
  "-A -f 99 -s wrr -p 10",
  `-a -f 99 -r 10.0.0.11:0 -g -w ${weight}`,
  `-a -f 99 -r 10.0.0.12:0 -g -w ${weight}`,
];

test("ldirectord takes the table over without losing a request", async () => {
  await stack.up(persistent);
  expect(await table(hosts.director)).toEqual(lines(1));
  expect(await failuresUnder(hosts.client, URL, () => stack.up(checked()))).toEqual([]);
  expect(await table(hosts.director)).toEqual(lines(2));
  expect(await hosts.director.run("systemctl is-enabled ldirectord; systemctl is-active ldirectord")).toBe(
    "enabled\nactive\n",
  );
  expect(await stack.preview(checked())).toEqual([]);
});

test("everything is replaced without losing a request, and stays as declared and as it runs", async () => {
  const running = "systemctl show -p MainPID --value ldirectord";
  // Replacements write to the ledger alone. Connections come and go.
  const lasting = async (host: KernelHost) =>
    (await snapshot(host)).replace(/^(var .*\/ledger\/.*\n)[0-9a-f]{64} .*\n/gm, "$1").replace(/^ {2}-> .*\n/gm, "");
  const all = () => Promise.all([hosts.director, hosts.rs1, hosts.rs2].map(lasting));
  const before = [await hosts.director.run(running), ...(await all())];
  const replaced = async () => {
    const operations = await stack.up(checked(), () => true);
    for (const verb of ["replace ", "delete "])
      expect(operations.filter((one) => one.startsWith(verb))).toHaveLength(stack.made.length);
  };
  expect(await failuresUnder(hosts.client, URL, replaced)).toEqual([]);
  expect(await table(hosts.director)).toEqual(lines(2));
  expect([await hosts.director.run(running), ...(await all())]).toEqual(before);
  expect(await stack.drift(checked())).toEqual([]);
});

test("a real server that is unfit leaves the table, which is health and no drift, and comes back", async () => {
  await hosts.rs2.run("nginx -c /run/web/conf -s stop");
  const out = lines(2).filter((line) => !line.includes("10.0.0.12"));
  await until(hosts.director, "ipvsadm -Sn | grep -c '10.0.0.12' || :", /^0$/m);
  expect(await table(hosts.director)).toEqual(out);
  expect(await ask(hosts.client, URL, 3)).toEqual(["rs1", "rs1", "rs1"]);
  expect(await stack.drift(checked())).toEqual([]);
  expect(stack.state("HealthChecks").health).toEqual({ 99: { "10.0.0.11:0": "up", "10.0.0.12:0": "down" } });
  await hosts.rs2.run("nginx -c /run/web/conf");
  await until(hosts.director, "ipvsadm -Sn | grep -c '10.0.0.12' || :", /^1$/m);
  expect(await table(hosts.director)).toEqual(lines(2));
});

test("a disabled ldirectord and a missing mark show, and are repaired", async () => {
  await hosts.director.run("systemctl disable --now ldirectord; nft flush table inet lvs");
  expect(await stack.drift(checked())).toEqual(["update HealthChecks dr-health", "update FirewallMark dr-packets"]);
  expect(stack.state("HealthChecks")).toMatchObject({ enabled: false, running: false });
  await stack.up(checked());
  expect(await table(hosts.director)).toEqual(lines(2));
  expect((await ask(hosts.client, URL, 2)).every((server) => /^rs[12]$/.test(server))).toBe(true);
  expect(await stack.drift(checked())).toEqual([]);
});

test("a configuration that ldirectord cannot read never goes live", async () => {
  const state = "sha256sum /etc/ha.d/ldirectord.cf; systemctl show -p MainPID --value ldirectord; ls /etc/ha.d";
  const before = await hosts.director.run(state);
  await expect(stack.up(checked("[[:nonsense:]]"))).rejects.toThrow(
    /host director: .*POSIX class \[:…:\] unknown.*The new content was refused by/s,
  );
  expect(await hosts.director.run(state)).toBe(before);
  expect(await table(hosts.director)).toEqual(lines(2));
  await stack.up(checked());
});

test("a static service takes the table back without losing a request, and nothing of ldirectord runs on", async () => {
  expect(await failuresUnder(hosts.client, URL, () => stack.up(fixed))).toEqual([]);
  expect(await table(hosts.director)).toEqual([
    `-A -t ${VIP}:80 -s wrr`,
    `-a -t ${VIP}:80 -r 10.0.0.11:80 -g -w 1`,
    `-a -t ${VIP}:80 -r 10.0.0.12:80 -g -w 1`,
  ]);
  expect(await hosts.director.run("systemctl is-active ldirectord || :")).toBe("failed\n");
  expect(await stack.preview(fixed)).toEqual([]);
});

test("checks by https take a certificate of one's own, and `up` says why a server is out", async () => {
  const { certificate, privateKey } = await createCertificate({
    names: ["shop.example.org"],
    commonName: "shop",
    days: 2,
  });
  const page = "location = /ok.html { return 200 rs1; } location / { return 404; }";
  for (const [name, listen] of Object.entries({ rs1: "8443 ssl", rs2: "8443" }) as ["rs1" | "rs2", string][])
    await hosts[name].run(
      `mkdir /run/tls; cd /run/tls; cat >all; sed -n '/BEGIN CERT/,/END CERT/p' all >c; sed -n '/KEY/,/KEY/p' all >k
       echo 'user root; pid /run/tls/pid; error_log /run/tls/log; events {} http { access_log off; server { listen ${listen};
       ssl_certificate /run/tls/c; ssl_certificate_key /run/tls/k; ${page} } }' >conf; nginx -c /run/tls/conf`,
      `${certificate}\n${privateKey}\n`,
    );
  // From a table without the service: a server that is in the table already stays there until the new checks find it unfit.
  await stack.up(fixed);
  const said = jest.spyOn(console, "log").mockImplementation();
  await stack.up(
    site({
      ...together,
      health: {
        ...{ by: "ldirectord", service: "https", checkPort: 8443, request: "ok.html", receive: "^rs1$" },
        globals: { checkInterval: 1, negotiateTimeout: 15 },
      },
    }),
  );
  expect(stack.state("HealthChecks").health).toEqual({ 99: { "10.0.0.11:0": "up", "10.0.0.12:0": "down" } });
  expect(said.mock.calls.flat().filter((line) => /^warning.*check/.test(line))).toEqual([
    expect.stringMatching(
      /^warning: host director: virtual service -f 99: servers do not pass their check: 10\.0\.0\.12:0: the check is answered by 500 Can't connect/,
    ),
  ]);
  said.mockRestore();
});

test("the director is as it was found", async () => {
  await stack.destroy();
  // Not before: ldirectord would take the servers away while the destroy drains them (docs/limits.md).
  // nginx removes its own file when it ends, which is later.
  const ended = "nginx -c /run/tls/conf -s stop; while [ -e /run/tls/pid ]; do sleep 0.1; done; rm -r /run/tls";
  for (const name of ["rs1", "rs2"] as const) await hosts[name].run(ended);
  // The fake systemctl left nothing but the daemon's log.
  await hosts.director.run("rm /run/units/ldirectord.service.log && rmdir /run/units");
  expect(await snapshot(hosts.director)).toBe(found);
});
