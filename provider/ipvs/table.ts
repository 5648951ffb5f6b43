import type { Forwarding } from "../model/match";
import { digest, same } from "../reconcile/equality";

// The content of the kernel's table of virtual services.

/** One virtual service with its destinations, as the kernel has them. */
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
  /** `local`: the address is the director's own. The kernel delivers such packets itself, whatever forwarding was asked for. */
  readonly forwarding: Forwarding | "local";
  readonly weight: number;
  /** Number of connections above which the destination gets no new ones. 0 means no bound. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** The encapsulation of a tunnel. Without it, the tunnel is plain IP in IP. */
  readonly tunnel?: Tunnel | undefined;
}

export type Tunnel =
  | { readonly type: "gue"; readonly port: number; readonly checksum: "none" | "full" | "remote" }
  | { readonly type: "gre"; readonly checksum: "none" | "full" };

/** Services by match, in ipvsadm's words (`spelled`). The ledgers of hosts have these keys, so they stay. */
export type Table = Readonly<Record<string, Service>>;

/** Whether two services choose among their destinations alike. */
export function sameScheduling({ destinations: _, ...one }: Service, { destinations: __, ...other }: Service): boolean {
  return digest(one) === digest(other);
}

/** Whether a destination is as it was asked for. A local destination agrees with any forwarding, because the kernel chose it. */
export function agrees(has: Destination, to: Destination): boolean {
  const numbers = ["weight", "upperThreshold", "lowerThreshold"] as const;
  if (numbers.some((name) => has[name] !== to[name])) return false;
  return has.forwarding === "local" || (has.forwarding === to.forwarding && sameTunnel(has.tunnel, to.tunnel));
}

/** Most have none, and thousands are compared at a time. */
function sameTunnel(one: Tunnel | undefined, other: Tunnel | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && same(one, other));
}
