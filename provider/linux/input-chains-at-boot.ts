import { definitions, type LetIn } from "./input-chains";
import { LOCKED } from "./netfilter";

/** Shell for the boot: as `openInput`. The text stays as it is: the state of a former version names it. */
export function openInputAtBoot(rule: LetIn): string {
  return `${definitions(rule)}\n${FUNCTIONS}\n${LOCKED}\nchange shut`;
}

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
          [ "$tool" = nft ] || "$tool" -w 30 -t "$table" -S "$hooked" >/dev/null 2>&1 || tool=nft
          echo "$tool $family $table $chain";;
      esac
    done
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
  if [ "$1" = nft ]; then nft -n -s list chain "$2" "$3" "$4" | sed 's/^[[:blank:]]*//; s/ counter / /'
  else "$1" -w 30 -t "$3" -S "$4"; fi 2>/dev/null
}
drops() {
  rules=$(list "$1" "$2" "$3" "$4")
  printf '%s\\n' "$rules" | grep -Eiqw 'drop|reject|queue|nfqueue|tarpit' && return
  for next in $(printf '%s\\n' "$rules" | grep -Eo -- '(jump|goto|-j|-g) [^ ,}]+' | sed 's/.* //' | sort -u); do
    drops "$1" "$2" "$3" "$next" && return
  done
  false
}
look() {
  known=$(chains) || return
  printf '%s\\n' "$known" | while read -r tool family table chain; do
    case $families in *" $family "*) ;; *) continue;; esac
    all=$(list "$tool" "$family" "$table" "$chain")
    live=$(printf '%s\\n' "$all" | sed -E '/^(-A [^ ]+ -j )?(drop|reject( with .*)?|DROP|REJECT( --reject.*)?)$/,$d')
    place="$tool $family $table $chain"
    case $all in *"$comment"*) echo "ours $place";; esac
    [ "$(printf '%s\\n' "$live" | grep -cF -- "$comment")" -lt "$(printf '%s\\n' "$nft_rules" | grep -c .)" ] || continue
    drops "$tool" "$family" "$table" "$chain" || continue
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
      old=$(nft -a list chain "$family" "$table" "$chain" | grep -F -- "$comment" |
        sed "s|.*# handle |delete rule $family $table $chain handle |")
      { printf '%s\\n' "$old"
        [ "$1" = ours ] || printf '%s\\n' "$nft_rules" | while read -r rule; do
          echo "insert rule $family $table $chain $rule accept comment $comment"
        done
      } | nft -f - || exit
    else
      old=$("$tool" -w 30 -t "$table" -S "$chain" | grep -F -- "$comment" | sed 's/^-A /-D /')
      { echo "*$table"; printf '%s\\n' "$old"
        [ "$1" = ours ] || printf '%s\\n' "$iptables_rules" | while read -r rule; do
          echo "-I $chain 1 $rule -m comment --comment $comment -j ACCEPT"
        done
        echo COMMIT
      } | "$tool-restore" -w 30 -n || exit
    fi
  done
}`;
