import { z } from "zod";
import { sh } from "../host/command";
import { map } from "../host/fact";
import { putRules, type Rules, rulesThere, takeRules } from "../linux/netfilter";
import { rulesAtBoot } from "../linux/netfilter-at-boot";
import { netfilterText } from "../linux/netfilter-text";
import { refuseWithoutMaker } from "../linux/netfilter-tools";
import { familyOf } from "../model/index";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot, device, network } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  source: string;
  outInterface?: string | undefined;
  /** Always true. The property is here so that rules that were deleted show as a difference. */
  present: true;
  boot: boolean;
}

interface Seen {
  present: boolean;
  /** The host's tools. The first is the one that makes the rules. */
  tools?: readonly string[];
}

/** Source NAT on the director for connections that real servers open. */
export const masquerade: Kind<Want, Seen> = {
  name: "Masquerade",
  inputs: z.object({
    source: network.refine(
      (one) => !one.endsWith("/0"),
      "say whose connections are masqueraded: all would be nobody's",
    ),
    outInterface: device.optional(),
    present: z.literal(true).default(true),
    boot,
  }),
  identity,

  look: (change) =>
    map(rulesThere(rules(about(change)), change.want !== undefined), ({ lines, ...tools }) => ({
      present: lines.length > 0,
      ...tools,
    })),
  plan({ had, want, found }, seen) {
    const about = (want ?? had) as Want;
    if (!want && found?.tools) refuseWithoutMaker(found.tools.slice(0, 1), seen.tools);
    if (seen.present === (want !== undefined)) return [];
    return want
      ? [{ run: sh(putRules(rules(about))), purpose: `masquerading connections from ${about.source}` }]
      : [{ run: sh(takeRules(rules(about))), purpose: `ending the masquerading of ${about.source}` }];
  },
  report: (_, seen) => ({ present: seen.present }),
  boot: (want) => [fragment(40, "Masquerade", identity(want), rulesAtBoot(rules(want)))],
  formerly(want) {
    const words = ["masquerade", want.source, want.outInterface ?? "any"];
    return { boot: [formerFragment(40, words, rulesAtBoot(rules(want)))] };
  },
};

function identity({ source, outInterface }: Want): string {
  return [source, ...(outInterface ? [outInterface] : [])].join(" ");
}

function rules({ source, outInterface: out }: Want): Rules {
  const words = familyOf(source) === "ipv6" ? "ip6" : "ip";
  return {
    chain: "postrouting",
    comment: `lvs masquerade ${source}${out ? ` ${out}` : ""}`,
    ipv6: words === "ip6",
    nft: [
      `${words} saddr ${source} ${words} daddr != ${source} ${out ? `oifname ${netfilterText(out)} ` : ""}masquerade`,
    ],
    iptables: [`-s ${source} ! -d ${source}${out ? ` -o ${netfilterText(out)}` : ""} -j MASQUERADE`],
  };
}
