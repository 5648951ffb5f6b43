import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import {
  type Declaration,
  DigestOf,
  HostNamed,
  type Registered,
  type Registering,
  SecretNamed,
  Text,
  type Value,
} from "pulumi-lvs-cli";
import { heardBy } from "./advice/advise";
import { withoutProject } from "./host/resource";
import * as sdk from "./index";

/**
 * What declarations register with Pulumi's engine. There is no engine: the command that writes a program asks, to prove
 * what the program will do.
 */
export async function register(
  declarations: readonly Declaration[],
  secrets: Readonly<Record<string, string>>,
): Promise<Registering> {
  const registered: Registered[] = [];
  const warnings: string[] = [];
  withoutProject();
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs,
      newResource: ({ type, name, inputs }) => {
        const kind = /^pulumi-nodejs:dynamic\/lvs:(.*)$/.exec(type)?.[1];
        if (kind) registered.push({ kind, name, inputs });
        return { id: name, state: inputs };
      },
    },
    "adoption",
    "adoption",
  );
  const made = new Map<string, pulumi.Resource>();
  const hosts = new Map<string, sdk.Host>();
  const hostNamed = (name: string) => hosts.get(name) ?? hosts.set(name, new sdk.Host(name)).get(name);
  const real = (value: Value): unknown => {
    if (value instanceof HostNamed) return hostNamed(value.name);
    if (value instanceof SecretNamed) return secrets[value.key];
    if (value instanceof Text)
      return value.parts.map((part) => (typeof part === "string" ? part : secrets[part.key])).join("");
    if (value instanceof DigestOf)
      return createHash("sha256")
        .update(real(value.text) as string)
        .digest("hex");
    if (Array.isArray(value)) return value.map(real);
    if (value === null || typeof value !== "object") return value;
    const given = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(given.map(([key, one]) => [key, real(one as Value)]));
  };
  const classes = sdk as unknown as Record<string, new (name: string, args: unknown, opts: object) => pulumi.Resource>;
  const heard = heardBy((warning) => warnings.push(warning));
  try {
    for (const { class: type, name, args, after = [] } of declarations) {
      const Class = classes[type] as (typeof classes)[string];
      const dependsOn = after.flatMap((one) => made.get(one) ?? []);
      made.set(name, new Class(name, real(args), { dependsOn }));
    }
    await pulumi.runtime.disconnect();
  } finally {
    heard();
  }
  return { registered, warnings };
}
