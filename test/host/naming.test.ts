import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { localFile } from "../../provider/host/naming";

const project = mkdtempSync(join(tmpdir(), "lvs-naming-"));
const main = join(project, "src", "site");

beforeAll(() => {
  mkdirSync(main, { recursive: true });
  writeFileSync(join(project, "Pulumi.yaml"), "");
  for (const [name, text] of Object.entries({ "key-of-the-project": "", "src/site/key-of-main": "" }))
    writeFileSync(join(project, name), text);
  // The provider runs in the folder of `main`.
  jest.spyOn(process, "cwd").mockReturnValue(main);
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(project, { recursive: true });
});

test.each([
  ["from the project's folder", "key-of-the-project", join(project, "key-of-the-project")],
  ["from the folder of `main`, where only that has the file", "key-of-main", join(main, "key-of-main")],
  ["from the project's folder, where neither has the file", "keys/none", join(project, "keys/none")],
  ["below the home folder", "~/.ssh/id", join(homedir(), ".ssh/id")],
  ["as it is, if it is absolute", "/etc/ssh/id", "/etc/ssh/id"],
])("a path is taken %s", (_, path, absolute) => {
  expect(localFile(path)).toBe(absolute);
});
