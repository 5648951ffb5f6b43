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
