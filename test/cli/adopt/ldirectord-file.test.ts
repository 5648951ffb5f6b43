import { readLdirectordFile } from "../../../cli/adopt/ldirectord-file";
import { namesOf } from "../../../cli/adopt/names";
import { judgedByLdirectord, withLdirectord } from "../../ldirectord";

const SERVICES = `domain 53/tcp\ndomain 53/udp\nhttp 80/tcp www # the web\nhttps 443/tcp\nhttps 443/udp\nmysql 3306/tcp\n`;
const names = namesOf(SERVICES, "127.0.0.1 localhost\n192.0.2.77 shop.example\n2001:db8::77 shop.example\n");

const read = (text: string) => readLdirectordFile(text, names, "ldirectord.cf");

test("names of ports, one address by TCP and UDP, comments within a block, tabs and blanks", () => {
  const { globals, virtuals } = read(`# of the whole
checkinterval = 5
quiescent=yes
virtual=192.0.2.1:domain
        real=198.51.100.8:domain gate 3
\treal=198.51.100.9:domain\tgate
        protocol=tcp
virtual=192.0.2.1:53
        real=198.51.100.8:53 gate
# the one that burned
        #real=198.51.100.9:53 gate
        real=198.51.100.10:53 masq 0 # for now
`);
  expect(globals).toEqual({ checkinterval: { value: "5", line: 2 }, quiescent: { value: "yes", line: 3 } });
  expect(virtuals.map(({ match, line }) => ({ match, line }))).toEqual([
    { match: { protocol: "tcp", address: "192.0.2.1", port: 53 }, line: 4 },
    { match: { protocol: "udp", address: "192.0.2.1", port: 53 }, line: 8 },
  ]);
  expect(
    virtuals.map(({ real }) =>
      real.map(({ address, port, forwarding, weight, line }) => [address, port, forwarding, weight, line]),
    ),
  ).toEqual([
    [
      ["198.51.100.8", 53, "dr", 3, 5],
      ["198.51.100.9", 53, "dr", 1, 6],
    ],
    [
      ["198.51.100.8", 53, "dr", 1, 9],
      ["198.51.100.10", 53, "nat", 0, 12],
    ],
  ]);
});

test("ranges, names of hosts, IPv6, marks, thresholds and a server's own check", () => {
  const { virtuals } = read(`virtual=shop.example:www
    real=198.51.100.254->198.51.101.1:80 ipip 2 "ok", "^OK" l:10 u:20
    fallback=127.0.0.1
virtual6=[2001:DB8:0::5]:https
    real6=[2001:db8::4]:443 masq
    fallback6=[::1]:443 masq
virtual=7
    real=198.51.100.1 gate
    protocol=fwm
`);
  const [range, six, mark] = virtuals;
  expect(range?.match).toEqual({ protocol: "tcp", address: "192.0.2.77", port: 80 });
  expect(range?.real.map(({ address }) => address)).toEqual([
    "198.51.100.254",
    "198.51.100.255",
    "198.51.101.0",
    "198.51.101.1",
  ]);
  expect(range?.real[3]).toMatchObject({
    forwarding: "tun",
    weight: 2,
    request: "ok",
    receive: "^OK",
    lowerThreshold: 10,
    upperThreshold: 20,
  });
  expect(range?.fallback).toEqual({ address: "127.0.0.1", port: 80, forwarding: "dr" });
  expect(six).toMatchObject({
    match: { address: "2001:db8::5", port: 443 },
    fallback: { address: "::1", port: 443, forwarding: "nat" },
  });
  expect(mark).toMatchObject({ match: { mark: 7, family: "ipv4" }, real: [{ port: 0 }] });
});

const VIRTUAL = "virtual=192.0.2.1:80\n";
const REAL = "    real=198.51.100.1:80 gate\n";

const V6 = "virtual6=[2001:db8::1]:80\n";
const R6 = "    real6=[2001:db8::2]:80 masq 2\n";

