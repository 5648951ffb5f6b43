import type * as pulumi from "@pulumi/pulumi";
import type { SchedulingFacts } from "../advice/scheduling-rules";
import { plain } from "../arguments/plain";

/** What a `VirtualService` declares of its scheduling. */
interface SchedulingArgs {
  readonly scheduler?: pulumi.Input<string>;
  readonly onePacket?: pulumi.Input<boolean>;
  readonly forwarding: pulumi.Input<string>;
  readonly persistence?: pulumi.Input<{ engine?: pulumi.Input<string> }>;
  readonly destinations: pulumi.Input<
    Record<string, pulumi.Input<{ weight?: pulumi.Input<number>; upperThreshold?: pulumi.Input<number> }>>
  >;
}

/** A service's scheduling as far as the program knows it now. A cluster, whose destinations are outputs, has judged its own. */
export function schedulingOf({ scheduler = "wlc", destinations, ...args }: SchedulingArgs): SchedulingFacts {
  const servers = Object.entries(plain(destinations) ?? {}).map(([key, to]) => {
    const known = plain(to);
    return {
      property: `destinations["${key}"]`,
      weight: known && plain(known.weight ?? 1),
      upperThreshold: known && plain(known.upperThreshold ?? 0),
    };
  });
  const untranslated = translatesNothing(args) ? "onePacket" : undefined;
  return { scheduler: plain(scheduler), servers, untranslated };
}

/** SIP's engine finds the VIP for an answer by the call (net/netfilter/ipvs/ip_vs_pe_sip.c, ip_vs_sip_conn_out). */
function translatesNothing({ onePacket, forwarding, persistence = {} }: Omit<SchedulingArgs, "destinations">): boolean {
  if (plain(onePacket) !== true || plain(forwarding) !== "nat") return false;
  const known = plain(persistence);
  return known !== undefined && known.engine === undefined;
}
