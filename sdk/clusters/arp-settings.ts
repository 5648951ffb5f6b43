import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { interfaceKey } from "../kinds/sysctl";
import { Sysctls } from "../kinds/sysctls";
import { arpSettings } from "./shapes";

/** The arguments of `ArpSettings`. */
export interface ArpSettingsArgs {
  /** A real server that has the virtual address (VIP) on its loopback interface. */
  host: Host;
  /**
   * The interface on the clients' side.
   * @example "eth0"
   */
  device: string;
  /**
   * Whether a packet must come by the interface that its answer would leave by: 0 no, 1 yes, 2 by any interface
   * (Documentation/networking/ip-sysctl.rst, rp_filter). With 1 the kernel drops what a director forwards, where the
   * route to the clients leads to another interface.
   * @default as it is
   */
  rpFilter?: 0 | 1 | 2;
  /**
   * The interfaces whose ARP settings are declared. "all" alone makes the host silent: for each interface the kernel
   * takes the higher of its own value and that of "all".
   * @default "all", "lo" and `device`
   * @example ["all", "lo"]
   */
  arpOn?: string[];
}

/**
 * Makes a real server keep silent about the virtual address that it shares with the director. The real server then
 * answers ARP only for addresses of the interface that was asked (arp_ignore=1), and sends its own ARP requests only
 * with such addresses (arp_announce=2). The settings must be in force before the real server has the address, and until
 * the address is gone. The kernel takes the higher of the values of "all" and of the interface. "all" and "lo" belong to
 * every site on the host: the last one that goes puts them back.
 *
 * @example
 * ```ts
 * const quiet = new ArpSettings("rs1", { host, device: "eth0" });
 * new VipAlias("rs1-vip", { host, address: "172.17.111.111", device: "lo" }, { dependsOn: quiet });
 * ```
 */
@declares
export class ArpSettings extends Sysctls {
  constructor(name: string, args: ArpSettingsArgs, opts?: pulumi.CustomResourceOptions) {
    refuseShape(`ArpSettings "${name}"`, arpSettings, args);
    super(name, { host: args.host, settings: settingsOf(args) }, opts);
  }
}

function settingsOf({ device, rpFilter, arpOn = ["all", "lo", device] }: ArpSettingsArgs): Record<string, number> {
  const wanted = [
    ...arpOn.flatMap((on) => [
      { on, setting: "arp_ignore", value: 1 },
      { on, setting: "arp_announce", value: 2 },
    ]),
    ...(rpFilter === undefined ? [] : ["all", device].map((on) => ({ on, setting: "rp_filter", value: rpFilter }))),
  ];
  return Object.fromEntries(wanted.map(({ on, setting, value }) => [interfaceKey(on, setting), value]));
}
