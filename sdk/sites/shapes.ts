import { z } from "zod";
import { drain, flag, given, host, instance, number, resources, type Shape, text } from "../arguments/shape";
import type { ApplicationArgs, EcommerceSiteArgs, LocalState, SharedState } from "./ecommerce-args";
import type { PostgresqlArgs } from "./postgresql";
import type { CertificateArgs, WebApplicationArgs, WebSiteArgs } from "./web-site";

// The shapes of the arguments of sites. What they mean has rules of its own.

const certificate = z.union([
  instance("a certificate with its private key", "certificate", "privateKey"),
  z.object({ certificate: text, privateKey: text } satisfies Shape<CertificateArgs>),
]);

export const webSite = z.object({
  ...{ host, name: text.optional(), site: text.optional(), root: text.optional(), page: text.optional() },
  certificate: certificate.optional(),
  ipv6: flag.optional(),
  application: z
    .object({
      port: number.int().min(1, "a port is a number from 1 to 65535").max(65535, "a port is a number from 1 to 65535"),
      folders: z.record(text, text).optional(),
    } satisfies Shape<WebApplicationArgs>)
    .optional(),
} satisfies Shape<WebSiteArgs>);

const ready = z.object({
  ...{ path: text, status: number.optional(), contains: text.optional(), within: number.optional() },
});

const words = z.array(text);
const texts = z.record(text, text).optional();

const application = z.object({
  artefact: z.object({ path: text, sha256: text }),
  ...{ start: words, prepare: words.optional(), ready, packages: words.optional() },
  ...{ environment: texts, secrets: texts, static: texts },
  shared: z.record(text, z.object({ name: text, url: text.optional() })).optional(),
  ...{ memory: text.optional(), port: given.optional() },
} satisfies Shape<ApplicationArgs>);

const state = z.discriminatedUnion(
  "kind",
  [
    z.object({
      ...{ kind: z.literal("shared"), databaseUrl: text, after: resources.optional() },
    } satisfies Shape<SharedState>),
    z.object({ kind: z.literal("local") } satisfies Shape<LocalState>),
  ],
  { error: 'is { kind: "local" }, or { kind: "shared", databaseUrl: … }' },
);

export const ecommerceSite = z.object({
  servers: z.array(z.object({ host, address: text })),
  directors: z.array(z.object({ host, vip: text, mark: number.optional() })).optional(),
  ...{ application, state, certificate: certificate.optional(), site: text.optional(), keep: number.optional() },
  drain: drain.optional(),
  alone: z.enum(["refuse", "interrupt"]).optional(),
  deleteData: flag.optional(),
  ipv6: flag.optional(),
} satisfies Shape<EcommerceSiteArgs>);

export const postgresql = z.object({
  ...{ host, address: text, clients: z.array(text), database: text.optional(), role: text.optional() },
  ...{ port: given.optional(), version: given.optional(), deleteData: flag.optional() },
} satisfies Shape<PostgresqlArgs>);
