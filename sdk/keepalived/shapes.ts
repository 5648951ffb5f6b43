import { z } from "zod";
import { device, flag, given, host, instance, now, number, type Shape, text } from "../arguments/shape";
import type { FloatingAddressArgs, KeepalivedArgs, TrackScriptArgs } from "./args";

// The shapes of keepalived's options. `vrrpProblems` has their rules.

const floating = z.object({
  ...{ address: given, device: device.optional(), prefix: number.int().min(0).max(128).optional() },
} satisfies Shape<FloatingAddressArgs>);

const positive = number.positive().optional();

const script = z.object({
  command: z.array(text).min(1),
  ...{ interval: positive, timeout: positive },
  ...{ fall: number.int().min(1).optional(), rise: number.int().min(1).optional(), weight: number.int().optional() },
} satisfies Shape<TrackScriptArgs>);

const settings = {
  device,
  source: given,
  peers: z.array(given),
  addresses: z.array(floating),
  routerId: given.optional(),
  priority: number.optional(),
  preempt: flag.optional(),
  preemptDelay: number.optional(),
  advertInterval: number.optional(),
  garpRefresh: number.optional(),
  trackDevices: z.array(device).optional(),
  reach: z.array(z.array(given)).optional(),
  trackScripts: z.record(text, script).optional(),
};

export const keepalived = z.object({
  ...settings,
  host,
  instance: now(text).optional(),
  device: now(device),
  main: now(flag).optional(),
  install: now(flag).optional(),
  after: now(z.array(instance("a resource", "urn"))).optional(),
} satisfies Shape<KeepalivedArgs>);

/** The same once every value is known. */
export const configuration = z.object({
  ...settings,
  name: text,
  source: text,
  peers: z.array(text),
  addresses: z.array(floating.extend({ address: text })),
  routerId: number.optional(),
  reach: z.array(z.array(text)).optional(),
});
