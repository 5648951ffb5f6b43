import type { Forwarding } from "../model/match";
import { digest } from "../reconcile/equality";

// What the kernel's table of virtual services holds.

/** One virtual service with its destinations, as the kernel holds them. */
export interface Service {
  readonly scheduler: string;
  /** Sorted. */
  readonly flags: readonly string[];
  readonly persistence?: Persistence | undefined;
  readonly onePacket: boolean;
  readonly destinations: Readonly<Record<string, Destination>>;
}

export interface Persistence {
  readonly timeout: number;
  readonly mask: string;
  readonly engine?: string | undefined;
}

export interface Destination {
  /** `local`: its address is the director's own, and the kernel delivers whatever was asked for. */
  readonly forwarding: Forwarding | "local";
  readonly weight: number;
  /** Connections above which it gets no new ones; 0 = no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** Absent: plain IP in IP. */
  readonly tunnel?: Tunnel | undefined;
}

export type Tunnel =
  | { readonly type: "gue"; readonly port: number; readonly checksum: "none" | "full" | "remote" }
  | { readonly type: "gre"; readonly checksum: "none" | "full" };

/** By match, in ipvsadm's words (`spelled`): they stand in what hosts remember of their tables. */
export type Table = Readonly<Record<string, Service>>;

/** Whether a destination is as it was asked for. What is local became so by itself, whatever was asked for. */
export function agrees(has: Destination, to: Destination): boolean {
  const asked = has.forwarding === "local" ? { forwarding: to.forwarding, tunnel: to.tunnel } : {};
  return digest({ ...has, ...asked }) === digest(to);
}
