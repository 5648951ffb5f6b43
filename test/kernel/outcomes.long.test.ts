import { DrCluster, NatCluster } from "pulumi-lvs";
import { manageServices } from "../namespaces/service-manager";
import { Stack } from "./engine";
import { Holding } from "./holding";
import { type KernelHost, SharedKernel } from "./kernel";
import { hasHeardOf, noticedUnder } from "./load";
import { declared, serve, until } from "./site";

jest.setTimeout(1200_000);

// What fails how: the table of docs/ha.md. It takes some minutes, and is asked for by LVS_OUTCOMES=1.

const [DR, NAT, GATEWAY] = ["10.0.0.9", "10.1.0.9", "10.2.0.1"];
const asked = process.env.LVS_OUTCOMES === "1" ? describe : describe.skip;
const stack = new Stack("outcomes");
let kernel: SharedKernel;
let hosts: Record<"d1" | "d2" | "rs1" | "rs2" | "client" | "outside", KernelHost>;

const links = (last: number) => ({
  eth0: ["lan", `10.0.0.${last}/24`],
  eth1: ["inside", `10.2.0.${last}/24`],
});
const directorLinks = (last: number) => ({ ...links(last), eth2: ["outside", `10.1.0.${last}/24`] }) as never;

const sites = () => {
  const directors = [declared(hosts.d1), declared(hosts.d2)];
  const realServers = (network: string) =>
    (["rs1", "rs2"] as const).map((name, i) => ({ host: declared(hosts[name]), address: `${network}1${i + 1}` }));
  new DrCluster("dr", {
    ...{ directors, vip: DR, realServers: realServers("10.0.0.") },
    failover: { by: "vrrp", addresses: ["10.0.0.2", "10.0.0.3"] },
  });
  const addresses = ["10.2.0.2", "10.2.0.3"];
  new NatCluster("nat", {
    ...{ directors, vip: NAT, gateway: GATEWAY, realServers: realServers("10.2.0.") },
    failover: {
      ...{ by: "vrrp", addresses, outside: "eth2", routerId: 52, sync: false },
      // A director must reach somebody on the clients' side as well.
      reach: [["10.2.0.2", "10.2.0.3", "10.2.0.11", "10.2.0.12"], ["10.1.0.21"]],
    },
  });
};

/** What systemd does by the unit's Restart=always, RestartSec=1 and KillMode=mixed. */
const RESTART = `setsid sh -c 'while :; do
  [ -e /run/stopped ] || systemctl -q is-active keepalived || { pkill -KILL keepalived; sleep 1; systemctl start keepalived; }
  sleep 0.2; done' >/dev/null 2>&1 </dev/null &`;

/** keepalived's first process. Its child speaks VRRP. */
const FIRST = "$(cat /run/units/keepalived.service.pid)";

interface Sides {
  holder: KernelHost;
  readonly standby: KernelHost;
  readonly holding: Holding;
}

interface Outcome {
  readonly what: string;
  readonly vip: string;
  /** What happens. */
  harm(sides: Sides): Promise<unknown>;
  /** Brings back what the harm took. */
  mend?(sides: Sides): Promise<unknown>;
  /** Seconds that clients go on after the harm. */
  readonly goOn?: number;
  /** No director is fit meanwhile. */
  readonly unfit?: true;
}

const outcomes: Outcome[] = [
  {
    ...{ what: "`systemctl stop keepalived`", vip: DR },
    harm: ({ holder }) => holder.run(": >/run/stopped; systemctl stop keepalived"),
    mend: ({ holder }) => holder.run("rm /run/stopped"),
  },
  {
    ...{ what: "`kill -9` of keepalived's first process", vip: DR },
    harm: ({ holder }) => holder.run(`kill -KILL ${FIRST}`),
  },
  {
    ...{ what: "`kill -9` of its second process", vip: DR },
    harm: ({ holder }) => holder.run(`pkill -KILL -P ${FIRST}`),
  },
  {
    ...{ what: "`kill -9` of both", vip: DR },
    // A child whose parent dies before it takes the addresses away.
    harm: ({ holder }) => holder.run("pkill -STOP keepalived; pkill -KILL keepalived"),
  },
  {
    ...{ what: "its switch port fails (direct routing)", vip: DR },
    harm: ({ holder }) => kernel.unplug(holder, 0),
    mend: ({ holder }) => kernel.plug(holder, 0, "lan"),
  },
  {
    ...{ what: "NAT: it is cut off from the real servers", vip: NAT },
    harm: ({ holder }) => kernel.unplug(holder, 1),
    mend: ({ holder }) => kernel.plug(holder, 1, "inside"),
  },
  {
    ...{ what: "NAT: it is cut off from the clients", vip: NAT },
    harm: ({ holder }) => kernel.unplug(holder, 2),
    mend: ({ holder }) => kernel.plug(holder, 2, "outside"),
  },
  {
    ...{ what: "NAT: both cables of the network of adverts and sync, for 5 s", vip: NAT, unfit: true },
    async harm({ holder, standby }) {
      const both = [holder, standby];
      for (const host of both) await kernel.unplug(host, 1);
      await hosts.outside.run("sleep 5");
      for (const host of both) await kernel.plug(host, 1, "inside");
    },
  },
  {
    ...{ what: "the clocks of both are set back by an hour", vip: DR },
    harm: ({ holder }) => holder.run("date -s '1 hour ago'"),
    mend: ({ holder }) => holder.run("date -s '1 hour'"),
  },
  {
    ...{ what: "reboot", vip: DR },
    async harm(sides) {
      await sides.holder.run(": >/run/stopped; systemctl stop keepalived");
      await powerOnAgain(await powerOff(sides), sides);
    },
  },
  {
    ...{ what: "power off", vip: DR },
    async harm(sides) {
      await hasHeardOf(hosts.client, sides.standby);
      lost = await powerOff(sides);
    },
    mend: (sides) => powerOnAgain(lost as Lost, sides),
  },
  {
    ...{ what: "power off, after the one that stands by was rebooted", vip: DR },
    async harm(sides) {
      const { holder, standby, holding } = sides;
      const again = await powerOnAgain(await powerOff({ holder: standby, standby: holder, holding }), sides);
      await hasHeardOf(hosts.client, again);
      lost = await powerOff({ ...sides, standby: again });
    },
    mend: (sides) => powerOnAgain(lost as Lost, sides),
  },
];

