import { remembered, rememberedOf } from "../model";
import { digest, same } from "./equality";
import type { Kind } from "./kind";

// What of a declaration stands in the ledger, and how two declarations differ, in words that may be read by anybody.

/** A declaration as the ledger keeps it. A digest stands for what is secret, and for what is long. */
export type LedgerDeclaration = Readonly<Record<string, unknown>>;

interface Hidden {
  readonly $sha256: string;
}

/** Characters of JSON from which on a digest stands for a value: the ledger is read at every look. */
const LONG = 2_000;

/** @param salt the owner's claim: without it, a digest tells nothing of a secret that can be guessed */
export function ledgerDeclaration<Want extends object>(kind: Kind<Want>, want: Want, salt = ""): LedgerDeclaration {
  return written(kind as unknown as Kind)(want)(salt);
}

/** A run asks for it several times, and digests of large values take long. */
const written = rememberedOf((kind: Kind) =>
  rememberedOf((want: object) => remembered((salt) => asWritten(kind, want, salt))),
);

function asWritten(kind: Kind, want: object, salt: string): LedgerDeclaration {
  return Object.fromEntries(
    Object.entries(want)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, kind.secrets?.includes(key) || isLong(value) ? hidden(value, salt) : value]),
  );
}

function isLong(value: unknown): boolean {
  return JSON.stringify(value).length > LONG;
}

function hidden(value: unknown, salt: string): Hidden {
  return { $sha256: digest([salt, value]) };
}

function isHidden(value: unknown): value is Hidden {
  return isObject(value) && "$sha256" in value;
}

/**
 * How a declaration differs from one of the ledger, in words: which property, from what to what. Secrets are not shown. A
 * default that has come since the other was written is no difference.
 */
export function differences<Want extends object>(
  kind: Kind<Want>,
  { declares, claim }: { readonly declares: LedgerDeclaration; readonly claim?: string },
  want: Want,
): string[] {
  const here = ledgerDeclaration(kind, want, claim);
  if (same(declares, here)) return [];
  const unread = Object.keys(declares).filter((key) => isHidden(declares[key]));
  // What stands there as a digest has no default to be read.
  const readable = [...new Set([...Object.keys(declares), ...Object.keys(here)])].filter(
    (key) => !unread.includes(key),
  );
  const secret = kind.secretsOf?.(want) ?? [];
  if (readable.every((key) => same(declares[key], here[key]))) return [...compared("", declares, here, secret)];
  const parsed = kind.inputs.safeParse({ ...declares, ...pick(want, unread) });
  const there = parsed.success
    ? { ...ledgerDeclaration(kind, parsed.data, claim), ...pick(declares, unread) }
    : declares;
  return [...compared("", there, here, secret)];
}

function* compared(path: string, there: unknown, here: unknown, secret: readonly string[] = []): Generator<string> {
  if (same(there, here)) return;
  if (isHidden(there) || isHidden(here) || secret.includes(path)) yield `${path} differs`;
  else if (isObject(there) && isObject(here)) {
    for (const key of new Set([...Object.keys(there), ...Object.keys(here)]))
      yield* compared(path === "" ? key : inside(path, key), there[key], here[key], secret);
  } else yield `${path} is ${shown(there)} there and ${shown(here)} here`;
}

function inside(path: string, key: string): string {
  return /^\w+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function shown(value: unknown): string {
  if (value === undefined) return "not declared";
  const text = JSON.stringify(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function pick(from: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
