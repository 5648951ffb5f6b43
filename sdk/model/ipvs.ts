/**
 * How a packet reaches a real server: through address translation, by rewriting its link-layer address (direct routing), or
 * in an IP-in-IP tunnel.
 */
export type Forwarding = "nat" | "dr" | "tun";

/** The transport protocols that IPVS balances. */
export type Protocol = "tcp" | "udp" | "sctp";

/** The schedulers that ipvsadm(8) names. */
export const schedulers = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "lblc",
  "lblcr",
  "dh",
  "sh",
  "sed",
  "nq",
  "fo",
  "ovf",
  "mh",
  "twos",
] as const;

/** How the director chooses among real servers (ipvsadm(8), `--scheduler`). */
export type Scheduler = (typeof schedulers)[number];
