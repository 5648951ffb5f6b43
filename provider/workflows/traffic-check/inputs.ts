import { z } from "zod";
import { type DeclaredHost, declaredHost } from "../../host/declared";
import type { Drain } from "../../ipvs/drain";
import { isAddress, judge, normalAddress, WEIGHT } from "../../model";
import { address, device, within } from "../../reconcile/inputs";
import type { Way } from "../failover/absence";
import { type FailoverInputs, failoverInputs } from "../failover/inputs";
import { expectationRule } from "./expectation-rule";

/** The director and no other machine answers ARP for an address. */
export interface ArpExpectation {
  address: string;
  /** The sender's interface. */
  device: string;
  director: DeclaredHost;
  directorDevice: string;
}

/** What clients may notice while the director that has the addresses is taken away. */
export interface FailoverExpectation extends FailoverInputs {
  by: Way;
  /** How many requests may fail. */
  failures: number;
  /** Seconds for which nobody may be answered. */
  gap: number;
  /** What happens where no other director comes to know all open connections. */
  onTimeout?: Drain["onTimeout"] | undefined;
}

export interface Expectation {
  /** Weights of the expected servers, by name. */
  servers?: Record<string, number> | undefined;
  tolerance?: number | undefined;
  failures: number;
  /** Each client gets answers of one server only. */
  persistence?: boolean | undefined;
  /** The number of different servers that answer at least. */
  spread?: number | undefined;
  arp?: ArpExpectation | undefined;
  failover?: FailoverExpectation | undefined;
}

/** Who knows which of the servers an operator has drained. */
export interface Drains {
  directors: DeclaredHost[];
  /** The servers' addresses in the directors' tables, by the names that the answers have. */
  servers: Record<string, string>;
}

export interface TrafficInputs {
  /** A single URL stays a text. Older states have it so, from when there could be only one. */
  url: string | string[];
  /** The local addresses to send from. Default: the address that the route gives. */
  sources?: string[] | undefined;
  /** The number of requests from each source to each URL. */
  requests: number;
  /** The host that sends the requests. Default: the machine where Pulumi runs. */
  host?: DeclaredHost | undefined;
  header: string;
  timeout: number;
  within: number;
  expect: Expectation;
  drains?: Drains | undefined;
  insecure: boolean;
  triggers?: unknown[] | undefined;
}

const urls = z
  .union([z.string(), z.array(z.string()).min(1, "is empty: give at least one URL")])
  .superRefine((given, context) => {
    const problem = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
    for (const text of [given].flat()) {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      // The engine prints the value of the property that is named. It has no property "url.password".
      if (!parsed && text.includes("@")) {
        problem("is not a URL, and what stands before its @ would be seen by everybody: leave it out", "password");
        continue;
      }
      if (!parsed || !/^https?:$/.test(parsed.protocol))
        problem(`"${text}" is not a URL: write it like "http://172.17.111.117/"`);
      else if (parsed.username || parsed.password)
        problem("a URL with a password in it would be seen by everybody: leave it out", "password");
    }
    for (const text of repeated([given].flat().map((one) => (URL.canParse(one) ? new URL(one).href : one))))
      problem(`"${text}" is given twice: leave one out`);
  });

const sources = z
  .array(z.string())
  .min(1, "no source at all: leave the property out to send from the address that the route gives")
  .superRefine((given, context) => {
    const problem = (message: string) => context.addIssue({ code: "custom", message });
    for (const text of given)
      if (!isAddress(text))
        problem(`"${text}" is not an IP address: give one of the sender's own, like "172.17.111.11"`);
    for (const text of repeated(given.map(normalAddress)))
      problem(`"${text}" is given twice, and would still be one client: leave one out`);
  })
  .transform((given) => given.map(normalAddress));

function repeated(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text, i) => texts.indexOf(text) !== i))];
}

const arp = z
  .object({
    address: z.ipv4("give an IPv4 address: ARP is for no other"),
    device,
    director: declaredHost,
    directorDevice: device.optional(),
  })
  .transform((given) => ({ ...given, directorDevice: given.directorDevice ?? given.device }));

const failover = (failoverInputs as unknown as z.ZodObject).extend({
  by: z.enum(["hand-over", "stop"]).default("hand-over"),
  // The senders send one after the other. The one request that is under way may be on a connection that nobody was told of yet.
  failures: z.number().int().min(0).default(1),
  gap: z.number().min(0, "give 0 to 300 s").max(300, "give 0 to 300 s").default(3),
  onTimeout: z.enum(["fail", "cut"]).optional(),
}) as unknown as z.ZodType<FailoverExpectation>;

const expectation = z
  .object({
    servers: z.record(z.string().min(1, "a server has a name: give it"), within(WEIGHT)).optional(),
    tolerance: z.number().min(0, "give a number from 0 to 1").max(1, "give a number from 0 to 1").optional(),
    failures: z.number().int().min(0).default(0),
    // These properties have no defaults. Older states do not have the properties, so a default would be a difference.
    persistence: z.boolean().optional(),
    spread: z.number().int("give a number of servers").min(0, "give a number of servers").optional(),
    arp: arp.optional(),
    failover: failover.optional(),
  })
  .refine(({ servers, tolerance }) => tolerance === undefined || servers !== undefined, {
    path: ["tolerance"],
    message: "shares are compared with weights: say which servers are expected, too",
  });

export const trafficInputs: z.ZodType<TrafficInputs> = z
  .object({
    url: urls,
    sources: sources.optional(),
    requests: z.number().int().min(1, "give 1 to 10000").max(10_000, "give 1 to 10000").default(20),
    host: declaredHost.optional(),
    header: z
      .string()
      .regex(/^[\w-]+$/, 'give a header\'s name, like "X-Backend"')
      .default("X-Backend"),
    timeout: z.number().min(0.1, "give 0.1 to 300 s").max(300, "give 0.1 to 300 s").default(10),
    within: z.number().min(0, "give 0 to 3600 s").max(3600, "give 0 to 3600 s").default(120),
    expect: expectation.default({ failures: 0 }),
    drains: z
      .object({
        directors: z.array(declaredHost).min(1, "give one director at least"),
        servers: z.record(
          z.string().regex(/^\S+$/, "a server has a name without blanks: give that of its Host"),
          address,
        ),
      })
      .optional(),
    insecure: z.boolean().default(false),
    triggers: z.array(z.unknown()).optional(),
  })
  .superRefine((inputs, context) => {
    // A URL that comes later may be several.
    if (![inputs.url].flat().every((text) => URL.canParse(text))) return;
    for (const { property, reason } of judge([expectationRule], inputs))
      context.addIssue({ code: "custom", path: property.split("."), message: reason });
  });
