import { commandsSince, cutBefore, makeCuttable } from "./cut";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

/** With 1 the connection is cut before every single command, one after the other. That takes twenty minutes. */
const STRIDE = Number(process.env.LVS_CUT_STRIDE ?? 31);

jest.setTimeout(1_200_000);

const site = new Site();
let lan: string;

beforeAll(async () => {
  lan = await site.network("10.77.8.1/24");
});
afterAll(() => site.close());

describe.each([
  ["Sysctl", 2, { key: "net.ipv4.ip_forward", value: "1" }, { boot: false }],
  ["File", 3, { path: "/etc/found.conf", content: "ours\n" }, { content: "ours again\n", mode: "0600" }],
  ["File", 4, { path: "/srv/site/html/index.html", content: "ours\n" }, { content: "ours again\n" }],
  ["Route", 5, { to: "192.168.80.5", via: "10.77.8.9" }, { via: "10.77.8.8" }],
  ["Masquerade", 6, { source: "192.168.80.0/24" }, { boot: false }],
])("%s (%d), with the connection cut at any command", (kind, number, inputs, changes) => {
  const address = `10.77.8.${number}`;
  let host: Host;
  let before: string;

  beforeAll(async () => {
    host = await site.host(`server${number}`, { eth0: [lan, `${address}/24`] });
    await makeCuttable(host);
    await host.run(
      "echo found >/etc/found.conf; chown daemon /etc/found.conf; ip route add 192.168.80.5 via 10.77.8.7",
    );
    before = await snapshot(host);
  });

  const resource = () => new Resource(kind, { host: declare(host, address), ...inputs });

  /**
   * Repeats the work with the cut at a later command each time, until the work ends before the cut. `then` runs after
   * each repetition.
   */
  async function cutting(
    begin: () => Promise<Resource>,
    work: (resource: Resource) => Promise<void>,
    then: (resource: Resource) => Promise<void>,
  ): Promise<void> {
    for (let command = 0, cuts = 0; ; command += STRIDE, cuts++) {
      const one = await begin();
      await cutBefore(host, command);
      const failed = await work(one).catch((error: Error) => error);
      const wasCut = (await commandsSince(host, command)) === undefined;
      if (failed && !/the connection was (lost|closed)|was cut/.test(failed.message)) throw failed;
      await then(one);
      expect({ command, host: await snapshot(host) }).toEqual({ command, host: before });
      if (wasCut) continue;
      expect(failed).toBeUndefined();
      expect(cuts).toBeGreaterThan(100 / STRIDE);
      return;
    }
  }

  test("a create is completed by the next `up`, and deleting restores what was found", async () => {
    await cutting(
      async () => resource(),
      (one) => one.create(),
      async (one) => {
        await one.up();
        await one.read();
        expect(await one.differences()).toEqual([]);
        await one.delete();
      },
    );
  });

  test("an update is completed by the next `up`, and deleting restores what was found", async () => {
    const changed = { ...resource().inputs, ...changes };
    await cutting(
      async () => {
        const one = resource();
        await one.create();
        return one;
      },
      (one) => one.update(changed),
      async (one) => {
        await one.up(changed);
        await one.read();
        expect(await one.differences(changed)).toEqual([]);
        await one.delete();
      },
    );
  });

  test("a delete is completed by the next one", async () => {
    await cutting(
      async () => {
        const one = resource();
        await one.create();
        return one;
      },
      (one) => one.delete(),
      (one) => one.delete(),
    );
  });
});
