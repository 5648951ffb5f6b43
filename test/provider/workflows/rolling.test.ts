import { onHosts } from "../on-host";
import { A, B, OTHERS, RolloutSite } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

let site: RolloutSite;
const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  jest.spyOn(console, "log").mockImplementation((words) => said.push(String(words)));
  site = new RolloutSite();
});
afterEach(() => {
  site[Symbol.dispose]();
  jest.restoreAllMocks();
});

onHosts("a rollout", () => {
  /** Release A runs on both servers, and both get clients. Release B is on both, ready to run. */
  function running(): void {
    site.put(A);
    site.runs(A);
    site.put(B);
    site.serve();
  }

  test("the first goes to both at once, and the director is left alone", async () => {
    site.put(A);
    await site.rolling({ prepare: ["sh", "prepare.sh"] }).go();
    expect(await site.look()).toEqual({ rs1: A, rs2: A });
    expect(site.director.calls().filter((call) => /^-|ipvsadm -R|systemctl (?!-q is-active)/.test(call))).toEqual([]);
    expect(site.director.has("/var/lib/lvs")).toBe(false);
    expect(said).toEqual([
      "shop: preparing release aaaaaaaaaaaa on rs1: sh prepare.sh",
      "shop: preparing release aaaaaaaaaaaa: migrated the $HOP",
      expect.stringMatching(/^shop: rs[12] runs release aaaaaaaaaaaa: 1 of 2, after \d+ s$/),
      expect.stringMatching(/^shop: rs[12] runs release aaaaaaaaaaaa: 2 of 2, after \d+ s$/),
    ]);
  });

  test("the next goes to one after the other, and there is always one that serves", async () => {
    running();
    const before = site.table();
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect(site.served()).toEqual(["rs2", "rs1 rs2", "rs1", "rs1 rs2"]);
    expect(site.table()).toBe(before);
    expect(site.table()).toContain(OTHERS);
    expect(site.director.has("/var/lib/lvs")).toBe(false);
    expect([site.starts("rs1"), site.starts("rs2")]).toEqual([1, 1]);
    expect(site.rs1.text("/etc/systemd/system/shop.service")).toContain(B);
    await site.rolling({ release: B }).go();
    expect([site.starts("rs1"), site.served().length]).toEqual([1, 4]);
  });

  test("a server that is meant to have no clients is exchanged and keeps its weight", async () => {
    running();
    site.put(B, "200 ready", [site.rs1]);
    site.serve({ rs1: 0, rs2: 1 });
    site.runs(B, [site.rs2]);
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    // Weight 0 once more, and the wait for its connections.
    expect([site.weight("rs1"), site.weight("rs2"), site.served()]).toEqual([0, 1, ["rs2"]]);
    expect(site.director.has("/var/lib/lvs")).toBe(false);
  });

  test("the others have a weight, and are not ready: nobody is taken out until one is", async () => {
    running();
    site.runs(B, [site.rs1]);
    // rs1 has its release, and loses its database after it was looked at.
    site.director.before = () => site.put(B, "503 no tables", [site.rs1]);
    const words =
      /^rs2 is the only real server left in -t 172\.17\.111\.111:80: .*rs1: \/readyz answers 503: no tables\./;
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(words);
    expect([site.starts("rs2"), site.weight("rs2"), site.served()]).toEqual([0, 1, []]);
    site.director.before = undefined;
    site.put(B);
    await site.rolling({ release: B }).go();
    expect([site.starts("rs2"), site.weight("rs1"), site.weight("rs2")]).toEqual([1, 2, 1]);
  });

  test("nobody is ready: the release that mends it goes round all the same", async () => {
    running();
    site.put(A, "503 no tables");
    site.runs(A);
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
  });

  test("a scheduler that refuses the clients of a weight of 0 is replaced for the time", async () => {
    running();
    for (const [scheduler, during] of [
      ["sh", "sh -b sh-fallback"],
      ["dh", "lblc"],
    ] as const) {
      site.serve();
      site.director.write("/run/table", site.table().replace("-s wrr", `-s ${scheduler}`));
      const [from, to] = site.table().includes("-s sh") ? [A, B] : [B, A];
      site.runs(from);
      const schedulers = () => site.director.calls().flatMap((line) => /^-E .* -s (.*)$/.exec(line)?.[1] ?? []);
      const before = schedulers().length;
      await site.rolling({ release: to }).go();
      const after = scheduler === "dh" ? [during, "dh", during, "dh"] : [during];
      expect(schedulers().slice(before)).toEqual(after);
      expect([site.weight("rs1"), site.weight("rs2")]).toEqual([2, 1]);
    }
  });

  const alone: ["refuse" | "interrupt", message: RegExp | undefined][] = [
    ["refuse", /^rs2 is the only real server left in -t 172\.17\.111\.111:80: .*declare alone: "interrupt"/],
    ["interrupt", undefined],
  ];
  test.each(alone)("alone: %s", async (alone, message) => {
    running();
    site.runs(B, [site.rs1]);
    site.serve({ rs2: 1 });
    const going = site.rolling({ release: B, alone }).go();
    if (message) await expect(going).rejects.toThrow(message);
    else await going;
    expect([site.starts("rs2"), site.weight("rs2")]).toEqual([message ? 0 : 1, 1]);
  });

  test("prepare runs once, as the application's user; where each has its own state, on each", async () => {
    site.put(A);
    const prepared = () => [site.rs1, site.rs2].map((server) => server.text("/srv/shop/shared/prepared"));
    await site.rolling({ prepare: ["sh", "prepare.sh"] }).go();
    expect(prepared()).toEqual(["www-data the $HOP\n", ""]);
    site.put(B);
    await site.rolling({ release: B, prepare: ["sh", "prepare.sh"], prepareOn: "each" }).go();
    expect(prepared()).toEqual(["www-data the $HOP\n", "www-data the $HOP\n"]);
  });

  test("prepare fails: no server is switched, and the end of what it said is told", async () => {
    running();
    const before = site.table();
    site.rs1.write(`/srv/shop/releases/${B}/environment`, 'NAME="badly"\nSTATUS="3"\n');
    const going = site.rolling({ release: B, prepare: ["sh", "prepare.sh"] }).go();
    await expect(going).rejects.toThrow(
      /^host rs1: preparing release b{12} \(sh prepare\.sh\): exit 3\. No server was switched\. .*\nmigrated badly$/,
    );
    expect(await site.look()).toEqual({ rs1: A, rs2: A });
    expect([site.table(), site.starts("rs1")]).toEqual([before, 0]);
  });
});
