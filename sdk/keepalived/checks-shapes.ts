import { z } from "zod";
import { lastServer, realServer, scheduling } from "../arguments/checked-services";
import { advice, drain, flag, hints, host, instance, now, number, type Shape, text } from "../arguments/shape";
import type {
  KeepalivedCheckingArgs,
  KeepalivedChecksArgs,
  KeepalivedCheckTimes,
  KeepalivedHttpCheck,
  KeepalivedMiscCheck,
  KeepalivedRealArgs,
  KeepalivedTcpCheck,
  KeepalivedVirtualArgs,
  SorryServerArgs,
} from "./checks-args";

// The shapes of keepalived's checks. `checksProblems` has the rules of those that depend on each other.

const times = {
  timeout: number.optional(),
  retries: number.optional(),
  retryDelay: number.optional(),
} satisfies Shape<KeepalivedCheckTimes>;

const page = {
  ...{ ...times, port: number.optional(), path: text.optional(), status: number.optional() },
  virtualHost: text.optional(),
};

const check = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("tcp"), ...times, port: number.optional() } satisfies Shape<KeepalivedTcpCheck>),
    z.object({ type: z.literal("http"), ...page } satisfies Shape<KeepalivedHttpCheck>),
    z.object({ type: z.literal("https"), ...page }),
    z.object({ type: z.literal("misc"), ...times, command: z.array(text).min(1) } satisfies Shape<KeepalivedMiscCheck>),
  ],
  { error: 'give { type: "tcp" }, "http", "https" or "misc", with its options' },
);

const sorryServer = z.object(lastServer satisfies Shape<SorryServerArgs>);

export const checking = {
  check: check.optional(),
  interval: number.optional(),
  inhibitOnFailure: flag.optional(),
  quorum: number.optional(),
  hysteresis: number.optional(),
  quorumUp: z.array(text).min(1).optional(),
  quorumDown: z.array(text).min(1).optional(),
  sorryServer: sorryServer.optional(),
} satisfies Shape<KeepalivedCheckingArgs>;

const real = z.object(realServer satisfies Shape<KeepalivedRealArgs>);

const virtual = z.object({
  ...checking,
  real: z.record(text, real),
  ...scheduling,
} satisfies Shape<KeepalivedVirtualArgs>);

/** The virtual services once every value is known. */
export const checkedVirtuals = z.object({ virtuals: z.record(text, virtual) });

export const keepalivedChecks = z.object({
  ...{ host, site: now(text).optional(), virtuals: z.record(text, virtual), install: now(flag).optional() },
  ...{ drain: drain.optional(), after: now(z.array(instance("a resource", "urn"))).optional() },
  advice: now(advice.extend(hints.shape)).optional(),
} satisfies Shape<KeepalivedChecksArgs>);
