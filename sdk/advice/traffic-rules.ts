import type { Rule } from "pulumi-lvs-provider/model";
import { problem } from "../arguments/problem";

/** Who sends the requests of a check. */
export interface SenderFacts {
  /** The host's name; undefined where Pulumi runs. */
  readonly from: string | undefined;
  /** What the host is in a cluster of this program. */
  readonly role: Role | undefined;
}

export type Role = "director" | "real server";

/** What makes a check of traffic show something else than clients see. */
export const trafficRules: readonly Rule<SenderFacts>[] = [
  {
    name: "check-from-site",
    severity: "warning",
    cause: "its own requests do not take the clients' way: a real server with the VIP answers itself",
    cure: "Send from a host that is a client, or from where Pulumi runs",
    judge: ({ from, role }) => (from && role ? problem("from", `${from} is a ${role} of the site`) : []),
  },
];
