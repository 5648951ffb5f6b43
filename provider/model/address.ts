import ipaddr from "ipaddr.js";

// Addresses and networks: one set of rules and one spelling for whatever declares or compares one.

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

export type Family = "ipv4" | "ipv6";

/**
 * IPv4 in its four-part decimal form alone, for inet_aton(3) takes "10.1" for 10.0.0.1 and "010.0.0.1" for 8.0.0.1; or IPv6
 * without a zone, which no tool takes, and not an IPv4 address in the form of IPv6.
 */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!ipaddr.IPv6.isValid(text) || text.includes("%") || isIpv4InIpv6(text)) return undefined;
  return ipaddr.IPv6.parse(text);
}

/** "::ffff:10.0.0.1", "::10.0.0.1": no packet has such an address, and every tool prints another form of it. */
function isIpv4InIpv6(text: string): boolean {
  const [a, b, c, d, e, f, high = 0] = ipaddr.IPv6.parse(text).parts;
  return !(a || b || c || d || e) && (f === 0xffff || (f === 0 && high > 0));
}

export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** Why a text is no address; undefined where it is one. */
export function whyNoAddress(text: string): string | undefined {
  if (isAddress(text)) return undefined;
  return ipaddr.IPv6.isValid(text) && isIpv4InIpv6(text)
    ? "is an IPv4 address in the form of IPv6: write it as IPv4"
    : "is not an IPv4 or IPv6 address";
}

/** The spelling that the kernel prints, equal for equal addresses. What is no address stays as it is. */
export function normalAddress(text: string): string {
  return parseAddress(text)?.toString() ?? text;
}

/** Of an address or a network. */
export function familyOf(text: string): Family {
  return text.includes(":") ? "ipv6" : "ipv4";
}

/** The bits of a whole address. */
export function bitsOf(family: Family): 32 | 128 {
  return family === "ipv4" ? 32 : 128;
}

/** A network in CIDR notation, with bits beyond the prefix as they were written; a bare address means itself alone. */
export function parseNetwork(text: string): [Address, number] | undefined {
  const [base, prefix, more] = text.split("/");
  const address = parseAddress(base ?? "");
  if (!address || more !== undefined) return undefined;
  const full = bitsOf(address.kind());
  if (prefix === undefined) return [address, full];
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= full ? [address, Number(prefix)] : undefined;
}

/** Why a text is no network as routes and rules take it: bits beyond the prefix are an error, not cut off. */
export function whyNoNetwork(text: string): string | undefined {
  const [base, prefix] = text.split("/");
  const address = parseAddress(base ?? "");
  if (!address || text.split("/").length > 2) return "is not a network like 10.0.0.0/24";
  const parsed = parseNetwork(text);
  if (!parsed) return `has no valid prefix length (0 to ${bitsOf(address.kind())})`;
  const first = firstOf(parsed);
  return first === address.toString()
    ? undefined
    : `is an address in a network; the network itself is ${first}/${prefix}`;
}

/** The network's own address. */
function firstOf([address, prefix]: [Address, number]): string {
  const text = `${address}/${prefix}`;
  const kind = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return kind.networkAddressFromCIDR(text).toString();
}

/** The spelling that `ip route` prints: an address alone without its prefix. What is no network stays as it is. */
export function normalNetwork(text: string): string {
  const parsed = parseNetwork(text);
  if (!parsed) return text;
  const [address, prefix] = parsed;
  return prefix === bitsOf(address.kind()) ? `${address}` : `${address}/${prefix}`;
}

/** Whether the network contains the address; false where either is malformed or they are of different families. */
export function contains(network: string, address: string): boolean {
  const parsed = parseNetwork(network);
  const inside = parseAddress(address);
  if (!parsed || !inside || parsed[0].kind() !== inside.kind()) return false;
  return inside.match(parsed as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}

/** The network of one address alone. */
export function hostNetwork(address: string): string {
  return `${address}/${bitsOf(familyOf(address))}`;
}

/** The part of a client's address that counts for persistence, where each client counts by itself. */
export function singleClient(family: Family): string {
  return family === "ipv6" ? "128" : "255.255.255.255";
}

/** A netmask for IPv4 (not 0.0.0.0), a prefix length from 1 to 128 for IPv6: what the kernel takes for persistence. */
export function isClientMask(family: Family, mask: string): boolean {
  if (family === "ipv6") return /^[1-9]\d{0,2}$/.test(mask) && Number(mask) <= 128;
  if (!ipaddr.IPv4.isValidFourPartDecimal(mask)) return false;
  return (ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() ?? 0) > 0;
}
