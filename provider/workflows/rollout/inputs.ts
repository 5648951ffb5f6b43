import { z } from "zod";
import { releaseName, root, site, user } from "../../application/names";
import { type DeclaredHost, declaredHost } from "../../host/declared";
import { type Drain, drain } from "../../ipvs/drain";
import { address, mark, once } from "../../reconcile/inputs";
import type { Size } from "./batch";

export interface RolloutServer {
  host: DeclaredHost;
  /** The server's address in the directors' tables. The rollout asks at this address whether the application is ready. */
  address: string;
}

/** A director. The site's services are those of the VIP and that of the mark. */
export interface RolloutDirector {
  host: DeclaredHost;
  vip: string;
  mark: number;
}

export interface RolloutInputs {
  site: string;
  root: string;
  release: string;
  user: string;
  servers: RolloutServer[];
  directors: RolloutDirector[];
  ready: { path: string; status: number; contains?: string | undefined; within: number };
  /** A command of the release that runs before the first server switches to the release. */
  prepare?: string[] | undefined;
  /** Where `prepare` runs: on the first server, for all of them, or on each server, if each has its own state. */
  prepareOn: "first" | "each";
  drain: Drain;
  /** What happens if no other server would be left: the update fails, or the service is interrupted. */
  alone: "refuse" | "interrupt";
  /** How many servers are out at the same time. Default: one. */
  batch?: Size | undefined;
  /** How many servers may fail before the rollout stops. Default: none. */
  maxFailures?: number | undefined;
  /** How many servers go first, before the batches. Default: none. */
  canary?: number | false | undefined;
  /** If a director is down and another one has its VIPs, the rollout passes the director, or fails. Default: passes. */
  onDirectorDown?: "pass" | "fail" | undefined;
  /** The machine-ids of the servers. A changed one makes the rollout run again, because a new machine has to be switched, too. */
  machines?: string[] | undefined;
  /** What runs, by server. It is the release if everything is as declared. */
  running: Record<string, string>;
}

const BATCH = 'give a number of servers, or a share like "25%"';
const CANARY = "give true, or a number of servers: read it by config.getBoolean or config.getNumber";

export const rolloutInputs: z.ZodType<RolloutInputs> = z
  .object({
    site,
    root,
    release: releaseName,
    user,
    servers: z
      .array(z.object({ host: declaredHost, address }))
      .min(1, "one server at least")
      .superRefine(once("host", ({ host }) => host.name))
      .superRefine(once("address", (server) => server.address)),
    directors: z
      .array(z.object({ host: declaredHost, vip: address, mark: mark.default(99) }))
      .superRefine(once("vip", ({ host, vip }) => `${host.name} ${vip}`))
      .default([]),
    ready: z.object({
      path: z.string().regex(/^\/[^\s"\\]*$/, 'write a path with a slash before it, like "/readyz"'),
      status: z.number().int().min(100).max(599).default(200),
      contains: z.string().optional(),
      within: z.number().min(1).max(3600).default(120),
    }),
    prepare: z.array(z.string()).min(1, 'give a command, like ["python3", "manage.py", "migrate"]').optional(),
    prepareOn: z.enum(["first", "each"]).default("first"),
    drain,
    alone: z.enum(["refuse", "interrupt"]).default("refuse"),
    batch: z
      .union([z.number().int().min(1, BATCH), z.string().regex(/^([1-9]\d?|100)%$/, BATCH)], { message: BATCH })
      .transform((given) => given as Size)
      .optional(),
    maxFailures: z.number().int().min(0, "give a number of servers, 0 or more").optional(),
    canary: z
      .union([z.boolean(), z.number().int().min(1, CANARY)], { message: CANARY })
      .transform((given) => (given === true ? 1 : given))
      .optional(),
    onDirectorDown: z.enum(["pass", "fail"]).optional(),
    machines: z.array(z.string()).optional(),
    running: z.record(z.string(), z.string()).default({}),
  })
  .transform((given) => ({
    ...given,
    running: Object.fromEntries(given.servers.map(({ host }) => [host.name, given.release])),
  })) as unknown as z.ZodType<RolloutInputs>;
