import { z } from "zod";
import { fragment } from "../boot";
import { sh } from "../command";
import { LvsError } from "../errors";
import { boot, device, network } from "../inputs";
import type { Kind } from "../kind";
import { quote } from "../shell";

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

/**
 * Source NAT on the director for connections that the real servers open themselves. In the table `inet lvs`, which is ours
 * alone, where nft exists; by iptables otherwise. Rules are found again by their comment.
 */
export const masquerade: Kind<Want, Seen> = {
  name: "Masquerade",
  inputs: z.object({
    source: network,
    outInterface: device.optional(),
    present: z.literal(true).default(true),
    boot,
  }),
  identity: (want) => [want.source, ...(want.outInterface ? [want.outInterface] : [])].join(" "),

  observe: ({ had, want }) => [
    sh(
      `if command -v nft >/dev/null; then nft list chain inet lvs postrouting 2>/dev/null | grep -cF -- "$1"
      elif command -v iptables >/dev/null; then iptables -w 30 -t nat -S POSTROUTING | grep -cF -- "$1"
      else echo "neither nft nor iptables is installed" >&2; exit 127; fi`,
      quoted((want ?? had) as Want),
    ),
  ],
  read([reply], { want }) {
    if (want && reply?.exit !== 0 && reply?.exit !== 1)
      throw new LvsError(
        `reading the source NAT rules: ${reply?.stderr.trim()}. Install nftables, with a Package for instance`,
      );
    return { present: Number(reply?.stdout.trim()) > 0 };
  },
  plan({ had, want }, seen) {
    const about = (want ?? had) as Want;
    if (seen.present === (want !== undefined)) return [];
    return want
      ? [{ run: sh(add(about)), because: `masquerading connections from ${about.source}` }]
      : [{ run: sh(take(about)), because: `ending the masquerading of ${about.source}` }];
  },
  report: (_, seen) => ({ present: seen.present }),
  boot: (want) => [
    fragment(
      40,
      `masquerade-${want.source}-${want.outInterface ?? "any"}`,
      `{ ${lookScript(want)}; } || {\n${add(want)}\n}`,
    ),
  ],
};

function comment(want: Want): string {
  return `lvs masquerade ${want.source}${want.outInterface ? ` ${want.outInterface}` : ""}`;
}

/** As nft and iptables print it: the closing quote tells `… 10.0.0.0/24` from `… 10.0.0.0/24 eth0`. */
function quoted(want: Want): string {
  return `"${comment(want)}"`;
}

function lookScript(want: Want): string {
  return `nft list chain inet lvs postrouting 2>/dev/null | grep -qF -- ${quote(quoted(want))} ||
  iptables -w 30 -t nat -S POSTROUTING 2>/dev/null | grep -qF -- ${quote(quoted(want))}`;
}

// All rules share the table: one must not come between another's look whether it was the last and its taking the table along.
const LOCKED = "mkdir -p /run/lock/lvs && exec 8>/run/lock/lvs/masquerade && flock -w 100 8 || exit 1";

function add(want: Want): string {
  const words = want.source.includes(":") ? "ip6" : "ip";
  const out = want.outInterface ? `oifname "${want.outInterface}" ` : "";
  const rule = `${words} saddr ${want.source} ${words} daddr != ${want.source} ${out}masquerade comment "${comment(want)}"`;
  return `${LOCKED}
if command -v nft >/dev/null; then
  nft -f - <<'END'
add table inet lvs
add chain inet lvs postrouting { type nat hook postrouting priority 100; }
add rule inet lvs postrouting ${rule}
END
else
  iptables -w 30 -t nat -A POSTROUTING ${iptables(want)}
fi`;
}

// The last rule takes the table along, so that nothing of ours is left; in one transaction, which cannot be cut in two.
function take(want: Want): string {
  return `${LOCKED}
if command -v nft >/dev/null; then
  rules=$(nft list chain inet lvs postrouting | grep -c ' comment ') chains=$(nft list table inet lvs | grep -c 'chain ')
  handle=$(nft -a list chain inet lvs postrouting | grep -F -- ${quote(quoted(want))} | sed 's/.*# handle //' | head -n 1)
  {
    echo delete rule inet lvs postrouting handle "$handle"
    [ "$rules" -gt 1 ] || echo delete chain inet lvs postrouting
    [ "$rules" -gt 1 ] || [ "$chains" -gt 1 ] || echo delete table inet lvs
  } | nft -f -
else
  iptables -w 30 -t nat -D POSTROUTING ${iptables(want)}
fi`;
}

function iptables(want: Want): string {
  const out = want.outInterface ? ["-o", want.outInterface] : [];
  const words = [
    "-s",
    want.source,
    "!",
    "-d",
    want.source,
    ...out,
    "-m",
    "comment",
    "--comment",
    comment(want),
    "-j",
    "MASQUERADE",
  ];
  return words.map(quote).join(" ");
}
