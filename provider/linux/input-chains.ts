import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import { quote } from "../host/shell";
import { AGAIN, LOCKED } from "./netfilter";
import { netfilterText } from "./netfilter-text";
import { refuseWithoutMaker, TOOLS_THERE, toolsOf } from "./netfilter-tools";

/**
 * Packets that our rules let in or forward, in chains of other programs. Each chain that hooks input, or forward, and may drop
 * packets gets the rules, because an accept in one chain does not overrule a drop in another. Our rules are the first of their
 * chain. Their comment identifies them.
 */
export interface LetIn {
  readonly comment: string;
  /** The families of the packets, in nft's words: "ip", "ip6". */
  readonly families: readonly string[];
  /**
   * The hook of the chains.
   * @default "input"
   */
  readonly hook?: "input" | "forward";
  /** The matches of the packets that nft takes, one a rule. */
  readonly nft: readonly string[];
  /** The matches of the packets that iptables takes, one a rule. */
  readonly iptables: readonly string[];
  /** Rules that say the same, as `nft -n list` and `iptables -S` print them without counters and comments. */
  readonly same: readonly string[];
}

/** Chains by name: "nft inet filter input", "iptables-legacy ip filter INPUT". */
export interface InputChains {
  /** Chains that have a rule of ours. */
  readonly ours: readonly string[];
  /** Chains in which another program's rule says the same. */
  readonly theirs: readonly string[];
  /** Chains that may drop the packets. */
  readonly shut: readonly string[];
  /** The host's tools. The first word of a chain's name is the one that reads and changes it. */
  readonly tools?: readonly string[];
}

export function inputChains(rule: LetIn): Fact<InputChains> {
  return fact(sh(`${definitions(rule)}\n${FUNCTIONS}\n${TOOLS_THERE}\nlook`), ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new LvsError(`reading the netfilter rules: ${stderr.trim()}. ${AGAIN}`);
    const of = (state: string) =>
      [...stdout.matchAll(/^(\w+) (.+)$/gm)].filter(([, at]) => at === state).map(([, , chain]) => chain as string);
    const { tools } = toolsOf(stdout);
    return { ours: of("ours"), theirs: of("theirs"), shut: of("shut"), ...(tools.length > 0 && { tools }) };
  });
}

/** Throws where a tool by which the rule may have come into chains is gone: the rule would stay there, and be forgotten. */
export function refuseWithoutTools(found: InputChains | undefined, { tools }: InputChains): void {
  if (found?.tools) refuseWithoutMaker([...new Set(found.shut.map((chain) => chain.split(" ")[0] as string))], tools);
}

/** Shell: adds the rule to the chains that may drop the packets. Other chains are not touched. */
export function openInput(rule: LetIn): string {
  return `${definitions(rule)}\n${FUNCTIONS}\n${LOCKED}\nchange shut`;
}

/** Shell: deletes our rules. */
export function closeInput(rule: LetIn): string {
  return `${definitions(rule)}\n${FUNCTIONS}\n${LOCKED}\nchange ours`;
}

/** Shell: the rule, for functions. */
export function definitions({ comment, families, hook = "input", nft, iptables, same }: LetIn): string {
  return `comment=${quote(netfilterText(comment))} families=${quote(` inet ${families.join(" ")} `)}
hook=${hook} hooked=${hook.toUpperCase()}
nft_rules=${quote(nft.join("\n"))}
iptables_rules=${quote(iptables.join("\n"))}
same=${quote(same.length > 0 ? same.join("\n") : "-")}`;
}

/**
 * Tables that iptables-nft(8) made are changed by iptables-nft, because it may not understand rules that nft adds. The tools of
 * iptables-legacy create their tables when they are asked to list them, so they are asked only if the kernel has the tables.
 *
 * The list is complete before a transaction begins, because reading and committing at the same time wait for each other's lock
 * (iptables-legacy).
 */
