// What the SDK and the provider know together of health checks by keepalived. Each site has a daemon of its own.

const NAME = /^[A-Za-z0-9_][\w-]{0,60}$/;

/** Why a text is no name of a site's checks; undefined if it is one. It is part of the names of files and of a unit. */
export function whyNoChecksName(text: string): string | undefined {
  return NAME.test(text) ? undefined : "is no name of a site's checks: letters, digits, _ and -, 61 at most";
}

/** The folder of the sites' files. keepalived watches it for files of real servers in maintenance. */
export const CHECKS_FOLDER = "/etc/keepalived/lvs-checks";

/** The file of a site. */
export function checksFile(site: string): string {
  return `${CHECKS_FOLDER}/${site}.conf`;
}

/** The unit of a site's daemon. */
export function checksUnit(site: string): string {
  return `lvs-checks-${site}.service`;
}

/** The file that takes a real server out of every service while it has a "1" in it. */
export function outFile(address: string): string {
  return `${CHECKS_FOLDER}/${address}`;
}
