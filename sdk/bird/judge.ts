import type * as pulumi from "@pulumi/pulumi";
import { BIRD, BIRD_PARTS, judgeUnit, unfitFile } from "pulumi-lvs-provider/model";
import { andThen } from "../arguments/later";
import { sha256 } from "../arguments/sha256";
import type { Host } from "../host/host";
import { File } from "../kinds/file";
import { SystemdService } from "../kinds/systemd-service";

// A judge on the host withdraws an announcement while a virtual service has no real server for clients.

/** It belongs to the package's folder, beside the parts. */
const JUDGE = `${BIRD_PARTS.replace(/\/[^/]*$/, "")}/lvs-judge`;

/**
 * The table itself is what counts, whoever keeps it: it is the same after a checker was killed, after a reboot, and where
 * somebody has emptied it. So nothing has to be remembered but whether the announcement is withdrawn now.
 *
 * A server in maintenance does not count. Where all of them are, the announcement stays: their connections go on.
 */
export const JUDGE_TEXT = `#!/bin/sh
# Withdraws an announcement of BIRD while a virtual service has no real server for clients. Written by pulumi-lvs.
# lvs-judge once|always FILE SERVICE...
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
how=$1 file=$2; shift 2

# A service as ipvsadm prints it.
printed() {
  case $1 in
  */udp) printed="-u \${1%/udp}" ;;
  */ipv6) printed="-f \${1%/ipv6} -6" ;;
  *:*) printed="-t $1" ;;
  *) printed="-f $1" ;;
  esac
}

# Whether a server is in maintenance. The record of a rollout is named server@site.
is_out() {
  for record in "/var/lib/lvs/maintenance/$1" "/var/lib/lvs/maintenance/$1@"*; do [ ! -e "$record" ] || return 0; done
  return 1
}

# Counts a service's real servers: all, those for clients, and those in maintenance.
count() {
  all=0 good=0 drained=0
  printed "$1"
  while read -r line; do
    rest=\${line#"-a $printed -r "}
    [ "$rest" != "$line" ] || continue
    all=$((all + 1))
    server=\${rest%% *} weight=\${rest##* -w }
    server=\${server%:*} server=\${server#[[]}
    [ "\${weight%% *}" = 0 ] || good=$((good + 1))
    ! is_out "\${server%[]]}" || drained=$((drained + 1))
  done <<END
$table
END
}

note() {
  printf 'disabled;\\n# {"since":"%s","reason":"%s has no real server for clients"}\\n' "$(date -u +%FT%TZ)" "$1" >"$file.new" &&
    sync "$file.new" && mv -f "$file.new" "$file"
}

umask 022
fine=0 close=0 told=no before=
while :; do
  table=$(ipvsadm -Sn 2>/dev/null)
  now='' lacks='' failing=no
  for service; do
    count "$service"
    now="$now $good/$all"
    [ $((good + drained)) -ge $all ] || failing=yes
    if [ $good = 0 ] && { [ $all = 0 ] || [ $drained -lt $all ]; }; then lacks=$service; fi
  done
  if [ -n "$lacks" ]; then
    fine=0
    [ -e "$file" ] || { note "$lacks" && told=no; }
  else
    fine=$((fine + 1))
    # A server that comes and goes is no reason to tell the routers each time.
    [ ! -e "$file" ] || [ $fine -lt 4 ] || { rm -f "$file" && told=no; }
  fi
  # BIRD may not run yet. It reads the file when it starts.
  [ $told = yes ] || ! birdc configure >/dev/null 2>&1 || told=yes
  [ "$how" = always ] || exit 0
  # Where one server has failed, the others may follow. Without any, clients are refused until the routers know.
  [ "$now" = "$before" ] || close=100
  before=$now
  if [ -z "$lacks" ] && [ ! -e "$file" ] && [ $failing = yes ] && [ $close -gt 0 ]; then
    close=$((close - 1))
    sleep 0.1
  else
    sleep 1
  fi
done
`;

/** BIRD starts after the first look. */
function judgeUnitText(announcement: string, services: readonly string[]): string {
  const words = [unfitFile(announcement), ...services].join(" ");
  return `# Written by pulumi-lvs: changes by hand are put back.
[Unit]
Description=Withdraws ${announcement} from the routers while no real server serves
After=lvs-boot.service
Before=${BIRD}
StartLimitIntervalSec=0

[Service]
ExecStartPre=${JUDGE} once ${words}
ExecStart=${JUDGE} always ${words}
ExecStopPost=/bin/rm -f ${unfitFile(announcement)}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
}

/** @param services the virtual services, by match */
export function createJudge(
  name: string,
  host: Host,
  { announcement, services }: { readonly announcement: string; readonly services: pulumi.Output<string[]> },
  options: pulumi.CustomResourceOptions,
): SystemdService {
  const text = andThen(services, (known) => judgeUnitText(announcement, known));
  const path = `/etc/systemd/system/${judgeUnit(announcement)}`;
  const files = [
    new File(
      `${name}-judge`,
      { host, path: JUDGE, content: JUDGE_TEXT, mode: "0755", validate: ["sh", "-n", "%s"] },
      options,
    ),
    new File(`${name}-judge-unit`, { host, path, content: text }, options),
  ];
  const configuration = { [JUDGE]: sha256(JUDGE_TEXT), [path]: andThen(text, sha256) };
  return new SystemdService(
    `${name}-judge-daemon`,
    { host, unit: judgeUnit(announcement), configuration, reload: "restart" },
    { ...options, dependsOn: files },
  );
}
