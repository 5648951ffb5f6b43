import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Lab = import("../../tools/lab/description.js", { with: { "resolution-mode": "import" }}).Lab;
type Place = import("../../tools/lab/place.js", { with: { "resolution-mode": "import" }}).Place;

const { formerLab, removeFolder, writeDescription } =
  jest.requireActual<typeof import("../../tools/lab/description.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/description",
  );

let lab: Place;
beforeEach(() => {
  lab = { stack: "nat", folder: mkdtempSync(join(tmpdir(), "lvs-description-test-")) } as Place;
  mkdirSync(join(lab.folder, "keys"));
  for (const name of ["lab.json", "ssh_config", "known_hosts", "keys/id_ed25519"])
    writeFileSync(join(lab.folder, name), "");
});
afterEach(() => rmSync(lab.folder, { recursive: true, force: true }));

test("a lab that is taken down leaves the stack's configuration, and nothing of its own", async () => {
  writeFileSync(join(lab.folder, "Pulumi.nat.yaml"), "config: {}\n");
  await removeFolder(lab);
  expect(readdirSync(lab.folder)).toEqual(["Pulumi.nat.yaml"]);
});

test("without a configuration the lab's folder goes, too", async () => {
  await removeFolder(lab);
  expect(existsSync(lab.folder)).toBe(false);
});

test("a lab is remembered until it is taken down", async () => {
  const clients = ["lvs-nat.client1", "lvs-nat.client2", "lvs-nat.client3"];
  await writeDescription(lab, { debian: 13, clients } as unknown as Lab);
  expect(await formerLab(lab)).toEqual({ debian: 13, clients });
  await removeFolder(lab);
  expect(await formerLab(lab)).toBeUndefined();
});
