import { sh } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { poll } from "../../provider/host/poll";
import { renderMain } from "../../sdk/bird/config";
import * as bird from "../../sdk/bird/daemon";
import { MAIN_TEXT, REACH_TEXT, VALIDATE_MAIN, VALIDATE_REACH, validatePart } from "../../sdk/keepalived/daemon";
import { onHosts, resources } from "./on-host";

onHosts("a file", () => {
  const files = resources("File");
  const path = "/srv/site/pages/index.html";
  const at = (inputs: object) => ({ path, ...inputs });
  /** What is told of content that is refused. */
  const refused = (inputs: object) =>
    files.make(inputs).then(
      ({ failure }) => failure?.message,
      ({ message }: Error) => message,
    );

  test("is made with its folders, and goes with them", async () => {
    const before = files.host.snapshot();
    const { reported, failure } = await files.make(at({ content: "hello\n", mode: "640", group: "www-data" }));
    expect(failure).toBeUndefined();
    expect(reported).toMatchObject({
      state: "present",
      content: "hello\n",
      mode: "0640",
      user: "root",
      group: "www-data",
    });
    expect([files.host.text(path), files.host.mode(path)]).toEqual(["hello\n", "0640"]);
    await files.drop(at({ content: "hello\n" }));
    expect(files.host.snapshot()).toEqual(before.filter((line) => !line.startsWith("/run/log")));
  });

  test("folders stay while another file of ours is in them, whichever goes first", async () => {
    const before = files.host.snapshot();
    const other = "/srv/site/other";
    await files.make(at({ content: "1" }));
    await files.make({ path: other, content: "2" });
    await files.drop(at({ content: "1" }));
    expect([files.host.has("/srv/site/pages"), files.host.text(other)]).toEqual([false, "2"]);
    await files.drop({ path: other, content: "2" });
    expect(files.host.snapshot()).toEqual(before);
  });

  test("files of one folder go at the same time, and the folder with the last of them", async () => {
    const before = files.host.snapshot();
    const paths = ["a", "b", "c", "d"].map((name) => `/srv/site/pages/${name}`);
    for (let round = 0; round < 6; round++) {
      for (const one of paths) await files.make({ path: one, content: "1" }, undefined, `p/s/${one}`);
      await Promise.all(paths.map((one) => files.drop({ path: one, content: "1" }, `p/s/${one}`)));
      expect(files.host.snapshot()).toEqual(before);
    }
  });

  test("a folder that is just going with another file is no leftover of this one", async () => {
    await files.make(at({ content: "1" }));
    const mark = "/var/lib/lvs/ledger/Folder.%2Fsrv%2Fsite%2Fpages";
    const going = sh(`exec 8>/run/lvs/folders; flock 8; rm "$1"; sleep 1; rmdir "\${1%/*}" && rm "$2"`, path, mark);
    const gone = files.host.run({ looks: [going] });
    await poll(
      () => files.host.has(path),
      (there) => !there,
      { within: 60, every: 0.01 },
    );
    const seen = await find(files.host, files.kind.look({ had: files.want({ path }) }));
    expect((await gone).looks).toMatchObject([{ exit: 0 }]);
    expect((seen as { hollow: string[] }).hollow).not.toContain("/srv/site/pages");
  });

  test.each([
    [
      "a file",
      "printf 'old\\000bytes' >/srv/x && chmod 4751 /srv/x && chown 33:33 /srv/x && touch -d 2001-02-03 /srv/x",
    ],
    ["a link", "ln -s /nowhere/at\\ all /srv/x"],
  ])("what was found comes back: %s", async (_, script) => {
    await files.host.run({ steps: [sh(script)] });
    const before = files.host.snapshot();
    const first = { path: "/srv/x", content: "one" };
    const second = { path: "/srv/x", content: "two" };
    expect((await files.make(first)).failure).toBeUndefined();
    expect((await files.make(second, first)).failure).toBeUndefined();
    expect(files.host.text("/srv/x")).toBe("two");
    await files.drop(second);
    expect(files.host.snapshot()).toEqual(before);
  });

  test("the absence of one; it comes back", async () => {
    files.host.write("/etc/nginx/sites-enabled/default", "found\n");
    const before = files.host.snapshot();
    const absent = { path: "/etc/nginx/sites-enabled/default", state: "absent" };
    expect((await files.make(absent)).reported).toMatchObject({ state: "absent" });
    expect(files.host.has(absent.path)).toBe(false);
    files.host.write(absent.path, "again");
    expect((await files.read(absent)).reported).toMatchObject({ state: "present" });
    expect((await files.make(absent, absent)).failure).toBeUndefined();
    await files.drop(absent);
    expect(files.host.snapshot()).toEqual(before);
  });

  test("one that is as declared is adopted untouched, and stays", async () => {
    files.host.write(path, "mine");
    const before = files.host.snapshot();
    await files.make(at({ content: "mine" }));
    expect(files.host.snapshot().filter((line) => !line.startsWith("/var/lib/lvs"))).toEqual(before);
    await files.drop(at({ content: "mine" }));
    expect(files.host.snapshot()).toEqual(before);
  });

  test.each([
    ["content", "echo by hand >/srv/key"],
    ["mode", "chmod 666 /srv/key"],
    ["owner", "chown 33 /srv/key"],
    ["link", "rm /srv/key; ln -s nowhere /srv/key"],
  ])("one that is as declared, and whose %s somebody changes, is never given that change back", async (_, script) => {
    const key = { path: "/srv/key", content: "secret", mode: "0600" };
    files.host.write("/srv/key", "secret");
    await files.host.run({ steps: [sh("chmod 600 /srv/key")] });
    await files.make(key);
    await files.host.run({ steps: [sh(script)] });
    expect((await files.make(key, key)).failure).toBeUndefined();
    const before = [files.host.text("/srv/key"), files.host.mode("/srv/key")];
    expect(before).toEqual(["secret", "0600"]);
    await files.drop(key);
    expect([files.host.text("/srv/key"), files.host.mode("/srv/key")]).toEqual(before);
    expect(files.host.has("/var/lib/lvs")).toBe(false);
  });

  test("what a later declaration replaces is kept, also where it was as declared at first", async () => {
    files.host.write("/srv/x", "found");
    const [first, second] = ["found", "another"].map((content) => ({ path: "/srv/x", content }));
    await files.make(first as object);
    await files.make(second as object, first);
    expect(files.host.text("/srv/x")).toBe("another");
    await files.drop(second as object);
    expect(files.host.text("/srv/x")).toBe("found");
  });

  test.each([
    ["mv: cannot move './new.x' to '../x': Operation not permitted", "chattr -i"],
    ["mv: cannot move './new.x' to '../x': Device or resource busy", "Another file is mounted at /srv/x"],
    ["rm: cannot remove './x': Operation not permitted", "chattr -i"],
    ["mkdir: cannot create directory './.x.lvs-new': Operation not permitted", "chattr -i"],
  ])("what no other file can take the place of is told with its cure: %s", (stderr, cure) => {
    const want = files.want({ path: "/srv/x", ...(stderr.startsWith("rm") ? { state: "absent" } : { content: "x" }) });
    const seen = {
      here: { is: "file", sha256: "0", mode: "0644", user: ["root"], group: ["root"] },
      kept: { is: "nothing" },
    };
    const [step] = files.kind.plan({ want }, { ...seen, hollow: [], loadedBy: [] });
    expect(step?.advice?.({ exit: 1, stdout: "", stderr })).toContain(cure);
    for (const here of [seen.here, { is: "nothing" }]) {
      const change = { had: want, found: { ...seen, here: { ...seen.here, sha256: "1" }, hollow: [], loadedBy: [] } };
      const kept = { is: "file", sha256: "1", mode: "0600", user: ["root"], group: ["root"] };
      const [back] = files.kind.plan(change, { here, kept, hollow: [], loadedBy: [] });
      expect(back?.advice?.({ exit: 1, stdout: "", stderr })).toContain(cure);
    }
    const made = { had: want, found: { ...seen, here: { is: "nothing" }, hollow: [], loadedBy: [] } };
    const [gone] = files.kind.plan(made, { ...seen, hollow: [], loadedBy: [] });
    expect(gone?.advice?.({ exit: 1, stdout: "", stderr })).toContain(cure);
  });

  test("drift shows as text and is repaired", async () => {
    const declared = at({ content: "as declared\n" });
    await files.make(declared);
    files.host.write(path, "by hand\n");
    await files.host.run({ steps: [sh(`chmod 600 ${path}`)] });
    expect((await files.read(declared)).reported).toMatchObject({ content: "by hand\n", mode: "0600" });
    await files.host.run({ steps: [sh(`head -c 100000 /dev/zero >${path}`)] });
    expect((await files.read(declared)).reported?.content).toMatch(/^sha256:[0-9a-f]{64}$/);
    files.host.remove(path);
    expect((await files.read(declared)).reported).toMatchObject({ state: "absent", content: "as declared\n" });
    expect((await files.make(declared, declared)).reported).toMatchObject({ state: "present", mode: "0644" });
    expect(files.host.text(path)).toBe("as declared\n");
  });

  test.each([0, 1, 2, 3])("a connection that is cut after step %d loses nothing", async (steps) => {
    files.host.write("/srv/x", "found");
    const before = files.host.snapshot();
    const want = { path: "/srv/x", content: "declared" };
    files.host.cutAfter(steps);
    expect((await files.make(want)).failure?.message).toMatch("lost");
    expect((await files.make(want, want)).failure).toBeUndefined();
    files.host.cutAfter(steps);
    await expect(files.drop(want)).rejects.toThrow("lost");
    await files.drop(want);
    expect(files.host.snapshot()).toEqual(before);
  });

  test("a candidate that is refused never gets there, and what refused it does not quote it", async () => {
    files.host.write("/srv/x", "good\n");
    const validate = ["sh", "-c", 'cat "$1"; echo "$1:1: no good"; grep -q good "$1"', "sh", "%s"];
    const told = await refused({ path: "/srv/x", content: "password\n", validate });
    expect(told).toMatch(/writing \/srv\/x: exit 65: .*:1: no good\. The new content was refused by sh/);
    // Whole lines, parts of them, in another case, and next to signs.
    for (const part of ["hunter2-Top", "ter2-top", "HUNTER2", "key=hunter2-Top-Secret...", "'Secret'"]) {
      const saying = ["sh", "-c", `echo "%s:3: bad "${part}" as setting key"; exit 1`];
      const whole = await refused({ path: "/srv/x", content: "a\nkey = hunter2-Top-Secret\n", validate: saying });
      const said = whole?.split("The new content was refused")[0];
      expect(said).toMatch(/\/srv\/\.x\.lvs-new\/new\.x:3: bad .* as setting key\. $/);
      expect(said).not.toMatch(/hunter|ter2|top|secret/i);
    }
    expect(told).not.toMatch("password");
    expect([files.host.text("/srv/x"), files.host.has("/srv/.x.lvs-new")]).toEqual(["good\n", false]);
    expect((await files.make({ path: "/srv/x", content: "good too\n", validate })).failure).toBeUndefined();
  });

  test.each(["/srv/nosuch", "nginx -t"])("a judge %s that the host does not have is told as that", async (program) => {
    const told = await refused({ path: "/srv/x", content: "b", validate: [program, "%s"] });
    expect(told).toContain(`The host cannot run "${program}", which judges the new content`);
    expect(files.host.has("/srv/x")).toBe(false);
  });

  test("a second instance of a virtual router is refused with its cure", async () => {
    const validate = ["sh", "-c", 'echo "(b) duplicate VRID conflict with a VRID 51"; exit 5', "sh", "%s"];
    const told = await refused({ path: "/srv/x", content: "b", validate });
    expect(told).toMatch(/conflict with .*needs another failover\.routerId\. A cluster that has another name/);
  });

  test.each([
    [
      VALIDATE_MAIN,
      MAIN_TEXT,
      /owner would lose addresses\. The new content was refused by sh -c … sh %s; .* Declare main: false/,
    ],
    [
      bird.VALIDATE_MAIN,
      renderMain(bird.PARTS, undefined),
      /owner would lose sessions\. .* refused by sh -c … sh %s; .* Declare main: false/,
    ],
    [VALIDATE_REACH, REACH_TEXT, /iputils is missing\. .* Install ping on the host: iputils-ping \(Debian/],
    [validatePart("/srv/x", false), "vrrp_instance shop {\n}\n", /nobody would read it\. .* Put the line include/],
  ])(
    "%#: what our own checks refuse is told with its cure, and not with their script",
    async (validate, content, told) => {
      // The host has none of what they look for: this says what they would.
      const [said = ""] = /its owner would[^"]*|nobody would[^"]*|iputils is[^"]*/.exec(validate.join(" ")) ?? [];
      const check = validate.map((word) => (word.includes("\n") ? `\necho "${said}" >&2; exit 1` : word));
      expect(await refused({ path: "/srv/x", content, validate: check })).toMatch(told);
    },
  );

  test("what is refused leaves nothing: the file that the user then mends stays as it is", async () => {
    files.host.write("/srv/x", "found\n");
    const before = files.host.snapshot();
    const want = { path: "/srv/x", content: "bad\n", validate: ["grep", "-q", "good", "%s"] };
    expect(await refused(want)).toMatch(/refused by grep/);
    expect(files.host.snapshot()).toEqual(before);
    files.host.write("/srv/x", "mended\n");
    await files.drop(want);
    expect(files.host.text("/srv/x")).toBe("mended\n");

    // Where it is there already, the next run goes on from the state.
    const good = { ...want, content: "good\n" };
    expect((await files.make(good)).failure).toBeUndefined();
    expect((await files.make(want, good)).failure?.message).toMatch(/refused by grep/);
    await files.drop(good);
    expect(files.host.text("/srv/x")).toBe("mended\n");
  });

  test("a secret is on no command line, in no ledger and in no error", async () => {
    const want = { path: "/srv/key", content: "TOP-SECRET\n", mode: "0600", user: "nobody-here" };
    const { failure } = await files.make(want);
    expect(failure?.message).toMatch("Is there a user nobody-here and a group root on the host?");
    expect((await files.make({ ...want, user: "root" })).failure).toBeUndefined();
    expect(files.host.text("/srv/key")).toBe("TOP-SECRET\n");
    expect(files.host.calls().some((line) => line.startsWith("mv "))).toBe(true);
    const ledger = files.host.text("/var/lib/lvs/ledger/File.%2Fsrv%2Fkey");
    expect([files.seenByOthers(), ledger, failure?.message].join("\n")).not.toMatch("TOP-SECRET");
    files.host.write("/srv/key", "ANOTHER-SECRET\n");
    await files.drop({ ...want, user: "root" });
    expect(files.seenByOthers()).not.toMatch("ANOTHER-SECRET");
  });

  test("a link that somebody put where the candidate is written is not followed", async () => {
    await files.host.run({ steps: [sh("echo victim >/srv/victim; ln -s victim /srv/.x.lvs-new")] });
    expect((await files.make({ path: "/srv/x", content: "declared" })).failure).toBeUndefined();
    expect(files.host.text("/srv/victim")).toBe("victim\n");
  });

  test("a folder in its place is an error that says so", async () => {
    files.host.write("/srv/x/y", "");
    await expect(files.make({ path: "/srv/x", content: "" })).rejects.toThrow("/srv/x is a directory, not a file");
  });
});
