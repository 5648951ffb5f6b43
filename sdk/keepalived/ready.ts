import { CHECKS_FOLDER } from "pulumi-lvs-provider/model";

export const READY = "/etc/keepalived/lvs-ready";

/** Seconds of a host's life in which its checkers may not have begun. */
const BOOT = 300;

/** For how many seconds they are waited for at most. */
const PATIENCE = 120;

/** Seconds after which systemd would give up: each look at the table takes time, too. */
export const START_TIMEOUT = 2 * PATIENCE;

/**
 * keepalived speaks some seconds after a boot, and ldirectord may bring its services much later, after its first checks. A director that
 * takes over in between refuses all clients. Only a boot waits: a keepalived that was killed comes back at once, and so does one of a
 * site whose real servers all fail. The services stand in the checkers' files as ipvsadm prints them.
 */
export const READY_TEXT = `#!/bin/sh
# Waits at boot until health checkers have brought their services, for some minutes at most. Written by pulumi-lvs.
read -r up _ </proc/uptime
[ "\${up%.*}" -lt ${BOOT} ] || exit 0
wanted=$({
  ! systemctl -q is-enabled ldirectord.service 2>/dev/null || sed -n 's/^virtual6\\{0,1\\} *= *//p' /etc/ha.d/ldirectord.cf
  for part in ${CHECKS_FOLDER}/*.conf; do
    site=\${part##*/}
    systemctl -q is-enabled "lvs-checks-\${site%.conf}.service" 2>/dev/null || continue
    sed -n 's/^virtual_server fwmark \\([0-9]*\\) {$/\\1/p; s/^virtual_server \\([0-9.]*\\) \\([0-9]*\\) {$/\\1:\\2/p
      s/^virtual_server \\([^ ]*:[^ ]*\\) \\([0-9]*\\) {$/[\\1]:\\2/p' "$part"
  done
} | tr '\\n' ' ')
lacks() {
  ipvsadm -Ln 2>/dev/null | awk -v wanted="$wanted" '
    $1 ~ /^(TCP|UDP|SCTP|FWM)$/ { at = $2 }
    $1 == "->" && $4 + 0 > 0 { serves[at] }
    END { n = split(wanted, all, " "); for (i = 1; i <= n; i++) if (!(all[i] in serves)) print all[i] }'
}
n=0
while [ $n -lt ${PATIENCE} ] && [ -n "$(lacks)" ]; do n=$((n + 1)); sleep 1; done
`;
