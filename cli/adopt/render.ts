import { type Declaration, DigestOf, HostNamed, SecretNamed, Text, type Value } from "./program";

/** The text of a program. It compiles against the SDK, and registers what the declarations say. */
export function render(declarations: readonly Declaration[], heading: readonly string[]): string {
  const all = [...textsOf(declarations)].map(hoisted).concat(declarations.map(declare));
  const classes = [...new Set(["Host", ...declarations.map((one) => one.class)])].sort();
  const body = all.join("\n");
  const digests = body.includes("sha256(");
  return [
    ...heading.map((line) => `// ${line}`.trimEnd()),
    ...(digests ? ['import { createHash } from "node:crypto";'] : []),
    'import * as pulumi from "@pulumi/pulumi";',
    `import { ${classes.join(", ")}, type HostArgs } from "pulumi-lvs";`,
    "",
    "const config = new pulumi.Config();",
    "",
    "// How each host is reached. A host that another one is reached through stands before it.",
    'const reached = config.requireObject<Record<string, Omit<HostArgs, "jump"> & { jump?: string }>>("hosts");',
    "const hosts: Record<string, Host> = {};",
    "for (const [name, { jump, ...args }] of Object.entries(reached))",
    "  hosts[name] = new Host(name, { ...args, ...(jump !== undefined && { jump: hosts[jump] }) });",
    "const host = (name: string): Host => {",
    "  const found = hosts[name];",
    "  if (!found) throw new pulumi.RunError('the configuration \"hosts\" has no host ' + name);",
    "  return found;",
    "};",
    ...(digests
      ? [
          "const sha256 = (text: pulumi.Input<string>) =>",
          '  pulumi.output(text).apply((known) => createHash("sha256").update(known).digest("hex"));',
        ]
      : []),
    "",
    body,
  ].join("\n");
}

/**
 * The variable of a declaration: several words become one, in camel case. What separates numbers stays: 10.0.1.11 and 10.0.11.1
 * are two.
 */
export function variable(name: string): string {
  const word = name
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, next = "") => (/\d/.test(next) ? `_${next}` : next.toUpperCase()))
    .replace(/^[A-Z]/, (first) => first.toLowerCase());
  return /^[a-z]/.test(word) && !RESERVED.has(word) ? word : `the${word[0]?.toUpperCase()}${word.slice(1)}`;
}

const RESERVED = new Set(
  "config hosts host reached pulumi sha256 default new class function return var let const delete in do if for".split(
    " ",
  ),
);

function declare({ class: type, name, args, after = [], remark }: Declaration): string {
  const options = after.length > 0 ? `, { dependsOn: [${after.map(variable).join(", ")}] }` : "";
  const lines = remark ? remark.split("\n").map((line) => `// ${line}\n`) : [];
  return `${lines.join("")}const ${variable(name)} = new ${type}(${JSON.stringify(name)}, ${text(args, "")}${options});\n`;
}

/** Short values stand in one line, longer ones have a line for each part. */
function text(value: Value, indent: string): string {
  if (value instanceof HostNamed) return `host(${JSON.stringify(value.name)})`;
  if (value instanceof SecretNamed) return secret(value);
  if (value instanceof Text) return variable(value.name);
  if (value instanceof DigestOf) return `sha256(${variable(value.text.name)})`;
  if (value === undefined || value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((one: Value) => text(one, inner))
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([key, one]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${text(one, inner)}`);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return `${open}${close}`;
  const pad = isList ? "" : " ";
  const short = `${open}${pad}${parts.join(", ")}${pad}${close}`;
  if (indent !== "" && short.length + indent.length <= 100 && !short.includes("\n")) return short;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

/** The texts in the arguments, each once. */
function textsOf(value: unknown): Set<Text> {
  if (value instanceof Text) return new Set([value]);
  if (value === null || typeof value !== "object") return new Set();
  return new Set(Object.values(value).flatMap((one) => [...textsOf(one)]));
}

function hoisted(text: Text): string {
  return `const ${variable(text.name)} = ${template(text)};\n`;
}

function secret({ key }: SecretNamed): string {
  return `config.requireSecret(${JSON.stringify(key)})`;
}

function template({ parts }: Text): string {
  const tag = parts.some((part) => part instanceof SecretNamed) ? "pulumi.interpolate" : "";
  const inside = parts.map((part) =>
    part instanceof SecretNamed ? `\${${secret(part)}}` : part.replace(/[\\`]|\$\{/g, (sign) => `\\${sign}`),
  );
  return `${tag}\`${inside.join("")}\``;
}
