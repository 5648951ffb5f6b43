import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { hostPort } from "../model";
import type { DeclaredHost } from "./declared";
import { HostError } from "./errors";

/** The beginning of every message about a host: `host rs1 (10.0.0.3:22, through gate (203.0.113.5:22))`. */
export function at(host: DeclaredHost): string {
  return `host ${place(host)}`;
}

function place(host: DeclaredHost): string {
  const way = host.jump ? `, through ${place(host.jump)}` : "";
  return `${host.name} (${endpoint(host)}${way})`;
}

export function endpoint(host: DeclaredHost): string {
  return hostPort(host.address, host.port);
}

export function hostError(host: DeclaredHost, message: string, what: HostError["what"], cause?: unknown): HostError {
  return new HostError(`${at(host)}: ${message}`, what, { cause, host: host.name });
}

/**
 * The path of a declared file. `~/` is the home folder. A relative path starts in the project's folder. The provider runs in the
 * folder of the project's `main`, from where former versions took the path.
 */
export function localFile(path: string): string {
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  const fromMain = resolve(process.cwd(), path);
  const fromProject = resolve(projectOf(process.cwd()) ?? process.cwd(), path);
  return existsSync(fromMain) && !existsSync(fromProject) ? fromMain : fromProject;
}

function projectOf(folder: string): string | undefined {
  if (["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(folder, name)))) return folder;
  return dirname(folder) === folder ? undefined : projectOf(dirname(folder));
}

/** Another program's output, shortened to one line of a message. The end is kept, because errors stand there. */
export function oneLine(text: string, most = 300): string {
  const line = text.trim().replace(/\s*\n\s*/g, "; ");
  return line.length > most ? `…${line.slice(-most)}` : line;
}

/** An error's message. Node tries every address of a host name and reports one AggregateError without a message of its own. */
export function reason(error: unknown): string {
  const { errors, message } = error as { errors?: unknown[]; message?: string };
  if (errors?.length) return [...new Set(errors.map(reason))].join(", ");
  return oneLine(message ?? String(error));
}
