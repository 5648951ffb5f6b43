import { type Command, sh } from "../host/command";
import { hostPort, type Match } from "../model";
import type { Checked } from "./health-table";
import { spelled } from "./ipvsadm";
import type { Service } from "./table";

// Why real servers are out of the table. ldirectord logs a server that fails after it was up, and says nothing of one that was
// never up. So the director asks such a server once more, by the Perl library and the configuration that ldirectord has.

/** The servers of a service that its checks keep out. */
export interface Out {
  readonly match: Match;
  readonly servers: readonly string[];
  /** All of them are out, and no fallback serves. */
  readonly nobody: boolean;
}

/** The servers that are neither in the table nor declared with weight 0. */
export function outOf(match: Match, want: Checked, seen: Service): Out {
  const wanted = Object.entries(want.destinations).filter(([, { weight }]) => weight > 0);
  const servers = wanted.map(([key]) => key).filter((key) => !seen.destinations[key]?.weight);
  return { match, servers, nobody: servers.length === wanted.length && want.fallback === undefined };
}

/** Servers that are asked. Each may take SECONDS. */
const MOST = 6;
const SECONDS = 5;

// A request may hold a secret, so no reason quotes it. Of checks by a program of the user's, or by a protocol other than HTTP,
// only the connection is tried.
const ASK = `use strict; use warnings;
use IO::Socket::IP;
my ($file, $seconds, @out) = @ARGV;
my $passes = "it passes when it is asked now";
my (%virtuals, $v);
open my $in, "<", $file or exit;
while (<$in>) {
  if (/^virtual6?\\s*=\\s*(\\S+)/) { $v = $virtuals{$1} = { real => {} } }
  elsif (/^\\S/) { undef $v }
  elsif (!$v) { }
  elsif (/^\\s+real6?\\s*=\\s*(\\S+)\\s+\\w+(?:\\s+\\d+)?(?:\\s+"(.*)",\\s*"(.*)")?/) { $v->{real}{$1} = [$2, $3] }
  elsif (/^\\s+(\\w+)\\s*=\\s*(.*?)\\s*$/) { my ($name, $value) = ($1, $2); $value =~ s/^"(.*)"$/$1/; $v->{$name} = $value }
}
my %by_port = (80 => "http", 443 => "https");
sub port { $_[0] =~ /:(\\d+)$/ ? $1 : 0 }
sub ask {
  my ($at, $server) = @_;
  my $v = $virtuals{$at} or return;
  my $real = $v->{real}{$server} or return;
  my $type = $v->{checktype} || "negotiate";
  return if $type =~ /^(ping|external|external-perl|on|off)$/ || ($v->{protocol} || "") eq "udp";
  my $service = $v->{service} || $by_port{port($at)} || "";
  my ($host) = $server =~ /^(.*):/;
  my $port = $v->{checkport} || port($server) || port($at) || { reverse %by_port }->{$service} or return;
  if ($type ne "connect" && $service =~ /^https?$/) {
    require LWP::UserAgent;
    my ($path, $wanted) = defined $real->[0] ? @$real : ($v->{request} || "", $v->{receive} || "");
    my $url = $path =~ /:\\/\\// ? $path : "$service://$host:$port/" . ($path =~ s/^\\///gr);
    my $agent = LWP::UserAgent->new(timeout => $seconds, ssl_opts => { verify_hostname => 0, SSL_verify_mode => 0 });
    my $request = HTTP::Request->new($v->{httpmethod} || "GET", $url, [Host => $v->{virtualhost} || $host]);
    my $answer = eval { local $SIG{ALRM} = sub { die }; alarm $seconds; my $a = $agent->request($request); alarm 0; $a };
    return "no answer within $seconds s" unless $answer;
    return "the check is answered by " . $answer->status_line unless $answer->is_success;
    return $passes if $wanted eq "" || $answer->content =~ /$wanted/;
    my $begin = substr $answer->content, 0, 60;
    $begin =~ s/[^ -~]+/ /g;
    return "the check is answered by " . $answer->status_line . ", and 'receive' does not match what begins with \\"$begin\\"";
  }
  IO::Socket::IP->new(PeerHost => $host =~ s/[\\[\\]]//gr, PeerService => $port, Timeout => $seconds) and
    return $type eq "connect" ? $passes : undef;
  return "no connection to port $port: $@";
}
while (my ($at, $server) = splice @out, 0, 2) {
  my $why = ask($at, $server);
  next unless defined $why;
  $why =~ s/\\s+/ /g;
  print "$at $server $why\\n";
}`;

/** Asks the servers of services that are out, or nothing where there are none. */
export function askingWhy(configuration: string, out: readonly Out[]): Command | undefined {
  const asked = out.flatMap(({ match, servers }) => servers.map((server) => [named(match), server])).slice(0, MOST);
  if (asked.length === 0) return undefined;
  const script = 'perl - "$@" 2>/dev/null; :';
  return { ...sh(script, configuration, String(SECONDS), ...asked.flat()), stdin: `${ASK}\n__END__\n` };
}

/** What a user is told of each service: which servers are out, and why. */
export function reasonsIn(stdout: string, out: readonly Out[]): string[] {
  const lines = stdout.split("\n").map((line) => line.split(" "));
  return out
    .filter(({ servers }) => servers.length > 0)
    .map(({ match, servers, nobody }) => {
      const each = servers.slice(0, MOST).map((server) => {
        const why = lines
          .find(([at, key]) => at === named(match) && key === server)
          ?.slice(2)
          .join(" ");
        return why ? `${server}: ${why}` : server;
      });
      const more = servers.length > MOST ? ` and ${servers.length - MOST} more` : "";
      const what = nobody ? "no server passes its check, so nobody is answered" : "servers do not pass their check";
      return `virtual service ${spelled(match)}: ${what}: ${each.join("; ")}${more}`;
    });
}

/** A service as ldirectord.cf names it. */
function named(match: Match): string {
  return "mark" in match ? String(match.mark) : hostPort(match.address, match.port);
}
