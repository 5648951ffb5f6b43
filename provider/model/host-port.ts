import { parseAddress } from "./address";

/** An address with a port: a destination, a listener. */
export interface HostPort {
  readonly address: string;
  readonly port: number;
}

/** "10.0.0.1:80", "[2001:db8::1]:80": as ipvsadm prints a destination, and as `destinations` are keyed. */
export function hostPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Reads it, with the address in its normal form. Undefined where it is neither; a port of 0 is one here.
 *
 * @param port that of a text which has none
 */
export function parseHostPort(text: string, port?: number): HostPort | undefined {
  const [, six, four, at = port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  // With a port that goes without saying, an IPv6 address needs no brackets.
  const address = parseAddress(six ?? four ?? (port === undefined ? "" : text));
  const number = six || four ? at : port;
  if (!address || number === undefined || Number(number) > 65535) return undefined;
  return { address: address.toString(), port: Number(number) };
}
