import { sh } from "../host/command";

/** Where start-up is written down: scripts, sysctl(8), units, networks. What this package wrote is left out. */
const PLACES = [
  "/etc/rc.local",
  "/etc/rc.d/rc.local",
  "/etc/sysctl.conf",
  "/etc/sysctl.d",
  "/run/sysctl.d",
  "/usr/local/lib/sysctl.d",
  "/etc/modules",
  "/etc/modules-load.d",
  "/etc/modprobe.d",
  "/etc/systemd/system",
  "/usr/local/lib/systemd",
  "/etc/network",
  "/etc/systemd/network",
  "/etc/netplan",
  "/etc/NetworkManager/system-connections",
  "/etc/NetworkManager/dispatcher.d",
  "/etc/networkd-dispatcher",
  "/etc/dhcpcd.conf",
  "/etc/ufw/sysctl.conf",
  "/etc/sysconfig/network-scripts",
  "/etc/sysconfig/network",
  "/etc/conf.d",
  "/etc/local.d",
  "/etc/cron.d",
  "/etc/cron.hourly",
  "/etc/cron.daily",
  "/etc/crontab",
  "/var/spool/cron",
  "/etc/dhcp",
  "/etc/udev/rules.d",
  "/etc/ucarp",
  "/etc/frr",
  "/run/systemd/network",
  "/etc/cloud/cloud.cfg.d",
  "/etc/tuned",
  "/etc/tmpfiles.d",
  "/etc/shorewall",
  "/etc/shorewall6",
  "/etc/ha.d/haresources",
  "/etc/ha.d/resource.d",
  "/var/lib/pacemaker/cib/cib.xml",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/root/bin",
];
/** Scripts of the administrator's lie here beside those of packages, and beside keepalived's configuration. */
const SCRIPTS = ["/etc/init.d", "/etc/rc.d/init.d", "/etc/keepalived"];
/** Units of packages, and of administrators who follow older guides. */
const UNITS = "/usr/lib/systemd/system";
const WORDS =
  "ipvsadm|ip_forward|all[./]forwarding|arp_ignore|arp_announce|send_redirects|rp_filter|ip_vs|ipv4[./]vs[./]" +
  // Of systemd-networkd (systemd.network(5)).
  "|IPForward=|IPv[46]Forwarding=|IPMasquerade=";
/** Files of an administrator's that name what they run; and what is no script of theirs: programs, and files that are read as a whole. */
const STARTERS = [
  "/etc/systemd/system",
  "/usr/local/lib/systemd",
  "/etc/rc.local",
  "/etc/rc.d/rc.local",
  "/etc/network",
  "/etc/networkd-dispatcher",
  "/etc/NetworkManager/dispatcher.d",
  "/etc/local.d",
  "/etc/cron.d",
  "/etc/crontab",
  "/var/spool/cron",
];
const PROGRAMS =
  "^/(usr/)?(s?bin|lib|share|libexec)/|^/(dev|proc|sys|run|tmp)/|^/etc/lvs/|^/var/lib/lvs/|^/etc/(ipvsadm[.]rules|sysconfig/ipvsadm)$";

/**
 * Of each address a pattern of all its spellings. The zeros of an IPv6 address may be written out, be left out, or be what two
 * colons stand for; each number may begin with zeros.
 */
const SPELLINGS = `!/:/ { gsub(/[.]/, "[.]"); print "(^|[^0-9.])" $0 "([^0-9.]|$)"; next }
{
  halves = split($0, half, "::"); left = split(half[1], a, ":"); right = split(half[2], b, ":"); n = 0
  for (i = 1; i <= left; i++) group[++n] = a[i]
  if (halves > 1) { while (n < 8 - right) group[++n] = "0"; for (i = 1; i <= right; i++) group[++n] = b[i] }
  pattern = ""
  for (i = 1; i <= 8; i++) {
    zero = group[i] ~ /^0+$/; if (zero && i > 1 && group[i - 1] ~ /^0+$/) continue
    if (!zero) pattern = pattern "0*" group[i] (i < 8 ? ":" : "")
    else pattern = pattern (i == 1 ? ":?" : "") "(0+:)*:?(0+:)*"
  }
  if (group[8] ~ /^0+$/) pattern = pattern "0*"
  print "(^|[^0-9a-f.:])" pattern "([^0-9a-f.:]|$)"
}`;

/**
 * Lines of start-up files that set something of the site. They have one of the words, or an address of the host that it has for
 * a service: on lo, on a dummy or a tunnel, or as an address by itself that a service of the host's table has. What packages
 * bring is left out. A script that a unit, rc.local or cron names counts, wherever it lies.
 */
export function mentioning() {
  return sh(
    `set -f; words=$1; shift
    alone=$(ip -o address show | awk '$4 ~ /\\/(32|128)$/ && $4 != "::1/128" { sub(/\\/.*/, "", $4); print $2, $4 }')
    served=$(ipvsadm -Sn 2>/dev/null | sed -n 's/^-A -[a-z-]* \\[\\{0,1\\}\\([0-9a-f.:]*\\)\\]\\{0,1\\}:[0-9]* .*/ \\1 /p')
    for vip in $(echo "$alone" | while read -r device address; do
      case $device in lo|dummy*|tunl*|ip6tnl*|gre*|sit*) echo "$address"; continue;; esac
      case $served in *" $address "*) echo "$address";; esac
    done | sort -u | awk '${SPELLINGS}'); do
      words="$words|$vip"
    done
    {
      grep -rniIE --exclude='zz-lvs-*' --exclude='lvs-*.conf' -e "$words" "$@"
      grep -rniIE --exclude=ipvsadm.service -e "$words" ${UNITS}
      grep -rniIE --exclude=ipvsadm --exclude=keepalived --exclude=ldirectord --exclude='*.conf' -e "$words" ${SCRIPTS.join(" ")}
      {
        grep -rhoIE --exclude='lvs-*' '/[A-Za-z0-9_./-]+' ${STARTERS.join(" ")}
        grep -rhoIE '[ =@:!+-]/(data|home|opt|root|srv|usr/local)/[A-Za-z0-9_./-]+' ${UNITS} | cut -c 2-
      } | grep -vE '${PROGRAMS}' | sort -u | head -n 200 |
        while read -r named; do
          [ ! -f "$named" ] || [ "$(wc -c <"$named")" -gt 65536 ] || grep -HniIE -e "$words" "$named"
        done
    } 2>/dev/null | grep -v '^[^:]*:[0-9]*:[[:space:]]*[#;]' | awk '!seen[$0]++' | head -n 201 || :`,
    WORDS,
    ...PLACES,
  );
}
