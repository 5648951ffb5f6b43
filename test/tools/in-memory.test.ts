import { tmpdir } from "node:os";

const { inMemory } =
  jest.requireActual<typeof import("../../tools/test/in-memory.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/test/in-memory",
  );

test("folders of many small files are in memory, if programs run from there and the user names no place", () => {
  expect(["/dev/shm", tmpdir()]).toContain(inMemory("", "tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n"));
  for (const mounts of ["tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec 0 0\n", "tmpfs /dev/shm tmpfs ro 0 0\n", ""])
    expect(inMemory("", mounts)).toBe(tmpdir());
  expect(inMemory("/mnt", "tmpfs /dev/shm tmpfs rw 0 0\n")).toBe("/mnt");
});
