/** Rules as somebody wrote them, the table that `ipvsadm -R` makes of them, and what has to be told: "line: …". */
export interface SavedCase {
  readonly rules: string;
  readonly table: readonly string[];
  readonly told?: readonly string[];
}

const A = "-A -t 192.0.2.1:80 -s rr";
const a = (server = "10.0.0.1:80", how = "-m -w 1") => `-a -t 192.0.2.1:80 -r ${server} ${how}`;
const ENDS = "ipvsadm ends there, and restores nothing of the lines after this one";
const PASSES = "ipvsadm passes over the line";
const LAST = "-A -f 9 -s rr";

/** One line that is wrong, with a service before it and one after it. */
const ended = (line: string, why: string): SavedCase => ({
  rules: [A, line, LAST].join("\n"),
  ...{ table: [A], told: [`2: ${why}. ${ENDS}`] },
});
const passed = (line: string, why: string): SavedCase => ({
  rules: [A, line, LAST].join("\n"),
  ...{ table: [A, LAST], told: [`2: ${why}. ${PASSES}`] },
});

export const SAVED_CASES: readonly SavedCase[] = [
  { rules: "", table: [] },
  { rules: "# a comment\n\n   \n", table: [] },
  { rules: `${A}\r\n${a()}\r\n`, table: [A, a()] },
  { rules: "-At 192.0.2.1:80 -srr\n-at 192.0.2.1:80 -r10.0.0.1:80 -mw3\n", table: [A, a("10.0.0.1:80", "-m -w 3")] },
  { rules: `${A}\nipvsadm -C\nipvsadm ${LAST}\n-S -n\n-l\n`, table: [LAST] },
  { rules: "-A -f 9 -s=rr\n", table: [LAST] },
  { rules: `${A}\n-a -t 192.0.2.1:80 -r 10.0.0.1 -g -w 0\n`, table: [A, a("10.0.0.1:80", "-g -w 0")] },
  { rules: `${A}\n-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -i\n`, table: [A, a("10.0.0.1:80", "-i -w 1")] },
  { rules: `${A}\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 2\n`, table: [A, a("10.0.0.1:80", "-m -w 2")] },
  { rules: `${A}\n-E -t 192.0.2.1:80 -s wlc\n${a()}\n`, table: ["-A -t 192.0.2.1:80 -s wlc", a()] },
  { rules: `${A}\n${a()}\n-e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 7\n`, table: [A, a("10.0.0.1:80", "-m -w 7")] },
  { rules: `${A}\n${a()}\n-d -t 192.0.2.1:80 -r 10.0.0.1:80\n`, table: [A] },
  { rules: `${A}\n${a()}\n-D -t 192.0.2.1:80\n${LAST}\n`, table: [LAST] },
  { rules: `${A}\n--clear\n${LAST}\n--zero -f 9\n`, table: [LAST] },
  { rules: "-A -u 192.0.2.1:53 -s rr -o\n", table: ["-A -u 192.0.2.1:53 -s rr --ops"] },
  { rules: "-A -t 192.0.2.1:0 -s rr -p 60\n", table: ["-A -t 192.0.2.1:0 -s rr -p 60"] },
  { rules: "-A -t 192.0.2.1:80 -p -s rr\n", table: ["-A -t 192.0.2.1:80 -s rr -p 360"] },
  {
    rules: "-A -f 4 -s sh -b sh-port,sh-fallback -p 9 -M 255.255.0.0\n",
    table: ["-A -f 4 -s sh -p 9 -M 255.255.0.0 -b sh-fallback,sh-port"],
  },
  {
    rules: "-A -f 4 -6 -s wlc\n-a -f 4 -6 -r [fd00::1]:0 -g\n",
    table: ["-A -f 4 -6 -s wlc", "-a -f 4 -6 -r [fd00::1]:0 -g -w 1"],
  },
  {
    rules: "-A -t [FD00:0::9]:80 -s rr\n-a -t [fd00::9]:80 -r [fd00::1]:80 -m\n",
    table: ["-A -t [fd00::9]:80 -s rr", "-a -t [fd00::9]:80 -r [fd00::1]:80 -m -w 1"],
  },
  { rules: "-A --sctp-service 192.0.2.1:38 -s rr\n", table: ["-A --sctp-service 192.0.2.1:38 -s rr"] },
  passed(A, "the service 192.0.2.1:80 is there already"),
  passed("-E -f 8 -s rr", "the service 8 is not there: no line before it adds it by -A"),
  passed("-D -u 192.0.2.1:80", "the service 192.0.2.1:80/udp is not there"),
  passed("-a -f 8 -r 10.0.0.1", "the server 10.0.0.1:0 has no service: no line before it adds -f 8 by -A"),
  passed("-e -t 192.0.2.1:80 -r 10.0.0.1:80 -w 2", "the server 10.0.0.1:80 of -t 192.0.2.1:80 is not there"),
  passed("-A -f 8 -s best", 'IPVS has no scheduler "best"'),
  passed("-A -f 8 -q rr", '"-q" is no option of ipvsadm'),
  passed("-A -f 8 --schedule rr", '"--schedule" is no option of ipvsadm'),
  passed("-A -f 8 -s", "-s has no value"),
  ended("/sbin/ipvsadm -C", '"/sbin/ipvsadm" is no word of saved rules'),
  ended("-A -f 8 -s rr # the web", '"#" is no word of saved rules'),
  ended("  # in the middle of a line", '"#" is no word of saved rules'),
  ended('-A -t "192.0.2.2:80" -s rr', '""192.0.2.2:80"" is no address with a port'),
  ended("-A -f 8 -s sh -b nonsense", '"nonsense" is no value of -b'),
  ended("--start-daemon boss", '"boss" is no value of --start-daemon'),
  ended("*filter", '"*filter" is no word of saved rules'),
  ended("-R", '"-R" is no command of saved rules'),
  ended("-t 192.0.2.2:80 -A", '"-t" is no command of saved rules'),
  ended("-A -s rr", "it names no service by -t, -u, -f or --sctp-service"),
  ended("-A -t 192.0.2.2:0 -s rr", "a service of every port (port 0) needs persistence (-p)"),
  ended("-A -t 192.0.2.2 -s rr", "a service of every port (port 0) needs persistence (-p)"),
  ended("-A -t 192.0.2.2:81 -s rr -o", "one-packet scheduling (-o) is for UDP, and this is tcp 192.0.2.2:81"),
  ended("-A -t 192.0.2.2:70000 -s rr", '"192.0.2.2:70000" is no address with a port'),
  ended("-A -t 192.0.2.2:nosuchport -s rr", '"192.0.2.2:nosuchport" is no address with a port'),
  ended("-A -f web -s rr", '"web" is no mark'),
  ended("-A -f -5 -s rr", '"-5" is no mark'),
  ended("-A -6 -f 5 -s rr", "-6 stands before the mark that it is for"),
  ended("-A -t 192.0.2.2:80 -u 192.0.2.2:80 -s rr", "a line has one option of a kind, and not -u as well"),
  ended("-A -C", "a line has one command, and not -C as well"),
  ended("-A -f 8 -s rr -p 0", '"0" is no value of -p'),
  ended("-A -f 8 -s rr rest", '"rest" is no word of saved rules'),
  ended("-a -t 192.0.2.1:80 -m", "it names no server by -r"),
  ended("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -m", "a line has one option of a kind, and not -m as well"),
  ended("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -w many", '"many" is no value of -w'),
  ended("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -s rr", "-s is no option of -a"),
  ended("-A -f 8 -s rr -w 1", "-w is no option of -A"),
];
