import { z } from "zod";
import { lastServer, realServer, scheduling } from "../arguments/checked-services";
import { advice, drain, flag, hints, host, instance, now, number, type Shape, text } from "../arguments/shape";
import { checkServices, type LdirectordCheckArgs } from "./check-args";
import type { FallbackArgs, LdirectordCommonArgs, LdirectordGlobalArgs } from "./global-args";
import type { LdirectordArgs } from "./ldirectord-args";
import type { LdirectordRealArgs, LdirectordVirtualArgs } from "./virtual-args";

// The shapes of ldirectord's options. `ldirectordProblems` has the rules of those that depend on each other.

const fallback = z.object(lastServer satisfies Shape<FallbackArgs>).optional();

const alertStatus = z.enum(["all", "none", "starting", "running", "stopping", "reloading"]);

const common = {
  checkTimeout: number.optional(),
  negotiateTimeout: number.optional(),
  checkInterval: number.optional(),
  failureCount: number.optional(),
  quiescent: flag.optional(),
  cleanStop: flag.optional(),
  fallback,
  fallbackCommand: text.optional(),
  emailAlert: z.array(text).optional(),
  emailAlertFrequency: number.optional(),
  emailAlertStatus: z.array(alertStatus).optional(),
  smtp: text.optional(),
} satisfies Shape<LdirectordCommonArgs>;

const globals = z.object({
  ...common,
  fallback6: fallback,
  readdQuiescent: flag.optional(),
  fork: flag.optional(),
  callback: text.optional(),
  logFile: text.optional(),
  emailAlertFrom: text.optional(),
  maintenanceDirectory: text.optional(),
} satisfies Shape<LdirectordGlobalArgs>);

const checkType = z.union(
  [z.enum(["negotiate", "connect", "ping", "external", "external-perl", "on", "off"]), number],
  { error: 'choose one of "negotiate", "connect", "ping", "external", "external-perl", "on", "off", or a number' },
);

const checks = {
  checkType: checkType.optional(),
  service: z
    .string()
    .refine((name) => (checkServices as readonly string[]).includes(name), {
      error: ({ input }) => `ldirectord has no service "${input}". Choose one of ${checkServices.join(", ")}`,
    })
    .optional(),
  checkPort: number.optional(),
  request: text.optional(),
  receive: text.optional(),
  httpMethod: z.enum(["GET", "HEAD"]).optional(),
  virtualHost: text.optional(),
  login: text.optional(),
  password: text.optional(),
  database: text.optional(),
  secret: text.optional(),
  checkCommand: text.optional(),
} satisfies Shape<LdirectordCheckArgs>;

const real = z.object({
  ...realServer,
  request: text.optional(),
  receive: text.optional(),
} satisfies Shape<LdirectordRealArgs>);

const virtual = z.object({
  ...{ ...common, ...checks },
  real: z.record(text, real),
  ...scheduling,
  monitorFile: text.optional(),
  serviceName: text.optional(),
  comment: text.optional(),
} satisfies Shape<LdirectordVirtualArgs>);

export const configuration = z.object({ globals, virtuals: z.record(text, virtual) });

export const ldirectord = z.object({
  ...{ host, virtuals: z.record(text, virtual), globals: now(globals).optional(), packageFile: text.optional() },
  ...{
    install: now(flag).optional(),
    drain: drain.optional(),
    after: now(z.array(instance("a resource", "urn"))).optional(),
  },
  advice: now(advice.extend(hints.shape)).optional(),
} satisfies Shape<LdirectordArgs>);

const { checkInterval: _, ...ofService } = common;

/** The health of a cluster whose table ldirectord keeps. */
export const ldirectordHealth = z.object({
  ...{
    by: z.literal("ldirectord"),
    ...ofService,
    ...checks,
    globals: now(globals).optional(),
    packageFile: text.optional(),
  },
});
