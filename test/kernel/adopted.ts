import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { transformSync } from "@swc/core";
import { declaredHost } from "pulumi-lvs-provider/operations";
import { adoption } from "../../cli/dist/adopt/adopt";
import { render } from "../../cli/dist/adopt/render";
import type { Kind } from "../../provider/reconcile/kind";
import { register } from "../../sdk/dist/registered";
import type { Provider } from "./engine";
import type { KernelHost } from "./kernel";
import { loadedAnew } from "./loaded-anew";

export type Adopted = Awaited<ReturnType<typeof adopted>>;

/** What `pulumi-lvs adopt` makes of these hosts: the program's text, and the program. */
export async function adopted(hosts: readonly KernelHost[]) {
  const reached = hosts.map((host) => host.declare());
  const found = await adoption(
    reached.map((host) => declaredHost.parse(host)),
    { register },
  );
  const text = render(found.declarations, []);
  const program =
    (source = text) =>
    () => {
      const project = pulumi.getProject();
      const named = Object.fromEntries(reached.map(({ name, ...connection }) => [name, connection]));
      const secrets = Object.entries(found.secrets).map(([key, value]) => [`${project}:${key}`, value]);
      pulumi.runtime.setAllConfig({ [`${project}:hosts`]: JSON.stringify(named), ...Object.fromEntries(secrets) });
      const { code } = transformSync(source, {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
      });
      new Function("exports", "require", code)({}, require);
    };
  return { ...found, text, program };
}

/** A provider that notes each step which changes a thing on a host, by its purpose. */
export function counted(): { start: () => Provider; steps: string[] } {
  const steps: string[] = [];
  const start = () =>
    loadedAnew(() => {
      const { kinds } = require("../../provider/kinds") as { kinds: Map<string, Kind> };
      for (const kind of kinds.values()) {
        const plan = kind.plan.bind(kind);
        kind.plan = (change, seen) => {
          const planned = plan(change, seen);
          steps.push(...planned.filter((step) => !step.remembers).map(({ purpose }) => purpose));
          return planned;
        };
      }
      return { ...require("../../provider/index"), ...require("../../provider/host/pool") } as Provider;
    }, true);
  return { start, steps };
}

/** What the command itself writes for these hosts, by the name of the file, and what it prints. */
export async function written(hosts: readonly KernelHost[], ...files: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "adopt-"));
  try {
    const [key, known, out] = ["key", "known", "shop"].map((name) => join(folder, name)) as [string, string, string];
    const { privateKey, hostKey } = (hosts[0] as KernelHost).connection;
    await writeFile(key, privateKey, { mode: 0o600 });
    await writeFile(known, hosts.map(({ address }) => `${address} ${hostKey}\n`).join(""));
    const words = hosts.map(({ name, address }) => `${name}=root@${address}`);
    const command = [
      join(__dirname, "../../sdk/dist/bin.js"),
      "adopt",
      ...words,
      "-i",
      key,
      "--known-hosts",
      known,
      "-o",
      out,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    return [...(await Promise.all(files.map((file) => readFile(join(out, file), "utf8")))), stdout];
  } finally {
    await rm(folder, { recursive: true });
  }
}