/** What ldirectord refuses, and what it takes although it looks odd: the line of the mistake. */
const JUDGED: readonly (readonly [text: string, line?: number])[] = [
  ["[vip]\neth0=192.0.2.1\n", 1],
  ["checkinterval=soon\n", 1],
  ["checkinterval=0\n", 1],
  ["checktimeout= 10 seconds\n"],
  ["autoreload=maybe\n", 1],
  ["supervised\n"],
  ["logfile=/var/log/x\n", 1],
  ["timeout=5\n", 1],
  ["connecttimeout=5\n", 1],
  ["nonsense=1\n", 1],
  ["emailalertstatus=all,never\n", 1],
  ['fork=yes\nemailalert="ops@example.org"\n'],
  [`${VIRTUAL}${REAL}`],
  [`${VIRTUAL}${REAL}${VIRTUAL}${REAL}`, 3],
  [`${VIRTUAL}${REAL}    protocol=udp\n${VIRTUAL}${REAL}`],
  ["virtual=[2001:db8::1]:80\n", 1],
  ["virtual6=[2001:db8::1]:80\n    real=198.51.100.1:80 gate\n", 2],
  [`${VIRTUAL}    real6=[2001:db8::1]:80 gate\n`, 2],
  [`${VIRTUAL}    real=198.51.100.1:80 nat\n`, 2],
  [`${VIRTUAL}    real=198.51.100.1:80\n`, 2],
  [`${VIRTUAL}    real=198.51.100.1:80 gate 1 nonsense\n`, 2],
  [`${VIRTUAL}    real=198.51.100.9->198.51.100.1:80 gate\n`, 2],
  [`${VIRTUAL}${REAL}    service=gopher\n`, 3],
  [`${VIRTUAL}${REAL}    service = http\n`],
  [`${VIRTUAL}${REAL}    checktype=sometimes\n`, 3],
  [`${VIRTUAL}${REAL}    checktype=3\n`],
  [`${VIRTUAL}${REAL}    request=ok.html\n`, 3],
  [`${VIRTUAL}${REAL}    receive=""\n`, 3],
  [`${VIRTUAL}${REAL}    persistent=long\n`, 3],
  [`${VIRTUAL}${REAL}    netmask=24\n`, 3],
  [`${VIRTUAL}${REAL}    protocol=sctp\n`, 3],
  [`${VIRTUAL}${REAL}    ops=1\n`, 3],
  [`${VIRTUAL}${REAL}    httpmethod=POST\n`, 3],
  [`${VIRTUAL}${REAL}    fallback=127.0.0.1:80 nat\n`, 3],
  [`${VIRTUAL}${REAL}  \n    weight=3\n`, 4],
  [`${VIRTUAL}${REAL}    autoreload=no\n`, 3],
  ["virtual=5\n    real=198.51.100.1:80 gate\n    protocol=tcp\n", 3],
  ["virtual=somewhere\n", 1],
  // As people run them, or paste them from a guide.
  ["checktimeout=5\r\nquiescent=yes\r\n", 2],
  ["   autoreload=no\n", 1],
  [" virtual=192.0.2.1:80\n", 1],
  ["virtual=192.0.2.1:80\nreal=198.51.100.1:80 gate\n", 2],
  [`${VIRTUAL}    real=198.51.100.1:80 gate -w 1\n`],
  [`${VIRTUAL}    real=198.51.100.1 gate 1   # no port\n`],
  [`${VIRTUAL}    real=198.51.100.1:80   masq    5\n`],
  [`${VIRTUAL}${REAL}    servicename=Web Site\n    comment=of the shop, not "ours"\n`],
  [`${VIRTUAL}${REAL}    request="index.html"\n    request="other.html"\n    checkport=80 \n`],
  [`${VIRTUAL}${REAL}    checktype=external\n    checkcommand=/usr/local/bin/check --deep\n`],
  ["virtual=4097\n    real=198.51.100.1:80 gate 1\n    protocol=fwm\n    scheduler=wlc\n    persistent=900\n"],
  ["emailalert=ops@example.org, noc@example.org\nemailalertfrom=lb@example.org\nfallback=127.0.0.1:80 gate\n"],
  [`${VIRTUAL}${REAL}    quiescent = no\n`],
  [`${VIRTUAL}${REAL}    quiescent = no \n`, 3],
  [`${VIRTUAL}${REAL}    persistent=60\n    netmask=255.255.255.0 \n`, 4],
  [`${VIRTUAL}    real=198.51.100.1:80 gate\r\n    scheduler=rr\r\n`],
  [`${VIRTUAL}\n${REAL}`, 3],
  ["virtual=192.0.2.1:65536\n", 1],
  [`${V6}${R6}    quiescent=no\n    fallback6=[::1]:80\n`],
  [`${V6}${R6}    fallback=127.0.0.1:80\n`, 3],
  [`${VIRTUAL}${REAL}    checktype=external-perl\n    checkcommand=/bin/true\n`],
  [`${VIRTUAL}${REAL}    checktype=0\n`],
  ["virtual6=5\n    real6=[2001:db8::2]:80 gate\n    protocol=fwm\n"],
  [`\uFEFF${VIRTUAL}${REAL}`, 1],
  ["fallback=127.0.0.1:80 nat\n", 1],
  ["fallback=localhost:domain masq\n"],
  ["fallback=nowhere.invalid:80\n", 1],
  ["fallback6=[::1]:80\nfallback=127.0.0.1\n"],
  [`${VIRTUAL}${REAL}    netmask=255.255.255.0\r\n`, 3],
  [`${VIRTUAL}${REAL}    \r\n`, 3],
  [`${VIRTUAL}${REAL}    service=https\n    checkport=0\n`, 4],
  [`${VIRTUAL}${REAL}    checkport=65536\n`, 3],
  [`${VIRTUAL}${REAL}    checkport=65535\n`],
  [`${VIRTUAL}${REAL}    checkport=80-90\n`],
  [`${VIRTUAL}${REAL}    service=HTTP\n`, 3],
  [`${VIRTUAL}${REAL}    quiescent=YES\n`, 3],
  [`${VIRTUAL}    Real=198.51.100.1:80 gate\n`, 2],
  [`${VIRTUAL}   real=198.51.100.1:80 gate\n`, 2],
  ["virtual=192.0.2.1:80,443\n    real=198.51.100.1:80 gate\n"],
  ["virtual=192.0.2.256:80\n    real=198.51.100.1:80 gate\n", 1],
  ["quiescent=yes # always\n", 1],
];

