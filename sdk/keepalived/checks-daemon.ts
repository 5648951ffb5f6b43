import { checksFile } from "pulumi-lvs-provider/model";

/** keepalived goes on with a script or a setting that it has left out, and only says so: then it does not exit with 0. */
export const VALIDATE_CHECKS = ["keepalived", "-t", "-f", "%s"];

/**
 * The unit of a site's own daemon, which checks and does nothing else. keepalived takes its services out of the table when it
 * ends. The kernel's table would be empty until the next daemon or a static table fills it. So the daemon is killed. The process
 * that checks is halted first: it would end in order when the process above it is gone.
 */
export function checksUnitText(site: string): string {
  const pid = `/run/lvs-checks-${site}.pid`;
  const checkers = `/run/lvs-checks-${site}.checkers.pid`;
  const options = `--check --dont-fork --log-console --no-syslog --use-file=${checksFile(site)}`;
  return `# Written by pulumi-lvs: changes by hand are put back.
[Unit]
Description=Health checks of the site ${site} by keepalived
Wants=network-online.target
After=network-online.target lvs-boot.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/sbin/keepalived ${options} --pid=${pid} --checkers_pid=${checkers}
ExecReload=/bin/kill -HUP $MAINPID
ExecStop=/bin/sh -c 'xargs kill -STOP <${checkers}'
ExecStopPost=/bin/rm -f ${pid} ${checkers}
KillSignal=SIGKILL
SuccessExitStatus=SIGKILL
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
}
