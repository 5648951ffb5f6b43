import type { Props } from "../../provider/pulumi/handler";
import { Declared } from "./declared";
import { memoryHost, onMemoryHost } from "./one-setting";

jest.mock("../../provider/host/pool", () => require("./one-setting").pool);

const [ON, SITE] = ["net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.eth0.arp_ignore"];
const path = (key: string) => `/proc/sys/${key.replaceAll(".", "/")}`;
const value = (key: string) => memoryHost().text(path(key)).trim();
const owners = (key: string) => Object.keys(JSON.parse(memoryHost().text(`/var/lib/lvs/ledger/Sysctl.${key}`)).owners);

const RS = "p/s/lvs:index:RealServer";
const settings = (these: Props, owner = `${RS}::rs1-arp`) => new Declared("Sysctls", { settings: these }, owner);
const single = (key: string) =>
  new Declared("Sysctl", { key, value: 1 }, `${RS}$lvs:index:ArpSettings::rs1-arp-arp_ignore-${key.split(".")[3]}`);

/** The host, but for the ledger. */
const withoutLedger = () =>
  memoryHost()
    .snapshot()
    .filter((line) => !line.startsWith("/var/lib/lvs"));

onMemoryHost("several settings of one resource", () => {
  beforeEach(() => {
    for (const key of [ON, SITE]) memoryHost().write(path(key), "0\n");
  });

  test("take over from single ones of a former state: of the host only the ledger changes", async () => {
    const former = [single(ON), single(SITE)];
    for (const one of former) await one.create();
    const up = withoutLedger();
    memoryHost().scripts.length = 0;

    // As the engine does: what is new is created, and then what is no longer declared is deleted.
    const both = await settings({ [ON]: 1, [SITE]: 1 }).create();
    await Promise.all(former.map((one) => one.delete()));
    expect(withoutLedger()).toEqual(up);
    const steps = memoryHost().scripts.flatMap((script) => script.steps ?? []);
    expect(steps.map(({ argv }) => argv[4]).filter((at) => !at?.startsWith("/var/lib/lvs/ledger/"))).toEqual([]);
    expect([owners(ON), owners(SITE)]).toEqual([[`${RS}::rs1-arp`], [`${RS}::rs1-arp`]]);
    expect(await both.changes()).toBe(false);

    await both.delete();
    expect([value(ON), value(SITE), memoryHost().has("/var/lib/lvs")]).toEqual(["0", "0", false]);
  });

  test("have an owner each: what another resource needs as well stays", async () => {
    const mine = await settings({ [ON]: 1, [SITE]: 1 }).create();
    const theirs = await settings({ [ON]: 1 }, "p/other/theirs").create();
    await mine.delete();
    expect([value(ON), value(SITE)]).toEqual(["1", "0"]);
    await theirs.delete();
    expect([value(ON), value(SITE)]).toEqual(["0", "0"]);
  });

  test("join and leave by an update, and what leaves is put back", async () => {
    const it = await settings({ [ON]: 1 }).create();
    it.inputs = { settings: { [SITE]: 1 } };
    expect(await it.changes()).toBe(true);
    await it.update();
    expect([value(ON), value(SITE), it.state?.settings]).toEqual(["0", "1", { [SITE]: "1" }]);
    await it.delete();
    expect([value(ON), value(SITE)]).toEqual(["0", "0"]);
  });

  test("that are gone with all that the host knew of them are told, and are declared anew", async () => {
    const it = await settings({ [ON]: 1, [SITE]: 1 }).create();
    memoryHost().remove(`/var/lib/lvs/ledger/Sysctl.${SITE}`);
    memoryHost().write(path(SITE), "0\n");
    await it.refresh();
    expect(it.state).toMatchObject({ settings: { [ON]: "1", [SITE]: "" }, boot: false });
    expect(await it.changes()).toBe(true);
    await it.update();
    expect([value(SITE), await it.changes()]).toEqual(["1", false]);
  });

  test("are told one by one after a refresh, and each is repaired", async () => {
    const it = await settings({ [ON]: 1, [SITE]: 1 }).create();
    memoryHost().write(path(SITE), "0\n");
    await it.refresh();
    expect(it.state?.settings).toEqual({ [ON]: "1", [SITE]: "0" });
    expect(await it.changes()).toBe(true);
    memoryHost().remove(path(SITE));
    await it.refresh();
    expect(it.state?.settings).toEqual({ [ON]: "1", [SITE]: "" });
    memoryHost().write(path(SITE), "0\n");
    await it.update();
    expect([value(SITE), await it.changes()]).toEqual(["1", false]);
  });

  test("of which one fails are gone on with, and leave nothing", async () => {
    const it = settings({ [ON]: 1, "net.no.such": 1 });
    const failure = (await it.create().catch((error) => error)) as { message: string; properties: Props };
    expect(failure.message).toMatch(/net\.no\.such.*The kernel has no such setting now/);
    expect(failure.properties).toMatchObject({ incomplete: true, settings: { [ON]: "1" } });
    it.state = failure.properties;
    it.inputs = { settings: { [ON]: 1 } };
    await it.update();
    expect(await it.changes()).toBe(false);
    await it.delete();
    expect([value(ON), memoryHost().has("/var/lib/lvs")]).toEqual(["0", false]);
  });

  test("are refused by the setting's name", async () => {
    const refused = (these: Props) => expect(settings(these).checked()).rejects;
    await refused({}).toThrow(/"settings".*names no setting/);
    await refused({ "ip forward": 1 }).toThrow(/"settings\.ip forward".*a key is like/);
    await refused({ [ON]: "" }).toThrow(`"settings.${ON}"`);
    await refused({ [ON]: 1, "net/ipv4/conf/all/arp_ignore": 2 }).toThrow(`the same setting as ${ON}`);
    await new Declared("Sysctl", { key: "c.d", value: 1 }, "p/s/one name").checked();
    await expect(settings({ "a.c": 1, "c.d": 1 }, "p/s/one name").checked()).rejects.toThrow(
      /"settings\.c\.d".*declared by a Sysctl of the same name, p\/s\/one name, as well.*give one of the two another name/,
    );
    await new Declared("Sysctl", { key: "a.b", value: 2 }, "p/s/two").checked();
    await refused({ "a.b": 1 }).toThrow(/"settings\.a\.b".*declared differently by p\/s\/two/);
  });
});
