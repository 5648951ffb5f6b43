import { z } from "zod";
import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { facts, map, printed } from "../host/fact";
import {
  closeInput,
  type InputChains,
  inputChains,
  type LetIn,
  openInput,
  refuseWithoutTools,
} from "../linux/input-chains";
import { openInputAtBoot } from "../linux/input-chains-at-boot";
import { ufwThere } from "../linux/ufw";
import { familyOf, hostNetwork } from "../model";
import { fragment } from "../reconcile/boot";
import { network } from "../reconcile/inputs";
import { about, type Kind } from "../reconcile/kind";

interface Want {
  source: string;
  /** Always true: so a deleted rule or a new firewall shows as a difference. */
  open: true;
  boot: true;
}

interface Seen {
  /** Whether firewalld runs. It forwards by zones and policies of its own. */
  readonly firewalld: boolean;
  /** Whether ufw is active, and whether it has our rule. */
  readonly ufw: { readonly active: boolean; readonly ours: boolean };
  readonly netfilter: InputChains;
}

/**
 * What a host forwards from a network, and the answers to it. A NAT director forwards the replies of its real servers, and a
 * firewall that routes nothing by itself drops them, as Docker's does. The rule is made by ufw if it is active. On other hosts
 * each chain that may drop what is forwarded gets one.
 */
export const forwardRule: Kind<Want, Seen> = {
  name: "ForwardRule",
  inputs: z.object({
    source: network.refine((one) => !one.endsWith("/0"), "name the network of the real servers"),
    open: z.literal(true).default(true),
    boot: z.literal(true, { message: "a rule always holds after a reboot too: leave it out" }).default(true),
  }),
  identity: (want) => want.source,

  look(change) {
    const it = about(change);
    const ufw = map(ufwThere, ({ active, added }) => ({
      active,
      ours: added.includes(`ufw route allow from ${it.source} comment '${commentOf(it)}'`),
    }));
    const firewalld = printed({ argv: ["firewall-cmd", "--state"] }, (text) => text.trim() === "running");
    return facts<Seen>({ firewalld, ufw, netfilter: inputChains(netfilter(it)) });
  },
  plan({ had, want, found }, seen) {
    if (want) return isOpen(seen) ? [] : [{ run: open(want, seen), purpose: `forwarding from ${want.source}` }];
    const it = had as Want;
    refuseWithoutTools(found?.netfilter, seen.netfilter);
    const purpose = `no longer forwarding from ${it.source}`;
    return [
      ...(seen.ufw.ours ? [{ run: tellUfw("delete", it), purpose: `${purpose} (ufw)` }] : []),
      ...(seen.netfilter.ours.length > 0 ? [{ run: sh(closeInput(netfilter(it))), purpose }] : []),
    ];
  },
  report: (_, seen) => ({ open: isOpen(seen), firewall: rulerOf(seen) }),
  boot: (want) => [
    fragment(
      50,
      "ForwardRule",
      want.source,
      `ufw status 2>/dev/null | grep -q '^Status: active' || {\n${openInputAtBoot(netfilter(want))}\n}`,
    ),
  ],
  outputs: ["firewall"],
};

const commentOf = ({ source }: Want) => `lvs forwards from ${source}`;

function isOpen({ firewalld, ufw, netfilter }: Seen): boolean {
  return !firewalld && (ufw.active ? ufw.ours : netfilter.shut.length === 0);
}

function rulerOf({ firewalld, ufw, netfilter: { ours, shut } }: Seen): string {
  if (firewalld) return "firewalld";
  return ufw.active ? "ufw" : [...new Set([...ours, ...shut])].join(", ") || "none";
}

function open(want: Want, { firewalld, ufw }: Seen): Command {
  if (firewalld)
    throw new LvsError(
      "firewalld forwards by zones and policies, and knows no such rule. It forwards the replies of real servers by itself where " +
        "netfilter follows IPVS' connections: leave this out, and declare the Sysctl net.ipv4.vs.conntrack = 1",
    );
  return ufw.active ? tellUfw("prepend", want) : sh(openInput(netfilter(want)));
}

function tellUfw(verb: "prepend" | "delete", want: Want): Command {
  const comment = verb === "prepend" ? ["comment", commentOf(want)] : [];
  return { argv: ["ufw", "route", verb, "allow", "from", want.source, "to", "any", ...comment] };
}

/** The rules in the words of nft and of iptables: what comes from the network, and the answers to it. */
function netfilter(want: Want): LetIn {
  const family = familyOf(want.source) === "ipv4" ? "ip" : "ip6";
  const source = want.source.includes("/") ? want.source : hostNetwork(want.source);
  return {
    hook: "forward",
    comment: commentOf(want),
    families: [family],
    nft: [`${family} saddr ${want.source}`, `${family} daddr ${want.source} ct state established,related`],
    iptables: [`-s ${source}`, `-d ${source} -m conntrack --ctstate RELATED,ESTABLISHED`],
    same: [],
  };
}
