import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** IPv4 in its four-part decimal form alone ("10.1" and "010.0.0.1" mean different things to different tools), or IPv6 without a zone. */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (ipaddr.IPv6.isValid(text) && !text.includes("%")) return ipaddr.IPv6.parse(text);
  return undefined;
}

/** A network in CIDR notation; a bare address means itself alone. */
export function parseNetwork(text: string): [Address, number] | undefined {
  const [base, prefix, more] = text.split("/");
  const address = parseAddress(base ?? "");
  if (!address || more !== undefined) return undefined;
  const full = address.kind() === "ipv4" ? 32 : 128;
  if (prefix === undefined) return [address, full];
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= full ? [address, Number(prefix)] : undefined;
}

/** Whether the network contains the address; false where either is malformed or they are of different families. */
export function contains(network: string, address: string): boolean {
  const parsed = parseNetwork(network);
  const inside = parseAddress(address);
  if (!parsed || !inside || parsed[0].kind() !== inside.kind()) return false;
  return inside.match(parsed as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}

/** One spelling for equal addresses, to compare them by. */
export function normalAddress(text: string): string {
  return parseAddress(text)?.toString() ?? text;
}

/** "10.0.0.1:80" or "[2001:db8::1]:80": how ipvsadm names a destination, and the key of `VirtualService.destinations`. */
export function destinationKey(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The network of one address alone. */
export function hostNetwork(address: string): string {
  return `${address}/${address.includes(":") ? 128 : 32}`;
}
