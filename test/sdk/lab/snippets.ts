import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { faultsInTypes } from "../../compiler";
import { LEFT_OUT, type Shown } from "../../guide";

const root = join(__dirname, "../../..");

/** The examples of the SDK's docstrings: programs, and values of properties. */
export function ofDocstrings(): Shown[] {
  const files = readdirSync(join(root, "sdk"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts") && !/^(dist|node_modules)\//.test(file))
    .flatMap((file) => examplesIn(join(root, "sdk", file)));
}

function examplesIn(file: string): Shown[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: Shown[] = [];
  const visit = (node: ts.Node) => {
    const said = ts
      .getJSDocTags(node)
      .filter(({ tagName, parent }) => tagName.text === "example" && parent.parent === node)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "");
    found.push(
      ...said.flatMap((text, at) => exampleOf(node, text, `${relative(root, file)}, ${nameOf(node)}, ${at + 1}`)),
    );
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.Node): string {
  const own = (node as ts.NamedDeclaration).name?.getText() ?? "constructor";
  return ts.isClassElement(node) || ts.isTypeElement(node) ? `${nameOf(node.parent)}.${own}` : own;
}

/** A value of a property is judged as one of its type. */
function exampleOf(node: ts.Node, text: string, from: string): Shown[] {
  const program = /```ts\n(.*?)\n```/s.exec(text)?.[1];
  if (program !== undefined) return [{ from, code: program }];
  if (!ts.isPropertySignature(node) && !ts.isPropertyDeclaration(node)) return [];
  const { parent } = node;
  if (!ts.isInterfaceDeclaration(parent) && !ts.isClassDeclaration(parent)) return [];
  const owner = parent.name?.text as string;
  const any = parent.typeParameters ? `<${parent.typeParameters.map(() => "any").join(", ")}>` : "";
  const path = node.getSourceFile().fileName.replace(/\.ts$/, "");
  const code = `import type { ${owner} } from ${JSON.stringify(path)};
export const value: ${owner}${any}[${JSON.stringify(node.name.getText())}] = ${text.trim()};`;
  return [{ from, code }];
}

/** What programs name without making it. */
const NAMED = `
import type * as pulumi from "@pulumi/pulumi";
import type * as lvs from "pulumi-lvs";
declare global {
  const config: pulumi.Config;
  const director: lvs.Host, director1: lvs.Host, director2: lvs.Host, director3: lvs.Host;
  const rs1: lvs.Host, rs2: lvs.Host, db: lvs.Host, app: lvs.Host, host: lvs.Host;
  const certificate: lvs.TlsCertificate;
  const cluster: lvs.DrCluster;
  const services: lvs.VirtualService[];
  const keepaliveds: lvs.Keepalived[];
  const database: lvs.Postgresql;
  const role: lvs.PostgresqlRole;
  const nginx: lvs.Package;
  const content: string;
  function sha256(text: string): string;
  const realServers: lvs.DrRealServer[];
  const health: NonNullable<lvs.DrClusterArgs["health"]>;
}
`;

/** What the compiler says of the snippets, by where they stand. */
export function judged(snippets: readonly Shown[]): Record<string, string[]> {
  const programs = Object.fromEntries(snippets.map(({ code }, at) => [`${at}.ts`, program(code)]));
  const { "named.d.ts": named, ...faults } = faultsInTypes({ "named.d.ts": NAMED, ...programs });
  if (named) throw new Error(`named.d.ts: ${named.join("\n")}`);
  return Object.fromEntries(
    Object.entries(faults).map(([file, said]) => [snippets[Number.parseInt(file, 10)]?.from, said]),
  );
}

/** A snippet with its imports, and with what it leaves out. */
function program(code: string): string {
  const whole = code.replace(LEFT_OUT, (_, __, at: number) => {
    const [, made] = [...code.slice(0, at).matchAll(/new (\w+)\(/g)].pop() ?? [];
    return `  ...({} as ConstructorParameters<typeof ${made}>[1]),`;
  });
  const made = (name: string) =>
    new RegExp(`\\b(class|const) ${name}\\b|import [^;]*\\b${name}\\b[^;]* from`).test(whole);
  const words = new Set(whole.match(/\b\w+\b/g));
  const imports = Object.entries(EXPORTED).flatMap(([from, names]) => {
    const used = names.filter((name) => words.has(name) && !made(name));
    return used.length > 0 ? [`import { ${used.join(", ")} } from "${from}";`] : [];
  });
  if (/\bpulumi\./.test(whole) && !/import \* as pulumi/.test(whole))
    imports.push('import * as pulumi from "@pulumi/pulumi";');
  return `${imports.join("\n")}\n${whole}\nexport {};\n`;
}

/** What is imported by its name alone. */
const EXPORTED = {
  "pulumi-lvs": Object.keys(jest.requireActual("pulumi-lvs")),
  "pulumi-lvs/lab": [...Object.keys(jest.requireActual("pulumi-lvs/lab")), "EmbeddedLab"],
};
