import { z } from "zod";
import { flag, given, host, instance, now, number, type Shape, text } from "../arguments/shape";
import type { BgpNeighbourArgs, BirdArgs } from "./args";

// The shapes of BIRD's options. `birdProblems` has their rules.

export const neighbour = z.object({
  ...{ address: given, asn: number, password: given.optional(), bfd: flag.optional() },
} satisfies Shape<BgpNeighbourArgs>);

const settings = {
  asn: number,
  addresses: z.array(given),
  neighbours: z.array(neighbour),
  routerId: text.optional(),
  services: z.array(given).optional(),
};

export const bird = z.object({
  ...settings,
  host,
  announcement: now(text).optional(),
  asn: now(number),
  main: now(flag).optional(),
  install: now(flag).optional(),
  after: now(z.array(instance("a resource", "urn"))).optional(),
} satisfies Shape<BirdArgs>);

/** The same once every value is known. */
export const configuration = z.object({
  ...settings,
  name: text,
  addresses: z.array(text),
  services: z.array(text).optional(),
  neighbours: z.array(neighbour.extend({ address: text, password: text.optional() })),
});
