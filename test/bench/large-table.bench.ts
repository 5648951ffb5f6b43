import { type KernelHost, SharedKernel } from "../kernel/kernel";
import { DESTINATIONS, FEW_ROUNDS, Figures } from "./measure";
import { type Own, own } from "./without-pulumi";

// How long does a table of thousands of destinations take beside `ipvsadm` alone: at first, without a change, one destination
// changed, deleted? For how long does nothing else of our process get its turn meanwhile: other hosts, the engine's questions?
// The kernel is User Mode Linux, whose processes start slowly.

jest.setTimeout(7_200_000);

const figures = new Figures();
afterAll(() => figures.tell());

const VIP = "10.91.0.1";
const destinations = Array.from({ length: DESTINATIONS }, (_, i) => `10.92.${i >> 8}.${i & 255}:80`);
const CHANGED = destinations[DESTINATIONS >> 1] as string;

function service(director: KernelHost, weight: number): Own {
  const weights = destinations.map((key) => [key, { weight: key === CHANGED ? weight : 1 }]);
  const inputs = {
    ...{ host: director.declare(), owner: "bench/x/table" },
    ...{ address: VIP, port: 80, protocol: "tcp", scheduler: "wrr", forwarding: "dr" },
    destinations: Object.fromEntries(weights),
  };
  return { kind: "VirtualService", inputs };
}

/** What the same table is to ipvsadm. */
const LINES = [
  `-A -t ${VIP}:80 -s wrr`,
  ...destinations.map((destination) => `-a -t ${VIP}:80 -r ${destination} -g -w 1`),
];
/** What our delete does: destinations are drained, and this takes a line of ipvsadm for each. */
const DRAIN = [...destinations.map((destination) => `-e -t ${VIP}:80 -r ${destination} -g -w 0`), `-D -t ${VIP}:80`];
const CHANGE = `-e -t ${VIP}:80 -r ${CHANGED} -g -w 2\n`;

let kernel: SharedKernel;
let director: KernelHost;
beforeAll(async () => {
  kernel = await SharedKernel.boot();
  director = await kernel.host("director", {});
});
afterAll(() => kernel?.end());

/** Reads the table by hand. Returns how many destinations have each weight. */
async function weights(): Promise<string> {
  const count = `awk '$1 == "-a" { n[$NF]++ } END { for (weight in n) print weight, n[weight] }' | sort`;
  return (await director.run(`ipvsadm -Sn | ${count}`)).trim();
}
const [ALL, ONE_CHANGED] = [`1 ${DESTINATIONS}`, `1 ${DESTINATIONS - 1}\n2 1`];

async function bare(command: string, input = ""): Promise<number> {
  const start = performance.now();
  await director.run(command, input);
  return (performance.now() - start) / 1000;
}

test("a large table", async () => {
  const of = (scenario: string) => `${DESTINATIONS} destinations, ${scenario}`;
  const held = new Map<string, number>();
  const ours = async (scenario: string, verb: Parameters<typeof own>[0], resources: readonly Own[]) => {
    const { seconds, counts, resources: after, held: now } = await own(verb, resources);
    held.set(scenario, Math.max(now, held.get(scenario) ?? 0));
    const longest = `event loop held for ${held.get(scenario)?.toFixed(0)} ms at most`;
    figures.add(of(scenario), "ours, without Pulumi", seconds, `${counts}, ${longest}`);
    return after;
  };
  for (let round = 0; round < FEW_ROUNDS; round++) {
    await director.run("ipvsadm -C");
    const made = await ours("first", "create", [service(director, 1)]);
    expect(await weights()).toBe(ALL);
    const [seen] = await ours("preview, no change", "preview", made);
    expect(seen?.changes).toBe(false);
    const read = await ours("no change", "read", made);
    const after = await ours("one changed", "update", [{ ...(read[0] as Own), ...service(director, 2) }]);
    expect(await weights()).toBe(ONE_CHANGED);
    await ours("delete", "delete", after);
    expect(await director.run("ipvsadm -Sn; ls -A /var/lib/lvs /etc/lvs 2>/dev/null || :")).toBe("");

    const restore = (lines: readonly string[]) => bare("ipvsadm -R", `${lines.join("\n")}\n`);
    figures.add(of("first"), "bare `ipvsadm -R`", await restore(LINES));
    expect(await weights()).toBe(ALL);
    figures.add(of("no change"), "bare `ipvsadm -Sn`", await bare("ipvsadm -Sn"));
    figures.add(of("one changed"), "bare `ipvsadm -R`", await bare("ipvsadm -R", CHANGE));
    expect(await weights()).toBe(ONE_CHANGED);
    figures.add(of("delete"), "bare `ipvsadm -R`: weights of 0, and then -D", await restore(DRAIN));
    expect(await weights()).toBe("");
    await restore(LINES);
    figures.add(of("delete"), "bare `ipvsadm -C`", await bare("ipvsadm -C"));
    expect(await weights()).toBe("");
  }
});
