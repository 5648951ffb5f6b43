import { z } from "zod";
import { fact } from "../host/fact";
import { quote } from "../host/shell";
import { parseTimeouts, setTimeouts, type Timeouts } from "../ipvs/ipvsadm";
import { ipvsadm, noIpvs } from "../ipvs/kernel-table";
import { NO_PERSISTENCE, PERSISTENCE } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";

// 0 means "unchanged" to ipvsadm(8). The kernel refuses a number of seconds that overflows when it is counted in jiffies.
const { least, most } = PERSISTENCE;
const seconds = z.number().int().min(least, NO_PERSISTENCE).max(most, NO_PERSISTENCE);

interface Want extends Timeouts {
  boot: boolean;
}

/** How long a director keeps idle connections in its table. A host has one set of these timeouts. */
export const ipvsTimeouts: Kind<Want, Timeouts | null> = {
  name: "IpvsTimeouts",
  mayBeNothing: true,
  // The kernel's own defaults (net/netfilter/ipvs/ip_vs_proto_tcp.c, ip_vs_proto_udp.c).
  inputs: z.object({ tcp: seconds.default(900), tcpFin: seconds.default(120), udp: seconds.default(300), boot }),
  identity: () => THE_ONE,

  look({ want }) {
    return fact(ipvsadm(want !== undefined, "-L", "--timeout"), (reply) => {
      const seen = parseTimeouts(reply.stdout);
      if (!seen && want) throw noIpvs("the timeouts of IPVS", reply);
      return seen ?? null;
    });
  },
  plan({ want, found }, seen) {
    const target = want ?? found;
    if (!target || !seen || timeouts(target) === timeouts(seen)) return [];
    return [{ run: { argv: setTimeouts(target) }, purpose: `setting the timeouts of IPVS to ${timeouts(target)}` }];
  },
  report: (_, seen) => ({ tcp: seen?.tcp, tcpFin: seen?.tcpFin, udp: seen?.udp }),
  boot: (want) => [fragment(45, "IpvsTimeouts", THE_ONE, atBoot(want))],
  formerly: (want) => ({ boot: [formerFragment(45, ["ipvs-timeouts"], atBoot(want))] }),
};

const THE_ONE = "timeouts";

function atBoot(want: Want): string {
  return setTimeouts(want).map(quote).join(" ");
}

function timeouts({ tcp, tcpFin, udp }: Timeouts): string {
  return `${tcp}, ${tcpFin} and ${udp} s`;
}
