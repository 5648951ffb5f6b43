import { z } from "zod";

// What virtual services have in common, whoever keeps them.

/** How packets reach a destination. */
export const forwarding = z.enum(["nat", "dr", "tun"]);

/** A destination's share of new connections. */
export const weight = z.number().int().min(0, "0 to 65535").max(65535, "0 to 65535").default(1);

/** A number of connections, as large as ipvsadm takes it; 0: no bound. */
export const threshold = z.number().int().min(0, "0 to 2147483647").max(2147483647, "0 to 2147483647").default(0);

/** The fields of persistence: seconds, and the part of a client's address that counts. */
export const persistence = {
  timeout: z.number().int().min(1, "1 s to 31 days").max(2678400, "1 s to 31 days").default(300),
  mask: z.string().optional(),
};

/** In order, each once: as the kernel reports them. */
export function schedulerFlags<Flag extends z.ZodType<string>>(flag: Flag) {
  return z
    .array(flag)
    .default([])
    .transform((flags) => [...new Set(flags)].sort());
}
