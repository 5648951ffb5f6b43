// What the SDK and the provider know together of VRRP by keepalived.

const NAME = /^[A-Za-z0-9_][\w-]{0,60}$/;

/** Why a text is no name of a VRRP instance; undefined if it is one. It is part of names of files and of scripts. */
export function whyNoVrrpName(text: string): string | undefined {
  return NAME.test(text) ? undefined : "is no name of a VRRP instance: letters, digits, _ and -, 61 at most";
}

/** The unit of the distribution's package. */
export const KEEPALIVED = "keepalived.service";

/** The folder where each instance notes its state, and since when: "MASTER 1764159000". It is root's own. */
export const VRRP_STATES = "/run/lvs/vrrp";

/** The folder of the instances' files. */
export const VRRP_PARTS = "/etc/keepalived/lvs.d";

/**
 * The file by which an operator gives up an instance on a host. It begins with a line "1", and the operator's note follows.
 * keepalived watches the file's folder, which therefore has to be there before keepalived starts: it has the instance's own file.
 */
export function givenUpFile(instance: string): string {
  return `${VRRP_PARTS}/${instance}.given-up`;
}