/** Requests on connections that the other director has not heard of yet. */
const UNDER_WAY = 2;

/** Two that have the VIP, or none although one is fit, in milliseconds. */
const LONGEST = 3000;

asked("with two directors", () => {
  beforeAll(async () => {
    kernel = await SharedKernel.boot();
    hosts = await kernel.hosts({
      ...{ d1: directorLinks(2), d2: directorLinks(3), rs1: links(11) as never, rs2: links(12) as never },
      client: { eth0: ["lan", "10.0.0.21/24"] },
      outside: { eth0: ["outside", "10.1.0.21/24"] },
    });
    await serve(hosts.rs1);
    await serve(hosts.rs2);
    for (const host of [hosts.d1, hosts.d2]) await manageServices(host);
    await stack.up(sites);
    for (const host of [hosts.d1, hosts.d2]) await host.run(RESTART);
  });
  afterAll(() => kernel?.end());

  test.each(outcomes)("$what", async ({ what, vip, harm, mend, goOn = 6, unfit }) => {
    const holding = new Holding(vip);
    const sides = { ...(await sidesOf(vip)), holding };
    const client = vip === DR ? hosts.client : hosts.outside;
    await holding.begin([sides.holder, sides.standby]);
    const noticed = await noticedUnder(client, vip, async () => {
      await harm(sides);
      await client.run(`sleep ${goOn}`);
    });
    await mend?.(sides);
    await sidesOf(vip);
    const { two, none } = await holding.end();
    const { gap, wait, requests, kept } = noticed;
    const figures = [`${gap} ms`, `${wait} ms`, `${noticed.failed} of ${requests}`, `${kept} of 20`];
    process.stderr.write(`| ${[what, ...figures, `${two} ms`, `${none} ms`].join(" | ")} |\n`);
    expect(kept).toBe(20);
    expect(noticed.failed).toBeLessThanOrEqual(UNDER_WAY);
    expect(two).toBeLessThan(LONGEST);
    if (!unfit) expect(none).toBeLessThan(LONGEST);
  });
});

/** Waits until one director holds the address and the other one is fit. */
async function sidesOf(vip: string): Promise<Omit<Sides, "holding">> {
  const directors = [hosts.d1, hosts.d2];
  const show = `cut -d' ' -f1 /run/lvs/vrrp/${vip === DR ? "dr" : "nat"}; ip -o address show to ${vip} | wc -l`;
  for (let tries = 0; tries < 120; tries++) {
    const states = await Promise.all(directors.map((host) => host.run(show)));
    const at = states.findIndex((state) => /^MASTER\s+1/.test(state));
    if (at >= 0 && /^BACKUP\s+0/.test(states[1 - at] as string))
      return { holder: directors[at] as KernelHost, standby: directors[1 - at] as KernelHost };
    await hosts.client.run("sleep 0.5");
  }
  throw new Error(`no quiet state of ${vip}`);
}

interface Lost {
  readonly name: "d1" | "d2";
  /** What was on its disk, packed. */
  readonly files: string;
}
let lost: Lost | undefined;

async function powerOff({ holder, holding }: Sides): Promise<Lost> {
  const disk = "/etc/keepalived /etc/lvs /var/lib/lvs /etc/sysctl.d /etc/modules-load.d /etc/systemd /usr/local/bin";
  const files = await holder.run(
    `tar -C / -cz $(for one in ${disk}; do [ ! -e $one ] || echo "\${one#/}"; done) | base64`,
  );
  await holding.leave(holder);
  await kernel.powerOff(holder);
  return { name: holder === hosts.d1 ? "d1" : "d2", files };
}

async function powerOnAgain({ name, files }: Lost, { holding }: Sides): Promise<KernelHost> {
  const again = await kernel.host(name, directorLinks(name === "d1" ? 2 : 3));
  hosts[name] = again;
  await holding.join(again);
  await again.run("base64 -d | tar -C / -xz", files);
  await again.run(`sysctl -q --system || :
    for fragment in /etc/lvs/boot.d/*; do sh "$fragment" || :; done; systemctl start keepalived`);
  await again.run(RESTART);
  await until(again, "cat /run/lvs/vrrp/dr || :", /^BACKUP /);
  return again;
}
