import ipaddr from "ipaddr.js";
import { z } from "zod";

// Shapes that several kinds share. Each makes the normal form that the host's own tools print.

/** inet_aton(3) takes "10.1" for 10.0.0.1; whoever writes that has left something out. */
export function isAddress(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return true;
  // A zone is for sockets: no tool that we use takes it.
  return ipaddr.IPv6.isValid(text) && !text.includes("%") && !isIpv4InIpv6(text);
}

/** "::ffff:10.0.0.1", "::10.0.0.1": no packet has such an address, and every tool prints another form of it. */
function isIpv4InIpv6(text: string): boolean {
  const [a, b, c, d, e, f, high = 0] = ipaddr.IPv6.parse(text).parts;
  return !(a || b || c || d || e) && (f === 0xffff || (f === 0 && high > 0));
}

/** An IPv4 or IPv6 address, as the kernel prints it. */
export const address = z.string().transform((text, context) => {
  if (isAddress(text)) return ipaddr.parse(text).toString();
  const why =
    ipaddr.IPv6.isValid(text) && isIpv4InIpv6(text)
      ? "is an IPv4 address in the form of IPv6: write it as IPv4"
      : "is not an IPv4 or IPv6 address";
  context.addIssue({ code: "custom", message: `"${text}" ${why}` });
  return z.NEVER;
});

/** A network in CIDR notation; a bare address means itself alone. Bits beyond the prefix are an error, not cut off. */
export const network = z.string().transform(normalNetwork);

/** Where a route leads: a network, or "default". */
export const target = z
  .string()
  .transform((text, context) => (text === "default" ? text : normalNetwork(text, context)));

function normalNetwork(text: string, context: z.RefinementCtx): string {
  const problem = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const [base, prefix, more] = text.split("/");
  if (!base || more !== undefined || !isAddress(base)) return problem(`"${text}" is not a network like 10.0.0.0/24`);
  const parsed = ipaddr.parse(base);
  const full = parsed.kind() === "ipv4" ? 32 : 128;
  if (prefix === undefined || Number(prefix) === full) return parsed.toString();
  if (!/^\d+$/.test(prefix) || Number(prefix) > full)
    return problem(`"${text}" has no valid prefix length (0 to ${full})`);
  const first =
    parsed.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
  if (first.toString() !== parsed.toString())
    return problem(`"${text}" is an address in a network; the network itself is ${first}/${prefix}`);
  return `${parsed.toString()}/${Number(prefix)}`;
}

export const port = z
  .number({ message: "a port is a number from 1 to 65535" })
  .int()
  .min(1, "a port is a number from 1 to 65535")
  .max(65535, "a port is a number from 1 to 65535");

/** A packet's mark (nft(8), `meta mark`); 0 is every packet's that nobody marked. */
export const mark = z
  .number({ message: "a mark is a number from 1 to 4294967295" })
  .int()
  .min(1, "a mark is a number from 1 to 4294967295")
  .max(4294967295, "a mark is a number from 1 to 4294967295");

/** A network interface's name; the kernel takes 15 characters, neither "/" nor white space. */
export const device = z.string().regex(/^[^\s/]{1,15}$/, "an interface's name has 1 to 15 characters, no blank, no /");

export const boot = z.boolean().default(true);

/** "10.0.0.1:80", "[2001:db8::1]:80": an address with a port, as ipvsadm prints it. */
export function hostPort(host: string, at: number): string {
  return host.includes(":") ? `[${host}]:${at}` : `${host}:${at}`;
}
