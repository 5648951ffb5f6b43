/**
 * A program of awk, which makes figures of facts. A fact is a line: its first word says what it is of, and the rest is as the
 * host has it.
 *
 * The number of series depends on what is declared, and never on clients: a series for each VIP, service, destination, real
 * server, and state of an instance. No name has more than 1000.
 */
export const FIGURES = String.raw`
function after(option,  i) { for (i = 3; i < NF; i++) if ($i == option) return $(i + 1); return "" }
function named(letter, what, six) {
  if (letter == "-f") return sprintf("%.0f", what < 0 ? what + 4294967296 : what) (six == "-6" ? "/ipv6" : "")
  return what (letter == "-u" ? "/udp" : letter == "--sctp-service" ? "/sctp" : "")
}
function want(service, destination, weight) { wanted[service, destination] = weight; has_wanted[service] = has_wanted[service] " " destination }
function tell(name, labels, value) {
  if (!(name in text)) order[++names] = name
  if (++told[name] > 1000) { left_out++; return }
  text[name] = text[name] name "{site=\"" site "\"" labels "} " value "\n"
}
function check(protocol,  service, i) {
  service = protocol == "fwm" ? named("-f", virtual, six) : virtual (protocol == "tcp" ? "" : "/" protocol)
  services[service] = "checked"
  for (i = 1; i <= reals; i++) want(service, real[i], share[i])
  return service
}
function pair(address, port) { return (address ~ /:/ ? "[" address "]" : address) ":" port }
function label(name, value) { return "," name "=\"" value "\"" }

$1 == "now" { now = $2 }
$1 == "vip" { vip[$2] = 1 }
$1 == "has" { has[$2] = 1 }
$1 == "announces" { announces[$2] = $3 }
$1 == "vrrp" {
  count = split("MASTER BACKUP FAULT STOPPED UNKNOWN", states, " ")
  is = index(" MASTER BACKUP FAULT STOPPED ", " " $3 " ") ? $3 : "UNKNOWN"
  for (i = 1; i <= count; i++) tell("lvs_vrrp_state", label("vrrp", $2) label("state", states[i]), states[i] == is ? 1 : 0)
  if ($4 != "") tell("lvs_vrrp_since_seconds", label("vrrp", $2), $4)
}
$1 == "table" && $2 == "-A" { scheduler[named($3, $4, $5)] = after("-s") }
$1 == "table" && $2 == "-a" { service = named($3, $4, $5); weight[service, after("-r")] = after("-w"); there[service] = there[service] " " after("-r") }
$1 == "declared" && $2 == "-A" { service = named($3, $4, $5); services[service] = "fixed"; asked[service] = after("-s") }
$1 == "declared" && $2 == "-a" { want(named($3, $4, $5), after("-r"), after("-w")) }
$1 == "checked" && $2 ~ /^virtual/ { virtual = $3; six = $2 ~ /6$/ ? "-6" : ""; reals = 0 }
$1 == "checked" && $2 ~ /^real/ { real[++reals] = $3; share[reals] = $5 }
$1 == "checked" && $2 == "protocol" { service = check($3) }
$1 == "checked" && $2 == "scheduler" { asked[service] = $3 }
# A line of a file for checks by keepalived. The brace without an indentation ends a service.
$1 == "keepalived" && $2 == "virtual_server" {
  protocol = $3 == "fwmark" ? "fwm" : "tcp"; virtual = protocol == "fwm" ? $4 : pair($3, $4); six = ""; reals = 0
}
$1 == "keepalived" && $2 == "ip_family" { six = $3 == "inet6" ? "-6" : "" }
$1 == "keepalived" && $2 == "protocol" { protocol = tolower($3) }
$1 == "keepalived" && $2 == "lvs_sched" { chooses = $3 }
$1 == "keepalived" && $2 == "real_server" { real[++reals] = pair($3, $4); share[reals] = "" }
$1 == "keepalived" && $2 == "weight" && reals > 0 && share[reals] == "" { share[reals] = $3 }
$0 == "keepalived }" && virtual != "" { asked[check(protocol)] = chooses; virtual = ""; reals = 0 }
# Several may have taken out the same server.
$1 == "out" && $3 != "" && (!($2 in since) || $3 < since[$2]) { since[$2] = $3 }
$1 == "place" {
  sub(/^place /, ""); split($0, part, "|"); split(part[1], word, " ")
  service = named(word[1], word[2], word[3]); away[service, part[2]] = 1; resting[service] = 1
}
$1 == "connection" && $3 != "NONE" {
  server = $6; sub(/:[0-9]+$/, "", server); gsub(/[][]/, "", server)
  connections[server]++; if ($3 == "SYN_RECV") unanswered[server]++
}

function differences(service,  i, n, list, to, is, off) {
  if (!(service in scheduler)) return 1
  off = scheduler[service] != asked[service] && !(service in resting)
  n = split(has_wanted[service], list, " ")
  for (i = 1; i <= n; i++) {
    to = wanted[service, list[i]]; is = ((service, list[i]) in weight) ? weight[service, list[i]] : "absent"
    if (services[service] == "checked" ? is > 0 && is != "absent" && is != to : is != to && !(is == 0 && (service, list[i]) in away)) off++
  }
  n = services[service] == "checked" ? 0 : split(there[service], list, " ")
  for (i = 1; i <= n; i++) if (!((service, list[i]) in wanted)) off++
  return off
}
END {
  tell("lvs_written_seconds", "", now)
  # Every director has what is announced: nobody holds it alone.
  for (one in vip) if (!(one in announces)) tell("lvs_vip_held", label("vip", one), one in has ? 1 : 0)
  for (one in announces) {
    tell("lvs_vip_announced", label("vip", one), announces[one] == "heard" && one in has ? 1 : 0)
    tell("lvs_vip_withdrawn", label("vip", one), announces[one] == "withdrawn" ? 1 : 0)
  }
  for (service in services) {
    tell("lvs_table_differences", label("service", service), differences(service))
    n = services[service] == "checked" ? split(has_wanted[service], list, " ") : 0
    for (i = 1; i <= n; i++) {
      fit = weight[service, list[i]] > 0 || wanted[service, list[i]] == 0 || (service, list[i]) in away
      tell("lvs_destination_up", label("service", service) label("destination", list[i]), fit ? 1 : 0)
    }
  }
  for (server in since) tell("lvs_maintenance_since_seconds", label("server", server), since[server])
  for (server in connections) {
    tell("lvs_server_connections", label("server", server), connections[server])
    tell("lvs_server_unanswered", label("server", server), unanswered[server] + 0)
  }
  tell("lvs_series_left_out", "", left_out + 0)
  for (i = 1; i <= names; i++) printf "# TYPE %s gauge\n%s", order[i], text[order[i]]
}
`;
