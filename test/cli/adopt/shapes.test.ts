import { reported, type Shape } from "./hosts";

// Shapes of sites as people run them. Each part of a shape is declared, or told with its place, or ends the command with its line:
// nothing is dropped without a word.

interface Case {
  readonly shape: string;
  readonly director?: Shape;
  /** The real server 10.0.0.11; its way back leads through the director, unless this says otherwise. */
  readonly server?: Shape;
  readonly told?: readonly string[];
  /** What the user must not be told. */
  readonly untold?: RegExp;
  readonly declares?: readonly RegExp[];
  readonly leaves?: RegExp;
  readonly refused?: string;
}

const OUTSIDE = "eth0 inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0";
const INSIDE = "eth1 inet 10.0.0.1/24 brd 10.0.0.255 scope global eth1";
const OWN = "eth0 inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0";
const vip = (device: string, prefix = 32, address = "192.0.2.80") =>
  `${device} inet ${address}/${prefix} scope global ${device}`;
const has = (...addresses: string[]) => ({ addresses: [OUTSIDE, INSIDE, ...addresses].join("\n") });
const serverHas = (...addresses: string[]) => ({ addresses: [OWN, ...addresses].join("\n") });
const on = (what: string, service: string, how = "-s rr") => `-A ${what} ${service} ${how}\n`;
const to = (what: string, service: string, how: string, server = "10.0.0.11:80") =>
  `-a ${what} ${service} -r ${server} ${how}\n`;
const TCP = ["-t", "192.0.2.80:80"] as const;
const NAT = on(...TCP) + to(...TCP, "-m -w 1");
const DR = on(...TCP) + to(...TCP, "-g -w 1");
const EMPTY = on(...TCP);

const keepalived = (text: string, more: Shape = {}): Shape => ({
  ...{ files: { "/etc/keepalived/keepalived.conf": text }, running: ["keepalived"], table: DR },
  ...has(vip("eth0")),
  ...more,
});
const conf = (line: number) => `/etc/keepalived/keepalived.conf:${line}`;
const SERVICE = "virtual_server 192.0.2.80 80 {\n lb_kind DR\n";
const ldirectord = (text: string, more: Shape = {}): Shape => ({
  ...{ files: { "/etc/ha.d/ldirectord.cf": text }, running: ["ldirectord"], table: NAT },
  ...has(vip("eth0")),
  ...more,
});
const rules = (text: string, more: Shape = {}): Shape => ({
  ...{ files: { "/etc/ipvsadm.rules": text }, table: NAT },
  ...has(vip("eth0")),
  ...more,
});
const site = (table: string, more: Shape = {}): Shape => ({ table, ...has(vip("eth0")), ...more });

