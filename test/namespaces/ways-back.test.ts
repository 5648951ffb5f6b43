import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

jest.setTimeout(300_000);

// Each host is behind a router, and each loses its way back in another manner. All of them wait at the same time.
const site = new Site();
let made = 0;
const CLIENT = "10.77.20.1";

async function another(): Promise<{ host: Host; at: string; before: string }> {
  const n = made++;
  const at = `10.78.20.${10 + n}`;
  const host = await site.host(`host${n}`, { eth0: [await inner, `${at}/24`] });
  await host.run("ip route add default via 10.78.20.1; ip route add 10.78.99.0/24 via 10.78.20.1");
  return { host, at, before: await snapshot(host) };
}

let inner: Promise<string>;
beforeAll(async () => {
  const lan = await site.network(`${CLIENT}/24`);
  inner = site.network();
  const router = await site.host("router", { eth0: [lan, "10.77.20.2/24"], eth1: [await inner, "10.78.20.1/24"] });
  await router.run("sysctl -qw net.ipv4.ip_forward=1");
  await site.route("10.78.20.0/24", "10.77.20.2");
});
afterAll(() => site.close());

interface LockOut {
  readonly what: string;
  readonly kind: string;
  inputs(at: string): object;
  readonly told: RegExp;
  /** What is right instead, and is kept. */
  readonly right?: object;
}

const CUTS: readonly LockOut[] = [
  {
    what: "a route to the one host where Pulumi runs",
    kind: "Route",
    inputs: () => ({ to: CLIENT, via: "10.78.20.99" }),
    told: /setting the route 10\.77\.20\.1 via 10\.78\.20\.99: this cut off our own connection; the host has put the old state back .*Is the gateway right/,
    right: { via: "10.78.20.1" },
  },
  {
    what: "the address of where Pulumi runs as a VIP",
    kind: "VipAlias",
    inputs: () => ({ address: CLIENT, device: "lo" }),
    told: /adding 10\.77\.20\.1\/32 on lo: .*Is 10\.77\.20\.1 the address by which Pulumi comes in, or one on its way/,
  },
  {
    what: "sshd's own configuration",
    kind: "File",
    inputs: () => ({
      path: "/etc/ssh/test_config",
      content: [
        ...["HostKey /etc/ssh/test_host_key", "AuthorizedKeysFile /etc/ssh/test_authorized_keys", "StrictModes no"],
        ...["UsePAM no", "UseDNS no", "PidFile /run/sshd.pid", "AllowUsers nobody", ""],
      ].join("\n"),
    }),
    told: /writing \/etc\/ssh\/test_config: .*Does \/etc\/ssh\/test_config let Pulumi's user log in/,
  },
  {
    what: "the authorized keys",
    kind: "File",
    inputs: () => ({ path: "/etc/ssh/test_authorized_keys", content: "", mode: "0600" }),
    told: /writing \/etc\/ssh\/test_authorized_keys: .*Does \/etc\/ssh\/test_authorized_keys let/,
  },
];

/** Each create is undone. */
async function create({ kind, inputs, told, right }: LockOut): Promise<[before: string, after: string]> {
  const { host, at, before } = await another();
  const bad = new Resource(kind, { host: declare(host, at), ...inputs(at) });
  await expect(bad.create()).rejects.toThrow(told);
  await expect(host.run("ls /etc/lvs /run/lvs/undo.*")).rejects.toThrow("No such file");
  if (right) {
    const good = { ...bad.inputs, ...right };
    await bad.update(good);
    expect(await bad.read()).toBe(true);
    expect(await bad.differences(good)).toEqual([]);
    expect(await host.run(`ip route show exact ${CLIENT}`)).toBe(`${CLIENT} via 10.78.20.1 dev eth0 \n`);
  }
  await bad.delete();
  return [before, await snapshot(host)];
}

/** The delete of the address by which we come in is undone, and the address still comes back at boot. */
async function leave(): Promise<[before: string, after: string]> {
  const { host, at, before } = await another();
  const vip = new Resource("VipAlias", { host: declare(host, at), address: "10.78.20.199", device: "eth0" });
  await vip.create();
  await vip.update({ ...vip.inputs, host: declare(host, "10.78.20.199") });
  await expect(vip.delete()).rejects.toThrow(
    /removing 10\.78\.20\.199\/32 from eth0: this cut off our own connection; the host has put the old state back/,
  );
  expect(
    await host.run("ls /etc/lvs/boot.d; ip -o address show to 10.78.20.199; ip route show exact 10.78.20.199"),
  ).toMatch(/^20-VipAlias\.10\.78\.20\.199%20eth0\n.* 10\.78\.20\.199\/32 .*\n10\.78\.20\.199 dev eth0/);
  await vip.update({ ...vip.inputs, host: declare(host, at) });
  await vip.delete();
  return [before, await snapshot(host)];
}

test(`what cuts a host off is undone by the host, boot files included: ${CUTS.map(({ what }) => what).join("; ")}`, async () => {
  const outcomes = await Promise.allSettled([...CUTS.map(create), leave()]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
    const [before, after] = outcome.value;
    expect(after).toBe(before);
  }
});

test("what leaves our connection alone is there at the next boot", async () => {
  const { host, at, before } = await another();
  const things = [
    new Resource("Route", { host: declare(host, at), to: "10.77.20.77", via: "10.78.20.1" }),
    new Resource("VipAlias", { host: declare(host, at), address: "10.78.20.201", device: "lo" }),
  ];
  for (const one of things) await one.create();
  expect(await host.run("ls /etc/lvs/boot.d")).toBe("20-VipAlias.10.78.20.201%20lo\n30-Route.10.77.20.77%20main%200\n");
  for (const one of things) await one.delete();
  expect(await snapshot(host)).toBe(before);
});

test.each<[string, (at: string) => string, RegExp]>([
  [
    "routes would go",
    (at) => `ip address flush dev eth0; ip address add ${at}/32 dev eth0
      ip route add 10.78.20.1 dev eth0; ip route add default via 10.78.20.1`,
    /"default via 10\.78\.20\.1.*which would go with it/,
  ],
  [
    "another address would go",
    () => "ip address add 10.78.20.200/24 dev eth0",
    /before 10\.78\.20\.200\/24, which would go with it or take its place/,
  ],
])("the host's own address is no VIP where %s: it is refused, and nothing changes", async (_, change, why) => {
  const { host, at } = await another();
  await host.run(change(at));
  const before = await snapshot(host);
  const vip = new Resource("VipAlias", { host: declare(host, at), address: at, device: "eth0" });
  await expect(vip.create()).rejects.toThrow(why);
  expect(await snapshot(host)).toBe(before);
});

test("a change of sshd's own configuration that lets us in is kept", async () => {
  const { host, at, before } = await another();
  const found = await host.run("cat /etc/ssh/test_config");
  const conf = new Resource("File", {
    host: declare(host, at),
    path: "/etc/ssh/test_config",
    content: `${found}Banner /etc/hostname\n`,
    mode: "0644",
  });
  await conf.create();
  expect(await host.run("ls /var/lib/lvs")).toBe("ledger\n");
  await conf.delete();
  expect(await snapshot(host)).toBe(before);
});