const FUNCTIONS = `has() { command -v "$1" >/dev/null; }
chains() {
  if has nft; then
    listed=$(nft list chains 2>&1) || case $listed in
      *"not supported"*|*"Invalid argument"*) listed=;;
      *) echo "$listed" >&2; return 1;;
    esac
    printf '%s\\n' "$listed" | while read -r a b c d rest; do
      case $a in
        table) family=$b table=$c;;
        chain) chain=$b;;
        type)
          [ "$b $c $d" = "filter hook $hook" ] || continue
          tool=nft
          case $family/$chain in ip/"$hooked"|ip6/"$hooked") tool=\${family}tables-nft;; esac
          [ "$tool" = nft ] || ! has "$tool" || said=$("$tool" -w 30 -t "$table" -S "$hooked" 2>&1) || case $? in
            1|2) tool=nft;;
            *) printf '%s\\n' "$said" >&2; exit 1;;
          esac
          has "$tool" || tool=nft
          echo "$tool $family $table $chain";;
      esac
    done || return
  else
    for family in ip ip6; do
      tool=\${family}tables
      case $("$tool" -V 2>/dev/null) in *nf_tables*) echo "$tool $family filter $hooked";; esac
    done
  fi
  for family in ip ip6; do
    grep -qx filter /proc/net/\${family}_tables_names 2>/dev/null || continue
    tool=\${family}tables-legacy; has "$tool" || tool=\${family}tables
    case $("$tool" -V 2>/dev/null) in ''|*nf_tables*) ;; *) echo "$tool $family filter $hooked";; esac
  done
}
list() {
  if [ "$1" = nft ]; then set -- nft -n -s list chain "$2" "$3" "$4"; else set -- "$1" -w 30 -t "$3" -S "$4"; fi
  said=$("$@" 2>&1) || case $?,$1,$said in
    1,nft,*"Error: No such file or directory"*|1,nft,*"Error: syntax error"*|[12],*tables*,*) return 0;;
    *) printf '%s\\n' "\${said:-$1 ends without a word}" >&2; return 1;;
  esac
  printf '%s\\n' "$said" | sed 's/^[[:blank:]]*//; s/ counter / /'
}
drops() {
  rules=$(list "$1" "$2" "$3" "$4") || return 2
  printf '%s\\n' "$rules" | grep -Eiqw 'drop|reject|queue|nfqueue|tarpit' && return
  for next in $(printf '%s\\n' "$rules" | grep -Eo -- '(jump|goto|-j|-g) [^ ,}]+' | sed 's/.* //' | sort -u); do
    drops "$1" "$2" "$3" "$next"
    case $? in 0) return 0;; 2) return 2;; esac
  done
  return 1
}
look() {
  known=$(chains) || return
  printf '%s\\n' "$known" | while read -r tool family table chain; do
    case $families in *" $family "*) ;; *) continue;; esac
    all=$(list "$tool" "$family" "$table" "$chain") || exit 1
    live=$(printf '%s\\n' "$all" | sed -E '/^(-A [^ ]+ -j )?(drop|reject( with .*)?|DROP|REJECT( --reject.*)?)$/,$d')
    place="$tool $family $table $chain"
    case $all in *"$comment"*) echo "ours $place";; esac
    [ "$(printf '%s\\n' "$live" | grep -cF -- "$comment")" -lt "$(printf '%s\\n' "$nft_rules" | grep -c .)" ] || continue
    drops "$tool" "$family" "$table" "$chain"
    case $? in 1) continue;; 2) exit 1;; esac
    if printf '%s\\n' "$live" | grep -vF -- "$comment" |
      sed -E 's/ comment "[^"]*"$//; s/ -m comment --comment ("[^"]*"|[^ ]+)//' | grep -qxF -- "$same"
    then echo "theirs $place"; else echo "shut $place"; fi
  done
}
change() {
  seen=$(look) || return
  printf '%s\\n' "$seen" | while read -r state tool family table chain; do
    [ "$state" = "$1" ] || continue
    if [ "$tool" = nft ]; then
      all=$(nft -a list chain "$family" "$table" "$chain") || exit
      old=$(printf '%s\\n' "$all" | grep -F -- "$comment" |
        sed "s|.*# handle |delete rule $family $table $chain handle |")
      { printf '%s\\n' "$old"
        [ "$1" = ours ] || printf '%s\\n' "$nft_rules" | while read -r rule; do
          echo "insert rule $family $table $chain $rule accept comment $comment"
        done
      } | nft -f - || exit
    else
      all=$("$tool" -w 30 -t "$table" -S "$chain") || exit
      old=$(printf '%s\\n' "$all" | grep -F -- "$comment" | sed 's/^-A /-D /')
      { echo "*$table"; printf '%s\\n' "$old"
        [ "$1" = ours ] || printf '%s\\n' "$iptables_rules" | while read -r rule; do
          echo "-I $chain 1 $rule -m comment --comment $comment -j ACCEPT"
        done
        echo COMMIT
      } | "$tool-restore" -w 30 -n || exit
    fi
  done
}`;
