import { quote } from "../host/shell";
import { CHAINS, LOCKED, type Rules } from "./netfilter";
import { netfilterText } from "./netfilter-text";

/** Shell for the boot: adds the rules unless they are there. The text stays as it is: the state of a former version names it. */
export function rulesAtBoot({ chain, comment, ipv6, nft, iptables }: Rules): string {
  const { nft: kind, iptables: at } = CHAINS[chain];
  const [table, builtIn] = at;
  const named = netfilterText(comment);
  const add = (rule: string) => `add rule inet lvs ${chain} ${rule} comment ${named}`;
  const append = (rule: string) => `-A ${builtIn} ${rule.replace(" -j ", ` -m comment --comment ${named} -j `)}`;
  const lines = (list: readonly string[]) => `printf '%s\\n' "$old"; cat <<'END'\n${list.join("\n")}\nEND`;
  const tools = `comment=${quote(named)} tables=${ipv6 ? "ip6tables" : "iptables"}
has() { command -v "$1" >/dev/null; }
rules=
list() { if has nft; then nft -a list chain inet lvs ${chain} 2>/dev/null || :; else $tables -w 30 -t ${table} -S ${builtIn}; fi; }
old() {
  printf '%s\\n' "$rules" | grep -F -- "$comment" |
    if has nft; then sed 's/.*# handle /delete rule inet lvs ${chain} handle /'; else sed 's/^-A /-D /'; fi
}
commit() { { echo '*${table}'; cat; echo COMMIT; } | $tables-restore -w 30 -n; }`;
  return `{ ${tools}
if has nft || has "$tables"; then list | grep -qF -- "$comment"; else false; fi; } || {
${tools}
${LOCKED}
rules=$(list) && old=$(old) || exit 1
if has nft; then
  { echo 'add table inet lvs'; echo 'add chain inet lvs ${chain} { ${kind} }'; ${lines(nft.map(add))}
  } | nft -f -
else
  { ${lines(iptables.map(append))}
  } | commit
fi
}`;
}
