/**
 * Shell: `connection` finds the connection by which we came, and `end 1` to `end 4` print the client's address and port, and the
 * server's, or nothing where that is not known. sshd tells this to what it starts (ssh(1), SSH_CONNECTION), and sudo drops it, so
 * it is then looked for in the processes that started us. No program is started for an end: each risky step asks for several.
 */
export const CONNECTION = `connection() {
  came=$SSH_CONNECTION pid=$$
  while [ -z "$came" ] && [ "\${pid:-0}" -gt 1 ]; do
    came=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^SSH_CONNECTION=//p')
    [ -n "$came" ] || pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
  done
}
end() {
  left=$came n=$1
  case $left in *" "*" "*" "*) ;; *) return;; esac
  while [ "$n" -gt 1 ]; do left=\${left#* } n=$((n - 1)); done
  echo "\${left%% *}"
}`;

/**
 * Shell: `ends` sets $client and $server to the addresses of our connection, $from to the client's with its zone. It fails where they
 * are not known.
 */
const ENDS = `${CONNECTION}
ends() {
  connection
  from=$(end 1) server=$(end 3)
  [ -n "$server" ] || return 1
  client=\${from%%%*} server=\${server%%%*}
}`;

/**
 * Shell: `way` prints how the packets of our connection leave the host and come in: device, gateway, whether the host takes
 * them. `way` prints nothing where that is not known. The kernel itself is asked for the route in, as for a packet: so addresses,
 * routes, rules, links, rp_filter and disable_ipv6 all count (ip-route(8), `get`).
 */
export const WAY = `${ENDS}
way() {
  ends || return
  zone=; case $from in *%*) zone=\${from#*%};; esac
  out=$(route "$client" from "$server" \${zone:+oif "$zone"})
  case $out in "local "*) printf '%s' "$out"; return;; "$client "*) ;; *) return;; esac
  in=$(route "$server" from "$client" iif "\${out##* }")
  case $in in "local "*) printf '%s, %s' "$out" "$in";; esac
}
route() {
  said=$(ip -o route get "$@" 2>&1) last=
  printf '%s' "\${said%% *}"
  for word in $said; do case $last in via|dev) printf ' %s' "$word";; esac; last=$word; done
}`;
