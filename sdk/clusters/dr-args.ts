import type * as pulumi from "@pulumi/pulumi";
import type { Scheduler, ServedPort } from "pulumi-lvs-provider/model";
import type { AdviceArgs } from "../arguments/advice-args";
import type { Host } from "../host/host";
import type { DrainArgs, PersistenceArgs } from "../kinds/virtual-service-args";
import type { DirectorsArgs, EcmpFailoverArgs, VrrpFailoverArgs } from "./director-args";
import type { Health } from "./health";

/** A real server of a `DrCluster`. It serves on the ports that clients connect to: nothing translates them. */
export interface DrClusterServerArgs {
  /** The host. Each real server has one of its own, which is not the director. */
  host: Host;
  /**
   * Its address (RIP). For direct routing the address is on a network that the real server shares with the director.
   * @example "172.17.111.234"
   */
  address: pulumi.Input<string>;
  /**
   * Its share relative to the other real servers, 0 to 65535. With 0 the real server keeps its connections and gets no
   * new ones.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * Its interface on that network.
   * @default the director's
   */
  device?: string;
  /**
   * Whether a packet must come by the interface that its answer would leave by: see {@link ArpSettingsArgs.rpFilter}.
   * @default as it is
   */
  rpFilter?: 0 | 1 | 2;
  /**
   * The interfaces whose ARP settings are declared: see {@link ArpSettingsArgs.arpOn}.
   * @default "all", "lo" and `device`
   */
  arpOn?: string[];
  /**
   * What must exist before clients are sent to this server, and until no client is any more: its `WebSite`.
   * @default nothing
   */
  serving?: pulumi.Resource | pulumi.Resource[];
}

/** The arguments of a `DrCluster`. */
export interface DrClusterArgs extends DirectorsArgs<VrrpFailoverArgs | EcmpFailoverArgs> {
  /**
   * The virtual address (VIP) that clients connect to. The director takes it on `device`, the real servers on their loopback
   * interface. Of several directors one has it, or with
   * `failover: { by: "ecmp" }` all have it, on `lo`: then it is an address outside of the directors' network.
   * @example "172.17.111.111"
   */
  vip: pulumi.Input<string>;
  /**
   * The director's interface on the network that it shares with the real servers.
   * @default "eth0"
   */
  device?: string;
  /**
   * How packets reach the real servers. `"dr"`: as they are, on a network that the real servers share with the
   * director. `"tun"`: wrapped in IP in IP, on any network. The wrapping takes 20 bytes of each packet: the director
   * sends longer ones in parts.
   * @default "dr"
   */
  forwarding?: "dr" | "tun";
  /**
   * The ports that clients connect to: TCP, or another protocol like `"53/udp"`. One port is a virtual service by
   * itself. Several ports, or one with `persistence`, get a firewall mark and are one service together. Even so, without
   * `persistence` each connection is scheduled by itself: http and https of one client may reach different servers, and
   * so may HTTP/2 and HTTP/3 (QUIC).
   * @default 80
   * @example [80, 443, "443/udp"]
   */
  ports?: ServedPort | ServedPort[];
  /**
   * How the director chooses among the real servers.
   * @default "wrr"; with `failover: { by: "ecmp" }` "mh", which chooses alike on all directors
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * Keeps a client on one real server, over all ports; `{}` with the defaults.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * The firewall mark, where the service has one. Two sites on one director need different marks.
   * @default 99
   */
  mark?: number;
  /** The real servers, one at least. */
  realServers: DrClusterServerArgs[];
  /**
   * How connections end when a real server is taken away.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Who keeps the table. ldirectord and keepalived take out real servers that fail their checks. A change from one to
   * the other leaves the table as it is: no connection ends.
   * @default { by: "static" }
   * @example { by: "ldirectord", service: "http", checkPort: 80, request: "ok.html", receive: "OK" }
   */
  health?: Health;
  /**
   * Which warnings about the site are not told.
   * @default all are told
   * @example { ignore: ["no-server"] }
   */
  advice?: AdviceArgs;
}
