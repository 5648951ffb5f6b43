import type { Host } from "./host";

/**
 * Prepares a host for cuts. The host counts every command that a script runs, also those of shells that the script
 * starts. Before the chosen command, the host kills the script and the sshd process of the connection. Every state that
 * an interrupted script can leave is reached by one of these commands.
 */
export async function makeCuttable(host: Host): Promise<void> {
  await host.run(`set -e
    mkdir -p /usr/local/bin
    cat >/usr/local/bin/timeout <<'END'
#!/bin/dash
[ -e /run/cut ] || exec /usr/bin/timeout "$@"
at=$PPID
until read -r name </proc/$at/comm; [ "\${name#sshd}" != "$name" ]; do at=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$at/status); done
echo $at >/run/connection
export BASH_ENV=/root/count
exec /bin/bash
END
    cat >/usr/local/bin/sh <<'END'
#!/bin/dash
[ -n "$BASH_ENV" ] && exec /bin/bash "$@"
exec /bin/dash "$@"
END
    cat >/root/count <<'END'
set -T
count() {
  local left
  read -r left </run/cut || return 0
  [ -n "$left" ] || return 0
  if [ "$left" -le 0 ]; then
    rm -f /run/cut
    kill -9 "$(</run/connection)"
    kill -9 0
  fi 2>/dev/null
  echo $((left - 1)) >/run/cut
}
trap 'count 2>/dev/null' DEBUG
END
    chmod 755 /usr/local/bin/timeout /usr/local/bin/sh`);
}

/** From now on, the connection is cut once: before the command with this number. */
export async function cutBefore(host: Host, command: number): Promise<void> {
  await host.run(`echo ${command} >/run/cut`);
}

/** How many commands ran; undefined when the connection was cut. */
export async function commandsSince(host: Host, armed: number): Promise<number | undefined> {
  const left = (await host.run("cat /run/cut 2>/dev/null; rm -f /run/cut /run/connection")).trim();
  return left === "" ? undefined : armed - Number(left);
}
