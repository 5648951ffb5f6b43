// How ldirectord itself judges its configuration, and what its unit says otherwise than that of the package.

/**
 * `ldirectord <file> status` is the only way to have it parse a file without acting: 2 is a mistake in it, 3 a good one that
 * does not run. The candidate's name differs from the live file's, so the daemon's pid file is out of reach. Expressions are
 * compiled only when they are used, and a bad one ends the daemon then.
 */
export const VALIDATE = [
  "sh",
  "-c",
  `ldirectord "$1" status; case $? in 0|1|3) ;; *) exit 1;; esac
perl -ne 'if (/^\\s+receive="(.*)"/ || /^\\s+real6?=.*"[, ]\\s*"(.*)"/) { eval { qr/$1/ } || die "line $.: $@" }' "$1"`,
  "sh",
  "%s",
];

/**
 * The unit says KillMode=none and stops by a command that does not wait: a stop followed by a start ends with no daemon at all.
 * systemd does both itself here. Its reload parses the configuration in a second process, which deletes the daemon's pid file
 * when that fails: the signal alone does not. Restart=always, because a SIGTERM that is not systemd's ends it with status 0.
 * /var/lock/subsys is not on every system.
 */
export const UNIT_DROP_IN = `[Unit]
After=lvs-boot.service
StartLimitIntervalSec=0

[Service]
ExecStartPost=
ExecStartPost=-/usr/bin/touch /var/lock/subsys/ldirectord
ExecStop=
ExecReload=
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
Restart=always
RestartSec=2
`;
