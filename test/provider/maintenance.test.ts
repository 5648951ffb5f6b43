import { sh } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { forgetMaintenance, outOfService, type Place, remember, rememberWeight } from "../../provider/ipvs/maintenance";
import { maintenanceNotes, noteMaintenance } from "../../provider/ipvs/maintenance-note";
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
      remember("10.0.1.1", [four(80), four(8080)]),
      remember("fd00::1", [six]),
      rememberWeight({ ...four(80), weight: 0 }),
      rememberWeight({ ...six, weight: 12 }),
    ];
    expect((await host.run({ steps })).steps.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    expect([...(await find(host, outOfService()))]).toEqual([
      ["10.0.1.1", [{ ...four(80), weight: 0 }, four(8080)]],
      ["fd00::1", [{ ...six, weight: 12 }]],
    ]);
  });

  test("has an operator's note beside it, which goes with it", async () => {
    const place: Place = { match: { mark: 99, family: "ipv4" }, key: "10.0.1.1:0", weight: 2 };
    const note = { reason: 'a disk | "sda"', by: "root@here", since: "2026-01-01T00:00:00Z" };
    await host.run({
      steps: [noteMaintenance("10.0.1.1", note), remember("10.0.1.1", [place]), remember("10.0.1.2", [place])],
    });
    expect([...(await find(host, outOfService())).keys()]).toEqual(["10.0.1.1", "10.0.1.2"]);
    const notes = await find(host, maintenanceNotes);
    expect(notes.get("10.0.1.1")).toEqual(note);
    expect(notes.get("10.0.1.2")).toEqual({ since: expect.stringMatching(/^20\d\d-.*Z$/) });
    await host.run({ steps: [forgetMaintenance("10.0.1.1"), forgetMaintenance("10.0.1.2")] });
    expect([...(await find(host, maintenanceNotes))]).toEqual([]);
    const { steps } = await host.run({ steps: [sh("ls -A /var/lib/lvs/maintenance 2>&1 || :")] });
    expect(steps[0]?.stdout).toMatch(/No such file|^$/);
  });
});
