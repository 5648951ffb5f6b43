import { parseAddress } from "./address";
import { remembered } from "./remembered";

/** An address with a port: a destination, a listener. */
export interface HostPort {
  readonly address: string;
  readonly port: number;
}

/** "10.0.0.1:80", "[2001:db8::1]:80". ipvsadm prints destinations in this form, and the keys of `destinations` have it. */
export function hostPort(address: string, port: number): string {
  return `${bracketed(address)}:${port}`;
}

/** "10.0.0.1", "[2001:db8::1]": an address where a port may follow, as in a URL. */
export function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/**
 * Reads an address with a port. The address is returned in its normal form. The port may be 0. Undefined if the text is no
 * address with a port: brackets are for IPv6 alone, and a port has no zeros before it.
 *
 * @param port the port of a text that names none
 */
export function parseHostPort(text: string, port?: number): HostPort | undefined {
  return withPort(text) ?? (port === undefined ? undefined : read(text, port));
}

const withPort = remembered((text) => read(text, undefined));

function read(text: string, port: number | undefined): HostPort | undefined {
  const [, six, four, at = port] = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]+))(?::(0|[1-9]\d{0,4}))?$/.exec(text) ?? [];
  // A text that may leave out the port may leave out the brackets of an IPv6 address, too.
  const address = parseAddress(six ?? four ?? (port === undefined ? "" : text));
  const number = six || four ? at : port;
  if (!address || number === undefined || Number(number) > 65535) return undefined;
  return { address: address.toString(), port: Number(number) };
}
