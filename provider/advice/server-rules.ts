import { contains, familyOf, type Rule } from "../model";
import type { Hints } from "../reconcile/kind";
import { type Host, higher } from "./context";
import { problem } from "./director-rules";

/** An address that a host takes, as a real server has the VIP. */
export interface AliasFacts {
  readonly host: Host;
  readonly hints: Hints;
  readonly address: string;
  readonly device: string;
}

/** What is seen on a real server and makes direct routing or tunnels fail. */
export const serverRules: readonly Rule<AliasFacts>[] = [
  {
    name: "arp-settings",
    severity: "warning",
    cause: "the host answers ARP for the VIP, so that clients go there and not to the director",
    cure: "Declare ArpSettings for that interface, before the alias",
    judge: ({ host, address, device }) =>
      !isHidden(device) || familyOf(address) === "ipv6"
        ? []
        : host.addresses
            .filter((one) => one.device !== device && contains(`${one.address}/${one.prefix}`, address))
            .filter((one) => one.prefix < 32 && higher(host, one.device, "arp_ignore") === 0)
            .flatMap((one) => problem(`${address} is on ${device}, and arp_ignore of ${one.device} is 0`)),
  },
  {
    name: "rp-filter",
    severity: "warning",
    cause: "the kernel drops what comes by another interface than the answer would leave by (rp_filter)",
    cure: "Declare rpFilter: 2 for the real server",
    judge({ host, hints, address, device }) {
      const family = familyOf(address);
      const [outgoing] = host.defaults.filter((route) => route.family === family);
      const coming = device === "lo" ? hints.device : undefined;
      if (family === "ipv6" || !coming || !outgoing || outgoing.device === coming) return [];
      return higher(host, coming, "rp_filter") === 1
        ? problem(`packets come by ${coming}, the default route leaves by ${outgoing.device}`)
        : [];
    },
  },
];

/** Interfaces that no other host sees: an address there is a real server's VIP. */
function isHidden(device: string): boolean {
  return device === "lo" || device.startsWith("dummy");
}
