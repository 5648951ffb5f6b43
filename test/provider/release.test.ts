import { chmodSync, chownSync, existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostError } from "../../provider/host/errors";
import { find } from "../../provider/host/fact";
import { switchTo } from "../../provider/workflows/rollout/application-server";
import { artefact } from "../artefact";
import { onHosts, resources } from "./on-host";

const first = artefact({ "server.sh": "one\n", "static/a.css": "a\n" });
const second = artefact({ "server.sh": "two\n" });
afterAll(() => {
  for (const { path } of [first, second]) rmSync(dirname(path), { recursive: true });
});

const A = "a".repeat(32);
const B = "b".repeat(32);
const C = "c".repeat(32);

onHosts("a release", () => {
  const releases = resources("Release");
  const shop = (more: object = {}) => ({
    ...{ site: "shop", root: "/srv/shop", release: A, artefact: first, start: ["sh", "server.sh"], user: "www-data" },
    environment: { PORT: "8000", SECRET_KEY: "never $een" },
    shared: ["media"],
    ...more,
  });
  const at = (path: string, release = A) => `/srv/shop/releases/${release}/${path}`;
  const unit = "/etc/systemd/system/shop.service";
  const listed = () => [A, B, C].filter((id) => releases.host.has(`/srv/shop/releases/${id}`));
  /** Sets the host up as a rollout leaves it. */
  const runs = (release: string) => {
    const current = join(releases.host.root, "/srv/shop/current");
    rmSync(current, { force: true });
    symlinkSync(`releases/${release}`, current);
    releases.host.write("/srv/shop/running", `${release} 1.2\n`);
    releases.host.write(unit, releases.host.text(at("unit", release)));
    releases.host.write("/run/units/shop.service/active", "active\n");
  };
  let before: string[];

  beforeEach(() => {
    releases.host.write("/etc/systemd/system/x", "");
    before = releases.host.snapshot();
  });

  test("lies ready, does not run by that, and goes without trace", async () => {
    const { failure, reported } = await releases.make(shop());
    expect(failure).toBeUndefined();
    expect(reported).toMatchObject({ release: A });
    expect([releases.host.text(at("app/server.sh")), releases.host.text(at("app/static/a.css"))]).toEqual([
      "one\n",
      "a\n",
    ]);
    expect(releases.host.text(at("environment"))).toBe('PORT="8000"\nSECRET_KEY="never \\$een"\n');
    expect([releases.host.mode(at("environment")), releases.host.mode(at("unit"))]).toEqual(["0600", "0644"]);
    expect(releases.host.text(at("unit"))).toMatch(/^WorkingDirectory=\/srv\/shop\/current\/app$/m);
    expect(releases.seenByOthers()).not.toContain("never");
    const left = ["/srv/shop/current", unit, "/var/lib/lvs/incoming"].filter((path) => releases.host.has(path));
    expect(left).toEqual([]);
    await releases.drop(shop());
    expect(releases.host.snapshot()).toEqual(before);
  });

  test("a second apply changes nothing", async () => {
    await releases.make(shop());
    const ready = releases.host.snapshot();
    const scripts = releases.host.scripts.length;
    expect((await releases.make(shop(), shop())).reported).toMatchObject({ release: A });
    expect(releases.host.snapshot()).toEqual(ready);
    expect(releases.host.scripts).toHaveLength(scripts + 1);
  });

  const tampered: [what: string, byHand: () => void, difference: string][] = [
    ["the application", () => releases.host.write(at("app/server.sh"), "evil\n"), "app was changed"],
    ["a file that was added", () => releases.host.write(at("app/static/b.css"), ""), "app was changed"],
    ["the environment", () => releases.host.write(at("environment"), 'PORT="1"\n'), "environment was changed"],
    ["the unit", () => releases.host.write(at("unit"), "[Unit]\n"), "unit was changed"],
    ["a shared folder", () => releases.host.remove("/srv/shop/shared/media"), "shared/media is not www-data's"],
  ];
  test.each(tampered)("%s, changed by hand, is told and repaired", async (_, byHand, difference) => {
    await releases.make(shop());
    byHand();
    expect((await releases.read(shop())).reported).toMatchObject({ release: `${A}, ${difference}` });
    expect((await releases.make(shop(), shop())).reported).toMatchObject({ release: A });
    expect(releases.host.text(at("app/server.sh"))).toBe("one\n");
    expect(releases.host.has(at("app/static/b.css"))).toBe(false);
    expect(releases.host.text(at("environment"))).toContain('PORT="8000"');
  });

  test("a second refresh, which starts from what the first one told, tells the same", async () => {
    await releases.make(shop());
    releases.host.write(at("unit"), "[Unit]\n");
    const changed = `${A}, unit was changed`;
    const want = { ...(releases.want(shop()) as object), release: changed };
    const change = { want };
    expect(releases.kind.report(want, await find(releases.host, releases.kind.look(change)))).toEqual({
      release: changed,
    });
  });

  test("all that was removed by hand is absent, and comes back although its unit is there", async () => {
    await releases.make(shop());
    runs(A);
    releases.host.remove("/srv/shop");
    expect((await releases.read(shop())).reported).toMatchObject({ release: `${A}, absent` });
    expect((await releases.make(shop(), shop())).reported).toMatchObject({ release: A });
  });

  test("what a run left that was cut while it mended the release that runs goes on serving, and goes", async () => {
    await releases.make(shop());
    runs(A);
    const link = join(releases.host.root, "/srv/shop/current");
    const standIn = join(releases.host.root, "/srv/shop/releases/.stand-in");
    renameSync(join(releases.host.root, `/srv/shop/releases/${A}`), standIn);
    rmSync(link);
    symlinkSync("releases/.stand-in", link);
    expect((await releases.make(shop(), shop())).reported).toMatchObject({ release: A });
    expect(readlinkSync(link)).toBe("releases/.stand-in");
    expect(releases.host.text("/srv/shop/current/app/server.sh")).toBe("one\n");
    await releases.host.run({ steps: switchTo({ site: "shop", root: "/srv/shop" }, A).map(({ run }) => run) });
    expect([readlinkSync(link), existsSync(standIn)]).toEqual([`releases/${A}`, false]);
  });

  test("older ones go, never the one that runs", async () => {
    await releases.make(shop({ keep: 2 }));
    runs(A);
    await releases.make(shop({ keep: 2, release: B, artefact: second }), shop({ keep: 2 }));
    expect(listed()).toEqual([A, B]);
    await releases.make(shop({ keep: 2, release: C }), shop({ keep: 2, release: B, artefact: second }));
    expect(listed()).toEqual([A, C]);
    runs(C);
    await releases.make(shop({ keep: 1, release: C }), shop({ keep: 2, release: C }));
    expect(listed()).toEqual([C]);
  });

  test("deleting stops it and leaves its data, unless their going is declared", async () => {
    await releases.make(shop());
    runs(A);
    releases.host.write("/srv/shop/shared/media/order.pdf", "7");
    await releases.drop(shop());
    expect(releases.host.calls()).toContain("systemctl -q disable --now shop.service");
    expect(releases.host.has(unit)).toBe(false);
    const left = releases.host.snapshot().filter((line) => line.startsWith("/srv/"));
    expect(left.map((line) => line.split(" ")[0])).toEqual([
      "/srv/shop",
      "/srv/shop/shared",
      "/srv/shop/shared/media",
      "/srv/shop/shared/media/order.pdf",
    ]);
    releases.host.remove("/srv/shop");
    const passing = shop({ deleteData: true });
    await releases.make(passing);
    releases.host.write("/srv/shop/shared/media/order.pdf", "7");
    await releases.drop(passing);
    expect(releases.host.has("/srv/shop")).toBe(false);
  });

  describe("whose place was there before", () => {
    const there = (path: string) => join(releases.host.root, path);
    const folder = (path: string) => mkdirSync(there(path), { recursive: true });
    const full = (path: string) => releases.host.write(path, "theirs\n");

    const stay: [what: string, make: () => void, more?: object][] = [
      ["nothing of a root that lies deep", () => {}, { root: "/srv/sites/shops/shop" }],
      ["an empty root", () => mkdirSync(there("/srv/shop"), { mode: 0o750 })],
      ["an empty folder for releases", () => folder("/srv/shop/releases")],
      [
        "an empty shared folder, and one of another name",
        () => ["media", "x y"].map((n) => folder(`/srv/shop/shared/${n}`)),
      ],
      ["data, although the data's going is declared", () => full("/srv/shop/shared/media/a.jpg"), { deleteData: true }],
      ["other data than declared, likewise", () => full("/srv/shop/shared/.old/a.jpg"), { deleteData: true }],
    ];
    test.each(stay)("leaves %s", async (...row) => {
      const [, make, more = {}] = row;
      make();
      const found = releases.host.snapshot();
      await releases.make(shop(more));
      if (!("root" in more)) runs(A);
      await releases.drop(shop(more));
      expect(releases.host.snapshot().filter((line) => !line.startsWith("/run/"))).toEqual(
        found.filter((line) => !line.startsWith("/run/")),
      );
    });

    test("leaves what was found in a shared folder on another disk, which gets its owner back and keeps its mode", async () => {
      full("/srv/disk/media/a.jpg");
      chownSync(there("/srv/disk/media"), 1000, 33);
      chmodSync(there("/srv/disk/media"), 0o2770);
      folder("/srv/shop/shared");
      symlinkSync("../../disk/media", there("/srv/shop/shared/media"));
      const found = releases.host.snapshot();
      const declared = shop({ deleteData: true });
      expect((await releases.make(declared)).failure).toBeUndefined();
      expect((await releases.read(declared)).reported).toMatchObject({ release: A });
      expect(releases.host.snapshot()).toContain("/srv/disk/media 42770 33:33");
      await releases.drop(declared);
      expect(releases.host.snapshot()).toEqual(found);
    });

    test("follows no link that another user could lead elsewhere", async () => {
      full("/srv/bob/media/a.jpg");
      chownSync(there("/srv/bob"), 1000, 1000);
      folder("/srv/shop/shared");
      symlinkSync("/srv/bob/media", there("/srv/shop/shared/media"));
      const { failure } = await releases.make(shop());
      expect(failure?.message).toMatch(
        /making \/srv\/shop\/shared\/media for www-data: .*others than root may write to/,
      );
      expect(releases.host.snapshot()).toContain("/srv/bob/media 40755 0:0");
    });

    const refused: [what: string, make: () => void, words: RegExp][] = [
      ["a folder that is called current", () => full("/srv/shop/current/index.html"), /\(current\)/],
      ["a note of what runs", () => full("/srv/shop/running"), /\(running\)/],
      ["hidden files among releases", () => full("/srv/shop/releases/.git/config"), /\(releases\/\.git\)/],
      [
        "hidden files that are called like ours",
        () => full("/srv/shop/releases/.data.new"),
        /\(releases\/\.data\.new\)/,
      ],
      ["a file for releases", () => full("/srv/shop/releases"), /\(releases\)/],
      [
        "a link for releases",
        () => symlinkSync("/etc/systemd", there("/srv/shop/releases")),
        /releases, which is a link\)/,
      ],
    ];
    test.each(refused)("refuses it before anything changes where there is %s", async (_, make, words) => {
      folder("/srv/shop");
      make();
      const found = releases.host.snapshot();
      await expect(releases.make(shop())).rejects.toThrow(words);
      expect(releases.host.snapshot()).toEqual(found);
    });
  });

  test("an artefact that was built anew since is refused, and leaves nothing", async () => {
    const other = shop({ artefact: { ...first, sha256: second.sha256 } });
    const { failure, reported } = await releases.make(other);
    expect(failure?.message).toMatch(
      /^host memory: unpacking .*app\.tar\.gz as release a{12}: exit 66: what arrived has another SHA-256\. Was .* built anew/,
    );
    expect(reported).toMatchObject({ release: `${A}, absent` });
    await releases.drop(other);
    expect(releases.host.snapshot()).toEqual(before);
  });

  test("an upload that was cut off is made again, or goes with the resource", async () => {
    const upload = releases.host.upload.bind(releases.host);
    releases.host.upload = async (_, to) => {
      releases.host.write(to, "half");
      throw new HostError("the connection was lost", "cut");
    };
    const cut = await releases.make(shop());
    expect([cut.failure?.message, releases.host.has("/srv/shop/shared")]).toEqual(["the connection was lost", true]);
    await releases.drop(shop());
    expect(releases.host.snapshot()).toEqual(before);
    await releases.make(shop());
    releases.host.upload = upload;
    expect((await releases.make(shop())).reported).toMatchObject({ release: A });
    expect(releases.host.has("/var/lib/lvs/incoming")).toBe(false);
  });

  test.each([
    [unit, "of somebody's own"],
    ["/run/systemd/system/shop.service", "that another program made"],
  ])("a unit of that name, %s, %s, is left alone", async (path) => {
    releases.host.write(path, "[Service]\nExecStart=/usr/bin/shop\n");
    const found = releases.host.snapshot();
    await expect(releases.make(shop())).rejects.toThrow(
      `host memory: there is a unit ${path} of somebody else: choose another name for site "shop"`,
    );
    expect(releases.host.snapshot()).toEqual(found);
  });

  test("a user that is not there: the error says what is missing", async () => {
    const { failure } = await releases.make(shop({ user: "nobody_here" }));
    expect(failure?.message).toMatch(/making \/srv\/shop\/shared\/media.*invalid user.*after its SystemUser/);
  });

  describe("where somebody else has releases", () => {
    const theirs = ["/srv/shop/releases/1/app", "/srv/shop/releases/2 b/app"];
    beforeEach(() => {
      for (const path of theirs) releases.host.write(path, "theirs\n");
      symlinkSync("releases/1", join(releases.host.root, "/srv/shop/current"));
    });

    test("is refused before anything changes", async () => {
      const there = releases.host.snapshot();
      await expect(releases.make(shop())).rejects.toThrow(
        /host memory: Release shop: \/srv\/shop has releases of somebody else already \(releases\/.*current, which leads to 1\)\. Choose another root, or move them away\. Nothing was changed\./,
      );
      expect(releases.host.snapshot()).toEqual(there);
    });

    test("and an earlier version took the place, theirs come back", async () => {
      const entry = {
        ...{ kind: "Release", identity: "shop", owners: { "p/s/r": "" } },
        found: { releases: ["2 b", "1"], current: "1", intact: false, files: {}, shared: {}, unit: false, rest: false },
      };
      releases.host.write("/var/lib/lvs/ledger/Release.shop", `${JSON.stringify(entry)}\n`);
      // What it made there already: the place is not as it was found any more.
      mkdirSync(join(releases.host.root, "/srv/shop/shared"));
      for (const release of [A, B, C]) {
        const { failure } = await releases.make(shop({ release, keep: 1 }), shop({ keep: 1 }));
        expect(failure).toBeUndefined();
        runs(release);
      }
      expect(listed()).toEqual([B, C]);
      await releases.drop(shop({ release: C }));
      for (const path of theirs) expect(releases.host.text(path)).toBe("theirs\n");
      expect(readlinkSync(join(releases.host.root, "/srv/shop/current"))).toBe("releases/1");
      expect([listed(), releases.host.has(unit), releases.host.has("/var/lib/lvs")]).toEqual([[], false, false]);
    });
  });
});

test("a start that fails for a port that somebody else has says what to do", () => {
  const [, start] = switchTo({ site: "shop", root: "/srv/shop" }, A);
  const said = (stderr: string) => start?.advice?.({ exit: 1, stdout: "", stderr });
  expect(said("Error: listen EADDRINUSE: address already in use 127.0.0.1:8000")).toMatch(
    /give application\.port another/,
  );
  expect(said("OSError: [Errno 98] Address already in use")).toMatch(/under its former name/);
  expect(said("ModuleNotFoundError: No module named 'shop'")).toBeUndefined();
});
