import { isAddress } from "./address";

// RFC 1123, with underscores as they are in use.
const NAME = /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/**
 * Whether a text is a host's name in the DNS. A name whose last part is a number is none: inet_aton(3) reads it as an address,
 * "10.1" as 10.0.0.1 and "010.0.0.1" as 8.0.0.1.
 */
export function isHostName(text: string): boolean {
  return NAME.test(text) && text.length <= 253 && !/(^|\.)(\d+|0x[\da-f]*)$/i.test(text);
}

/** Whether a text says where a host is reached: a name, or an address, that of IPv6 also with a zone ("fe80::1%eth0"). */
export function isEndpoint(text: string): boolean {
  return isHostName(text) || isAddress(text.replace(/^(fe80:[^%]*)%[\w.-]+$/i, "$1"));
}
