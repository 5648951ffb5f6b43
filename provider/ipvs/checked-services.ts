import ipaddr from "ipaddr.js";
import { z } from "zod";
import { address, hostPort, isAddress } from "../reconcile/inputs";
import { entryName } from "../reconcile/ledger";
import type { Checked } from "./health-table";
import { markMatch, match, type Service, singleClient } from "./ipvsadm";
import { forwarding, persistence, schedulerFlags, threshold, weight } from "./service-inputs";

// What is declared of virtual services that a health checker keeps: by match, "10.0.0.1:80", "[2001:db8::1]:53/udp", "99" or
// "99/ipv6" for a mark.

const service = z.object({
  scheduler: z
    .string()
    .regex(/^[a-z]+$/, "a scheduler's name has small letters alone")
    .default("wrr"),
  schedulerFlags: schedulerFlags(z.string().regex(/^[a-z0-9-]+$/)),
  persistence: z.object(persistence).optional(),
  onePacket: z.boolean().default(false),
  quiescent: z.boolean().default(false),
  fallback: address.optional(),
  destinations: z.record(
    z.string(),
    z.object({ forwarding, weight, upperThreshold: threshold, lowerThreshold: threshold }),
  ),
});

type CheckedService = z.output<typeof service>;

export const checkedServices = z.record(z.string(), service).transform((services, context) => {
  const problem = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
  const normal = Object.entries(services).map(([key, it]) => {
    const name = normalMatch(key);
    if (!name) problem('a service is "address:port", "address:port/udp", a mark like "99" or "99/ipv6"', key);
    return [name ?? key, normalService(name ?? key, it, (at) => problem(BAD_DESTINATION, key, at))] as const;
  });
  return Object.fromEntries(normal);
});

export type CheckedServices = z.output<typeof checkedServices>;

const BAD_DESTINATION = 'a destination is "address:port", IPv6 as "[address]:port"; with a mark the port may be 0';

/** The declared services as the kernel should hold them, and in which letters ipvsadm names them. */
export function checked(services: CheckedServices | undefined): Record<string, Checked & { at: string }> {
  const named = Object.entries(services ?? {}).map(([key, { schedulerFlags: flags, persistence: kept, ...it }]) => {
    const at = parseMatch(key)?.letters ?? key;
    return [key, { ...it, flags, persistence: kept as Service["persistence"], at }] as const;
  });
  return Object.fromEntries(named);
}

/** The ledger's entry of the same service with fixed destinations. */
export function fixedEntry(key: string): string {
  const [what = "", kind = "tcp"] = key.split("/");
  const identity = what.includes(":") ? `${kind} ${what}` : `mark ${what}${kind === "ipv6" ? " ipv6" : ""}`;
  return entryName("VirtualService", identity);
}

interface Match {
  readonly letters: string;
  readonly ipv6: boolean;
}

function parseMatch(key: string): Match | undefined {
  const [what = "", kind] = key.split("/");
  if (/^[1-9]\d{0,9}$/.test(what) && (kind === undefined || kind === "ipv6"))
    return { letters: markMatch(Number(what), kind ?? "ipv4"), ipv6: kind === "ipv6" };
  const parsed = parsePair(what);
  if (!parsed || parsed.at === 0 || !(kind === undefined || kind === "tcp" || kind === "udp")) return undefined;
  return { letters: match(kind ?? "tcp", parsed.host, parsed.at), ipv6: parsed.host.includes(":") };
}

function normalMatch(key: string): string | undefined {
  if (!parseMatch(key)) return undefined;
  const [what = "", kind] = key.split("/");
  const parsed = parsePair(what);
  return parsed ? `${hostPort(parsed.host, parsed.at)}${kind === "udp" ? "/udp" : ""}` : key;
}

function parsePair(text: string): { host: string; at: number } | undefined {
  const [, six, four, at] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? four;
  if (!host || !isAddress(host) || Number(at) > 65535) return undefined;
  return { host: ipaddr.parse(host).toString(), at: Number(at) };
}

function normalService(key: string, it: CheckedService, bad: (key: string) => void): CheckedService {
  const ipv6 = parseMatch(key)?.ipv6 ?? false;
  const destinations = Object.entries(it.destinations).map(([name, to]) => {
    const parsed = parsePair(name);
    if (!parsed) bad(name);
    return [parsed ? hostPort(parsed.host, parsed.at) : name, to] as const;
  });
  return {
    ...it,
    persistence: it.persistence && { mask: singleClient(ipv6), ...it.persistence },
    destinations: Object.fromEntries(destinations),
  };
}
