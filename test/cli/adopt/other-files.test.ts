import { readKeepalivedFile } from "../../../cli/adopt/keepalived-file";
import { namesOf } from "../../../cli/adopt/names";
import { readSavedRules } from "../../../cli/adopt/saved-rules";
import { matchKey } from "../../../provider/model";

test("keepalived's services and addresses, each with its line", () => {
  const { services, addresses } = readKeepalivedFile(`! a site with two arms
vrrp_sync_group G { group { A B } }
vrrp_instance A {
  virtual_ipaddress { 192.0.2.80/24 dev eth0 }
}
vrrp_instance B
{
  virtual_ipaddress {
    198.51.100.254
  }
  virtual_ipaddress_excluded {
    2001:DB8::1  # of the guests
  }
}
virtual_server_group both {
  192.0.2.80 80
  fwmark 7
}
virtual_server group both {
  lb_algo wrr
  real_server 198.51.100.11 80 { weight 1 }
}
virtual_server 2001:db8::1 53 { protocol UDP }
`);
  expect(services).toEqual([
    { match: { protocol: "tcp", address: "192.0.2.80", port: 80 }, line: 19 },
    { match: { mark: 7, family: "ipv4" }, line: 19 },
    { match: { protocol: "udp", address: "2001:db8::1", port: 53 }, line: 23 },
  ]);
  expect(addresses).toEqual([
    { address: "192.0.2.80", instance: "A", line: 4 },
    { address: "198.51.100.254", instance: "B", line: 9 },
    { address: "2001:db8::1", instance: "B", line: 12 },
  ]);
});

test.each([
  ["virtual_server 192.0.2.1 80 {\n lb_algo best\n}\n", 'k.conf:2: IPVS has no scheduler "best"'],
  [
    "virtual_server 192.0.2.1 80 {\n lb_algo rr\n nat_mask 255.255.255.0\n}\n",
    "k.conf:3: keepalived 2 knows no nat_mask",
  ],
  ["virtual_server group lost { }\n", "k.conf:1: there is no virtual_server_group lost"],
  ["virtual_server shop 80 { }\n", 'k.conf:1: "shop" is no address'],
  ["vrrp_instance A {\n", "k.conf:1: a brace is not closed"],
  ["global_defs { }\n}\n", "k.conf:2: a brace is closed that was not opened"],
])("%j is refused with its line", (text, reason) => {
  expect(() => readKeepalivedFile(text, "k.conf")).toThrow(reason);
});

test("an address that keepalived sets while it runs, without an instance", () => {
  const { addresses } = readKeepalivedFile(
    "static_ipaddress {\n  192.0.2.80/32 dev lo\n}\nstatic_routes { 10.0.0.0/8 via 10.1.1.1 }\n",
  );
  expect(addresses).toEqual([{ address: "192.0.2.80", line: 2 }]);
});

const MAIN = "/etc/keepalived/keepalived.conf";
const below = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`/etc/keepalived/${name}`, text]));
const services = (text: string, files: Record<string, string> = {}) =>
  readKeepalivedFile(text, MAIN, below({ "keepalived.conf": text, ...files })).services.map(
    ({ match, file = MAIN, line }) => [matchKey(match), `${file.replace("/etc/keepalived/", "")}:${line}`],
  );

test("a file for each service, included by a pattern, and one that includes the servers of a block", () => {
  const found = readKeepalivedFile("global_defs { }\ninclude conf.d/*.conf\n", MAIN, {
    ...below({
      "conf.d/20-mail.conf": "\nvirtual_server 192.0.2.25 25 {\n  lb_algo wlc\n  include ../servers/mail.inc\n}\n",
      "conf.d/10-vip.conf": "vrrp_instance A {\n virtual_ipaddress {\n  192.0.2.25/32 dev eth0 label eth0:1\n }\n}\n",
      "conf.d/30-off.disabled": "virtual_server 192.0.2.26 25 { }\n",
      "servers/mail.inc": "real_server 198.51.100.25 25 { weight 1 }\n",
    }),
  });
  const from = (name: string, line: number) => ({ file: `/etc/keepalived/conf.d/${name}`, line });
  expect(found.services).toEqual([
    { match: { protocol: "tcp", address: "192.0.2.25", port: 25 }, ...from("20-mail.conf", 2) },
  ]);
  expect(found.addresses).toEqual([{ address: "192.0.2.25", instance: "A", ...from("10-vip.conf", 3) }]);
  expect(found.statements.at(-1)?.block.map(({ words }) => words[0])).toEqual(["lb_algo", "real_server"]);
});

