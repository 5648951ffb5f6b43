/**
 * Shell: `active UNIT` tells whether a unit runs. systemctl(1) ends with 3 where it does not, and with 4 where there is none. Where
 * systemd does not answer, the script ends: nobody knows then, and that is no "no".
 */
export const ACTIVE = `active() {
  systemctl -q is-active "$1"
  case $? in 0) ;; 3|4) return 1;; *) [ ! -d /run/systemd/system ] || exit 1; return 1;; esac
}`;