const byKeepalived: readonly Case[] = [
  {
    shape: "a script of a sync group",
    director: keepalived('vrrp_sync_group G {\n group { A }\n notify "/etc/keepalived/notify.sh G"\n}\n'),
    told: [`${conf(3)}: what keepalived runs: /etc/keepalived/notify.sh G: notify goes on as it is`],
  },
  {
    shape: "a script of an instance, on becoming master",
    director: keepalived("vrrp_instance A {\n notify_master /root/up.sh\n}\n"),
    told: [`${conf(2)}: what keepalived runs: /root/up.sh: notify_master goes on`],
  },
  {
    shape: "scripts of a real server and of a quorum",
    director: keepalived(
      `${SERVICE} quorum_down /root/down.sh\n real_server 10.0.0.11 80 {\n  notify_down /root/one.sh\n }\n}\n`,
    ),
    told: [`${conf(3)}: what keepalived runs: /root/down.sh`, `${conf(5)}: what keepalived runs: /root/one.sh`],
  },
  {
    shape: "a sorry server",
    director: keepalived(`${SERVICE} sorry_server 10.0.0.99 80\n}\n`),
    told: [`${conf(3)}: the sorry server 10.0.0.99 80: keepalived lets it stand in`],
  },
  {
    shape: "a table that is emptied at each start",
    director: keepalived("global_defs {\n lvs_flush\n}\n", { table: NAT }),
    told: [`${conf(2)}: lvs_flush: keepalived empties the kernel's whole table when it starts`],
  },
  {
    shape: "timeouts that keepalived sets",
    director: keepalived("global_defs {\n lvs_timeouts tcp 3600 udp 60\n}\n"),
    told: [`${conf(2)}: lvs_timeouts tcp 3600 udp 60: keepalived sets the timeouts when it starts`],
  },
  {
    shape: "routes that move",
    director: keepalived("vrrp_instance A {\n virtual_routes {\n  10.9.0.0/16 via 10.0.0.254\n }\n}\n"),
    told: [`${conf(3)}: the route 10.9.0.0/16 via 10.0.0.254: keepalived sets it (virtual_routes)`],
  },
  {
    shape: "rules of routing",
    director: keepalived("static_rules {\n from 10.0.0.0/24 table 7\n}\n"),
    told: [`${conf(2)}: the rule from 10.0.0.0/24 table 7: keepalived sets it (static_rules)`],
  },
  {
    shape: "an address after its options, and one with a peer",
    director: keepalived("vrrp_instance A {\n virtual_ipaddress {\n  dev eth0 brd 192.0.2.255 192.0.2.80/24\n }\n}\n"),
    told: ["the address 192.0.2.80: keepalived moves it (vrrp_instance A"],
    leaves: /"vip":\{"address"/,
  },
  {
    shape: "a line of addresses without an address",
    director: keepalived("vrrp_instance A {\n virtual_ipaddress {\n  $VIP dev eth0\n }\n}\n"),
    refused: `${conf(3)}: "$VIP dev eth0" has no address`,
  },
  {
    shape: "an included file by a name that nothing defines",
    director: keepalived("include $SITE/*.conf\n"),
    refused: `${conf(1)}: $SITE/*.conf has a name that is not defined before it`,
  },
  {
    shape: "an included file that is too large to be read",
    director: keepalived("\ninclude sites/*.conf\n", { unread: ["/etc/keepalived/sites/all.conf"] }),
    refused: `${conf(2)}: /etc/keepalived/sites/all.conf was not read`,
  },
  {
    shape: "a real server that fails its check, and is out of the table",
    director: keepalived(`${SERVICE} real_server 10.0.0.11 80 { }\n}\n`, { table: EMPTY }),
    server: serverHas(vip("lo")),
    declares: [/RealServer .*"forwarding":"dr","vip":"192.0.2.80"/],
    told: ["keepalived keeps it"],
  },
  {
    shape: "servers that are reached in two ways",
    director: keepalived(`${SERVICE} real_server 10.0.0.11 80 {\n  lvs_method NAT\n }\n}\n`, { table: EMPTY }),
    declares: [/RealServer .*"forwarding":"nat","gateway":"10.0.0.1"/],
  },
  {
    shape: "a group of addresses and a mark",
    director: keepalived(
      "virtual_server_group g {\n 192.0.2.80 80\n fwmark 4\n}\nvirtual_server group g {\n lb_kind DR\n}\n",
      { table: `${DR}${on("-f", "4")}${to("-f", "4", "-g -w 1", "10.0.0.11:0")}` },
    ),
    told: [
      `tcp 192.0.2.80:80: keepalived keeps it (${conf(5)})`,
      `the service mark 4: keepalived keeps it (${conf(5)})`,
    ],
    leaves: /VirtualService|DrCluster/,
  },
  {
    shape: "a keepalived that does not run",
    director: keepalived("vrrp_instance A {\n virtual_ipaddress { 192.0.2.80/32 }\n}\n", { running: [], table: NAT }),
    told: ["keepalived.conf: keepalived does not run"],
    declares: [/"vip":\{"address":"192.0.2.80","device":"eth0"\}/],
  },
];

const byLdirectord: readonly Case[] = [
  {
    shape: "a file that is taken up by itself, scripts, and another ldirectord",
    director: ldirectord(
      'autoreload=yes\ncallback="/root/copy.sh"\nexecute=other.cf\nvirtual=192.0.2.80:80\n\treal=10.0.0.11:80 masq\n\tfallbackcommand="/root/nobody.sh"\n',
    ),
    told: [
      "/etc/ha.d/ldirectord.cf:1: autoreload: ldirectord takes up a changed file by itself, and drains nothing",
      '/etc/ha.d/ldirectord.cf:2: what ldirectord runs: "/root/copy.sh": callback goes on as it is',
      "/etc/ha.d/ldirectord.cf:3: another ldirectord with other.cf: ldirectord starts it beside itself, and its file is not read",
      "/etc/ha.d/ldirectord.cf:6: what ldirectord runs: /root/nobody.sh: fallbackcommand goes on as it is",
    ],
  },
  {
    shape: "a real server that fails its check, and is out of the table",
    director: ldirectord("virtual=192.0.2.80:80\n\treal=10.0.0.11:80 masq\n", { table: EMPTY }),
    declares: [/RealServer .*"address":"10.0.0.11","forwarding":"nat","gateway":"10.0.0.1"/],
  },
  {
    shape: "one real server that is out, of a host that was not named",
    director: ldirectord("virtual=192.0.2.80:80\n\treal=10.0.0.11:80 masq\n\treal=10.0.0.12:80 masq\n"),
    told: ["the real server 10.0.0.12 of tcp 192.0.2.80:80: none of the hosts that were named has this address"],
  },
  {
    shape: "quiescent for one service alone, and a fallback of all",
    director: ldirectord(
      "quiescent=yes\nfallback=127.0.0.1:80\nvirtual=192.0.2.80:80\n\treal=10.0.0.11:80 masq\n\tquiescent=no\n",
    ),
    declares: [/HealthChecks .*"192.0.2.80:80":\{"scheduler":"wrr","fallback":"127.0.0.1"/],
  },
  {
    shape: "an external check in Perl, mails, maintenance and a log: the file stays as it is",
    director: ldirectord(
      'emailalert="root"\nmaintenancedir="/etc/ha.d/m"\nfork=yes\nsupervised\nvirtual=192.0.2.80:80\n\treal=10.0.0.11:80 masq\n\tchecktype=external-perl\n\tcheckcommand="/root/check.pl"\n',
    ),
    declares: [/File .*\/etc\/ha.d\/ldirectord.cf/],
    untold: /mail|maintenance|check\.pl/,
  },
  {
    shape: "a service that ldirectord does not keep, beside one that it keeps",
    director: ldirectord("virtual=192.0.2.80:81\n\treal=10.0.0.11:81 masq\n"),
    declares: [/HealthChecks .*"192.0.2.80:81"/, /NatCluster .*"ports":80/],
  },
];

const addresses: readonly Case[] = [
  {
    shape: "the VIP on a dummy",
    director: site(DR, has(vip("dummy0"))),
    server: serverHas(vip("lo")),
    declares: [/DrCluster .*"device":"dummy0"/],
  },
  {
    shape: "the VIP as an alias with the network's prefix",
    director: site(DR, has(vip("eth0", 24))),
    told: ["the VIP 192.0.2.80/24 on eth0: with this prefix it is the host's own address"],
    leaves: /Director .*"vip"/,
  },
  {
    shape: "no VIP: a local route of a whole network stands for it",
    director: site(DR, has()),
    told: ["the VIP 192.0.2.80: no interface of the director has this address. Where a local route"],
  },
  {
    shape: "a real server that is silent, and redirects in the place of an address",
    director: site(DR),
    server: { settings: { "net.ipv4.conf.all.arp_ignore": "1" } },
    told: ["the VIP 192.0.2.80: no interface of the real server has this address"],
    declares: [/Sysctl .*arp_ignore/],
  },
  {
    shape: "a real server behind a tunnel",
    director: site(on(...TCP) + to(...TCP, "-i -w 1")),
    server: serverHas(vip("tunl0")),
    declares: [/RealServer .*"forwarding":"tun","vip":"192.0.2.80"/, /VipAlias .*"device":"tunl0"/],
  },
  {
    shape: "a VIP that Pacemaker moves",
    director: site(DR, { mentions: ['/var/lib/pacemaker/cib/cib.xml:12: <nvpair name="ip" value="192.0.2.80"/>'] }),
    told: ["the VIP 192.0.2.80: something else moves it between hosts (/var/lib/pacemaker/cib/cib.xml:12)"],
    leaves: /DrCluster|"vip":\{"address"/,
  },
  {
    shape: "a VIP that Heartbeat moves",
    director: site(DR, { mentions: ["/etc/ha.d/haresources:1:one IPaddr2::192.0.2.80/32/eth0 ldirectord"] }),
    told: ["something else moves it between hosts (/etc/ha.d/haresources:1)"],
    leaves: /DrCluster|"vip":\{"address"/,
  },
  {
    shape: "a VIP that ucarp moves",
    director: site(DR, { mentions: ["/etc/network/interfaces:9:  up ucarp --addr=192.0.2.80 --vhid=4"] }),
    told: ["something else moves it between hosts (/etc/network/interfaces:9)"],
    leaves: /DrCluster|"vip":\{"address"/,
  },
  {
    shape: "a line of netplan about another address: the VIP is the program's",
    director: site(DR, { mentions: ["/etc/netplan/1.yaml:3: addresses: [192.0.2.8/32]"] }),
    server: serverHas(vip("lo")),
    told: ["/etc/netplan/1.yaml:3: addresses: [192.0.2.8/32]: the host sets this up itself"],
    declares: [/DrCluster/],
  },
  {
    shape: "more lines of start-up files than are shown",
    director: site(NAT, { mentions: Array.from({ length: 201 }, (_, i) => `/etc/rc.local:${i + 1}: ipvsadm`) }),
    told: ["/etc/rc.local:200: ipvsadm: the host", "more than 200 lines of start-up files"],
    untold: /rc\.local:201/,
  },
];

const UDP = ["-u", "192.0.2.80:53"] as const;
const services: readonly Case[] = [
  {
    shape: "NAT and direct routing in one service",
    director: site(NAT + to(...TCP, "-g -w 1", "10.0.0.12:80")),
    declares: [/RealServer .*"forwarding":"nat"/, /"10.0.0.12:80":\{"weight":1,"forwarding":"dr"\}/],
    told: ["the real server 10.0.0.12"],
  },
  {
    shape: "a tunnel of GRE",
    director: site(on(...TCP) + to(...TCP, "-i -w 1 --tun-type gre --tun-csum")),
    declares: [/VirtualService .*"tunnel":\{"type":"gre","checksum":"full"\}/],
  },
  {
    shape: "a tunnel of GUE",
    director: site(on(...TCP) + to(...TCP, "-i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum")),
    declares: [/VirtualService .*"tunnel":\{"type":"gue","port":6080,"checksum":"remote"\}/],
  },
  {
    shape: "SCTP",
    director: site(on("--sctp-service", "192.0.2.80:3868") + to("--sctp-service", "192.0.2.80:3868", "-m -w 1")),
    declares: [/VirtualService .*"port":3868,"protocol":"sctp"/],
  },
  {
    shape: "every port, with persistence of a network of clients",
    director: site(
      on("-t", "192.0.2.80:0", "-s wlc -p 1800 -M 255.255.255.0") + to("-t", "192.0.2.80:0", "-g -w 1", "10.0.0.11:0"),
    ),
    declares: [/VirtualService .*"port":0.*"persistence":\{"timeout":1800,"mask":"255.255.255.0"\}/],
  },
  {
    shape: "a mark of IPv6",
    director: site(`-A -f 7 -6 -s rr\n-a -f 7 -6 -r [fd00::11]:0 -g -w 1\n`),
    declares: [/VirtualService .*"mark":7,"family":"ipv6"/],
    told: [
      "the real server fd00::11 of mark 7",
      "the rule that marks packets with 7: a rule of netfilter stays its owner's: none was found",
    ],
  },
  {
    shape: "marks by nftables and by iptables",
    director: site(on("-f", "9") + to("-f", "9", "-g -w 1", "10.0.0.11:0"), {
      marks: [
        "ip daddr 192.0.2.80 tcp dport { 80, 443 } meta mark set 0x00000009",
        "-A PREROUTING -d 192.0.2.80/32 -j MARK --set-xmark 0x9/0xffffffff",
      ],
    }),
    told: ["mark set 0x00000009; -A PREROUTING -d 192.0.2.80/32 -j MARK --set-xmark 0x9/0xffffffff. FirewallMark"],
  },
  {
    shape: "packets of UDP by themselves",
    director: site(on(...UDP, "-s rr --ops") + to(...UDP, "-m -w 1", "10.0.0.11:53")),
    declares: [/VirtualService .*"protocol":"udp".*"onePacket":true/],
  },
  {
    shape: "SIP, by the calls' numbers",
    director: site(
      on("-u", "192.0.2.80:5060", "-s rr -p 60 --pe sip") + to("-u", "192.0.2.80:5060", "-m -w 1", "10.0.0.11:5060"),
    ),
    declares: [/"persistence":\{"timeout":60,"engine":"sip"\}/],
  },
  {
    shape: "a scheduler with flags",
    director: site(on(...TCP, "-s mh -b mh-fallback,mh-port") + to(...TCP, "-m -w 1")),
    declares: [/VirtualService .*"scheduler":"mh".*"schedulerFlags":\["mh-fallback","mh-port"\]/],
  },
  {
    shape: "a port that is translated",
    director: site(on(...TCP) + to(...TCP, "-m -w 1", "10.0.0.11:8080")),
    declares: [/NatCluster .*"port":8080/],
  },
  {
    shape: "arptables in the place of kernel settings",
    director: site(DR),
    server: { ...serverHas(vip("lo")), arp: ["-A INPUT -j DROP -d 192.0.2.80"] },
    told: ["the rule about ARP -A INPUT -j DROP -d 192.0.2.80: a rule of netfilter stays its owner's"],
  },
  {
    shape: "the director as a server of its own site",
    director: site(on(...TCP) + to(...TCP, "-g -w 1", "10.0.0.1:80")),
    declares: [/VirtualService .*"10.0.0.1:80"/],
    leaves: /RealServer/,
  },
];

const saved: readonly Case[] = [
  {
    shape: "a server before its service",
    director: rules("-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m\n-A -t 192.0.2.80:80 -s rr\n"),
    told: [
      "/etc/ipvsadm.rules:1: the server 10.0.0.11:80 has no service: no line before it adds -t 192.0.2.80:80 by -A",
      "/etc/ipvsadm.rules:2: -t 192.0.2.80:80: ipvsadm's unit brings it back",
    ],
  },
  {
    shape: "long options, in the file of Red Hat's unit",
    director: rules("", {
      files: { "/etc/sysconfig/ipvsadm": "--add-service --tcp-service 192.0.2.80:80 --scheduler=rr\n" },
    }),
    told: ["/etc/sysconfig/ipvsadm:1: -t 192.0.2.80:80: ipvsadm's unit brings it back"],
  },
  {
    shape: "a line that ipvsadm passes over, and one at which it ends",
    director: rules(
      "-A -t 192.0.2.80:80 -s rr\n-E -t 192.0.2.80:82 -s wlc\n-A -t 192.0.2.80:81 -s rr\n/sbin/ipvsadm -C\n-A -f 7 -s rr\n",
    ),
    told: [
      "rules:1: -t 192.0.2.80:80: ",
      "rules:2: the service 192.0.2.80:82 is not there",
      "rules:3: -t 192.0.2.80:81: the kernel has no such service",
      'rules:4: "/sbin/ipvsadm" is no word of saved rules. ipvsadm ends there',
    ],
    untold: /rules:5/,
  },
  {
    shape: "a table that is emptied first: what stands before says nothing",
    director: rules("-A -t 192.0.2.80:81 -s rr\n-C\n-A -t 192.0.2.80:80 -s rr\n"),
    told: ["/etc/ipvsadm.rules:3: -t 192.0.2.80:80: "],
    untold: /192\.0\.2\.80:81/,
  },
  {
    shape: "sync daemons of the package's unit",
    director: rules("", { files: { "/etc/default/ipvsadm": 'AUTO="false"\nDAEMON="master"\nIFACE="eth1"\n' } }),
    told: ['/etc/default/ipvsadm: DAEMON="master": ipvsadm\'s unit starts the sync daemons'],
  },
];

const SERVER: Shape = { addresses: OWN, routes: "default via 10.0.0.1 dev eth0" };

describe.each(Object.entries({ byKeepalived, byLdirectord, addresses, services, saved }))("%s", (_, cases) => {
  test.each(cases.map((one) => [one.shape, one] as const))("%s", (_, one) => {
    const { director = site(NAT), server, told = [], untold, declares = [], leaves, refused } = one;
    const report = () => reported({ director, rs: { ...SERVER, ...server } });
    if (refused !== undefined) return expect(report).toThrow(refused);
    const { told: all, declared } = report();
    for (const text of told) expect(all).toContainEqual(expect.stringContaining(text));
    for (const text of declares) expect(declared).toMatch(text);
    if (untold) expect(all.join("\n")).not.toMatch(untold);
    if (leaves) expect(declared).not.toMatch(leaves);
    return expect(told.length + declares.length).toBeGreaterThan(0);
  });
});
