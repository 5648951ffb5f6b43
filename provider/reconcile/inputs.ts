import { z } from "zod";
import {
  isDevice,
  isUnicast,
  MARK,
  NO_DEVICE,
  normalAddress,
  normalNetwork,
  normalPorts,
  normalTable,
  PORT,
  parseAddress,
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

/** Whether an address is one host's, be it on its link alone. */
export const isOneHost = (given: string) => isUnicast(given) || /^fe80:/i.test(given);

/** An address of one host: a gateway, a source, a VIP. */
export const oneHost = address.refine(isOneHost, "is no address of one host: give that of one");

/**
 * A network in CIDR notation. An address without a prefix is a network of one address. Bits beyond the prefix are an error;
 * they are not cut off.
 */
export const network = text(whyNoNetwork, normalNetwork);

const DEFAULT = "default";

/** What `route -n` prints for all addresses is one address for `ip`. */
const whyNoTarget = (given: string) =>
  parseAddress(given)?.range() === "unspecified"
    ? `is the address that stands for none: write "${DEFAULT}"`
    : undefined;

/** Where a route leads: a network, or "default". */
export const target = text(
  (given) => (given === DEFAULT ? undefined : (whyNoNetwork(given) ?? whyNoTarget(given))),
  (given) => (given === DEFAULT ? given : normalNetwork(given)),
);

/** A number. Of one in quotes, as a stack's configuration gives it, the words for any number say what to do. */
export function numberOr(message: string) {
  const isQuoted = (given: unknown) => typeof given === "string" && /^\d+$/.test(given);
  return z.number({ error: ({ input }) => (isQuoted(input) ? undefined : message) });
}

/** A whole number of this range. */
export function within({ what, least, most }: Range, message = `give ${what} from ${least} to ${most}`) {
  return numberOr(message).int().min(least, message).max(most, message);
}

export const port = within(PORT);

/** A port, or a range of ports like "8000-8010". */
export const ports = z
  .union([port, z.string()], { message: 'give a port, or a range like "8000-8010"' })
  .transform((given, context) => {
    const why = whyNoPorts(given);
    if (why === undefined) return normalPorts(parsePorts(given) as [number, number]);
    context.addIssue({ code: "custom", message: why });
    return z.NEVER;
  });

export const mark = within(MARK);

/** A network interface's name. */
export const device = z.string().refine(isDevice, NO_DEVICE);

/** A routing table's name or number. What `ip` takes for no table or for all of them is none. */
export const table = z
  .string()
  .regex(/^(?!(all|cache|unspec)$)([A-Za-z_]\w{0,63}|[1-9]\d{0,9})$/, {
    message: "give a routing table's name or number",
    abort: true,
  })
  .refine(
    (given) => !/^\d/.test(given) || Number(given) < 2 ** 32,
    "a table's number is from 1 to 4294967295: give one",
  )
  .transform(normalTable);

/** A file on the host. Folders and file have at most 255 bytes each (NAME_MAX), all together 4095 (PATH_MAX). */
export const path = z
  .string()
  .regex(/^(\/[^/\0\n]+)+$/, {
    message: 'write an absolute path, like "/etc/motd", without a / at its end',
    abort: true,
  })
  .refine((given) => !/\/\.{1,2}(\/|$)/.test(given), 'a path has neither "." nor ".." in it: leave them out')
  .refine(
    (given) => Buffer.byteLength(given) < 4096 && given.split("/").every((part) => Buffer.byteLength(part) <= 255),
    "a path has at most 4095 bytes, and 255 between two slashes: give a shorter one",
  );

/** The files that a service must have loaded: the SHA-256 of each. */
export const loadedFiles = z.record(
  // The shell reads a record of these files line by line, and drops blanks at the end of a line.
  path.refine(
    (given) => !/[ \t]$/.test(given),
    "the path of a file that a service loads has no blank at its end: give the file another name",
  ),
  z.string().regex(/^([0-9a-f]{64}|absent)$/, 'give the SHA-256 of the file\'s content in hexadecimal, or "absent"'),
);

/** A rule for lists: nothing is named twice. */
export function once<One>(property: string, name: (one: One) => string) {
  return (list: readonly One[], context: z.RefinementCtx) => {
    const names = list.map(name);
    for (const [i, one] of names.entries()) {
      const first = names.indexOf(one);
      if (first < i)
        context.addIssue({
          code: "custom",
          path: [i, property],
          message: `the same as number ${first} of the list: leave one out`,
        });
    }
  };
}

export const boot = z.boolean().default(true);
