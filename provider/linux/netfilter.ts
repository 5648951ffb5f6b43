import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import { hold, quote } from "../host/shell";

/**
 * Rules of ours in one chain of netfilter, found again by their comment: in the table `inet lvs`, which is ours alone, where
 * nft(8) exists; by iptables(8) otherwise.
 */
export interface Rules {
  readonly chain: keyof typeof CHAINS;
  readonly comment: string;
  readonly ipv6: boolean;
  /** Each as nft takes it, without the comment. */
  readonly nft: readonly string[];
  /** Each as iptables takes it, without chain and comment. */
  readonly iptables: readonly string[];
}

const CHAINS = {
  prerouting: { nft: "type filter hook prerouting priority -150;", iptables: ["mangle", "PREROUTING"] },
  postrouting: { nft: "type nat hook postrouting priority 100;", iptables: ["nat", "POSTROUTING"] },
} as const;

/**
 * Our rules of this comment, as their tool prints them; on a host that has no tool for them there are none.
 *
 * @param needed a host without a tool cannot carry them
 */
export function rulesThere(rules: Rules, needed: boolean): Fact<string[]> {
  const script = `${tools(rules)}
    if has nft; then list | { grep -F -- "$comment" || :; }
    elif has "$tables"; then list | { grep -F -- "$comment" || :; }
    else echo "neither nft nor $tables is installed" >&2; exit 127; fi`;
  return fact(sh(script), ({ exit, stdout, stderr }) => {
    if (needed && exit !== 0)
      throw new LvsError(
        `reading the netfilter rules: ${stderr.trim()}. Install nftables, with a Package for instance`,
      );
    return stdout
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  });
}

/** Puts them there in place of what is there under this comment, in one transaction. */
export function putRules(rules: Rules): string {
  const { nft, iptables } = CHAINS[rules.chain];
  const add = (rule: string) => `add rule inet lvs ${rules.chain} ${rule} comment "${rules.comment}"`;
  const append = (rule: string) =>
    `-A ${iptables[1]} ${rule.replace(" -j ", ` -m comment --comment "${rules.comment}" -j `)}`;
  const lines = (list: readonly string[]) => `printf '%s\\n' "$old"; cat <<'END'\n${list.join("\n")}\nEND`;
  return `${tools(rules)}
${LOCKED}
rules=$(list) && old=$(old) || exit 1
if has nft; then
  { echo 'add table inet lvs'; echo 'add chain inet lvs ${rules.chain} { ${nft} }'; ${lines(rules.nft.map(add))}
  } | nft -f -
else
  { ${lines(rules.iptables.map(append))}
  } | commit
fi`;
}

// The last rule takes the table along, so that nothing of ours is left; in one transaction, which cannot be cut in two.
export function takeRules(rules: Rules): string {
  return `${tools(rules)}
${LOCKED}
rules=$(list) && old=$(old) || exit 1
if has nft; then
  others=$(printf '%s\\n' "$rules" | grep ' comment ' | grep -cvF -- "$comment")
  chains=$(nft list table inet lvs | grep -c 'chain ')
  {
    printf '%s\\n' "$old"
    [ "$others" -gt 0 ] || echo delete chain inet lvs ${rules.chain}
    [ "$others" -gt 0 ] || [ "$chains" -gt 1 ] || echo delete table inet lvs
  } | nft -f -
else
  printf '%s\\n' "$old" | commit
fi`;
}

/** Idempotent, for the boot: nothing is touched where they are there. */
export function rulesAtBoot(rules: Rules): string {
  return `{ ${tools(rules)}
if has nft || has "$tables"; then list | grep -qF -- "$comment"; else false; fi; } || {
${putRules(rules)}
}`;
}

// All rules share the table: one must not come between another's look whether it was the last and its taking the table along.
const LOCKED = hold("netfilter");

/**
 * `old` prints what takes our rules of this comment away, of those that `list` printed. That has ended before the transaction begins:
 * reading and committing at the same time wait for each other's lock (iptables-legacy). The closing quote tells `… 10.0.0.0/24` from
 * `… 10.0.0.0/24 eth0`.
 */
function tools({ chain, comment, ipv6 }: Rules): string {
  const [table, old] = CHAINS[chain].iptables;
  return `comment=${quote(`"${comment}"`)} tables=${ipv6 ? "ip6tables" : "iptables"}
has() { command -v "$1" >/dev/null; }
rules=
list() { if has nft; then nft -a list chain inet lvs ${chain} 2>/dev/null || :; else $tables -w 30 -t ${table} -S ${old}; fi; }
old() {
  printf '%s\\n' "$rules" | grep -F -- "$comment" |
    if has nft; then sed 's/.*# handle /delete rule inet lvs ${chain} handle /'; else sed 's/^-A /-D /'; fi
}
commit() { { echo '*${table}'; cat; echo COMMIT; } | $tables-restore -w 30 -n; }`;
}
