/**
 * An application on a real server. The folder `releases/<id>` contains the unpacked artefact (`app`), the release's
 * `environment` and `unit`, and a `manifest` of what was unpacked. The link `current` leads to the release that runs.
 */
export interface Application {
  /** The name of the application and of its unit. */
  readonly site: string;
  /** "/srv/<site>". */
  readonly root: string;
}

export function unitOf({ site }: Application): string {
  return `${site}.service`;
}

export function unitFile(application: Application): string {
  return `/etc/systemd/system/${unitOf(application)}`;
}

export function releaseFolder({ root }: Application, release: string): string {
  return `${root}/releases/${release}`;
}

/**
 * Shell: `listing` prints a digest of a folder's tree, from types, modes, sizes, times and names, without reading the content.
 * A release's manifest is the listing of its `app`.
 */
export const LISTING = `listing() { (cd "$1" && find . -printf '%y %m %s %T@ %P %l\\n' | sort | sha256sum); }`;

/** Shell: `give FOLDER OWNER` gives a folder away, be it a link to one where root alone can change what it leads to. See `WALK`. */
export const GIVE = `give() { at=$(readlink -f -- "$1") && (guard "\${at%/*}") && chown -h "$2" "$at"; }`;
