import ipaddr from "ipaddr.js";
import type { LabMachineArgs, LabNetworkArgs } from "./args";
import { macAddress } from "./seed";

/** One interface of a machine, whose name and MAC address are decided. */
export interface Interface {
  readonly name: string;
  readonly network: string;
  readonly mac: string;
  /** With its prefix. */
  readonly address: string;
}

export function interfacesOf(stack: string, machine: string, { interfaces }: LabMachineArgs): Interface[] {
  return interfaces.map(({ name, network, mac, address }, index) => {
    const before = interfaces.slice(0, index).filter((other) => other.network === network).length;
    return { name: name ?? `eth${index}`, network, mac: mac ?? macAddress(stack, machine, network, before), address };
  });
}

/**
 * The default gateway of machines on this network. libvirt has the first address of a range, whichever address of the
 * range was declared.
 */
export function gatewayOf(network: LabNetworkArgs | undefined): string | undefined {
  if (!network || network.gateway !== undefined || !("range" in network)) return network?.gateway;
  const octets = ipaddr.IPv4.networkAddressFromCIDR(network.range).octets;
  return [...octets.slice(0, -1), (octets.at(-1) ?? 0) + 1].join(".");
}

/** An address without its prefix. */
export function bare(address: string): string {
  return address.split("/")[0] ?? address;
}
