import { existsSync } from "node:fs";
import { readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EmbeddedLab } from "./configuration.js";
import type { Debian } from "./image.js";
import type { Place } from "./place.js";
import type { Guest } from "./topology.js";

/** A lab that is up. Its lab.json has the same. */
export interface Lab {
  readonly stack: string;
  /** The release of the guests' Debian. */
  readonly debian: Debian;
  readonly namespace: string;
  readonly libvirtUri: string;
  /** The namespaces of the client hosts on the LAN. The lab's own namespace is one more client. */
  readonly clients: string[];
  readonly sshConfig: string;
  readonly guests: Guest[];
  readonly embedded: EmbeddedLab;
}

export async function writeDescription(place: Place, lab: Lab): Promise<void> {
  await writeFile(descriptionFile(place), `${JSON.stringify(lab, null, 2)}\n`);
}

export async function readDescription(place: Place): Promise<Lab> {
  const file = descriptionFile(place);
  if (!existsSync(file))
    throw new Error(`lab ${place.stack}: not up (no ${file}). Run: npm run lab -- up ${place.stack}`);
  return JSON.parse(await readFile(file, "utf8"));
}

/** The lab as it was last brought up; undefined where there is none. */
export async function formerLab(place: Place): Promise<Lab | undefined> {
  return existsSync(descriptionFile(place)) ? readDescription(place) : undefined;
}

/** The stacks whose labs were brought up from this checkout at some time. */
export async function describedStacks(anyPlace: Place): Promise<string[]> {
  const folder = dirname(anyPlace.folder);
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => existsSync(join(folder, name, "lab.json")));
}

/**
 * Removes what the lab itself wrote into the checkout. The stack's configuration in the same folder stays, because the
 * user's part of it is for the next lab of that name.
 */
export async function removeFolder(place: Place): Promise<void> {
  for (const own of ["lab.json", "ssh_config", "known_hosts", "keys", "console"])
    await rm(join(place.folder, own), { recursive: true, force: true });
  await rmdir(place.folder).catch(() => undefined);
}

function descriptionFile(place: Place): string {
  return join(place.folder, "lab.json");
}
