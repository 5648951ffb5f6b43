import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding, Scheduler } from "pulumi-lvs-provider/model";
import type { AdviceArgs, AdviceHints } from "../arguments/advice-args";
import type { Host } from "../host/host";
import type { DrainArgs, PersistenceArgs, Tunnel } from "../kinds/virtual-service-args";

/** When a check counts as failed. */
export interface KeepalivedCheckTimes {
  /**
   * Seconds until a check that gets no answer has failed, whole ones from 1 to 300.
   * @default 5
   */
  timeout?: number;
  /**
   * How many times a failed check is repeated before the real server is out, 0 to 100.
   * @default 1
   */
  retries?: number;
  /**
   * Seconds before a failed check is repeated, whole ones from 1 to 3600.
   * @default 1
   */
  retryDelay?: number;
}

/** A connection by TCP succeeds. */
export interface KeepalivedTcpCheck extends KeepalivedCheckTimes {
  /** A connection is opened and closed (TCP_CHECK). */
  type: "tcp";
  /**
   * The port that is checked.
   * @default the real server's own
   */
  port?: number;
}

/**
 * A page is answered with a status. The certificate of https is not verified. What the page has in it is not looked at:
 * keepalived's regular expressions match the head of an answer as well ("200 OK"). Where that matters, the check is a
 * program (`KeepalivedMiscCheck`).
 */
export interface KeepalivedHttpCheck extends KeepalivedCheckTimes {
  /** A page is asked for by HTTP (HTTP_GET), or by HTTPS (SSL_GET). */
  type: "http" | "https";
  /**
   * The port that is checked.
   * @default the real server's own
   */
  port?: number;
  /**
   * The page's path.
   * @default "/"
   */
  path?: string;
  /**
   * The status of a good answer.
   * @default 200
   */
  status?: number;
  /**
   * The name of the web site in the request. With https it is the server's name (SNI), too.
   * @default the real server's address
   */
  virtualHost?: string;
}

/** A program on the director succeeds. */
export interface KeepalivedMiscCheck extends KeepalivedCheckTimes {
  /** A program is run: exit status 0 means fit (MISC_CHECK). */
  type: "misc";
  /**
   * The program, by its whole path, and its arguments. `%address` stands for the real server's address, `%port` for its
   * port. The program belongs to root, and so do the folders above it.
   * @example ["/usr/local/sbin/check-shop", "%address"]
   */
  command: string[];
}

/** How keepalived finds out whether a real server is fit. */
export type KeepalivedCheck = KeepalivedTcpCheck | KeepalivedHttpCheck | KeepalivedMiscCheck;

/** The server that serves while too few real servers are fit. */
export interface SorryServerArgs {
  /**
   * Its address: another one than the service's, and of the same family.
   * @example "10.0.0.20"
   */
  address: string;
  /**
   * Its port.
   * @default the service's; with a mark, the port that the client asked for
   */
  port?: number;
  /**
   * How packets reach it.
   * @default as they reach the real servers
   */
  forwarding?: Forwarding;
}

/** How keepalived checks the real servers of a service, and what it does when they fail. */
export interface KeepalivedCheckingArgs {
  /**
   * How a real server is checked.
   * @default { type: "tcp" }
   * @example { type: "http", path: "/ok.html" }
   */
  check?: KeepalivedCheck;
  /**
   * Seconds from one check of a real server to the next.
   * @default 5
   */
  interval?: number;
  /**
   * Whether a real server that is out stays in the table with weight 0: its connections go on. Otherwise it leaves the table.
   * @default false
   */
  inhibitOnFailure?: boolean;
  /**
   * The sum of the weights of fit real servers below which the service counts as down. The sorry server serves then.
   * @default 1
   */
  quorum?: number;
  /**
   * By how much the sum must exceed `quorum` before the service is up again.
   * @default 0
   */
  hysteresis?: number;
  /**
   * A program that runs when the quorum is reached: its whole path, and its arguments.
   * @default none
   */
  quorumUp?: string[];
  /**
   * A program that runs when the quorum is lost: its whole path, and its arguments.
   * @default none
   */
  quorumDown?: string[];
  /**
   * The server that serves while the quorum is lost.
   * @default none: clients are refused
   */
  sorryServer?: SorryServerArgs;
}

/** A real server of a service that keepalived keeps. */
export interface KeepalivedRealArgs {
  /** How packets reach it. */
  forwarding: pulumi.Input<Forwarding>;
  /**
   * Its share relative to the other real servers, 0 to 65535.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * From this many connections on the real server gets no new ones.
   * @default 0: no bound
   */
  upperThreshold?: pulumi.Input<number>;
  /**
   * Below this many connections the real server gets new ones again.
   * @default 0: three quarters of `upperThreshold`
   */
  lowerThreshold?: pulumi.Input<number>;
  /**
   * How packets are wrapped, with forwarding "tun": IP in IP alone.
   * @default { type: "ipip" }
   */
  tunnel?: pulumi.Input<Tunnel>;
}

/** A virtual service that keepalived keeps. */
export interface KeepalivedVirtualArgs extends KeepalivedCheckingArgs {
  /**
   * The real servers, by address and port. With a mark, port 0 keeps the port that the client asked for.
   * @example { "172.17.111.234:80": { forwarding: "dr", weight: 2 } }
   */
  real: Record<string, KeepalivedRealArgs>;
  /**
   * How the director chooses among the real servers.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * Flags of the scheduler (ipvsadm(8), `--sched-flags`).
   * @default none
   * @example ["sh-port"]
   */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Keeps a client on one real server; `{}` with the defaults. `engine` is not possible here.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself: UDP only.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
}

/** The arguments of `KeepalivedChecks`. */
export interface KeepalivedChecksArgs {
  /** The director. It may have the checks of several sites: each has a daemon of its own. */
  host: Host;
  /**
   * The name of the site's checks on the host: of its file and of its unit. Letters, digits, _ and -.
   * @default the resource's name
   */
  site?: string;
  /**
   * The virtual services, by match: address and port, followed by `/udp` for UDP; or a firewall mark, followed by
   * `/ipv6` for IPv6.
   * @example { "172.17.111.111:80": { real: { "172.17.111.222:80": { forwarding: "dr" } }, check: { type: "http" } } }
   */
  virtuals: pulumi.Input<Record<string, KeepalivedVirtualArgs>>;
  /**
   * Whether keepalived and ipvsadm are installed. Otherwise both must be there already.
   * @default true
   */
  install?: boolean;
  /**
   * How connections end when a real server is no longer declared.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * What must exist before keepalived sends clients to real servers. The installation of packages does not wait for it.
   * @default nothing
   */
  after?: pulumi.Resource[];
  /**
   * Which warnings about the services are not told.
   * @default all are told
   * @example { ignore: ["weights-ignored"] }
   */
  advice?: AdviceArgs & AdviceHints;
}
