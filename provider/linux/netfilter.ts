import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import { hold, quote } from "../host/shell";
import { netfilterText } from "./netfilter-text";

/**
 * Rules of ours in one chain of netfilter. Their comment identifies them. On a host with nft(8) the rules are in the table
 * `inet lvs`, which no other program uses. On other hosts they are rules of iptables(8).
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
 * Our rules with this comment, as the tool prints them.
 *
 * @param needed whether a host without nft and iptables is an error; otherwise such a host has no rules
 */
export function rulesThere(rules: Rules, needed: boolean): Fact<string[]> {
  const script = `${tools(rules)}
    ${listed(rules)}
    has nft || has "$tables" || { echo "neither nft nor $tables is installed" >&2; exit ${NO_TOOL}; }
    rules=$(list) || exit; printf '%s\\n' "$rules" | grep -F -- "$comment" || :`;
  return fact(sh(script), ({ exit, stdout, stderr }) => {
    if (exit !== 0 && (needed || exit !== NO_TOOL))
      throw new LvsError(`reading the netfilter rules: ${stderr.trim()}. ${exit === NO_TOOL ? INSTALL : AGAIN}`);
    return stdout
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  });
}

const NO_TOOL = 127;
const INSTALL = "Install nftables, with a Package for instance";
const AGAIN = "Does another program change them, and does not end? Run again after that";

/** Shell: prints lines. */
type Printed = (lines: readonly string[]) => string;

/**
 * bash keeps a here-document in /tmp. If that is full, the transaction would have what deletes the former rules, and not the new ones.
 */
const asWords: Printed = (lines) => `printf '%s\\n' ${lines.map(quote).join(" ")}`;

/** What fragments have. Their texts stay: every state knows them. */
const asDocument: Printed = (lines) => `cat <<'END'\n${lines.join("\n")}\nEND`;

/** Shell: replaces the rules with this comment by these, in one transaction. */
export function putRules(rules: Rules, printed: Printed = asWords): string {
  const { nft, iptables } = CHAINS[rules.chain];
  const add = (rule: string) => `add rule inet lvs ${rules.chain} ${rule} comment ${netfilterText(rules.comment)}`;
  const append = (rule: string) =>
    `-A ${iptables[1]} ${rule.replace(" -j ", ` -m comment --comment ${netfilterText(rules.comment)} -j `)}`;
  const lines = (list: readonly string[]) => `printf '%s\\n' "$old"; ${printed(list)}`;
  return `${tools(rules)}${printed === asDocument ? "" : `\n${listed(rules)}`}
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

/**
 * Shell: deletes the rules with this comment. The chain and the table are deleted with their last rule, in the same
 * transaction, so that nothing of ours is left.
 */
export function takeRules(rules: Rules): string {
  return `${tools(rules)}
${listed(rules)}
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

/** Shell for the boot: adds the rules unless they are there. */
export function rulesAtBoot(rules: Rules): string {
  return `{ ${tools(rules)}
if has nft || has "$tables"; then list | grep -qF -- "$comment"; else false; fi; } || {
${putRules(rules, asDocument)}
}`;
}

// All rules share one table. Without the lock, a run could add a rule after another run has seen that the table is empty and
// before that run deletes the table.
export const LOCKED = hold("netfilter");

/**
 * Shell functions. `list` prints all rules of the chain. `old` prints the commands that delete our rules with this comment from
 * the list in `$rules`. The list is complete before the transaction begins, because reading and committing at the same time
 * wait for each other's lock (iptables-legacy). `$comment` includes its quotes: the closing quote distinguishes
 * `… 10.0.0.0/24` from `… 10.0.0.0/24 eth0`.
 */
function tools({ chain, comment, ipv6 }: Rules): string {
  const [table, old] = CHAINS[chain].iptables;
  return `comment=${quote(netfilterText(comment))} tables=${ipv6 ? "ip6tables" : "iptables"}
has() { command -v "$1" >/dev/null; }
rules=
list() { if has nft; then nft -a list chain inet lvs ${chain} 2>/dev/null || :; else $tables -w 30 -t ${table} -S ${old}; fi; }
old() {
  printf '%s\\n' "$rules" | grep -F -- "$comment" |
    if has nft; then sed 's/.*# handle /delete rule inet lvs ${chain} handle /'; else sed 's/^-A /-D /'; fi
}
commit() { { echo '*${table}'; cat; echo COMMIT; } | $tables-restore -w 30 -n; }`;
}

/**
 * Shell: `list` that fails where the rules cannot be read, which would count as none: iptables(8) ends with 4 while another program
 * has its lock. Where there is no chain, or the kernel has no such table, there are no rules. Fragments do without: their texts stay.
 */
function listed({ chain }: Rules): string {
  const [table, old] = CHAINS[chain].iptables;
  return `list() {
  if has nft; then
    said=$(nft -a list chain inet lvs ${chain} 2>&1) || case $said in
      *"No such file or directory"*|*"not supported"*|*"Invalid argument"*) return 0;;
      *) printf '%s\\n' "$said" >&2; return 1;;
    esac
  else
    said=$($tables -w 30 -t ${table} -S ${old} 2>&1) || { [ $? = 4 ] || return 0; printf '%s\\n' "$said" >&2; return 1; }
  fi
  printf '%s\\n' "$said"
}`;
}