test("definitions, those of several lines too; ranges of a group; lines of some hosts alone; words after a brace", () => {
  expect(
    services(`$VIP=192.0.2.80
$WEB = ${"$"}{VIP} 80
$SERVER = \\
virtual_server 192.0.2.90 443 { \\
  protocol TCP \\
}
virtual_server $WEB {  //the web
  lb_kind DR   // direct routing
}
$SERVER
virtual_server_group names {
  192.0.2.100-102 53
  2001:db8::e-10 53
}
@lb1 virtual_server group names { protocol UDP }
`),
  ).toEqual([
    ["192.0.2.80:80", "keepalived.conf:7"],
    ["192.0.2.90:443", "keepalived.conf:10"],
    ...["192.0.2.100", "192.0.2.101", "192.0.2.102"].map((address) => [`${address}:53/udp`, "keepalived.conf:15"]),
    ...["e", "f", "10"].map((last) => [`[2001:db8::${last}]:53/udp`, "keepalived.conf:15"]),
  ]);
});

test.each([
  [
    "lines of Windows",
    "virtual_server 192.0.2.80 80 {\r\n lb_kind DR\r\n protocol UDP\r\n}\r\n",
    "192.0.2.80:80/udp",
    1,
  ],
  ["a comment before the brace", "virtual_server 192.0.2.80 80\n! why\n# and how\n{\n}\n", "192.0.2.80:80", 1],
  ["some hosts alone, and all but some", "@lb1 x y\n@^lb2 virtual_server 192.0.2.80 80 {\n}\n", "192.0.2.80:80", 2],
  ["quotes and tabs", '\tvirtual_server\t"192.0.2.80"\t"80"\t{\n\t}\n', "192.0.2.80:80", 1],
  [
    "a definition of definitions",
    `$A=192.0.2\n$B=${"$"}{A}.80\n$P=80\nvirtual_server $B ${"$"}{P} { }\n`,
    "192.0.2.80:80",
    4,
  ],
  [
    "keepalived's own names in braces",
    `vrrp_instance VI_${"$"}{_INSTANCE} {\n priority ${"$"}{_RANDOM 100 200}\n}\nvirtual_server 192.0.2.80 80 {\n}\n`,
    "192.0.2.80:80",
    4,
  ],
  [
    "signs of comments after a backslash",
    "vrrp_instance A { authentication { auth_pass a\\#b } }\nvirtual_server 192.0.2.80 80 { }\n",
    "192.0.2.80:80",
    2,
  ],
  [
    "quotes within the command of a check, and a brace there",
    'virtual_server 192.0.2.80 80 {\n real_server 10.0.0.1 80 {\n  MISC_CHECK { misc_path "/bin/sh -c \\"echo } # up\\"" }\n }\n}\n',
    "192.0.2.80:80",
    1,
  ],
  ["a mark of IPv6", "virtual_server fwmark 7 {\n ip_family inet6\n}\n", "7/ipv6", 1],
  [
    "all in one line",
    "virtual_server 192.0.2.80 80 { protocol SCTP real_server 10.0.0.1 80 { weight 1 } }\n",
    "192.0.2.80:80/sctp",
    1,
  ],
])("%s", (_, text, key, line) => {
  expect(services(text)).toEqual([[key, `keepalived.conf:${line}`]]);
});

test.each([
  ["virtual_server 192.0.2.080 80 { }\n", {}, 'keepalived.conf:1: "192.0.2.080" is no address'],
  ["virtual_server ::ffff:192.0.2.80 80 { }\n", {}, 'keepalived.conf:1: "::ffff:192.0.2.80" is no address'],
  ["virtual_server fwmark 0x7 { }\n", {}, 'keepalived.conf:1: "0x7" is no mark'],
  ["VIP=192.0.2.80\nvirtual_server $VIP 80 { }\n", {}, 'keepalived.conf:2: "$VIP" is no address'],
  ["{\n", {}, "keepalived.conf:1: a block without a name"],
  ["include ~/site.conf\n", {}, "keepalived.conf:1: the pattern ~/site.conf is not followed"],
  ["~LST(n, 1, 3) virtual_server 192.0.2.$n 80 { }\n", {}, "keepalived.conf:1: ~LST repeats a line"],
  ["include /opt/site.conf\n", {}, "keepalived.conf:1: /opt/site.conf is not below /etc/keepalived"],
  [
    "include a.conf\n",
    { "a.conf": "\ninclude keepalived.conf\n" },
    "a.conf:2: /etc/keepalived/keepalived.conf includes itself",
  ],
  ["include a.conf\n", { "a.conf": "virtual_server shop 80 { }\n" }, 'a.conf:1: "shop" is no address'],
  ["include a.conf\n", { "a.conf": "virtual_server 192.0.2.1 80 {\n" }, "a.conf:1: a brace is not closed"],
  ["include {a,b}.conf\n", {}, "keepalived.conf:1: the pattern {a,b}.conf is not followed: name the files"],
  ["\ninclude conf.d/[ab].conf # both\n", {}, "keepalived.conf:2: the pattern conf.d/[ab].conf is not followed"],
  [
    "~SEQ(n, 1, 3) virtual_server 192.0.2.$n 80 { }\n",
    {},
    "keepalived.conf:1: ~SEQ repeats a line, and is not followed",
  ],
  ["virtual_server $VIP 80 { }\n", {}, 'keepalived.conf:1: "$VIP" is no address'],
  [`virtual_server ${"$"}{VIP} 80 { }\n`, {}, 'keepalived.conf:1: "$VIP" is no address'],
  [
    `include ${"$"}{_PWD}/site.conf\n`,
    {},
    "keepalived.conf:1: $_PWD/site.conf has a name that is not defined before it",
  ],
  ["virtual_server 192.0.2.1 http { }\n", {}, 'keepalived.conf:1: "http" is no port'],
  ["virtual_server fwmark web { }\n", {}, 'keepalived.conf:1: "web" is no mark'],
  ["virtual_server 192.0.2.1 80 {\n protocol HTTP\n}\n", {}, 'keepalived.conf:2: "HTTP" is no protocol'],
  [
    "virtual_server_group g {\n 192.0.2.9-4 80\n}\nvirtual_server group g { }\n",
    {},
    'keepalived.conf:2: "192.0.2.9-4" is no address',
  ],
])("%j, with %j, is refused with its file and line", (text, files, reason) => {
  expect(() => services(text, files)).toThrow(`/etc/keepalived/${reason}`);
});

