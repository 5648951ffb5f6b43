import { z } from "zod";
import { type DeclaredHost, declaredHost } from "../host/declared";

export interface Expectation {
  /** Name → weight. */
  servers?: Record<string, number> | undefined;
  tolerance?: number | undefined;
  failures: number;
}

export interface TrafficInputs {
  url: string;
  requests: number;
  /** The host that sends the requests; otherwise the machine on which this runs. */
  host?: DeclaredHost | undefined;
  header: string;
  timeout: number;
  within: number;
  expect: Expectation;
  insecure: boolean;
  triggers?: unknown[] | undefined;
}

const url = z.string().superRefine((text, context) => {
  const problem = (message: string) => context.addIssue({ code: "custom", message });
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) problem(`"${text}" is not a URL like "http://172.17.111.117/"`);
  else if (parsed.username || parsed.password) problem("a URL with a password in it would be seen by everybody");
});

const expectation = z
  .object({
    servers: z.record(z.string(), z.number().int().min(0).max(65535)).optional(),
    tolerance: z.number().min(0, "a tolerance is from 0 to 1").max(1, "a tolerance is from 0 to 1").optional(),
    failures: z.number().int().min(0).default(0),
  })
  .refine(({ servers, tolerance }) => tolerance === undefined || servers !== undefined, {
    path: ["tolerance"],
    message: "shares are compared with weights: say which servers are expected, too",
  });

export const trafficInputs: z.ZodType<TrafficInputs> = z.object({
  url,
  requests: z.number().int().min(1, "requests are 1 to 10000").max(10_000, "requests are 1 to 10000").default(20),
  host: declaredHost.optional(),
  header: z
    .string()
    .regex(/^[\w-]+$/, 'a header\'s name is like "X-Backend"')
    .default("X-Backend"),
  timeout: z.number().min(0.1, "a timeout is 0.1 to 300 s").max(300, "a timeout is 0.1 to 300 s").default(10),
  within: z.number().min(0, "within is 0 to 3600 s").max(3600, "within is 0 to 3600 s").default(120),
  expect: expectation.default({ failures: 0 }),
  insecure: z.boolean().default(false),
  triggers: z.array(z.unknown()).optional(),
});
