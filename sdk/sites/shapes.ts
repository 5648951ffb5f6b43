import { z } from "zod";
import {
  drain,
  flag,
  given,
  host,
  instance,
  needs,
  now,
  number,
  resources,
  type Shape,
  text,
} from "../arguments/shape";
import type { ApplicationArgs, EcommerceSiteArgs, LocalState, SharedState } from "./ecommerce-args";
import type { PostgresqlArgs } from "./postgresql-args";
import type { CertificateArgs, WebApplicationArgs, WebSiteArgs } from "./web-site-args";

// The shapes of the arguments of sites. What they mean has rules of its own.

const PORTS = "give a port from 1 to 65535";

const word = now(z.string());
const words = now(z.array(word));

const certificate = z.union(
  [
    instance("a certificate with its private key", "certificate", "privateKey"),
    z.object({ certificate: text, privateKey: text } satisfies Shape<CertificateArgs>),
  ],
  needs("a TlsCertificate, or { certificate, privateKey },"),
);

export const webSite = z.object({
  ...{ host, name: word.optional(), site: word.optional(), root: word.optional(), page: text.optional() },
  certificate: now(certificate).optional(),
  ipv6: now(flag).optional(),
  application: now(
    z.object({
      port: now(number.int().min(1, PORTS).max(65535, PORTS)),
      folders: now(z.record(text, word)).optional(),
    } satisfies Shape<WebApplicationArgs>),
  ).optional(),
} satisfies Shape<WebSiteArgs>);

const ready = z.object({
  ...{ path: word, status: number.optional(), contains: text.optional(), within: number.optional() },
});

const texts = now(z.record(text, text)).optional();

const application = z.object({
  artefact: now(z.object({ path: text, sha256: word })),
  ...{ start: words, prepare: words.optional(), ready: now(ready), packages: words.optional() },
  ...{ environment: texts, secrets: texts, static: now(z.record(text, word)).optional() },
  shared: now(z.record(text, now(z.object({ name: word, url: word.optional() })))).optional(),
  ...{ memory: text.optional(), port: now(given).optional() },
} satisfies Shape<ApplicationArgs>);

const state = z.discriminatedUnion(
  "kind",
  [
    z.object({
      ...{ kind: z.literal("shared"), databaseUrl: text, after: now(resources).optional() },
    } satisfies Shape<SharedState>),
    z.object({ kind: z.literal("local") } satisfies Shape<LocalState>),
  ],
  { error: 'give { kind: "local" }, or { kind: "shared", databaseUrl: … }' },
);

export const ecommerceSite = z.object({
  servers: now(z.array(z.object({ host, address: text }))),
  directors: now(z.array(z.object({ host, vip: text, mark: number.optional() }))).optional(),
  ...{
    application: now(application),
    state: now(state),
    certificate: now(certificate).optional(),
    site: word.optional(),
  },
  keep: number.optional(),
  drain: drain.optional(),
  alone: z.enum(["refuse", "interrupt"]).optional(),
  batch: z.union([number, text]).optional(),
  maxFailures: number.optional(),
  canary: z.union([flag, number]).optional(),
  onDirectorDown: z.enum(["pass", "fail"]).optional(),
  deleteData: flag.optional(),
  ipv6: flag.optional(),
} satisfies Shape<EcommerceSiteArgs>);

export const postgresql = z.object({
  ...{ host, address: word, clients: words, database: word.optional(), role: word.optional() },
  ...{ port: now(given).optional(), version: now(given).optional(), deleteData: flag.optional() },
} satisfies Shape<PostgresqlArgs>);
