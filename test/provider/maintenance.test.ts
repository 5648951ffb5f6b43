import { sh } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { outOfService, type Place } from "../../provider/ipvs/maintenance";
import { bootEntry, maintenanceAtBoot } from "../../provider/ipvs/maintenance-boot";
import {
  asSeen,
  forgetMaintenance,
  noteMaintenance,
  remember,
  rememberToo,
  rememberWeight,
} from "../../provider/ipvs/maintenance-record";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

onHosts("the record of a maintenance", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
  });
  afterEach(() => host[Symbol.dispose]());

  test("keeps what it was told, and changes the weight of one place alone", async () => {
    const four = (port: number): Place => ({
      match: { protocol: "tcp", address: "10.0.0.9", port },
      key: `10.0.1.1:${port}`,
      weight: 2,
    });
    const six: Place = { match: { mark: 99, family: "ipv6" }, key: "[fd00::1]:0", weight: 3, scheduler: "dh" };
    const steps = [
      remember({ address: "10.0.1.1" }, [four(80), four(8080)]),
      remember({ address: "fd00::1", site: "shop" }, [six]),
      rememberWeight({ ...four(80), weight: 0 }),
      rememberWeight({ ...six, weight: 12 }),
    ];
    expect((await host.run({ steps })).steps.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    const since = expect.stringMatching(/^20\d\d-.*Z$/);
    expect(await find(host, outOfService())).toEqual([
      { address: "10.0.1.1", since, places: [{ ...four(80), weight: 0 }, four(8080)] },
      { address: "fd00::1", site: "shop", since, places: [{ ...six, weight: 12 }] },
    ]);
  });

  const place: Place = { match: { mark: 99, family: "ipv4" }, key: "10.0.1.1:0", weight: 2 };
  const note = { reason: 'a disk | "sda"', by: "root@here", since: "2026-01-01T00:00:00Z" };

  test("has an operator's note beside it, which goes with it", async () => {
    const [one, two] = [{ address: "10.0.1.1" }, { address: "10.0.1.2" }];
    await host.run({ steps: [noteMaintenance("10.0.1.1", note), remember(one, [place]), remember(two, [place])] });
    expect((await find(host, outOfService())).map((each) => [each.address, each.note])).toEqual([
      ["10.0.1.1", note],
      ["10.0.1.2", undefined],
    ]);
    await host.run({ steps: [forgetMaintenance(one), forgetMaintenance(two)] });
    expect(await find(host, outOfService())).toEqual([]);
    const { steps } = await host.run({ steps: [sh("ls -A /var/lib/lvs/maintenance 2>&1 || :")] });
    expect(steps[0]?.stdout).toMatch(/No such file|^$/);
  });

  test("a destination that comes later joins an operator's record and its boot file, once", async () => {
    const to = { forwarding: "dr", weight: 3, upperThreshold: 0, lowerThreshold: 0 } as const;
    const later: Place = { match: { mark: 7, family: "ipv4" }, key: "10.0.1.1:0", weight: 3 };
    const boot = maintenanceAtBoot("10.0.1.1", [{ ...place, to }]);
    host.write(boot.path, boot.text);
    const join = rememberToo("10.0.1.1", later, bootEntry("10.0.1.1", later.match, later.key, to));
    await host.run({ steps: [join] });
    expect(host.text(boot.path)).toBe(boot.text);
    await host.run({ steps: [remember({ address: "10.0.1.1" }, [place]), join, join] });
    expect((await find(host, outOfService()))[0]?.places).toEqual([place, later]);
    expect(host.text(boot.path)).toBe(`${boot.text}${maintenanceAtBoot("10.0.1.1", [{ ...later, to }]).text}`);
  });

  test("nobody brings a server back that somebody else has taken out meanwhile", async () => {
    const by = (site: string) => ({ address: "10.0.1.1", site });
    const exits = async (...before: Parameters<typeof remember>[0][]) => {
      const seen = await find(host, outOfService());
      const steps = [...before.map((who) => remember(who, [place])), asSeen("10.0.1.1", seen)];
      return (await host.run({ steps })).steps.at(-1)?.exit;
    };
    expect(await exits()).toBe(0);
    expect(await exits(by("shop"))).toBe(1);
    expect(await exits()).toBe(0);
    expect(await exits(by("blog"))).toBe(1);
    expect(await exits({ address: "10.0.1.2" })).toBe(0);
    const seen = await find(host, outOfService());
    const gone = await host.run({ steps: [forgetMaintenance(by("blog")), asSeen("10.0.1.1", seen)] });
    expect(gone.steps.at(-1)).toMatchObject({ exit: 1, stderr: expect.stringContaining("meanwhile") });
    expect(await exits()).toBe(0);
    const drained = [remember({ address: "10.0.1.1" }, [place]), noteMaintenance("10.0.1.1", note)];
    const before = await find(host, outOfService());
    expect((await host.run({ steps: [...drained, asSeen("10.0.1.1", before)] })).steps.at(-1)?.exit).toBe(1);
    expect(await exits()).toBe(0);
  });
});
