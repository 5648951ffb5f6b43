import type { Host } from "./host";

/**
 * Counts every command that a script runs, also those of the shells that it starts, and before the chosen one kills the
 * script and the sshd process that carries the connection: whatever can be half done is half done at one of these places.
 */
export async function makeCuttable(host: Host): Promise<void> {
  await host.run(`set -e
    mkdir -p /usr/local/bin
    cat >/usr/local/bin/timeout <<'END'
#!/bin/dash
[ -e /run/cut ] || exec /usr/bin/timeout "$@"
echo $PPID >/run/connection
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

/** From now on, the connection is cut once, before the command of this number. */
export async function cutBefore(host: Host, command: number): Promise<void> {
  await host.run(`echo ${command} >/run/cut`);
}

/** How many commands ran; undefined when the connection was cut. */
export async function commandsSince(host: Host, armed: number): Promise<number | undefined> {
  const left = (await host.run("cat /run/cut 2>/dev/null; rm -f /run/cut /run/connection")).trim();
  return left === "" ? undefined : armed - Number(left);
}
