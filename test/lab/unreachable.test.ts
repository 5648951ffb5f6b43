import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./stack";

jest.setTimeout(60_000);

// Only its owner may enter a new temporary folder.
const closed = mkdtempSync(join(tmpdir(), "lvs-closed-"));
afterAll(() => rmSync(closed, { recursive: true }));

test("a folder that qemu's own user cannot get to is named before anything is made", async () => {
  const labs = join(closed, "labs");
  const { exit, text } = await run(["lab", "up", "closed-test"], { PULUMI_LVS_LABS: labs });
  expect(text).toContain(
    `guests run as the user libvirt-qemu, who may not enter ${closed}, and needs what lies in ${labs}. ` +
      `Name a folder that everyone may enter, outside any home, by PULUMI_LVS_LABS, or open this one: chmod o+x ${closed}`,
  );
  expect(exit).toBe(1);
  expect(readdirSync(labs)).toEqual([]);
});
