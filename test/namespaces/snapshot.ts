/**
 * Waits until the kernel has found that nobody else has an interface's new IPv6 address. Until then the address is
 * tentative.
 */
export const SETTLED = "for i in $(seq 50); do ip -6 address | grep -q tentative || break; sleep 0.1; done";

/**
 * Everything about a host that a delete has to put back. The kernel's counters are left out, and so is what a delete
 * leaves by design: packages, /run/lock and /run/lvs. Of the files only those count that differ from the machine's, which are the
 * lower layer of each host's overlays.
 */
export function snapshot(host: { run(script: string): Promise<string> }): Promise<string> {
  return host.run(`
    ${SETTLED}
    for family in -4 -6; do ip $family rule; ip $family route show table all; done | sort
    ip -o link | sed -E 's/@.*( mtu [0-9]+).*state/\\1 state/'
    ip -o address
    if command -v nft >/dev/null; then nft list ruleset
    else for tables in iptables ip6tables; do for table in mangle nat; do $tables -t $table -S; done; done
    fi
    cat /proc/net/ip_vs 2>/dev/null | tail -n +4
    find /proc/sys/net -type f -perm -400 ! -name nf_conntrack_count ! -name '*secret*' ! -path '*/neigh/*' |
      sort | xargs grep -H . 2>/dev/null
    for folder in etc opt srv usr var; do
      [ -d /mnt/$folder ] || continue
      cd /mnt/$folder/changed
      find . ! -path './lib/apt/*' ! -path './lib/dpkg/*' ! -path './lib/rpm/*' ! -path './lib/dnf/*' ! -path './cache/*' \\
        ! -path './log/*' | sort | while read -r path; do
        found=/mnt/$folder/found/$path
        like() { [ "$(stat -c '%F %a %u %g' "$found" 2>&1)" = "$(stat -c '%F %a %u %g' "$path")" ]; }
        if [ -d "$path" ]; then like || stat -c "$folder %n %A %U %G" "$path"
        elif [ -f "$path" ] && like && cmp -s "$path" "$found"; then :
        else stat -c "$folder %n %F %A %U %G" "$path"; [ ! -f "$path" ] || sha256sum <"$path"
        fi
      done
    done
    find /home /root /run ! -path '/run/lock*' ! -path '/run/lvs*' ! -name sshd.pid -printf '%p %M %u %g %l\\n' | sort`);
}
