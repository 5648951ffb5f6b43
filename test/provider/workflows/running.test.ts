import { copyFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { onHosts } from "../on-host";
import { A, RolloutSite } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

onHosts("what runs", () => {
  let site: RolloutSite;
  beforeEach(() => {
    jest.spyOn(console, "log").mockImplementation(() => {});
    site = new RolloutSite();
    site.put(A);
    site.runs(A);
  });
  afterEach(() => {
    site[Symbol.dispose]();
    jest.restoreAllMocks();
  });

  const unit = "/etc/systemd/system/shop.service";
  const changed: [what: string, byHand: () => void, shown: string][] = [
    ["stopped", () => site.rs1.write("/run/units/shop.service/active", "inactive\n"), `${A}, inactive`],
    ["disabled", () => site.rs1.write("/run/units/shop.service/enabled", "disabled\n"), `${A}, not enabled`],
    ["with another unit", () => site.rs1.write(unit, "[Unit]\n"), `${A}, ${unit} is not its release's`],
    [
      "of a release that was put there anew",
      () => {
        const manifest = join(site.rs1.root, `/srv/shop/releases/${A}/manifest`);
        copyFileSync(manifest, `${manifest}.new`);
        renameSync(`${manifest}.new`, manifest);
      },
      `${A}, not restarted since its release was put there`,
    ],
    [
      "of a `current` that leads elsewhere",
      () => {
        rmSync(join(site.rs1.root, "/srv/shop/current"));
        symlinkSync("/srv/other", join(site.rs1.root, "/srv/shop/current"));
      },
      `/srv/other, its release is not there, not restarted since its release was put there, ${unit} is not its release's`,
    ],
    [
      "with another environment",
      () => {
        const environment = `/srv/shop/releases/${A}/environment`;
        site.rs1.write(environment, `${site.rs1.text(environment)}X="1"\n`);
      },
      `${A}, not restarted since its release was put there`,
    ],
    ["nothing at all", () => rmSync(join(site.rs1.root, "/srv/shop/current")), "nothing"],
  ];
  test.each(changed)("%s: is told, and brought back", async (_, byHand, shown) => {
    byHand();
    expect(await site.look()).toEqual({ rs1: shown, rs2: A });
    await site.rolling().go();
    expect(await site.look()).toEqual({ rs1: A, rs2: A });
    expect([site.starts("rs1"), site.starts("rs2")]).toEqual([1, 0]);
    expect(site.rs1.calls()).toContain("mv -fT /srv/shop/.running /srv/shop/running");
  });

  test("of a release whose files were changed: is told, and brought back once they are as they were", async () => {
    site.rs1.write(`/srv/shop/releases/${A}/app/answer`, "200 not ready for this\n");
    expect(await site.look()).toEqual({ rs1: `${A}, its files were changed`, rs2: A });
    site.put(A, undefined, [site.rs1]);
    await site.rolling().go();
    expect(await site.look()).toEqual({ rs1: A, rs2: A });
    expect([site.starts("rs1"), site.starts("rs2")]).toEqual([1, 0]);
  });

  const unready: [what: string, byHand: () => void, shown: string][] = [
    ["not ready", () => site.put(A, "503 <b>no</b> <i>base</i>", [site.rs1]), `${A}, /readyz answers 503: no base`],
    [
      "answered for by another",
      () => site.rs1.write("/run/name", "rs9"),
      `${A}, /readyz is answered by rs9, not by rs1`,
    ],
    ["not what it must say", () => site.put(A, "200 cold", [site.rs1]), `${A}, /readyz does not contain "ready"`],
  ];
  test.each(unready)("%s: is told", async (_, byHand, shown) => {
    byHand();
    site.runs(A);
    const ready = { path: "/readyz", contains: "ready" };
    expect(await site.look({ ready })).toEqual({ rs1: shown, rs2: A });
  });
});
