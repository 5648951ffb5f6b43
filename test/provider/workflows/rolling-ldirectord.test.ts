import { onHosts } from "../on-host";
import { ADDRESSES, B, RolloutSite } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

onHosts("a rollout where ldirectord keeps the table", () => {
  let site: RolloutSite;
  const folder = "/etc/ha.d/maintenance";
  const configuration = (more: string, virtual = "172.17.111.111:80") =>
    site.director.write("/etc/ha.d/ldirectord.cf", `checkinterval=2\n${more}virtual=${virtual}\n\tscheduler=wrr\n`);
  /** Makes ldirectord look at its maintenance folder whenever a script runs on the director. */
  const notices = () => {
    const changes: string[] = [];
    site.director.before = () => {
      const out = Object.keys(ADDRESSES).filter((name) => site.director.has(`${folder}/${ADDRESSES[name]}`));
      const gone = Object.keys(ADDRESSES).filter((name) => site.weight(name) === undefined);
      for (const name of out.filter((each) => !gone.includes(each))) {
        changes.push(`${name} goes`);
        const others = site
          .table()
          .split("\n")
          .filter((line) => !line.includes(`-a -t 172.17.111.111:80 -r ${ADDRESSES[name]}:`));
        site.director.write("/run/table", others.join("\n"));
      }
      for (const name of gone.filter((each) => !out.includes(each))) {
        changes.push(`${name} comes`);
        const weight = name === "rs1" ? 2 : 1;
        site.director.write(
          "/run/table",
          `${site.table()}-a -t 172.17.111.111:80 -r ${ADDRESSES[name]}:80 -g -w ${weight}\n`,
        );
      }
    };
    return changes;
  };

  beforeEach(() => {
    jest.spyOn(console, "log").mockImplementation(() => {});
    site = RolloutSite.serving();
    site.director.write("/run/units/ldirectord.service/active", "active\n");
  });
  afterEach(() => {
    site[Symbol.dispose]();
    jest.restoreAllMocks();
  });

  test("it is told by a file of each server's maintenance, and that it is over", async () => {
    configuration(`maintenancedir = ${folder}\n`);
    const sorted = () => site.table().split("\n").sort();
    const before = sorted();
    const changes = notices();
    await site.rolling({ release: B }).go();
    expect(changes).toEqual(["rs1 goes", "rs1 comes", "rs2 goes", "rs2 comes"]);
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([sorted(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
    expect(site.director.has(`${folder}/${ADDRESSES.rs1}`)).toBe(false);
  });

  test("where it does not notice, its time is waited for, and the weights come back all the same", async () => {
    configuration(`maintenancedir="${folder}"\n`);
    const before = site.table();
    await site.rolling({ release: B }).go();
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("without maintenancedir it would bring a server back that was taken out: nothing is done", async () => {
    configuration("# maintenancedir=/etc/ha.d/maintenance\n");
    const before = site.table();
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(
      /^host director: ldirectord keeps the table, and its configuration has no maintenancedir: .*maintenanceDirectory/,
    );
    expect([site.table(), site.starts("rs1"), site.director.has("/var/lib/lvs")]).toEqual([before, 0, false]);
  });

  test("one that runs for the sake of others is not asked", async () => {
    configuration("", "10.0.0.9:80");
    const before = site.table();
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });
});
