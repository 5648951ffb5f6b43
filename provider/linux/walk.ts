/**
 * Shell functions by which root goes to a folder although other users may own folders on the way. A path is looked up anew by
 * every command that gets it, and whoever may write to a folder can put a link to /etc in the place of what was there. So a
 * script walks to the folder once, a name at a time, and names files from there: "./name".
 *
 * One look passes all folders at the beginning of the way that root alone can change: what is in such a folder stays what it is.
 *
 * - `guarded`: root alone can change the present folder.
 * - `near FOLDER`: goes from the root as far as one look tells that each folder is guarded, and is no link. `$rest` is left.
 * - `walk FOLDER`, `enter NAME`: go there. A link counts only in a guarded folder. The status is 2 if there is no such folder.
 * - `guard FOLDER`: goes there, and fails unless every folder on the way is guarded.
 * - `make FOLDER MARK …`: goes down, and makes folders that are missing. A mark tells that the folder is ours.
 * - `fresh NAME`: makes an empty folder, in which nobody else can put anything, and goes there.
 * - `content FILE`: prints a file of the present folder, and no file that a link leads to.
 */
export const WALK = `guarded() {
  [ "$PWD" != "$sure" ] || return 0
  case $(stat -c %u.%a .) in 0.*[2367]|0.*[2367]?) return 1;; 0.*) return 0;; *) return 1;; esac
}
refuse() { echo "$1: others than root may write to $(pwd). Let root alone write there, or choose another path" >&2; return 1; }
near() {
  whole=$1 rest=$1 way=$1 at='' sure=''
  set -- /
  while way=\${way#"\${way%%[!/]*}"}; [ -n "$way" ]; do
    part=\${way%%/*}
    case $part in .|..) break;; esac
    at=$at/$part way=\${way#"$part"}
    set -- "$@" "$at"
  done
  said=$(stat -c '%u.%a %F' -- "$@" 2>/dev/null)
  for at; do
    read -r is || break
    case $is in 0.*[2367]' directory'|0.*[2367]?' directory') break;; 0.*' directory') ;; *) break;; esac
    [ "$at" = / ] || { rest=\${rest#"\${rest%%[!/]*}"}; rest=\${rest#"\${rest%%/*}"}; }
    sure=$at
  done <<.
$said
.
  cd -P "\${sure:-/}" 2>/dev/null || { rest=$whole sure=''; cd /; }
}
enter() {
  rest=$1 links=0
  while [ -n "$rest" ]; do
    part=\${rest%%/*} rest=\${rest#"\${rest%%/*}"} rest=\${rest#/}
    case $part in ''|.) continue;; ..) cd -P .. || return 1; continue;; esac
    if guarded; then
      if [ -L "./$part" ]; then
        links=$((links + 1)); [ $links -le 40 ] || { echo "$(pwd)/$part: too many links" >&2; return 1; }
        to=$(readlink "./$part") || return 1
        case $to in /*) cd /;; esac
        rest=$to/$rest; continue
      fi
      [ -d "./$part" ] || return 2
      cd -P "./$part" || return 1
    else
      [ -z "$strict" ] || { refuse "$part"; return 1; }
      [ ! -L "./$part" ] || { refuse "$part is a link"; return 1; }
      [ -d "./$part" ] || return 2
      it=$(stat -c %d:%i "./$part") && cd -P "./$part" && [ "$it" = "$(stat -c %d:%i .)" ] || {
        refuse "$part was exchanged"; return 1; }
    fi
  done
}
walk() { near "$1" && enter "$rest"; }
guard() { strict=1; walk "$1" || return; guarded || refuse "$1"; }
make() {
  while [ $# -gt 0 ]; do
    # Passed already.
    case $PWD/ in "$1"/*) shift 2; continue;; esac
    [ -d "./\${1##*/}" ] || {
      [ ! -e "./\${1##*/}" ] || { echo "$1 is there, and is no folder: choose another path, or move it away" >&2; return 1; }
      { [ -z "$2" ] || : >"$2"; } && mkdir "./\${1##*/}" || { [ -z "$2" ] || rm -f "$2"; return 1; }
    }
    enter "\${1##*/}" || return 1
    shift 2
  done
}
fresh() { rm -rf "./$1" && mkdir -m 711 "./$1" && enter "$1" && { guarded || refuse "$1"; }; }
content() { dd if="$1" iflag=nofollow,nonblock bs=64k status=none; }
strict='' sure=''`;
