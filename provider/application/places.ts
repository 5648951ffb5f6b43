/**
 * Where an application lies on a real server. `releases/<id>` has the unpacked artefact (`app`), the `environment` and the `unit`
 * that belong to it, and a `manifest` of what was unpacked; `current` leads to the one that runs.
 */
export interface Application {
  /** Its name, and that of its unit. */
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

/** In a script: what identifies a tree without reading all of it, as a release's manifest has it of its `app`. */
export const LISTING = `listing() { (cd "$1" && find . -printf '%y %m %s %T@ %P %l\\n' | sort | sha256sum); }`;
