import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { HostError } from "pulumi-lvs-provider/operations";
import { adoption } from "../../../cli/adopt/adopt";
import { adopt, filesOf, hostsOf } from "../../../cli/commands/adopt";

jest.mock("../../../cli/adopt/adopt", () => ({ adoption: jest.fn() }));

const nothing = { declarations: [], things: [], notes: [], warnings: [], secrets: {}, places: {} };

test.each(["2024", "true", "1e3", "null"])(
  "a project may be called %s, which YAML reads as something else",
  (project) => {
    expect(filesOf(project, "adopted", new Map(), nothing)["Pulumi.yaml"]).toMatch(`name: "${project}"\n`);
  },
);

test("an adopted project has the packages of a new one", () => {
  const packages = JSON.parse(filesOf("site", "adopted", new Map(), nothing)["package.json"] as string);
  const template = join(__dirname, "../../../templates/lvs-typescript/package.json");
  const { dependencies, devDependencies } = JSON.parse(readFileSync(template, "utf8"));
  expect(packages).toMatchObject({ dependencies: { ...dependencies, "pulumi-lvs": "*" }, devDependencies });
});

test("a line of a host says nothing to a terminal", () => {
  const notes = [{ host: "rs1", what: "/etc/rc.local:1: ipvsadm -C\x1b[2J\r", why: "it stays" }];
  const report = filesOf("site", "adopted", new Map(), { ...nothing, notes })["ADOPTED.md"];
  expect(report).toContain("- rs1: /etc/rc.local:1: ipvsadm -C\uFFFD[2J : it stays.\n");
});

test.each([
  [["rs-1=10.0.0.1", "rs.1=10.0.0.2"], "the hosts rs-1 and rs.1 would have one name in the program"],
  [["a=10.0.0.1", "a=10.0.0.2"], "two hosts are named a"],
])("%j: each host has a name of its own", async (words, message) => {
  const program = new Command().option("--stack <name>").option("--json");
  adopt(program, { register: async () => ({ registered: [], warnings: [] }) });
  const run = program.parseAsync(["adopt", ...words, "--out", "/nonexistent/adopted"], { from: "user" });
  await expect(run).rejects.toThrow(message);
});

const folder = mkdtempSync(join(tmpdir(), "lvs-adopt-"));
const start = process.cwd();
beforeAll(() => {
  jest.spyOn(process.stderr, "write").mockImplementation(() => true);
  process.chdir(folder);
  for (const name of ["id", "known"]) writeFileSync(name, "");
});
afterAll(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true });
});

test("the program lies in a folder of its own: files in this one are named by their whole paths", () => {
  const reached = hostsOf(["rs1=root@10.0.0.1"], { identity: "id", knownHosts: "./known" });
  expect(reached.get("rs1")).toMatchObject({
    privateKeyFile: join(process.cwd(), "id"),
    knownHosts: join(process.cwd(), "known"),
  });
});

test.each([
  ["refused", /^host rs1: no\. Of this command: --identity names the private key, and user@/],
  ["untrusted", /^host rs1: no\. Of this command: --known-hosts names/],
  ["privilege", /^host rs1: no\. Of this command: root@ before the address logs in as root, and --sudo/],
  ["unreachable", /^host rs1: no$/],
] as const)("a host that is %s: the cure is that of the command line", async (what, says) => {
  jest.mocked(adoption).mockRejectedValueOnce(new HostError("host rs1: no", what));
  const program = new Command().option("--stack <name>").option("--json");
  adopt(program, { register: async () => ({ registered: [], warnings: [] }) });
  await expect(program.parseAsync(["adopt", "10.0.0.1"], { from: "user" })).rejects.toThrow(says);
});

test("a folder that nobody may make is told by its option", async () => {
  jest.mocked(adoption).mockResolvedValueOnce(nothing);
  const program = new Command().option("--stack <name>").option("--json");
  adopt(program, { register: async () => ({ registered: [], warnings: [] }) });
  const words = ["adopt", "10.0.0.1", "--out", join(folder, "id", "adopted")];
  await expect(program.parseAsync(words, { from: "user" })).rejects.toThrow(
    /^--out: .*Name a folder that you may make$/,
  );
});