test("a file that is not there is nothing, as for keepalived", () => {
  expect(services("include local.conf\ninclude sites/*.conf\nvirtual_server 192.0.2.1 80 { }\n")).toEqual([
    ["192.0.2.1:80", "keepalived.conf:3"],
  ]);
});

const names = namesOf("http 80/tcp www\nsip 5060/udp\n", "198.51.100.64 back.example\n");

test("saved rules with names are those with numbers", () => {
  const named = readSavedRules(
    `# saved at night
-A -t 192.0.2.112:http -s rr -p 600
-a -t 192.0.2.112:http -r back.example:8080 -m -w 2
-A -u 192.0.2.112:sip -s wlc -o

-A -f 3 -6 -s rr
-a -f 3 -6 -r [2001:db8::1]:0 -g -w 1
`,
    names,
  );
  expect(named.told).toEqual([]);
  expect(named.lines).toEqual({ "-t 192.0.2.112:80": 2, "-u 192.0.2.112:5060": 4, "-f 3 -6": 6 });
  expect(named.table).toMatchObject({
    "-t 192.0.2.112:80": {
      scheduler: "rr",
      persistence: { timeout: 600 },
      destinations: { "198.51.100.64:8080": { forwarding: "nat", weight: 2 } },
    },
    "-u 192.0.2.112:5060": { scheduler: "wlc", onePacket: true, destinations: {} },
    "-f 3 -6": { destinations: { "[2001:db8::1]:0": { forwarding: "dr" } } },
  });
});

test("rules that an administrator wrote by hand: options in another order, tabs, a mark, a mask, a server without a port", () => {
  expect(
    readSavedRules(
      `-C
-A -f 4097 -s wlc -p 3600 -M 255.255.255.0
-a -f 4097\t-r 198.51.100.11 -g -w 100
-A -s sh -b sh-fallback,sh-port -t 192.0.2.9:443
-a -t 192.0.2.9:443 -w 0 -r 198.51.100.11:443 -i
`,
      names,
    ).table,
  ).toMatchObject({
    "-f 4097": {
      persistence: { timeout: 3600, mask: "255.255.255.0" },
      destinations: { "198.51.100.11:0": { forwarding: "dr", weight: 100 } },
    },
    "-t 192.0.2.9:443": {
      scheduler: "sh",
      destinations: { "198.51.100.11:443": { forwarding: "tun", weight: 0 } },
    },
  });
});

test("long options, values after =, and what ipvsadm takes where a rule says nothing", () => {
  const { table, told } = readSavedRules(
    `--add-service --tcp-service=192.0.2.1:80 --persistent
--add-server --tcp-service 192.0.2.1:80 --real-server 10.0.0.1
-A -u [2001:0DB8:0:0::1]:53 -s rr
`,
    names,
  );
  expect(told).toEqual([]);
  expect(table).toMatchObject({
    "-t 192.0.2.1:80": {
      ...{ scheduler: "wlc", persistence: { timeout: 360 } },
      destinations: { "10.0.0.1:80": { forwarding: "dr", weight: 1 } },
    },
    "-u [2001:db8::1]:53": { scheduler: "rr" },
  });
});
