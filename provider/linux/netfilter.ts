import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import { hold, quote } from "../host/shell";
import { netfilterText } from "./netfilter-text";
import { INSTALL, NO_TOOL, TOOLS_THERE, toolsOf } from "./netfilter-tools";

/**
 * Rules of ours in one chain of netfilter. Their comment identifies them. On a host with nft(8) the rules are in the table
 * `inet lvs`, which no other program uses. On other hosts they are rules of iptables(8). A host may get nft later, or another
 * iptables: rules are looked for wherever one of its tools may have made them.
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

export const CHAINS = {
  prerouting: { nft: "type filter hook prerouting priority -150;", iptables: ["mangle", "PREROUTING"] },
  postrouting: { nft: "type nat hook postrouting priority 100;", iptables: ["nat", "POSTROUTING"] },
} as const;

interface RulesThere {
  /** Our rules with the comment, as the tools print them. */
  readonly lines: readonly string[];
  /** The tools of the host. The first is the one that would make the rules. */
  readonly tools?: readonly string[];
}

/** @param needed whether a host without nft and iptables is an error; otherwise such a host has no rules */
export function rulesThere(rules: Rules, needed: boolean): Fact<RulesThere> {
  const script = `${functions(rules)}
    ${TOOLS_THERE}
    makers=$(makers)
    [ -n "$makers" ] || { echo "neither nft nor $tables is installed" >&2; exit ${NO_TOOL}; }
    for tool in $makers; do
      rules=$(list "$tool") || exit 1; printf '%s\\n' "$rules" | grep -F -- "$comment"
    done; :`;
  return fact(sh(script), ({ exit, stdout, stderr }) => {
    if (exit !== 0 && (needed || exit !== NO_TOOL))
      throw new LvsError(`reading the netfilter rules: ${stderr.trim()}. ${exit === NO_TOOL ? INSTALL : AGAIN}`);
    const { tools, rest } = toolsOf(stdout);
    const lines = rest.map((line) => line.trim()).filter((line) => line !== "");
    return { lines, ...(tools.length > 0 && { tools }) };
  });
}

export const AGAIN = "Does another program change them, and does not end? Run again after that";

/**
 * Shell: replaces the rules with this comment by these, in one transaction. Those that another tool has made go after that.
 * The lines are words: bash keeps a here-document in /tmp, and where that is full the transaction would have what deletes the
 * former rules, and not the new ones.
 */
export function putRules(rules: Rules): string {
  const { nft, iptables } = CHAINS[rules.chain];
  const add = (rule: string) => `add rule inet lvs ${rules.chain} ${rule} comment ${netfilterText(rules.comment)}`;
  const append = (rule: string) =>
    `-A ${iptables[1]} ${rule.replace(" -j ", ` -m comment --comment ${netfilterText(rules.comment)} -j `)}`;
  const lines = (list: readonly string[]) => `printf '%s\\n' "$old" ${list.map(quote).join(" ")}`;
  return `${functions(rules)}
${LOCKED}
made=
for tool in $(makers); do
  rules=$(list "$tool") && old=$(old "$tool") || exit 1
  case $made$tool in
    nft) {
      echo 'add table inet lvs'; echo 'add chain inet lvs ${rules.chain} { ${nft} }'; ${lines(rules.nft.map(add))}
    } | nft -f - || exit;;
    "$tool") { ${lines(rules.iptables.map(append))}
    } | commit "$tool" || exit;;
    *) [ -z "$old" ] || printf '%s\\n' "$old" | commit "$tool" || exit;;
  esac
  made="made "
done
[ -n "$made" ] || { echo "neither nft nor $tables is installed" >&2; exit 1; }`;
}

/**
 * Shell: deletes the rules with this comment. The chain and the table are deleted with their last rule, in the same
 * transaction, so that nothing of ours is left.
 */
export function takeRules(rules: Rules): string {
  return `${functions(rules)}
${LOCKED}
for tool in $(makers); do
  rules=$(list "$tool") && old=$(old "$tool") || exit 1
  [ -n "$old" ] || continue
  if [ "$tool" = nft ]; then
    others=$(printf '%s\\n' "$rules" | grep ' comment ' | grep -cvF -- "$comment")
    chains=$(nft list table inet lvs | grep -c 'chain ')
    {
      printf '%s\\n' "$old"
      [ "$others" -gt 0 ] || echo delete chain inet lvs ${rules.chain}
      [ "$others" -gt 0 ] || [ "$chains" -gt 1 ] || echo delete table inet lvs
    } | nft -f - || exit
  else
    printf '%s\\n' "$old" | commit "$tool" || exit
  fi
done`;
}

// All rules share one table. Without the lock, a run could add a rule after another run has seen that the table is empty and
// before that run deletes the table.
export const LOCKED = hold("netfilter");

/**
 * Shell functions. `makers` prints the tools that make such rules or may have made some, first the one that does. An iptables of
 * the other kind (iptables-legacy, iptables-nft) is another tool; that of the old kind makes its table when it lists it, so it is
 * asked only where the kernel has the table. `list` prints all rules of a tool's chain. It fails where they cannot be read, which
 * would count as none; where there is no chain, or the kernel has no such table, there are none. `old` prints the commands that
 * delete our rules from the list in `$rules`. The list is complete before a transaction begins, because reading and committing at
 * the same time wait for each other's lock (iptables-legacy). `$comment` includes its quotes: the closing quote distinguishes
 * `… 10.0.0.0/24` from `… 10.0.0.0/24 eth0`.
 */
function functions({ chain, comment, ipv6 }: Rules): string {
  const [table, builtIn] = CHAINS[chain].iptables;
  return `comment=${quote(netfilterText(comment))} tables=${ipv6 ? "ip6tables" : "iptables"}
has() { command -v "$1" >/dev/null; }
makers() {
  kinds=
  if has nft; then echo nft; kinds=nft; fi
  for tool in $tables $tables-nft $tables-legacy; do
    has "$tool" || continue
    kind=\${tool#"$tables-"}
    [ "$kind" != "$tool" ] || case $("$tool" -V 2>/dev/null) in *nf_tables*) kind=nft;; *) kind=legacy;; esac
    case $kinds in *"iptables-$kind"*) continue;; esac
    [ "$kind" = nft ] || [ -z "$kinds" ] || grep -qsx ${table} "/proc/net/\${tables%tables}_tables_names" || continue
    echo "$tool"; kinds="$kinds iptables-$kind"
  done
}
list() {
  if [ "$1" = nft ]; then set -- nft -a list chain inet lvs ${chain}; else set -- "$1" -w 30 -t ${table} -S ${builtIn}; fi
  said=$("$@" 2>&1) || case $said in
    *"Error: No such file or directory"*|*"No chain"*|*"does not exist"*|*incompatible*|*"not supported"*|*"Invalid argument"*) return 0;;
    *) printf '%s\\n' "\${said:-$1 ends without a word}" >&2; return 1;;
  esac
  printf '%s\\n' "$said"
}
old() {
  printf '%s\\n' "$rules" | grep -F -- "$comment" |
    if [ "$1" = nft ]; then sed 's/.*# handle /delete rule inet lvs ${chain} handle /'; else sed 's/^-A /-D /'; fi
}
commit() { { echo '*${table}'; cat; echo COMMIT; } | "$1-restore" -w 30 -n; }`;
}
