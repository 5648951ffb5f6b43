import { sh } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { parseSpelled } from "../../provider/ipvs/ipvsadm";
import { type Holder, type Maintenance, outOfService, type Place } from "../../provider/ipvs/maintenance";
import { bootEntry, maintenanceAtBoot } from "../../provider/ipvs/maintenance-boot";
import { forgetting, switchHolder } from "../../provider/ipvs/maintenance-end";
import {
  asSeen,
  forgetPlaces,
  noteMaintenance,
  remember,
  rememberToo,
  rememberWeight,
} from "../../provider/ipvs/maintenance-record";
import { switchOn } from "../../provider/linux/switches";
import { makeDirector } from "./ldirectord-host";
import { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

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
      remember([{ address: "10.0.1.1", places: [four(80), four(8080)] }]),
      remember([{ address: "fd00::1", site: "shop", places: [six] }]),
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
    await host.run({
      steps: [
        noteMaintenance("10.0.1.1", note),
        remember([{ ...one, places: [place] }]),
        remember([{ ...two, places: [place] }]),
      ],
    });
    expect((await find(host, outOfService())).map((each) => [each.address, each.note])).toEqual([
      ["10.0.1.1", note],
      ["10.0.1.2", undefined],
    ]);
    await host.run({
      steps: [forgetPlaces([{ ...one, places: [place] }]), forgetPlaces([{ ...two, places: [place] }])],
    });
    expect(await find(host, outOfService())).toEqual([]);
    const { steps } = await host.run({ steps: [sh("ls -A /var/lib/lvs/maintenance 2>&1 || :")] });
    expect(steps[0]?.stdout).toMatch(/No such file|^$/);
  });

  test("of many servers is written and forgotten by as many programs as that of one", async () => {
    host.write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "0\n");
    const records = (count: number) =>
      [...Array(count).keys()].map((i) => ({
        ...{ address: `10.0.1.${i + 1}`, site: "shop" },
        places: [80, 443].map((port) => ({ ...place, key: `10.0.1.${i + 1}:${port}`, weight: i + 1 })),
      }));
    const holders = (some: readonly Maintenance[]) => some.map(switchHolder);
    const programs = async (some: readonly Maintenance[]) => {
      const until = host.calls().length;
      const on = switchOn("net.ipv4.vs.expire_nodest_conn", ...holders(some));
      const written = await host.run({ steps: [remember(some), on] });
      const seen = await find(host, outOfService());
      const gone = await host.run({ steps: [forgetting(some).run] });
      expect([...written.steps, ...gone.steps].map(({ exit }) => exit)).toEqual([0, 0, 0]);
      expect(seen.map(({ since: _, ...one }) => one)).toEqual(some);
      expect([await find(host, outOfService()), host.has("/var/lib/lvs")]).toEqual([[], false]);
      expect(host.text("/proc/sys/net/ipv4/vs/expire_nodest_conn")).toBe("0\n");
      return host
        .calls()
        .slice(until)
        .filter((line) => /^(sync|mv) /.test(line)).length;
    };
    expect(await programs(records(9))).toBe(await programs(records(1)));
  });

  test("of many servers loses the places that are told, and what has others stays", async () => {
    const record = (last: number, ...ports: number[]) => ({
      address: `10.0.1.${last}`,
      places: ports.map((port) => ({ ...place, key: `10.0.1.${last}:${port}` })),
    });
    await host.run({ steps: [remember([record(1, 80, 443), record(2, 80), record(3, 443)])] });
    // What is known already stays, and what is not told any more goes.
    const heavier = { ...record(2, 80), places: [{ ...place, key: "10.0.1.2:80", weight: 9 }] };
    const written = await host.run({ steps: [remember([heavier, record(4, 80)])] });
    const gone = await host.run({ steps: [forgetPlaces([record(1, 80), record(3, 443), record(5, 80)], 'echo "$@"')] });
    expect([...written.steps, ...gone.steps]).toMatchObject([{ exit: 0 }, { exit: 0, stdout: "10.0.1.3 10.0.1.5\n" }]);
    const left = (await find(host, outOfService())).map(({ address, places }) => ({ address, places }));
    expect(left).toEqual([record(1, 443), record(2, 80), record(4, 80)]);
    const { steps } = await host.run({ steps: [sh("ls -A /var/lib/lvs/maintenance")] });
    expect(steps[0]?.stdout).toBe("10.0.1.1\n10.0.1.2\n10.0.1.4\n");
  });

  test("a destination that comes later joins an operator's record and its boot file, once", async () => {
    const to = { forwarding: "dr", weight: 3, upperThreshold: 0, lowerThreshold: 0 } as const;
    const later: Place = { match: { mark: 7, family: "ipv4" }, key: "10.0.1.1:0", weight: 3 };
    const boot = maintenanceAtBoot("10.0.1.1", [{ ...place, to }]);
    host.write(boot.path, boot.text);
    const join = rememberToo("10.0.1.1", later, bootEntry("10.0.1.1", later.match, later.key, to));
    await host.run({ steps: [join] });
    expect(host.text(boot.path)).toBe(boot.text);
    await host.run({ steps: [remember([{ address: "10.0.1.1", places: [place] }]), join, join] });
    expect((await find(host, outOfService()))[0]?.places).toEqual([place, later]);
    expect(host.text(boot.path)).toBe(`${boot.text}${maintenanceAtBoot("10.0.1.1", [{ ...later, to }]).text}`);
  });

  test("nobody brings a server back that somebody else has taken out meanwhile", async () => {
    const by = (site: string) => ({ address: "10.0.1.1", site });
    const exits = async (...before: Holder[]) => {
      const seen = await find(host, outOfService());
      const steps = [...before.map((who) => remember([{ ...who, places: [place] }])), asSeen("10.0.1.1", seen)];
      return (await host.run({ steps })).steps.at(-1)?.exit;
    };
    expect(await exits()).toBe(0);
    expect(await exits(by("shop"))).toBe(1);
    expect(await exits()).toBe(0);
    expect(await exits(by("blog"))).toBe(1);
    expect(await exits({ address: "10.0.1.2" })).toBe(0);
    const seen = await find(host, outOfService());
    const gone = await host.run({
      steps: [forgetPlaces([{ ...by("blog"), places: [place] }]), asSeen("10.0.1.1", seen)],
    });
    expect(gone.steps.at(-1)).toMatchObject({ exit: 1, stderr: expect.stringContaining("meanwhile") });
    expect(await exits()).toBe(0);
    const drained = [remember([{ address: "10.0.1.1", places: [place] }]), noteMaintenance("10.0.1.1", note)];
    const before = await find(host, outOfService());
    expect((await host.run({ steps: [...drained, asSeen("10.0.1.1", before)] })).steps.at(-1)?.exit).toBe(1);
    expect(await exits()).toBe(0);
  });
});

