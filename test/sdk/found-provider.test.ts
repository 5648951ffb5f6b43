import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");

const project = mkdtempSync(join(tmpdir(), "lvs-project-"));
afterAll(() => rmSync(project, { recursive: true }));

const ran = (program: string, cwd: string) =>
  spawnSync(process.execPath, ["-e", program], { cwd, encoding: "utf8" }).stdout;

// A project of pnpm has only what its own package.json names. Pulumi looks for the provider from there.
test("a project that does not have the package itself is told how to add it", () => {
  const program = `
    const pulumi = require(${JSON.stringify(require.resolve("@pulumi/pulumi"))});
    const { Host, Sysctl } = require(${JSON.stringify(join(root, "sdk/dist/index.js"))});
    pulumi.runtime.setMocks({ call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
    try { new Sysctl("forward", { host: new Host("rs1"), key: "net.ipv4.ip_forward", value: 1 }); console.log("registered"); }
    catch (error) { console.log(error.message); }
    process.exit();`;
  expect(ran(program, project)).toMatch(
    /Sysctl "forward": .*Pulumi does not find pulumi-lvs from .*lvs-project-.*pnpm add pulumi-lvs/,
  );
  expect(ran(program, root)).toBe("registered\n");
});

test("the command adopt, installed for all projects, asks what a program registers from a folder that is no project", () => {
  const program = `
    const { register } = require(${JSON.stringify(join(root, "sdk/dist/registered.js"))});
    const { HostNamed } = require(${JSON.stringify(join(root, "cli/dist/main.js"))});
    const args = { host: new HostNamed("rs1"), key: "net.ipv4.ip_forward", value: 1 };
    register([{ class: "Sysctl", name: "forward", args }], {})
      .then(({ registered }) => console.log(registered.map(({ kind }) => kind).join()), ({ message }) => console.log(message));`;
  expect(ran(program, project)).toBe("Sysctl\n");
});
