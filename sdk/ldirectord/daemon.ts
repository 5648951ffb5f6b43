// How ldirectord itself judges its configuration, and where its unit differs from the package's.

/**
 * `ldirectord <file> status` is the only way to let ldirectord parse a file without acting. Exit status 2 means a
 * mistake in the file, 3 a good file whose daemon does not run. The candidate has another name than the live file, so
 * the command does not find the daemon's pid file. ldirectord compiles regular expressions only when it uses them, and
 * a bad one then ends the daemon. So Perl compiles them here.
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
 * The package's unit has KillMode=none and a stop command that does not wait: after a stop and a start there is no
 * daemon at all. Here systemd stops the daemon itself. The package's reload parses the configuration in a second
 * process, which deletes the daemon's pid file when parsing fails. The signal alone does not do that. Restart=always is
 * needed because ldirectord ends with status 0 after a SIGTERM from anybody but systemd. The package's unit lets root touch
 * a file in /var/lock/subsys, which nobody reads. Where any user can make that folder, a link there leads root elsewhere.
 */
export const UNIT_DROP_IN = `[Unit]
After=lvs-boot.service
StartLimitIntervalSec=0

[Service]
ExecStartPost=
ExecStop=
ExecReload=
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
Restart=always
RestartSec=2
`;

/**
 * The drop-in where a check speaks https. ldirectord asks for no verification (`verify_hostname => 0`), and a site's own
 * certificate is as good there as any. But LWP::Protocol::https before 6.11 (Debian 12) verifies the chain all the same, by
 * the default of IO::Socket::SSL. So the default is changed, for the daemon alone and not for the programs that it starts.
 * ldirectord first sets PERLIO and starts itself anew; the option has to be there then.
 */
export const HTTPS_DROP_IN = `${UNIT_DROP_IN}Environment="PERL5OPT=-MCarp();eval{require(q(IO/Socket/SSL.pm));IO::Socket::SSL::set_defaults(SSL_verify_mode=>0)};delete$ENV{PERL5OPT}if$ENV{PERLIO}"
`;
