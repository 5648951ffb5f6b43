import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

// docs/json.md has the fields that the commands answer with: all of them, and no others.

const root = join(__dirname, "../..");
const SOURCES = [
  ...["status", "service-status", "traffic", "differences", "drawing", "holders", "doctor", "claims", "drain"].map(
    (name) => `provider/operations/${name}.ts`,
  ),
  ...["provider/linux/vrrp.ts", "provider/linux/bird.ts", "provider/ipvs/maintenance-missed.ts"],
];

const interfaces = new Map(
  SOURCES.flatMap((path) => {
    const source = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
    return source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one] as const);
  }),
);

/** The fields of an interface, those that it extends included: whether each is optional. */
function fieldsOf(name: string): Record<string, boolean> {
  const one = interfaces.get(name);
  if (!one) throw new Error(`no interface ${name}`);
  const bases = one.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText())) ?? [];
  const own = one.members.flatMap((member) =>
    ts.isPropertySignature(member) ? [[member.name.getText(), member.questionToken !== undefined] as const] : [],
  );
  return Object.assign({}, ...bases.map(fieldsOf), Object.fromEntries(own));
}

const guide = readFileSync(join(root, "docs/json.md"), "utf8");

/** The fields in the table below a heading. */
function toldOf(heading: string): Record<string, boolean> {
  const [, section = ""] = guide.split(`\n### ${heading}\n`);
  const [table = ""] = section.split("\n#");
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (optional)?/gm)];
  return Object.fromEntries(rows.map(([, field, optional]) => [field, optional !== undefined]));
}

test.each([
  ["Each of hosts", "HostStatus"],
  ["Each of services", "ServiceStatus"],
  ["Each of destinations", "DestinationStatus"],
  ["Each of differences", "Difference"],
  ["Each of instances", "InstanceStatus"],
  ["Each of announcements", "AnnouncementStatus"],
  ["Each of failovers", "FailoverStatus"],
  ["Each of missed", "Missed"],
  ["Each of doctor's hosts", "Checkup"],
  ["Each of moves", "DirectorMove"],
  ["Each of claims", "Claim"],
])("%s", (heading, name) => {
  expect(Object.keys(fieldsOf(name)).length).toBeGreaterThan(2);
  expect(toldOf(heading)).toEqual(fieldsOf(name));
});

test("every table is among them", () => {
  expect(guide.match(/^### /gm)).toHaveLength(11);
});
