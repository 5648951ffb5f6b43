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
