import type { Host } from "../namespaces/host";

/**
 * Looks for the parts of the site of the program "site" ten times a second until /run/stop is there, and prints what is missing.
 * The orders are read by a new connection each time. One program does it all: to start psql, ip and others takes ten times as long.
 */
const LOOKING = String.raw`use strict;
use IO::Socket;
use Socket;
sub content { open my $file, "<", $_[0] or return ""; local $/; my $text = <$file>; $text =~ s/\n+\z//r }
sub address {
  socket my $any, AF_INET, SOCK_DGRAM, 0 or return "";
  my $request = pack "a16 x24", $_[0];
  # SIOCGIFADDR, by the label of the address.
  ioctl($any, 0x8915, $request) ? inet_ntoa(substr $request, 20, 4) : "";
}
sub rows {
  my ($server, $rows) = (shift, "");
  while (5 == read $server, my $head, 5) {
    my ($type, $length) = unpack "a N", $head;
    my $body = "";
    read $server, $body, $length - 4 if $length > 4;
    return $rows if $type eq "Z";
    return "" if $type eq "E";
    $rows .= join("|", unpack "n/(N/a)", $body) . "\n" if $type eq "D";
  }
  "";
}
sub orders {
  my $server = IO::Socket::UNIX->new(Peer => "/run/postgresql/.s.PGSQL.5432") or return "";
  my $start = pack "N Z* Z* Z* Z* x", 196608, "user", "postgres", "database", "shop";
  print $server pack("N", 4 + length $start) . $start;
  $server->flush;
  rows($server);
  my $query = "SELECT name FROM orders\0";
  print $server "Q" . pack("N", 4 + length $query) . $query;
  $server->flush;
  my $said = rows($server);
  print $server "X" . pack "N", 4;
  $said;
}
$SIG{PIPE} = "IGNORE";
my %missing;
until (-e "/run/stop") {
  $missing{"the file"} = 1 if content("/etc/motd") ne "declared";
  $missing{"the setting"} = 1 if content("/proc/sys/net/ipv4/ip_forward") ne "1";
  $missing{"the address"} = 1 if address("eth0:0") ne "10.77.20.9";
  $missing{"the order"} = 1 if orders() ne "enamel mug\n";
  select undef, undef, undef, 0.1;
}
print "$_\n" for sort keys %missing;
`;

/** Does the work, and returns what the host was without at any time meanwhile. */
export async function missingDuring(host: Host, work: () => Promise<unknown>): Promise<string[]> {
  const looking = host.run("runuser -u postgres -- perl -; rm /run/stop", LOOKING);
  try {
    await work();
  } finally {
    await host.run(": >/run/stop");
  }
  return (await looking).split("\n").filter(Boolean);
}
