import type { Host } from "../host/host";

/** A host whose figures Prometheus reads, where it listens on another address than Pulumi reaches it by. */
export interface MetricsHostArgs {
  /** The host. */
  host: Host;
  /**
   * The host's own address on the site's network, where the exporter listens. Nobody else's address, and no VIP.
   * @default the host's `address`
   * @example "172.17.111.2"
   */
  address?: string;
}

/** The arguments of `Metrics`. */
export interface MetricsArgs {
  /**
   * The directors. All directors of a site stand in one `Metrics`: who has the VIP is a question to all of them.
   * @example [director1, { host: director2, address: "172.17.111.3" }]
   */
  directors: (Host | MetricsHostArgs)[];
  /**
   * The real servers, and other hosts without a table.
   * @default none
   */
  servers?: (Host | MetricsHostArgs)[];
  /**
   * The value of the label `site` in all figures of ours: 60 letters, digits, dots, dashes and underscores at most.
   * Another site has another one.
   * @default the resource's name
   */
  site?: string;
  /**
   * The exporter's port.
   * @default 9100
   */
  port?: number;
  /**
   * Seconds from one round of our own figures to the next, 1 to 60.
   * @default 15
   */
  interval?: number;
  /**
   * The addresses or networks of Prometheus. The hosts' firewalls let them in (`FirewallRule`).
   * @default no firewall is told
   * @example ["172.17.111.5"]
   */
  scrapers?: string[];
}
