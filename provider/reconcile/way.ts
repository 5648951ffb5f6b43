/**
 * Shell: `connection` prints by which connection we came: the client's address and port, and the server's. sshd tells this to
 * what it starts (ssh(1), SSH_CONNECTION), and sudo drops it, so it is looked for in the processes that started us.
 */
export const CONNECTION = `connection() {
  pid=$$
  while [ "\${pid:-0}" -gt 1 ]; do
    came=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^SSH_CONNECTION=//p')
    [ -z "$came" ] || { echo "$came"; return; }
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
  done
}`;

/**
 * Shell: `way` prints how the packets of our connection leave the host and come in: device, gateway, whether the host takes
 * them. `way` prints nothing where that is not known. The kernel itself is asked for the route in, as for a packet: so addresses,
 * routes, rules, links, rp_filter and disable_ipv6 all count (ip-route(8), `get`).
 */
export const WAY = `way() { connection | {
  read -r from _ to _ || exit
  client=\${from%%%*} server=\${to%%%*} zone=; case $from in *%*) zone=\${from#*%};; esac
  out=$(route "$client" from "$server" \${zone:+oif "$zone"})
  case $out in "local "*) printf '%s' "$out"; exit;; "$client "*) ;; *) exit;; esac
  in=$(route "$server" from "$client" iif "\${out##* }")
  case $in in "local "*) printf '%s, %s' "$out" "$in";; esac
}; }
route() {
  said=$(ip -o route get "$@" 2>&1) last=
  printf '%s' "\${said%% *}"
  for word in $said; do case $last in via|dev) printf ' %s' "$word";; esac; last=$word; done
}
${CONNECTION}`;