test.each(JUDGED.map(([text, line]) => ({ text, line })))("$text", ({ text, line }) => {
  const refused = () => {
    try {
      read(text);
      return undefined;
    } catch (error) {
      return (error as { line?: number }).line ?? error;
    }
  };
  expect(refused()).toBe(line);
});

withLdirectord("ldirectord itself judges the same", () => {
  const verdicts = judgedByLdirectord(JUDGED.map(([text]) => text));
  const judged = verdicts.map(({ exit, said }, i) => {
    const [text] = JUDGED[i] as (typeof JUDGED)[number];
    // Exit 3: a good file, whose daemon does not run. Mistakes are told with their line, and that of a repeated service
    // with the line where its block ends.
    if (exit === 3) return [text];
    const [, line, what = ""] = /Error \[\d+\] reading file \S+ at line (\d+): (.*)/.exec(said) ?? [];
    return [text, Number(line) - (what.includes("duplicate virtual") ? 1 : 0)];
  });
  expect(judged).toEqual(JUDGED.map(([text, line]) => (line === undefined ? [text] : [text, line])));
});

test("options of a real server as guides write them", () => {
  const { virtuals } = read(
    `${VIRTUAL}    real=198.51.100.1:80 gate -w 3\n    real=198.51.100.2:80 masq weight 2 "a", "b" u:9\n`,
  );
  expect(virtuals[0]?.real).toMatchObject([
    { forwarding: "dr", weight: 3 },
    { forwarding: "nat", weight: 2, request: "a", receive: "b", lowerThreshold: 0, upperThreshold: 9 },
  ]);
});

test("a real server that stands twice is named, which ldirectord takes and the kernel has once", () => {
  expect(() => read(`${VIRTUAL}${REAL}    real=198.51.100.1:www masq\n`)).toThrow(
    "ldirectord.cf:3: the real server 198.51.100.1:80 of 192.0.2.1:80 stands in line 2 already",
  );
});

test("a service of every port, which ldirectord takes, is refused with its line", () => {
  expect(() => read("\nvirtual=192.0.2.1:0\n    real=198.51.100.1:0 gate\n    persistent=600\n")).toThrow(
    "ldirectord.cf:2: a service of every port (port 0) is none that the program can declare",
  );
});

test("a name that the host does not know is named", () => {
  expect(() => read(`${VIRTUAL}    real=gone.example:80 gate\n`)).toThrow(
    'ldirectord.cf:2: "gone.example" of the real server',
  );
  expect(() => read("virtual=192.0.2.1:gopher\n")).toThrow(
    'ldirectord.cf:1: the host knows no tcp port named "gopher"',
  );
});
