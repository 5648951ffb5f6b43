import { z } from "zod";
import { sh } from "../host/command";
import { lookAtRules, putRules, type Rules, readRules, rulesAtBoot, takeRules } from "../linux/netfilter";
import { fragment } from "../reconcile/boot";
import { boot, device, network } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";

interface Want {
  source: string;
  outInterface?: string | undefined;
  /** Always true; here so that rules which went away show as a difference. */
  present: true;
  boot: boolean;
}

interface Seen {
  present: boolean;
}

/** Source NAT on the director for connections that the real servers open themselves. */
export const masquerade: Kind<Want, Seen> = {
  name: "Masquerade",
  inputs: z.object({
    source: network,
    outInterface: device.optional(),
    present: z.literal(true).default(true),
    boot,
  }),
  identity: (want) => [want.source, ...(want.outInterface ? [want.outInterface] : [])].join(" "),

  observe: ({ had, want }) => [lookAtRules(rules((want ?? had) as Want))],
  read: ([reply], { want }) => ({ present: readRules(reply, want !== undefined).length > 0 }),
  plan({ had, want }, seen) {
    const about = (want ?? had) as Want;
    if (seen.present === (want !== undefined)) return [];
    return want
      ? [{ run: sh(putRules(rules(about))), purpose: `masquerading connections from ${about.source}` }]
      : [{ run: sh(takeRules(rules(about))), purpose: `ending the masquerading of ${about.source}` }];
  },
  report: (_, seen) => ({ present: seen.present }),
  boot: (want) => [fragment(40, `masquerade-${want.source}-${want.outInterface ?? "any"}`, rulesAtBoot(rules(want)))],
};

function rules({ source, outInterface: out }: Want): Rules {
  const words = source.includes(":") ? "ip6" : "ip";
  return {
    chain: "postrouting",
    comment: `lvs masquerade ${source}${out ? ` ${out}` : ""}`,
    ipv6: words === "ip6",
    nft: [`${words} saddr ${source} ${words} daddr != ${source} ${out ? `oifname "${out}" ` : ""}masquerade`],
    iptables: [`-s ${source} ! -d ${source}${out ? ` -o "${out}"` : ""} -j MASQUERADE`],
  };
}
