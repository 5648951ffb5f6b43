import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { refuseShape } from "../arguments/shape";
import { interfaceKey } from "../kinds/sysctl";
import { Sysctls } from "../kinds/sysctls";
import type { ArpSettingsArgs } from "./parts-args";
import { arpSettings } from "./shapes";

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
