import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { File, Host, Masquerade, Sysctl, VipAlias, VirtualService } from "pulumi-lvs";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Relay } from "./faults";
import { Machine } from "./kernel";
import { table } from "./site";
import { OF_EACH_BOOT } from "./whole-site";

// A director loses its power at any moment of `up` and of `destroy`: in the middle of a trip, between trips, or right after
// the last one. `power.test.ts` strikes each operation on each kind; here nothing is chosen but the moment.

/** How often each of the two loses power. Each time costs two boots: a whole run has few, and `LVS_CUTS` says more. */
const CUTS = Number(process.env.LVS_CUTS ?? 2);
jest.setTimeout((10 + CUTS) * 60_000);
const seed = Number(process.env.LVS_SEED ?? 1);
/** The moments as shares of a whole run: one in each tenth of it, or in each half. */
const within = fc.noBias(fc.integer({ min: 0, max: 999 }));
const moments = fc.sample(within, { numRuns: 2 * CUTS, seed }).map((part, i) => ((i % CUTS) + part / 1000) / CUTS);

let director: Machine;
let way: Relay;
beforeAll(async () => {
  director = await Machine.make("director", { eth0: ["lan", "10.0.0.2/24"], eth1: ["back", "10.0.1.2/24"] });
  way = await Relay.to(director.address);
  await director.run("printf 'found\\n' >/etc/motd; chmod 600 /etc/motd; sync");
});
afterAll(async () => {
  way?.close();
  await director?.remove();
});

function program(): void {
  const host = new Host("director", { ...director.connection, address: "127.0.0.1", port: way.port });
  new VipAlias("vip", { host, address: "10.0.0.9", device: "eth0" });
  new VirtualService("web", {
    ...{ host, address: "10.0.0.9", port: 80, forwarding: "nat" },
    destinations: { "10.0.1.11:80": { weight: 2 }, "10.0.1.12:80": { weight: 0 } },
  });
  new Masquerade("back", { host, source: "10.0.1.0/24", outInterface: "eth0" });
  new Sysctl("forward", { host, key: "net.ipv4.ip_forward", value: 1 });
  new File("motd", { host, path: "/etc/motd", content: "declared\n" });
  new File("made", { host, path: "/srv/made/for/it", content: "declared\n" });
}

const lasting = async () => (await snapshot(director)).replaceAll(OF_EACH_BOOT, "");

/** Milliseconds that a run takes where nothing happens. */
async function lengthOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** The power goes at this moment of the run, or at its end. The run may fail, and the next one may not. */
async function losingPower(run: () => Promise<unknown>, moment: number): Promise<void> {
  const running = run().catch(() => {});
  await Promise.race([running, sleep(moment)]);
  await director.powerOff();
  way.cut();
  await director.powerOn();
  // A connection that was begun before is that of a machine that is gone.
  way.cut();
  await running;
  await run();
}

test(`power is lost at ${2 * CUTS} moments: the next run converges, and what was found comes back`, async () => {
  const stack = new Stack("moments");
  const found = await lasting();
  const up = () => stack.up(program);
  const destroy = () => stack.destroy();
  const isUp = async () => {
    expect(await stack.drift(program)).toEqual([]);
    expect(await table(director)).toEqual([
      "-A -t 10.0.0.9:80 -s wlc",
      "-a -t 10.0.0.9:80 -r 10.0.1.11:80 -m -w 2",
      "-a -t 10.0.0.9:80 -r 10.0.1.12:80 -m -w 0",
    ]);
    expect(await director.run("cat /etc/motd /srv/made/for/it")).toBe("declared\ndeclared\n");
  };
  const isAsFound = async () => {
    expect(stack.made).toEqual([]);
    expect(await lasting()).toBe(found);
  };

  const length = { up: await lengthOf(up), destroy: 0 };
  await isUp();
  length.destroy = await lengthOf(destroy);
  await isAsFound();
  for (let i = 0; i < CUTS; i++) {
    await losingPower(up, (moments[i] as number) * length.up);
    await isUp();
    await losingPower(destroy, (moments[CUTS + i] as number) * length.destroy);
    await isAsFound();
  }
});
