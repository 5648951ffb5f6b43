import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";
import { remembered } from "./remembered";

// Addresses and networks. The rules and the normal spelling stand here once, for all code that declares or compares them.

export type Address = IPv4 | IPv6;

export type Family = "ipv4" | "ipv6";

/**
 * Reads an address. IPv4 must have four decimal parts: inet_aton(3) reads "10.1" as 10.0.0.1 and "010.0.0.1" as 8.0.0.1.
 * IPv6 must have no zone, because the tools that get the address take none. An IPv4 address in the form of IPv6 is refused.
 */
export const parseAddress: (text: string) => Address | undefined = remembered((text) => {
  const four = FOUR_PARTS.exec(text)?.[0].split(".").map(Number);
  if (four) return four.every((part) => part <= 255) ? new ipaddr.IPv4(four) : undefined;
  if (!ipaddr.IPv6.isValid(text) || text.includes("%") || isIpv4InIpv6(text)) return undefined;
  return ipaddr.IPv6.parse(text);
});

/** Four decimal parts without zeros before them. ipaddr.js would read each text three times, by regular expressions. */
const FOUR_PARTS = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** "::ffff:10.0.0.1", "::10.0.0.1". No packet has such an address, and each tool prints such an address differently. */
function isIpv4InIpv6(text: string): boolean {
  const [a, b, c, d, e, f, high = 0] = ipaddr.IPv6.parse(text).parts;
  return !(a || b || c || d || e) && (f === 0xffff || (f === 0 && high > 0));
}

export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** Why a text is no address; undefined if the text is an address. */
export function whyNoAddress(text: string): string | undefined {
  if (isAddress(text)) return undefined;
  return ipaddr.IPv6.isValid(text) && isIpv4InIpv6(text)
    ? "is an IPv4 address in the form of IPv6: write it as IPv4"
    : "is not an IPv4 or IPv6 address: write it like 192.0.2.1, without a prefix";
}

/** The spelling that the kernel prints. Equal addresses have equal spellings. A text that is no address is returned unchanged. */
export function normalAddress(text: string): string {
  return parseAddress(text)?.toString() ?? text;
}

/** Whether both are there, and are one address, in whichever spelling. */
export function isSameAddress(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && normalAddress(one) === normalAddress(other);
}

/** Whether an address is of one host: no group's, not every host's, and not the one that stands for none. */
export const isUnicast: (text: string) => boolean = remembered((text) => {
  const parsed = parseAddress(text);
  if (!parsed || parsed.range() === "multicast" || parsed.range() === "broadcast") return false;
  return parsed.kind() === "ipv6"
    ? parsed.range() !== "unspecified" && parsed.range() !== "linkLocal"
    : parsed.toByteArray()[0] !== 0;
});

/** Whether an address is a group's, to which many hosts listen. */
export function isMulticast(text: string): boolean {
  return parseAddress(text)?.range() === "multicast";
}

/** Whether an address is each host's own, by which no other one reaches it. */
export function isLoopback(text: string): boolean {
  return parseAddress(text)?.range() === "loopback";
}

/** Why a text is no address by which others reach one host; undefined if it is one. One of IPv6 that is link-local is none. */
export function whyNoHostAddress(text: string): string | undefined {
  return whyNoAddress(text) ?? (isUnicast(text) ? undefined : "is no address of one host: give that of one");
}

/** The family of an address or a network. */
export function familyOf(text: string): Family {
  return text.includes(":") ? "ipv6" : "ipv4";
}

/** The number of bits of an address. */
export function bitsOf(family: Family): 32 | 128 {
  return family === "ipv4" ? 32 : 128;
}

/**
 * Reads a network in CIDR notation into its address and prefix length. Bits beyond the prefix stay as they were written. An
 * address without a prefix is a network of one address.
 */
export function parseNetwork(text: string): [Address, number] | undefined {
  const [base, prefix, more] = text.split("/");
  const address = parseAddress(base ?? "");
  if (!address || more !== undefined) return undefined;
  const full = bitsOf(address.kind());
  if (prefix === undefined) return [address, full];
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= full ? [address, Number(prefix)] : undefined;
}

/** Why a text is no network that routes and rules take. Bits beyond the prefix are an error; they are not cut off. */
export function whyNoNetwork(text: string): string | undefined {
  const [base, prefix] = text.split("/");
  const address = parseAddress(base ?? "");
  if (!address || text.split("/").length > 2) return "is not a network. Write it like 10.0.0.0/24";
  const parsed = parseNetwork(text);
  if (!parsed) return `has no valid prefix length (0 to ${bitsOf(address.kind())}): give one`;
  const first = firstOf(parsed);
  return first === address.toString()
    ? undefined
    : `is an address in a network: write the network itself, ${first}/${prefix}`;
}

/** The first address of the network. */
function firstOf([address, prefix]: [Address, number]): string {
  const text = `${address}/${prefix}`;
  const kind = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return kind.networkAddressFromCIDR(text).toString();
}

/**
 * The spelling that `ip route` prints: a network of one address has no prefix. A text that is no network is returned
 * unchanged.
 */
export function normalNetwork(text: string): string {
  const parsed = parseNetwork(text);
  if (!parsed) return text;
  const [address, prefix] = parsed;
  return prefix === bitsOf(address.kind()) ? `${address}` : `${address}/${prefix}`;
}

/** Whether the network contains the address. False if one of them is malformed or their families differ. */
export function contains(network: string, address: string): boolean {
  const parsed = parseNetwork(network);
  const inside = parseAddress(address);
  if (!parsed || !inside || parsed[0].kind() !== inside.kind()) return false;
  return inside.match(parsed as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}

/** The network of this one address. */
export function hostNetwork(address: string): string {
  return `${address}/${bitsOf(familyOf(address))}`;
}

/** The mask for persistence with which each client's address is a client of its own. It is ipvsadm's default. */
export function singleClient(family: Family): string {
  return family === "ipv6" ? "128" : "255.255.255.255";
}

/**
 * Whether the kernel takes this mask for persistence. For IPv4 the mask is a netmask other than 0.0.0.0, for IPv6 a prefix
 * length from 1 to 128.
 */
export function isClientMask(family: Family, mask: string): boolean {
  if (family === "ipv6") return /^[1-9]\d{0,2}$/.test(mask) && Number(mask) <= 128;
  if (!ipaddr.IPv4.isValidFourPartDecimal(mask)) return false;
  return (ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() ?? 0) > 0;
}
