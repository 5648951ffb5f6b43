import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";

/** An address that floats between directors. */
export interface FloatingAddressArgs {
  /**
   * The address.
   * @example "172.17.111.111"
   */
  address: pulumi.Input<string>;
  /**
   * The interface that gets the address.
   * @default the instance's
   */
  device?: string;
  /**
   * The length of the prefix. Longer ones bring no route to a network.
   * @default 32, IPv6 128
   */
  prefix?: number;
}

/** A command by which a director finds out whether it is fit. */
export interface TrackScriptArgs {
  /**
   * The program, by its whole path, and its arguments. The director is fit while the program succeeds. The program
   * belongs to root, and so do the folders above it; otherwise keepalived refuses it. A word has no blanks, quotes or
   * signs of the shell.
   * @example ["/usr/local/sbin/check-uplink", "eth0"]
   */
  command: string[];
  /**
   * Seconds from one run to the next.
   * @default 1
   */
  interval?: number;
  /**
   * Seconds after which a run counts as failed.
   * @default 2
   */
  timeout?: number;
  /**
   * How many runs in a row must fail before the director is unfit.
   * @default 2
   */
  fall?: number;
  /**
   * How many runs in a row must succeed before the director is fit again.
   * @default 2
   */
  rise?: number;
  /**
   * What a failure takes from the priority, -253 to -1, or a success adds, 1 to 253. Without a weight a director that
   * fails gives up the addresses, whatever the others do.
   * @default a director that fails gives up the addresses
   */
  weight?: number;
}

/** The arguments of a `Keepalived`. */
export interface KeepalivedArgs {
  /** The host. It may have several instances: they share one daemon. */
  host: Host;
  /**
   * The instance's name in keepalived.conf. Letters, digits, _ and -.
   * @default the resource's name
   */
  instance?: string;
  /**
   * The interface over which the hosts hear each other. It is tracked: without a link the host is unfit.
   * @example "eth0"
   */
  device: string;
  /**
   * The host's own address on that network, by which it speaks.
   * @example "172.17.111.2"
   */
  source: pulumi.Input<string>;
  /**
   * The own addresses of the other hosts. keepalived takes adverts from nobody else.
   * @example ["172.17.111.3"]
   */
  peers: pulumi.Input<string>[];
  /** The addresses that float together: one host has all of them, or none. One address family. */
  addresses: FloatingAddressArgs[];
  /**
   * The number of the virtual router, 1 to 255: the same on all hosts of the instance, and another one for each
   * instance of a network.
   * @default 51
   */
  routerId?: pulumi.Input<number>;
  /**
   * Of hosts that are fit and none of which has the addresses, the one with the highest priority takes them: 1 to 254.
   * @default 100
   */
  priority?: number;
  /**
   * Whether a host with a higher priority takes the addresses back from one that serves.
   * @default false: what serves goes on serving
   */
  preempt?: boolean;
  /**
   * Seconds for which a host with a higher priority waits before it takes the addresses back: in this time it hears of
   * connections (`ConnectionSync` tells again of those with traffic every ten seconds). 0 to 1000, and with `preempt`
   * alone.
   * @default 30
   */
  preemptDelay?: number;
  /**
   * Seconds between two adverts, 0.01 to 40.95, in hundredths. A host that is lost is replaced after three to four of
   * them. Below 0.25 a busy host may miss three in a row.
   * @default 0.25
   */
  advertInterval?: number;
  /**
   * Seconds between two gratuitous ARP of the host that has the addresses (for IPv6: neighbour advertisements). They
   * end what clients have learnt from a second host that answered for a while; 0: only when the addresses arrive.
   * @default 1
   */
  garpRefresh?: number;
  /**
   * More interfaces without whose link the host is unfit.
   * @default those of `addresses`
   */
  trackDevices?: string[];
  /**
   * What the host must reach to be fit: of each list one address at least must answer ping. A switch may fail while the
   * host's own link is up. The host's own addresses do not count.
   * @default nothing
   * @example [["172.17.111.3", "172.17.111.11"], ["172.17.111.1"]]
   */
  reach?: pulumi.Input<pulumi.Input<pulumi.Input<string>[]>[]>;
  /**
   * Commands that must succeed for the host to be fit, by name.
   * @default none
   */
  trackScripts?: Record<string, TrackScriptArgs>;
  /**
   * Whether keepalived.conf is written. `false` is for a host whose keepalived has other work as well: its own keepalived.conf stays, and
   * needs the line `include /etc/keepalived/lvs.d/*.conf`.
   * @default true: and refused where keepalived works by a file that somebody else has written
   */
  main?: boolean;
  /**
   * Whether keepalived is installed. Otherwise it must be there already.
   * @default true
   */
  install?: boolean;
  /**
   * What must exist before the host may take the addresses and clients come. The package does not wait for it.
   * @default nothing
   */
  after?: pulumi.Resource[];
}
