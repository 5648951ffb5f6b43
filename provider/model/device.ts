/**
 * Whether a text can be a network interface's name. The kernel allows 15 bytes without "/", ":" and white space (dev_valid_name
 * in net/core/dev.c). Of these, other characters than letters, digits and ".-_@" are left out: iptables and nft read "eth+" and
 * "eth*" as all interfaces "eth…", and ip reads a dash at the beginning as an option.
 */
export function isDevice(text: string): boolean {
  return /^[A-Za-z0-9_][\w.@-]{0,14}$/.test(text);
}

/** Why a text is no name of an interface, in words. */
export const NO_DEVICE = 'an interface\'s name has 1 to 15 letters, digits, dots and dashes, like "eth0"';

/** Whether a text can be the label of an address on this interface: "eth0:0". */
export function isLabel(text: string, device: string): boolean {
  return text.startsWith(`${device}:`) && text.length <= 15 && /^[\w.-]+$/.test(text.slice(device.length + 1));
}