onHosts("a service that is declared while an operator works on one of its servers", () => {
  const services = resources("VirtualService");
  const note = { reason: "a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
  const other: Place = { match: { mark: 99, family: "ipv4" }, key: "10.0.1.2:0", weight: 1 };
  const AT = "-t 10.0.0.9:80";
  const site = (weight: number) => ({
    ...{ address: "10.0.0.9", port: 80, scheduler: "wrr", forwarding: "dr" },
    destinations: { "10.0.1.1": {}, "10.0.1.2": { weight } },
  });
  beforeEach(() => {
    makeDirector(services.host);
    services.host.write("/run/connections", "");
  });
  const drain = () =>
    services.host.run({
      steps: [noteMaintenance("10.0.1.2", note), remember([{ address: "10.0.1.2", places: [other] }])],
    });
  const weights = () => [...services.host.text("/run/table").matchAll(/-r (\S+) -g -w (\d+)/g)].map(([, , w]) => w);

  test("the server begins with weight 0, whatever is declared, and gets the declared weight back", async () => {
    await drain();
    expect((await services.make(site(3))).failure).toBeUndefined();
    expect(weights()).toEqual(["1", "0"]);
    expect((await services.make(site(5), site(3))).failure).toBeUndefined();
    expect(weights()).toEqual(["1", "0"]);
    const [record] = await find(services.host, outOfService());
    expect(record?.places).toEqual([other, { match: parseSpelled(AT), key: "10.0.1.2:80", weight: 5 }]);
    const { reported } = await services.read(site(5));
    expect(reported?.destinations).toMatchObject({ "10.0.1.2:80": { weight: 5 } });
  });

  test("somebody deletes the service by hand: it comes back without the server", async () => {
    await services.make(site(3));
    await services.host.run({
      steps: [
        noteMaintenance("10.0.1.2", note),
        remember([
          { address: "10.0.1.2", places: [{ match: parseSpelled(AT) as never, key: "10.0.1.2:80", weight: 3 }] },
        ]),
      ],
    });
    services.host.write("/run/table", "");
    expect((await services.make(site(3), site(3))).failure).toBeUndefined();
    expect(weights()).toEqual(["1", "0"]);
  });

  test("the service goes, and with it what is recorded of it", async () => {
    await drain();
    await services.make(site(3));
    await services.drop(site(3));
    expect((await find(services.host, outOfService())).map(({ places }) => places)).toEqual([[other]]);
    await services.host.run({
      steps: [forgetting([{ address: "10.0.1.2", places: [other] }]).run],
    });
    expect(services.host.has("/var/lib/lvs/maintenance")).toBe(false);
  });
});
