import { chmodSync, chownSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { sh } from "../../provider/host/command";
import { parseSpelled, spelled } from "../../provider/ipvs/ipvsadm";
import { kinds } from "../../provider/kinds";
import type { Match } from "../../provider/model";
import type { Kind } from "../../provider/reconcile/kind";
import { runIn } from "../../provider/workflows/rollout/application-server";
import { putBackIntoTable, tellChecker } from "../../provider/workflows/rollout/director-table";
import { UNIT_DROP_IN } from "../../sdk/ldirectord/daemon";
import type { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

// A user without rights owns a folder of the host, and acts before each command of root's.

const NOBODY = 65534;
const AS_NOBODY = `PATH=/usr/bin:/bin setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;

/** A folder of the user's, and one of root's with files of the names that root uses in the user's folder. */
function prepare(host: MemoryHost): void {
  for (const name of ["x", "new.x", "y", "10.0.0.2"]) host.write(`/etc/victim/${name}`, "root's\n");
  for (const folder of ["/srv/theirs/sub", "/srv/theirs/bin"]) mkdirSync(join(host.root, folder), { recursive: true });
  for (const folder of ["/srv/theirs", "/srv/theirs/sub", "/srv/theirs/bin"])
    chownSync(join(host.root, folder), NOBODY, NOBODY);
}

/** Whenever root runs this tool, the user first puts a link to root's folder in the place of each of these names. */
function ambush(host: MemoryHost, tool: string, names: readonly string[]): void {
  const swap = names.map((name) => `mv -T ${name} .was-$$ ; ln -sfn /etc/victim ${name}`).join("; ");
  const act = `${AS_NOBODY} sh -c 'cd /srv/theirs && { ${swap}; }' </dev/null >/dev/null 2>&1`;
  const fake = `/usr/local/sbin/${tool}`;
  const rest = host.has(fake) ? host.text(fake) : `exec /usr/bin/${tool} "$@"\n`;
  host.write(fake, `#!/bin/sh\n${act}\n${rest}`);
  chmodSync(join(host.root, "/usr/local/sbin", tool), 0o755);
}

function ofRoot(host: MemoryHost): string[] {
  return host.snapshot().filter((line) => line.startsWith("/etc"));
}

onHosts("a user without rights", () => {
  const files = resources("File");
  beforeEach(() => prepare(files.host));
  const asNobody = (script: string) => sh(`${AS_NOBODY} sh -c "$1"`, script);

  test("who makes a folder for locks leads no file of root's elsewhere", async () => {
    await files.host.run({ steps: [sh("chmod 1777 /run/lock")] });
    const links = `mkdir /run/lock/lvs && for name in folders boot File.%2Fsrv%2Fx; do ln -s /etc/victim/x /run/lock/lvs/$name; done`;
    const [made, ours] = (await files.host.run({ looks: [asNobody(links), asNobody("mkdir /run/lvs")] })).looks;
    expect([made?.exit, ours?.exit === 0]).toEqual([0, false]);
    const before = ofRoot(files.host);
    expect((await files.make({ path: "/srv/x", content: "declared" })).failure).toBeUndefined();
    expect(ofRoot(files.host)).toEqual(before);
    expect(lstatSync(join(files.host.root, "/run/lvs")).mode & 0o777).toBe(0o700);
  });

  test.each(
    ["stat", "mkdir", "cat", "chown", "chmod", "sync", "mv", "cp", "rm", "dd"].flatMap((tool) => [
      [tool, "/srv/theirs/x", ["x", ".x.lvs-new"]] as const,
      [tool, "/srv/theirs/sub/x", ["sub"]] as const,
    ]),
  )("who acts before each %s gets no file of root's by a File %s", async (tool, path, names) => {
    const before = ofRoot(files.host);
    const want = { path, content: "declared", user: "www-data", mode: "0666" };
    const absent = { path, state: "absent" };
    files.host.write(path, "found");
    chownSync(join(files.host.root, path), NOBODY, NOBODY);
    ambush(files.host, tool, names);
    const attempts = [() => files.make(want), () => files.make(absent, want), () => files.drop(want)];
    for (const attempt of attempts) await attempt().catch(() => {});
    expect(ofRoot(files.host)).toEqual(before);
  });

  test("whose folder is left alone has root's files written there all the same", async () => {
    const before = files.host.snapshot();
    const want = { path: "/srv/theirs/made/x", content: "declared", user: "www-data", mode: "0640" };
    expect((await files.make(want)).failure).toBeUndefined();
    const { uid, mode } = lstatSync(join(files.host.root, want.path));
    expect([files.host.text(want.path), uid, mode & 0o7777]).toEqual(["declared", 33, 0o640]);
    await files.drop(want);
    expect(files.host.snapshot().map(withoutTime)).toEqual(before.map(withoutTime));
  });

  test("who has a link on the way is named, and a link of root's is followed", async () => {
    await files.host.run({ steps: [asNobody("ln -s /etc/victim /srv/theirs/link"), sh("ln -s victim /etc/linked")] });
    await expect(files.make({ path: "/srv/theirs/link/x", content: "" })).rejects.toThrow(
      "host memory: looking at /srv/theirs/link/x: link is a link: others than root may write to /srv/theirs. Let root alone",
    );
    expect((await files.make({ path: "/etc/linked/x", content: "declared" })).failure).toBeUndefined();
    expect(files.host.text("/etc/victim/x")).toBe("declared");
  });

  test("who owns a folder on the way gets no releases put there", async () => {
    const release = kinds.get("Release") as Kind;
    const want = release.inputs.parse({
      ...{ site: "shop", root: "/srv/theirs/shop", release: "a".repeat(8), user: "www-data", start: ["true"] },
      artefact: { path: "x", sha256: "a".repeat(64) },
    });
    const { ask, read } = release.look({ want });
    const { looks } = await files.host.run({ looks: ask });
    expect(() => read(looks)).toThrow(
      "/srv/theirs/shop is no place for releases: shop: others than root may write to /srv/theirs.",
    );
  });

  test("who can exchange a package's file is named, and nothing is installed", async () => {
    const kind = kinds.get("Package") as Kind;
    files.host.write("/srv/theirs/tool.deb", "");
    for (const [os, tool] of [
      ["debian", "apt-get"],
      ["rocky", "dnf"],
    ] as const) {
      files.host.write("/etc/os-release", `ID=${os}\n`);
      const want = kind.inputs.parse({ package: "tool", file: "/srv/theirs/tool.deb" });
      const seen = { tool: tool.split("-")[0], installed: false, versions: [], interrupted: false };
      const [step] = kind.plan({ want, found: seen }, seen);
      const { steps } = await files.host.run({ steps: step ? [step.run] : [] });
      expect(steps).toMatchObject([{ exit: 1, stderr: expect.stringContaining("others than root may write to") }]);
      expect(files.host.calls().filter((line) => line.startsWith(`${tool} `))).toEqual([]);
    }
  });

  test("who made the folder of ldirectord's maintenance leads no file of root's elsewhere", async () => {
    await files.host.run({ steps: [asNobody("cd /srv/theirs && ln -s /etc/victim/y 10.0.0.2")] });
    const before = ofRoot(files.host);
    const match = parseSpelled("-t 10.0.0.9:80") as Match;
    const to = { forwarding: "dr", weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
    const service = { scheduler: "rr", flags: [], persistence: undefined, onePacket: false };
    const view = {
      ...{ host: "director", holds: [], missed: [], isOwn: () => true },
      out: [{ address: "10.0.0.2", site: "shop", places: [{ match, key: "10.0.0.2:80", weight: 1 }] }],
      table: { [spelled(match)]: { ...service, destinations: { "10.0.0.2:80": to } } },
      checkers: [{ name: "ldirectord", folder: "/srv/theirs", content: "", patience: 1 } as const],
    };
    const out = tellChecker(view, "10.0.0.2").at(-1);
    const { steps } = await files.host.run({ steps: out ? [out.run] : [] });
    expect(steps).toMatchObject([{ exit: 1, stderr: expect.stringContaining("others than root") }]);
    const back = putBackIntoTable(view, ["10.0.0.2"], { site: "shop" }).find(({ until }) => until);
    expect(back?.run.argv.join(" ")).toContain("/srv/theirs");
    await files.host.run({ steps: back ? [back.run] : [] });
    expect(ofRoot(files.host)).toEqual(before);
    expect(UNIT_DROP_IN).not.toContain("/var/lock");
  });

  test("who can write to a folder of the application's PATH runs nothing as root", async () => {
    const tools = ["setpriv", "cat", "sh", "env"].map(
      (tool) => `printf '#!/bin/sh\\n/usr/bin/id -u >>/srv/theirs/ran\\n' >bin/${tool}`,
    );
    await files.host.run({ steps: [asNobody(`cd /srv/theirs && ${tools.join(" && ")} && chmod 755 bin/*`)] });
    files.host.write("/srv/shop/releases/aaaaaaaa/app/x", "");
    const environment = 'A="$b"\nPATH="/srv/theirs/bin:/usr/bin:/bin"\n'.replace("$", "\\$");
    files.host.write("/srv/shop/releases/aaaaaaaa/environment", environment);
    chmodSync(join(files.host.root, "/srv/shop/releases/aaaaaaaa/environment"), 0o600);
    const argv = ["/bin/sh", "-c", 'echo "$A $PATH $(/usr/bin/id -u)"'];
    const command = runIn({ site: "shop", root: "/srv/shop" }, "aaaaaaaa", "www-data", argv);
    const { steps } = await files.host.run({ steps: [command] });
    expect(steps).toMatchObject([{ exit: 0, stdout: "$b /srv/theirs/bin:/usr/bin:/bin 33\n" }]);
    expect(files.host.has("/srv/theirs/ran")).toBe(false);
  });
});

/** Writing to a folder of the user's changes nothing but its time. */
function withoutTime(line: string): string {
  return line.replace(/ \d+(\.\d+)? ([0-9a-f]{64})$/, " $2");
}
