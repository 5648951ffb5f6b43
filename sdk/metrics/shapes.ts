import { z } from "zod";
import { host, needs, now, number, type Shape, text } from "../arguments/shape";
import type { MetricsArgs, MetricsHostArgs } from "./args";

const one = z.union(
  [host, z.object({ host, address: now(text).optional() } satisfies Shape<MetricsHostArgs>)],
  needs("a Host, or { host, address },"),
);
const hosts = now(z.array(one));

export const metrics = z.object({
  directors: hosts,
  servers: hosts.optional(),
  ...{ site: now(text).optional(), port: now(number).optional(), interval: now(number).optional() },
  scrapers: now(z.array(now(text))).optional(),
} satisfies Shape<MetricsArgs>);
