import { z } from "zod";
import {
  isDevice,
  isTable,
  MARK,
  normalAddress,
  normalNetwork,
  normalPorts,
  normalTable,
  PORT,
  parsePorts,
  type Range,
  whyNoAddress,
  whyNoNetwork,
  whyNoPorts,
} from "../model";

// Schemas that several kinds share. Each makes the normal form that the host's own tools print.

function text(whyNot: (text: string) => string | undefined, normal: (text: string) => string) {
  return z.string().transform((given, context) => {
    const why = whyNot(given);
    if (why === undefined) return normal(given);
    context.addIssue({ code: "custom", message: `"${given}" ${why}` });
    return z.NEVER;
  });
}

/** An IPv4 or IPv6 address, as the kernel prints it. */
export const address = text(whyNoAddress, normalAddress);

/**
 * A network in CIDR notation. An address without a prefix is a network of one address. Bits beyond the prefix are an error;
 * they are not cut off.
 */
export const network = text(whyNoNetwork, normalNetwork);

const DEFAULT = "default";

/** Where a route leads: a network, or "default". */
export const target = text(
  (given) => (given === DEFAULT ? undefined : whyNoNetwork(given)),
  (given) => (given === DEFAULT ? given : normalNetwork(given)),
);

/** A whole number of this range. */
export function within({ what, least, most }: Range, message = `${what} is a number from ${least} to ${most}`) {
  return z.number({ message }).int().min(least, message).max(most, message);
}

export const port = within(PORT);

/** A port, or a range of ports like "8000-8010". */
export const ports = z
  .union([port, z.string()], { message: 'a port, or a range like "8000-8010"' })
  .transform((given, context) => {
    const why = whyNoPorts(given);
    if (why === undefined) return normalPorts(parsePorts(given) as [number, number]);
    context.addIssue({ code: "custom", message: why });
    return z.NEVER;
  });

export const mark = within(MARK);

/** A routing table. */
export const table = z.string().refine(isTable, "a routing table's name or number").transform(normalTable);

/** A network interface's name. */
export const device = z.string().refine(isDevice, "an interface's name has 1 to 15 characters, no blank, no /");

export const boot = z.boolean().default(true);
