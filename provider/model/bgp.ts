// What the SDK and the provider know together of addresses that BIRD announces by BGP.

/** The unit of the distribution's package. */
export const BIRD = "bird.service";

/** BIRD's own file. */
export const BIRD_MAIN = "/etc/bird/bird.conf";

/** The folder of the parts of BIRD's configuration. */
export const BIRD_PARTS = "/etc/bird/lvs.d";

/** The beginning of the names of all protocols in those parts. */
export const BIRD_PROTOCOL = "lvs_";

/** Tells networks that speak BGP apart (RFC 6793). */
export const ASN = { what: "the number of an autonomous system", least: 1, most: 4294967295 };

const NAME = /^[A-Za-z0-9_]{1,48}$/;

/** Why a text is no name of an announcement; undefined if it is one. It is part of names of files and of BIRD's protocols. */
export function whyNoAnnouncementName(text: string): string | undefined {
  return NAME.test(text) ? undefined : "is no name of an announcement: letters, digits and _, 48 at most";
}

/**
 * The file by which an operator withdraws an announcement on a host. BIRD reads it as a part of the announcement: its first line
 * disables the announcement, and the operator's note follows.
 */
export function withdrawnFile(announcement: string): string {
  return `${BIRD_PARTS}/${announcement}.withdrawn`;
}

/** The file by which a host withdraws an announcement by itself: it is like an operator's. */
export function unfitFile(announcement: string): string {
  return `${BIRD_PARTS}/${announcement}.unfit`;
}

/** The unit of what judges whether the host is fit to announce. */
export function judgeUnit(announcement: string): string {
  return `lvs-judge-${announcement}.service`;
}
