import { join } from "node:path";
import { Command } from "commander";
import { adopt, filesOf, hostsOf } from "../../../cli/commands/adopt";

const nothing = { declarations: [], things: [], notes: [], warnings: [], secrets: {}, places: {} };

test.each(["2024", "true", "1e3", "null"])(
  "a project may be called %s, which YAML reads as something else",
  (project) => {
    expect(filesOf(project, "adopted", new Map(), nothing)["Pulumi.yaml"]).toMatch(`name: "${project}"\n`);
  },
);

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

test("the program lies in a folder of its own: a key in this one is named by its whole path", () => {
  const reached = hostsOf(["rs1=root@10.0.0.1"], { identity: "keys/id", knownHosts: "~/.ssh/known" });
  expect(reached.get("rs1")).toMatchObject({
    privateKeyFile: join(process.cwd(), "keys/id"),
    knownHosts: "~/.ssh/known",
  });
});
