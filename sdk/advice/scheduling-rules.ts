import type { Rule } from "pulumi-lvs-provider/model";
import { problem } from "../arguments/problem";

/** How a service chooses among its servers, as far as the program knows it now. */
export interface SchedulingFacts {
  readonly scheduler: string | undefined;
  readonly servers: readonly SharesFacts[];
  /** What declares one-packet scheduling with NAT, and nothing that knows the answers. */
  readonly untranslated?: string | undefined;
}

export interface SharesFacts {
  /** The path of the server in the declaration: `realServers[0]`. */
  readonly property: string;
  readonly weight: number | undefined;
  readonly upperThreshold: number | undefined;
}

/** These take every server with a weight above 0 alike (net/netfilter/ipvs/ip_vs_rr.c, ip_vs_lc.c, ip_vs_dh.c). */
const WITHOUT_WEIGHTS = ["rr", "lc", "dh"];

/** Seconds for which an ended connection counts: the state FIN_WAIT of a connection (ip_vs_proto_tcp.c, tcp_timeouts). */
const ENDED = 120;

/** What makes the scheduling of a service fail. */
export const schedulingRules: readonly Rule<SchedulingFacts>[] = [
  {
    name: "no-server",
    severity: "warning",
    cause: "a server of weight 0 gets no new connection, so that every client is refused",
    cure: "Give one server a weight above 0",
    judge: ({ servers: [first, ...others] }) =>
      first?.weight === 0 && others.every(({ weight }) => weight === 0)
        ? problem(`${first.property}.weight`, "every real server has weight 0")
        : [],
  },
  {
    name: "weights-ignored",
    severity: "warning",
    cause: "this scheduler gives every server the same share, whatever the weights",
    cure: "Choose wrr in the place of rr, wlc of lc, sh or mh of dh, or give all servers one weight",
    judge: ({ scheduler, servers }) => {
      if (!scheduler || !WITHOUT_WEIGHTS.includes(scheduler)) return [];
      const weights = new Set(
        servers.map(({ weight }) => weight).filter((weight) => weight !== undefined && weight > 0),
      );
      return weights.size > 1
        ? problem("scheduler", `${scheduler} with the weights ${[...weights].join(" and ")}`)
        : [];
    },
  },
  {
    name: "low-threshold",
    severity: "warning",
    cause: `the kernel counts connections for up to ${ENDED} s after their end, too, and refuses every client meanwhile`,
    cure: `Raise upperThreshold: to the connections of ${ENDED} s, and more`,
    judge({ servers }) {
      const serving = servers.filter(({ weight }) => weight !== 0);
      // A bound that comes later counts as none, and so does one that is no number.
      const bounds = serving.map(({ upperThreshold }) => (typeof upperThreshold === "number" ? upperThreshold : 0));
      const sum = bounds.reduce((total, bound) => total + bound, 0);
      const [first] = serving;
      if (!first || bounds.some((bound) => bound === 0) || sum >= ENDED) return [];
      return problem(`${first.property}.upperThreshold`, `all servers together take ${sum} connections in ${ENDED} s`);
    },
  },
  {
    name: "one-packet-nat",
    severity: "warning",
    cause:
      "NAT puts the VIP into an answer by the entry of its connection, and one-packet scheduling keeps none: clients refuse what comes from a real server's address",
    cure: "Leave onePacket out, or use direct routing",
    judge: ({ untranslated }) =>
      untranslated === undefined ? [] : problem(untranslated, "each packet is scheduled by itself, with NAT"),
  },
];
