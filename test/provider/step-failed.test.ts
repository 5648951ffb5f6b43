import type { Session } from "../../provider/host/command";
import { stepFailed } from "../../provider/reconcile/step-failed";
import { onHosts, resources } from "./on-host";

const session = { name: "rs1" } as Session;
const step = { run: { argv: ["true"] }, purpose: "writing /etc/motd" };
const failed = (stderr: string, more = {}) =>
  stepFailed(session, { ...step, ...more }, { exit: 1, stdout: "", stderr }).message;

test.each([
  ["cat: write error: No space left on device", "A file system there is full: make room (df -h and df -i say where)"],
  ["mkdir: cannot create directory './x': Disk quota exceeded", "A file system there is full: make room"],
  [
    "sh: 29: cannot create /etc/x.new: Read-only file system",
    "A file system there is read-only: has its disk an error",
  ],
  [
    "sh: 12: cannot create /var/lib/lvs/x.new: Operation not permitted",
    "Is a file or a folder there immutable (lsattr)?",
  ],
  ["dd: failed to open '/etc/x.new': Operation not permitted", "Is a file or a folder there immutable (lsattr)?"],
  ["mkdir: cannot create directory '/etc/lvs': File exists", "Is /etc/lvs a file there, or a link that leads nowhere"],
  ["mkdir: cannot create directory '/var/lib/lvs': Not a directory", "Is /var/lib/lvs a file there, or a link"],
  ["flock: applet not found", "The host has tools of BusyBox, which do less: install coreutils and util-linux"],
  ["sh: 9: sha256sum: not found", "The host has no sha256sum: install coreutils, util-linux and awk there"],
  ["sh: line 9: flock: command not found", "The host has no flock: install coreutils, util-linux and awk there"],
  ["flock: 7: Bad file descriptor", "The host's sh keeps its files from what it starts, as ksh does"],
])("%s: the cure is told, whatever is written", (stderr, cure) => {
  expect(failed(stderr)).toContain(`host rs1: writing /etc/motd: exit 1: ${stderr}. ${cure}`);
});

test("what has no cure of its own gets none", () => {
  for (const said of [
    "RTNETLINK answers: Operation not permitted",
    "chown: changing ownership of 'x': Operation not permitted",
  ])
    expect(failed(said)).toBe(`host rs1: writing /etc/motd: exit 1: ${said}`);
});

test("what is said again and again is told once, and what the step knows better counts", () => {
  expect(failed("no\nno\nno\n")).toBe("host rs1: writing /etc/motd: exit 1: no");
  expect(failed("No space left on device", { advice: () => "Empty the cache" })).toMatch(/device\. Empty the cache$/);
});

onHosts("a folder that cannot be made", () => {
  const files = resources("File");
  const inner = { path: "/etc/motd/inner/x", content: "x" };

  test("because a file is in its place: it is named, the file stays, and the delete leaves nothing of ours", async () => {
    files.host.write("/etc/motd", "hello\n");
    const before = files.host.snapshot();
    const { failure } = await files.make(inner);
    expect(failure?.message).toContain("/etc/motd is there, and is no folder: choose another path, or move it away");
    await files.drop(inner);
    expect(files.host.snapshot()).toEqual(before);
  });
});
