import { z } from "zod";
import { NO_PERSISTENCE, NO_WEIGHT, normalFlags, PERSISTENCE, THRESHOLD, WEIGHT } from "../model";
import { within } from "../reconcile/inputs";

// Schemas of properties that virtual services have, with fixed destinations or with a health checker.

/** How packets reach a destination. */
export const forwarding = z.enum(["nat", "dr", "tun"]);

/** A destination's share of new connections. */
export const weight = within(WEIGHT, NO_WEIGHT).default(1);

/** A number of connections, up to the largest that ipvsadm takes. 0 means no bound. */
export const threshold = within(THRESHOLD, "is not a number of connections: give 0 to 2147483647").default(0);

/** The properties of persistence: seconds, and the mask for the part of a client's address that counts. */
export const persistence = {
  timeout: within(PERSISTENCE, NO_PERSISTENCE).default(300),
  mask: z.string().optional(),
};

/** Each flag once, in alphabetical order. */
export function schedulerFlags<Flag extends z.ZodType<string>>(flag: Flag) {
  return z.array(flag).default([]).transform(normalFlags);
}
