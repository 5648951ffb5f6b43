import { BIRD_PARTS, BIRD_PROTOCOL, CHECKS_FOLDER } from "pulumi-lvs-provider/model";
import { FIGURES } from "./figures";

/**
 * What is declared on a director, beside what the kernel and keepalived say, and the figures made of it. One round goes to
 * standard output, so that an administrator can look; with more arguments a round follows the other.
 */
export const METRICS_SCRIPT = `#!/bin/sh
# Prints figures for Prometheus: metrics SITE [SECONDS FILE LINK]. Written by pulumi-lvs.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

vips() {
  for file in /etc/lvs/boot.d/20-VipAlias.*; do
    [ ! -e "$file" ] || echo "vip \${file##*/20-VipAlias.}"
  done | sed 's/%20.*//; s/%3A/:/g'
  ip -o address show | sed -n 's|^[0-9]*: [^ ]* *inet6* \\([^/ ]*\\).*|has \\1|p'
}

announced() {
  [ -d ${BIRD_PARTS} ] || return 0
  heard=unheard
  ! birdc show protocols 2>/dev/null | grep -Eq '^${BIRD_PROTOCOL}[^ ]+ +BGP .* Established' || heard=heard
  for part in ${BIRD_PARTS}/*.conf; do
    says=$heard part=\${part%.conf}
    ! grep -qs '^disabled;' "$part.withdrawn" "$part.unfit" || says=withdrawn
    sed -n "s|^ *route \\([0-9a-f.:]*\\)/[0-9]* unreachable;|announces \\1 $says|p" "$part.conf"
  done 2>/dev/null
}

vrrp() {
  set -- /etc/keepalived/lvs.d/*.conf
  [ -e "$1" ] || return 0
  runs=
  ! systemctl -q is-active keepalived.service || runs=yes
  for file; do
    name=\${file##*/} state=STOPPED since=
    name=\${name%.conf}
    if [ -n "$runs" ]; then
      state=UNKNOWN
      [ ! -s "/run/lvs/vrrp/$name" ] || read -r state since <"/run/lvs/vrrp/$name"
    fi
    echo "vrrp $name $state $since"
  done
  sed -n 's|^ *\\([0-9a-f.:]*\\)/[0-9]* dev .*|vip \\1|p' "$@"
}

declared() {
  cat /etc/lvs/boot.d/50-VirtualService.* 2>/dev/null | sed -n 's/^-[Aa] /declared &/p'
  ! head -n 1 /etc/ha.d/ldirectord.cf 2>/dev/null | grep -q 'Written by pulumi-lvs' ||
    sed -nE 's/^ *((virtual|real)6?|protocol|scheduler)=/checked \\1 /p' /etc/ha.d/ldirectord.cf
  cat ${CHECKS_FOLDER}/*.conf 2>/dev/null | sed 's/^/keepalived /'
}

kernel() {
  ipvsadm -Sn 2>/dev/null | sed 's/^/table /'
  # The kernel lists connections in no order: the first ones stand for all of them.
  ipvsadm -Lnc 2>/dev/null | head -n 20000 | sed -n 's/^TCP /connection /p'
}

maintenance() {
  for record in /var/lib/lvs/maintenance/*; do
    [ -f "$record" ] || continue
    name=\${record##*/}
    since=$(sed -n 's/.*"since":"\\([^"]*\\)".*/\\1/p' "/var/lib/lvs/maintenance/.$name.why" 2>/dev/null)
    [ -n "$since" ] && since=$(date -d "$since" +%s 2>/dev/null) || since=$(stat -c %Y "$record" 2>/dev/null)
    # The record is gone: the server came back meanwhile.
    [ -n "$since" ] || continue
    # The record of a rollout is named server@site.
    echo "out \${name%%@*} $since"
    sed 's/^/place /' "$record" 2>/dev/null
  done
}

round() {
  { date '+now %s'; vips; announced; vrrp; declared; kernel; maintenance; } | awk -v site="$1" '${FIGURES}'
}

[ $# -gt 1 ] || { round "$1"; exit; }
file=$3
mkdir -p "$(dirname "$file")" && ln -sfn "$file" "$4" || exit 1
while :; do
  round "$1" >"$file.new" && mv -f "$file.new" "$file"
  sleep "$2"
done
`;
