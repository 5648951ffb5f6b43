import { join } from "node:path";
import { SlowLink } from "../host/ssh-server";
import { declare } from "../namespaces/site";
import { fleet, ROUTE, SETTINGS, VIP } from "./fleet";
import { Figures, ROUNDS, timed } from "./measure";

// How many round trips does a cold host with six settings take, where each takes 50 ms? A relay delays what passes, because not
// every kernel can.

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

const ONE_WAY = 25;

test("one cold host, 50 ms away", async () => {
  const all = await fleet(1);
  const [{ host, address }] = all.hosts as [(typeof all.hosts)[0]];
  const scenario = "one host at 50 ms, first";
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await all.reset();
      const link = await new SlowLink().listen(22, ONE_WAY, address);
      const on = { host: { ...declare(host, "127.0.0.1"), port: link.port } };
      const resources = [
        ...Object.entries(SETTINGS).map(([key, value]) => ["Sysctl", { key, value }] as const),
        ["VipAlias", { address: VIP, device: "lo" }] as const,
        ["Route", ROUTE] as const,
      ].map(([kind, more], i) => ({ kind, inputs: { ...on, ...more, owner: `bench/x/${i}` } }));
      const input = JSON.stringify({ verb: "create", resources });
      const { seconds } = await timed([process.execPath, join(__dirname, "own.cjs")], {}, input);
      expect(await all.ready()).toBe(1);
      figures.add(scenario, "ours, without Pulumi", seconds, `${link.roundTrips} round trips`);
      link.close();

      await all.reset();
      const again = await new SlowLink().listen(22, ONE_WAY, address);
      const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
      const words = ["ssh", "-i", all.key, "-p", `${again.port}`, ...options.flatMap((option) => ["-o", option])];
      const ssh = await timed([...words, "root@127.0.0.1", "true"]);
      figures.add(scenario, "bare OpenSSH, one command", ssh.seconds, `${again.roundTrips} round trips`);
      again.close();
    }
  } finally {
    await all.close();
  }
});
