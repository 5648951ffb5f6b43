import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sh } from "../../provider/host/command";
import { withSession } from "../../provider/host/pool";
import { server } from "./open-servers";
import type { SshServer } from "./ssh-server";

const folder = mkdtempSync(join(tmpdir(), "lvs-upload-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a file of this many bytes. */
function file(size: number): { path: string; content: Buffer } {
  const content = randomBytes(size);
  const path = join(folder, `file-${size}`);
  writeFileSync(path, content);
  return { path, content };
}

const to = join(folder, "arrived");
const upload = (there: SshServer, path: string, target = to) =>
  withSession(there.declared(), (session) => session.upload(path, target));

test.each([0, 1, 65_536, 3_000_001])(
  "a file of %i bytes arrives as it is, in the place of the former one",
  async (size) => {
    const { path, content } = file(size);
    writeFileSync(to, randomBytes(4_000_000));
    const there = await server();
    await upload(there, path);
    expect(readFileSync(to).equals(content)).toBe(true);
    expect(there.connections).toBe(1);
  },
);

test("several uploads and scripts at once share the connection", async () => {
  const there = await server();
  const { path, content } = file(500_000);
  const targets = ["a", "b", "c"].map((name) => join(folder, name));
  await withSession(there.declared(), async (session) => {
    const scripts = [1, 2, 3].map((i) => session.run({ looks: [sh("echo $1", `${i}`)] }));
    await Promise.all([...targets.map((target) => session.upload(path, target)), ...scripts]);
  });
  expect(targets.map((target) => readFileSync(target).equals(content))).toEqual([true, true, true]);
  expect(there.connections).toBe(1);
});

test("a folder that is missing on the host is an error in the host's own words", async () => {
  const { path } = file(1_000_000);
  const target = join(folder, "nowhere/arrived");
  await expect(upload(await server(), path, target)).rejects.toThrow(
    new RegExp(
      `^host rs1: uploading ${path} to ${target}: exit 1: dd: .*open.*nowhere/arrived.*: No such file or directory$`,
    ),
  );
});

test.each([
  ["is missing", join(folder, "never-built.tar.gz"), /ENOENT.*never-built/],
  ["is a folder", folder, /it is no file/],
])("a file that %s here is named before a connection is made", async (_, path, message) => {
  const there = await server();
  const sent = upload(there, path);
  await expect(sent).rejects.toThrow(`reading ${path} for host rs1: `);
  await expect(sent).rejects.toThrow(message);
  expect(there.connections).toBe(0);
});

test("a connection that is cut in the middle is an error that says so", async () => {
  const { path } = file(3_000_000);
  await expect(upload(await server({ cutAfter: 1_000_000 }), path)).rejects.toMatchObject({
    name: "HostError",
    what: "cut",
  });
});

test("a connection that broke while idle is made again", async () => {
  const there = await server();
  const { path, content } = file(100_000);
  await upload(there, path);
  there.cut();
  rmSync(to);
  await upload(there, path);
  expect(readFileSync(to).equals(content)).toBe(true);
  expect(there.connections).toBe(2);
});

test("a path that a shell could read otherwise is refused", async () => {
  await expect(upload(await server(), file(1).path, "/tmp/a b")).rejects.toThrow("letters, digits");
});
