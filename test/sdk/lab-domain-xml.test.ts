import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { domainStylesheet } from "../../sdk/lab/domain-xml";

const xsltproc = (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, "xsltproc")));
const testApplied = xsltproc ? test : test.skip;

/** The domain that the provider sends to libvirt, shortened. */
const domain = `<domain type="qemu">
  <name>nat-rs1</name>
  <cpu mode="maximum"></cpu>
  <devices>
    <disk type="volume" device="disk"><driver name="qemu" type="qcow2"/><target dev="vda" bus="virtio"/></disk>
    <disk type="volume" device="disk"><driver name="qemu" type="qcow2"/><target dev="vdb" bus="virtio"/></disk>
    <interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="lan"/></interface>
    <console type="pty"><target type="serial" port="0"/></console>
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    <graphics type="vnc" autoport="yes"/>
    <video><model type="cirrus"/></video>
    <rng model="virtio"/>
  </devices>
</domain>`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-xslt-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function applied(log: string, sent = domain): string {
  const [stylesheet, input] = [join(folder, "domain.xsl"), join(folder, "domain.xml")];
  writeFileSync(stylesheet, domainStylesheet(log));
  writeFileSync(input, sent);
  return execFileSync("xsltproc", [stylesheet, input], { encoding: "utf8", stdio: "pipe" });
}

test("every element of the stylesheet is closed, and in order", () => {
  const open: string[] = [];
  for (const [, close, name, empty] of domainStylesheet("/console/rs1.log").matchAll(
    /<(\/?)([\w:]+)(?:\s[\w:-]+="[^"<]*")*\s*(\/?)>/g,
  ))
    if (close) expect(open.pop()).toBe(name);
    else if (!empty && name) open.push(name);
  expect(open).toEqual([]);
});

test("a path cannot break out of its attribute", () => {
  expect(domainStylesheet('/a"b<c&d/rs1.log')).toContain('<log file="/a&quot;b&lt;c&amp;d/rs1.log" append="on"/>');
});

testApplied("the console is a serial port kept in a file", () => {
  const xml = applied("/console/rs1.log");
  expect(xml).toMatch(
    /<serial type="pty">\s*<log file="\/console\/rs1\.log" append="on"\/>\s*<target port="0"\/>\s*<\/serial>/,
  );
  expect(xml).not.toContain("<console");
});

testApplied("graphics and the agent's channel are gone, and so are video and balloon", () => {
  const xml = applied("/console/rs1.log");
  expect(xml).not.toMatch(/<graphics|<channel|cirrus/);
  expect(xml.match(/<video>/g)).toHaveLength(1);
  expect(xml).toMatch(/<video>\s*<model type="none"\/>\s*<\/video>/);
  expect(xml).toContain('<memballoon model="none"/>');
});

testApplied("no disk waits for the host's own", () => {
  expect(applied("/console/rs1.log").match(/<driver [^>]*cache="unsafe"/g)).toHaveLength(2);
});

testApplied("an emulated processor has no fast string instructions; a real one keeps what it has", () => {
  const emulated = applied("/console/rs1.log");
  for (const name of ["erms", "fsrm"]) expect(emulated).toContain(`<feature name="${name}" policy="disable"/>`);
  expect(emulated).toMatch(/<cpu mode="maximum">\s*<feature/);
  expect(applied("/console/rs1.log", domain.replace('"qemu"', '"kvm"'))).toMatch(
    /<cpu mode="maximum"\s*(\/>|><\/cpu>)/,
  );
});

testApplied("all else stays, and nothing stands before the domain", () => {
  const xml = applied("/console/rs1.log");
  expect(xml).toMatch(/^<domain type="qemu">/);
  for (const kept of ["<name>nat-rs1</name>", '<mac address="52:54:00:00:00:01"/>', '<rng model="virtio"/>'])
    expect(xml).toContain(kept);
});

testApplied("a path with XML's own characters arrives as it is", () => {
  expect(applied('/a"b<c&d>/rs1.log')).toMatch(/<log file="\/a&quot;b&lt;c&amp;d(>|&gt;)\/rs1\.log"/);
});

test("braces in a path are doubled, so that they hold no expression", () => {
  expect(domainStylesheet("/{stack}/rs1.log")).toContain('<log file="/{{stack}}/rs1.log" append="on"/>');
});

testApplied("a path with braces arrives as it is", () => {
  expect(applied("/{stack}}/{/rs1.log")).toContain('<log file="/{stack}}/{/rs1.log"');
});
