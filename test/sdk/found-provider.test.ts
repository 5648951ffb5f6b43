import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");

// A project of pnpm has only what its own package.json names. Pulumi looks for the provider from there.
test("a project that does not have the package itself is told how to add it", () => {
  const project = mkdtempSync(join(tmpdir(), "lvs-project-"));
  const program = `
    const pulumi = require(${JSON.stringify(require.resolve("@pulumi/pulumi"))});
    const { Host, Sysctl } = require(${JSON.stringify(join(root, "sdk/dist/index.js"))});
    pulumi.runtime.setMocks({ call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
    try { new Sysctl("forward", { host: new Host("rs1"), key: "net.ipv4.ip_forward", value: 1 }); console.log("registered"); }
    catch (error) { console.log(error.message); }
    process.exit();`;
  try {
    const ran = (cwd: string) => spawnSync(process.execPath, ["-e", program], { cwd, encoding: "utf8" }).stdout;
    expect(ran(project)).toMatch(
      /Sysctl "forward": .*Pulumi does not find pulumi-lvs from .*lvs-project-.*pnpm add pulumi-lvs/,
    );
    expect(ran(root)).toBe("registered\n");
  } finally {
    rmSync(project, { recursive: true });
  }
});
