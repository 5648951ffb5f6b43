import { declare } from "../namespaces/site";
import { type Fleet, fleet, ROUTE, SETTINGS, VIP } from "./fleet";
import { FEW_ROUNDS, Figures, MANY, ROUNDS } from "./measure";
import { peers } from "./peers";
import { type Own, own } from "./without-pulumi";

// How long do six settings on each real server take: at first, and where nothing has to be done?

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

function declared({ hosts }: Fleet): Own[] {
  return hosts.flatMap(({ host, address }) => {
    const on = { host: declare(host, address) };
    const one = (kind: string, name: string, more: object) => ({
      kind,
      inputs: { ...on, ...more, owner: `bench/x/${host.name}-${name}` },
    });
    return [
      ...Object.entries(SETTINGS).map(([key, value]) => one("Sysctl", key, { key, value })),
      one("VipAlias", "vip", { address: VIP, device: "lo" }),
      one("Route", "route", { to: ROUTE.to, via: ROUTE.via }),
    ];
  });
}

test.each([
  [2, ROUNDS],
  [MANY, FEW_ROUNDS],
])("%i hosts", async (size, rounds) => {
  const all = await fleet(size);
  const there = async () => expect(await all.ready()).toBe(size);
  const tools = peers(all);
  const [first, again] = [`${size} hosts, first`, `${size} hosts, no change`];
  try {
    for (let round = 0; round < rounds; round++) {
      await all.reset();
      const made = await own("create", declared(all));
      figures.add(first, "ours, without Pulumi", made.seconds, made.counts);
      await there();
      const read = await own("read", made.resources);
      figures.add(again, "ours, without Pulumi", read.seconds, read.counts);
      const deleted = await own("delete", made.resources);
      figures.add(`${size} hosts, delete`, "ours, without Pulumi", deleted.seconds, deleted.counts);
      expect(await all.ready()).toBe(0);
      for (const { name, run, looks } of tools) {
        await all.reset();
        figures.add(first, name, await run());
        if (!name.startsWith("ssh2")) await there();
        if (looks) figures.add(again, name, await run());
      }
    }
  } finally {
    await all.close();
  }
});
