/**
 * Waits until the kernel has found that nobody else has an interface's new IPv6 address. Until then the address is
 * tentative.
 */
export const SETTLED = "for i in $(seq 50); do ip -6 address | grep -q tentative || break; sleep 0.1; done";

/**
 * What a host has changed of its files, a line each, and the digest of a content: `describe` has the facts of each path and of
 * the file that was found there, then the digests. The same few programs look, however many paths there are.
 */
const CHANGED = String.raw`
  cd /mnt
  changed() {
    find $(for folder in etc opt srv usr var; do [ ! -d $folder ] || echo $folder/changed; done) \
      ! -path '*/changed/lib/apt/*' ! -path '*/changed/lib/dpkg/*' ! -path '*/changed/lib/rpm/*' \
      ! -path '*/changed/lib/dnf/*' ! -path '*/changed/cache/*' ! -path '*/changed/log/*' \
      ! -path '*/changed/iproute2' ! -path '*/changed/iproute2/rt_addrprotos.d*' "$@" | sort |
      sed 'p; s,/changed,/found,'
  }
  {
    changed | xargs -d '\n' stat --printf '%n\t%F\t%a %u %g\t%A %U %G\n' -- 2>/dev/null
    changed -type f | xargs -d '\n' sha256sum -- 2>/dev/null
  } | awk -F '\t' '
    NF == 4 { is[$1] = $2 "\t" $3; kind[$1] = $2; shown[$1] = $4; if ($1 ~ /^[a-z]*\/changed/) order[++n] = $1; next }
    { sum[substr($0, 67)] = substr($0, 1, 64) }
    END {
      for (i = 1; i <= n; i++) {
        at = order[i]; found = at; folder = at; path = at
        sub(/\/changed/, "/found", found); sub(/\/.*/, "", folder); sub(/^[a-z]*\/changed/, ".", path)
        like = is[at] == is[found]
        if (kind[at] == "directory") { if (!like) print folder, path, shown[at]; continue }
        if (like && kind[at] ~ /^regular/ && sum[at] == sum[found]) continue
        print folder, path, kind[at], shown[at]
        if (kind[at] ~ /^regular/) print sum[at] "  -"
      }
    }'`;

/**
 * Everything about a host that a delete has to put back. The kernel's counters are left out, and so is what a delete
 * leaves by design: packages, /run/lock and /run/lvs, and the name that keepalived 2.3 gives its addresses for ip. Of the files only those count that differ from the machine's, which are the
 * lower layer of each host's overlays.
 */
export function snapshot(host: { run(script: string): Promise<string> }): Promise<string> {
  // A kernel without one of iptables' tables has none of the others.
  return host.run(`
    ${SETTLED}
    for family in -4 -6; do ip $family rule; ip $family route show table all; done | sort
    ip -o link | sed -E 's/@.*( mtu [0-9]+).*state/\\1 state/'
    ip -o address
    if command -v nft >/dev/null; then nft list ruleset
    else for tables in iptables ip6tables; do for table in mangle nat; do $tables -t $table -S || break 2; done; done
    fi
    cat /proc/net/ip_vs 2>/dev/null | tail -n +4
    find /proc/sys/net -type f -perm -400 ! -name nf_conntrack_count ! -name '*secret*' ! -path '*/neigh/*' |
      sort | xargs grep -H . 2>/dev/null
    (${CHANGED})
    find /home /root /run ! -path '/run/lock*' ! -path '/run/lvs*' ! -name sshd.pid -printf '%p %M %u %g %l\\n' | sort`);
}
