import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { DeclaredHost } from "../../provider/host/declared";
import { lookAround } from "../../provider/operations/look-around";
import { memoryHost, onMemoryHost } from "./one-setting";

jest.mock("../../provider/host/pool", () => ({
  // Not before it is asked: the pool's file imports what is tested here.
  withSession: (...asked: unknown[]) => require("./one-setting").pool.withSession(...asked),
}));

const host = { name: "memory" } as DeclaredHost;

const ADDRESSES = `1: lo    inet 127.0.0.1/8 scope host lo
1: lo    inet 192.0.2.80/32 scope global lo:0
1: lo    inet6 ::1/128 scope host
2: eth0    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0
2: eth0    inet 192.0.2.90/32 scope global eth0
2: eth0    inet 203.0.113.5/32 scope global eth0
2: eth0    inet6 2001:db8::90/128 scope global
3: tunl0    inet 192.0.2.70/32 scope global tunl0
`;
const TABLE = "-A -t 192.0.2.90:80 -s rr\n-A -u [2001:db8::90]:53 -s rr\n-A -f 7 -s rr\n";

/** Start-up files as administrators write them. What a line of these must not be is told by its comment. */
const FILES = {
  "/etc/network/interfaces": `auto eth0
iface eth0 inet static
    address 10.0.0.11/24
# 192.0.2.80 is the VIP
auto lo:0
iface lo:0 inet static
    address 192.0.2.80
    netmask 255.255.255.255
    up sysctl -w net.ipv4.conf.all.arp_ignore=1
`,
  "/etc/netplan/60-vip.yaml":
    "network:\n  ethernets:\n    lo:\n      addresses: [192.0.2.80/32]\n    eth0:\n      addresses:\n      - 192.0.2.8/24\n      - 2001:db8::90/128\n",
  "/etc/NetworkManager/system-connections/vip.nmconnection":
    "[connection]\nid=vip\n[ipv4]\naddress1=192.0.2.90/32\naddress2=203.0.113.5/32\nmethod=manual\n",
  "/etc/sysctl.d/90-lvs.conf": "net.ipv4.conf.lo.arp_announce = 2\nvm.swappiness = 10\n; net.ipv4.ip_forward = 1\n",
  "/etc/sysctl.d/zz-lvs-it.conf": "net.ipv4.ip_forward = 1\n",
  "/etc/init.d/realserver": "#!/bin/sh\nVIP=192.0.2.80\nifconfig lo:0 $VIP broadcast $VIP netmask 255.255.255.255 up\n",
  "/etc/init.d/ipvsadm": "ipvsadm -R </etc/ipvsadm.rules\n",
  // What a unit, rc.local and cron run, wherever it lies; and how other distributions begin.
  "/etc/systemd/system/vip.service": "[Service]\nExecStart=/srv/site/vip-up start\nExecStop=-/srv/site/gone\n",
  "/srv/site/vip-up": "#!/bin/sh\n. /srv/site/vip.conf\nip address add $VIP dev lo\nip addr add 192.0.2.80/32 dev lo\n",
  "/srv/site/notes": "192.0.2.80 is the VIP, and nothing runs this\n",
  "/etc/cron.d/site": "@reboot root sh /srv/site/again.sh >/dev/null\n",
  "/srv/site/again.sh": "ipvsadm -R </srv/site/rules\n",
  "/etc/rc.local": "/usr/local/sbin/start-site\n",
  "/usr/local/sbin/start-site": "sysctl -w net.ipv4.ip_forward=1\n",
  "/etc/local.d/vip.start": "ip address add 192.0.2.80/32 dev lo\n",
  "/etc/sysconfig/network/ifcfg-lo": "IPADDR_1='192.0.2.80/32'\n",
  // A later file, one in the administrator's own folder, the settings of IPVS, and an address in capitals.
  "/run/sysctl.d/10-first.conf": "net/ipv4/vs/expire_nodest_conn = 1\n",
  "/etc/sysctl.d/99-six.conf": "net.ipv6.conf.all.forwarding=1\n",
  "/etc/modprobe.d/ipvs.conf": "options ip_vs conn_tab_bits=20\n",
  "/etc/modules-load.d/lvs-ip_vs.conf": "ip_vs\n",
  "/etc/systemd/system/six.service": "[Service]\nExecStart=/srv/six\n",
  "/srv/six": "#!/bin/sh\nip -6 address add 2001:DB8::90/128 dev lo\n",
  // Spellings of one IPv6 address, and others beside it that begin or end alike.
  "/etc/systemd/network/10-six.network": `[Network]
Address=2001:0db8:0000:0000:0000:0000:0000:0090/128
Address=2001:db8:0:0::90/128
Address=2001:DB8::0:90/128
Address=2001:db8::91/128
Address=2001:db8:0:0:0:0:0:900/128
Address=2001:db8:0:0:0:0:1:90/128
Address=2001:db8:1::90/128
`,
  // Managers of clusters, cloud-init, tuned, scripts beside keepalived's configuration; its own file is read as a whole.
  "/var/lib/pacemaker/cib/cib.xml":
    '<cib>\n  <nvpair name="ip" value="192.0.2.90"/>\n  <nvpair value="192.0.2.9"/>\n</cib>\n',
  "/etc/ha.d/haresources": "one ldirectord::ldirectord.cf IPaddr2::192.0.2.90/32/eth0\n",
  "/etc/cloud/cloud.cfg.d/50-net.cfg": "network:\n  config: [{addresses: [192.0.2.80/32]}]\n",
  "/etc/tuned/site/tuned.conf": "[sysctl]\nnet.ipv4.conf.all.arp_announce=2\n",
  "/etc/keepalived/notify.sh": "#!/bin/sh\nipvsadm --start-daemon master\n",
  "/etc/keepalived/keepalived.conf": "virtual_server 192.0.2.80 80 { }\n",
  // Rules that a unit of one's own restores. The package's own file is read as a whole.
  "/etc/systemd/system/ipvs.service":
    "[Service]\nExecStart=/bin/sh -c 'cat /etc/ipvsadm.rules /srv/site/more.rules | ipvsadm-restore'\n",
  "/etc/ipvsadm.rules": "-A -t 192.0.2.90:80 -s rr\n",
  "/srv/site/more.rules": "-A -u [2001:db8::90]:53 -s rr\n-A -t 203.0.113.5:80 -s rr\n",
  // Root's own table of cron, what runs each hour, DHCP, udev, and other programs that move or announce an address.
  "/var/spool/cron/crontabs/root": "@reboot /srv/site/crontab-vip\n",
  "/srv/site/crontab-vip": "#!/bin/sh\nip address add 192.0.2.80/32 dev lo\n",
  "/etc/cron.hourly/site": "#!/bin/sh\nipvsadm -Ln | grep -q 192 || sh /srv/again\n",
  "/etc/dhcp/dhclient-exit-hooks.d/vip": "ip address replace 192.0.2.90/32 dev eth0\n",
  "/etc/udev/rules.d/90-vip.rules": 'ACTION=="add", SUBSYSTEM=="net", RUN+="/sbin/ip addr add 192.0.2.80/32 dev lo"\n',
  "/etc/ucarp/vip-001.conf": '# of the shop\nVIP_ADDRESS="192.0.2.90"\nVIP_ADDRESS="192.0.2.91"\n',
  "/etc/frr/frr.conf": "interface eth0\n vrrp 5 ip 192.0.2.90\nrouter bgp 64512\n  network 192.0.2.80/32\n",
  "/etc/networkd-dispatcher/routable.d/vip": "#!/bin/sh\nexec /srv/site/routable\n",
  "/srv/site/routable": "sysctl -w net.ipv4.conf.all.arp_ignore=1\n",
  // Units where packages have theirs, networkd's word for forwarding, and what is written to the kernel at boot.
  "/usr/lib/systemd/system/lvs-vip.service":
    "[Service]\nExecStart=/sbin/ip address add 192.0.2.80/32 dev lo\nExecStartPost=-/srv/site/after-vip on\n",
  "/usr/lib/systemd/system/ipvsadm.service": "[Service]\nExecStart=/bin/bash -c 'exec /sbin/ipvsadm-restore'\n",
  "/srv/site/after-vip": "#!/bin/sh\necho 1 >/proc/sys/net/ipv4/ip_forward\n",
  "/etc/systemd/network/20-inside.network": "[Match]\nName=eth1\n[Network]\nIPForward=ipv4\n",
  "/etc/tmpfiles.d/lvs.conf": "w /proc/sys/net/ipv4/conf/all/arp_ignore - - - - 1\n",
  "/etc/shorewall/shorewall.conf": "STARTUP_ENABLED=Yes\nIP_FORWARDING=On\n",
  // An address on a device for tunnels.
  "/etc/network/interfaces.d/tunl0": "iface tunl0 inet static\n  address 192.0.2.70\n",
  "/etc/sysctl.d/91-arp.conf": "-net.ipv4.conf.*.arp_ignore = 1\n",
  "/etc/NetworkManager/dispatcher.d/50-vip":
    "ip address add 192.0.2.80/32 dev lo\nip route add 192.0.2.800/32 dev lo\n",
};

function script(path: string, text: string): void {
  memoryHost().write(path, text);
  chmodSync(join(memoryHost().root, path), 0o755);
}

onMemoryHost("what a host shows of a site", () => {
  beforeEach(() => {
    memoryHost().write("/etc/addresses", ADDRESSES);
    memoryHost().write("/etc/table", TABLE);
    script("/usr/local/sbin/ip", '#!/bin/sh\n[ "$*" != "-o address show" ] || cat /etc/addresses\n');
    script("/usr/local/sbin/ipvsadm", '#!/bin/sh\n[ "$*" != "-Sn" ] || cat /etc/table\n');
  });

  test("the lines of start-up files that set an address of a service, or what a service needs", async () => {
    for (const [path, text] of Object.entries(FILES)) memoryHost().write(path, text);
    expect([...(await lookAround(host)).mentions].sort()).toEqual(
      [
        "/etc/NetworkManager/dispatcher.d/50-vip:1:ip address add 192.0.2.80/32 dev lo",
        "/etc/NetworkManager/system-connections/vip.nmconnection:4:address1=192.0.2.90/32",
        "/etc/cron.hourly/site:2:ipvsadm -Ln | grep -q 192 || sh /srv/again",
        "/etc/dhcp/dhclient-exit-hooks.d/vip:1:ip address replace 192.0.2.90/32 dev eth0",
        "/etc/frr/frr.conf:2: vrrp 5 ip 192.0.2.90",
        "/etc/frr/frr.conf:4:  network 192.0.2.80/32",
        '/etc/ucarp/vip-001.conf:2:VIP_ADDRESS="192.0.2.90"',
        '/etc/udev/rules.d/90-vip.rules:1:ACTION=="add", SUBSYSTEM=="net", RUN+="/sbin/ip addr add 192.0.2.80/32 dev lo"',
        "/srv/site/crontab-vip:2:ip address add 192.0.2.80/32 dev lo",
        "/srv/site/routable:1:sysctl -w net.ipv4.conf.all.arp_ignore=1",
        "/usr/lib/systemd/system/lvs-vip.service:2:ExecStart=/sbin/ip address add 192.0.2.80/32 dev lo",
        "/srv/site/after-vip:2:echo 1 >/proc/sys/net/ipv4/ip_forward",
        "/etc/systemd/network/20-inside.network:4:IPForward=ipv4",
        "/etc/tmpfiles.d/lvs.conf:1:w /proc/sys/net/ipv4/conf/all/arp_ignore - - - - 1",
        "/etc/shorewall/shorewall.conf:2:IP_FORWARDING=On",
        "/etc/cloud/cloud.cfg.d/50-net.cfg:2:  config: [{addresses: [192.0.2.80/32]}]",
        "/etc/ha.d/haresources:1:one ldirectord::ldirectord.cf IPaddr2::192.0.2.90/32/eth0",
        "/etc/init.d/realserver:2:VIP=192.0.2.80",
        "/etc/keepalived/notify.sh:2:ipvsadm --start-daemon master",
        "/etc/local.d/vip.start:1:ip address add 192.0.2.80/32 dev lo",
        "/etc/modprobe.d/ipvs.conf:1:options ip_vs conn_tab_bits=20",
        "/etc/netplan/60-vip.yaml:4:      addresses: [192.0.2.80/32]",
        "/etc/netplan/60-vip.yaml:8:      - 2001:db8::90/128",
        "/etc/network/interfaces.d/tunl0:2:  address 192.0.2.70",
        "/etc/network/interfaces:7:    address 192.0.2.80",
        "/etc/network/interfaces:9:    up sysctl -w net.ipv4.conf.all.arp_ignore=1",
        "/etc/sysconfig/network/ifcfg-lo:1:IPADDR_1='192.0.2.80/32'",
        "/etc/sysctl.d/90-lvs.conf:1:net.ipv4.conf.lo.arp_announce = 2",
        "/etc/sysctl.d/91-arp.conf:1:-net.ipv4.conf.*.arp_ignore = 1",
        "/etc/sysctl.d/99-six.conf:1:net.ipv6.conf.all.forwarding=1",
        ...[
          "2:Address=2001:0db8:0000:0000:0000:0000:0000:0090/128",
          "3:Address=2001:db8:0:0::90/128",
          "4:Address=2001:DB8::0:90/128",
        ].map((line) => `/etc/systemd/network/10-six.network:${line}`),
        "/etc/systemd/system/ipvs.service:2:ExecStart=/bin/sh -c 'cat /etc/ipvsadm.rules /srv/site/more.rules | ipvsadm-restore'",
        "/etc/tuned/site/tuned.conf:2:net.ipv4.conf.all.arp_announce=2",
        "/run/sysctl.d/10-first.conf:1:net/ipv4/vs/expire_nodest_conn = 1",
        "/srv/site/again.sh:1:ipvsadm -R </srv/site/rules",
        "/srv/site/more.rules:1:-A -u [2001:db8::90]:53 -s rr",
        "/srv/site/vip-up:4:ip addr add 192.0.2.80/32 dev lo",
        "/srv/six:2:ip -6 address add 2001:DB8::90/128 dev lo",
        "/usr/local/sbin/start-site:1:sysctl -w net.ipv4.ip_forward=1",
        '/var/lib/pacemaker/cib/cib.xml:2:  <nvpair name="ip" value="192.0.2.90"/>',
      ].sort(),
    );
  });

  test("what IPVS has once a host, and rules about ARP", async () => {
    const answers = {
      "-L --timeout": "Timeout (tcp tcpfin udp): 3600 120 300",
      "-L --daemon": "backup sync daemon (mcast=eth1, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)",
    };
    const cases = Object.entries(answers).map(([words, answer]) => `"${words}") echo "${answer}";;`);
    script("/usr/local/sbin/ipvsadm", `#!/bin/sh\ncase $* in ${cases.join("\n")} esac\n`);
    script(
      "/usr/local/sbin/arptables-save",
      "#!/bin/sh\necho '*filter'; echo ':INPUT ACCEPT'; echo '-A INPUT -j DROP -d 192.0.2.80'\n",
    );
    for (const [key, value] of [
      ["conntrack", "1"],
      ["sync_threshold", "3\t50"],
    ])
      memoryHost().write(`/proc/sys/net/ipv4/vs/${key}`, `${value}\n`);
    const { wide, arp } = await lookAround(host);
    expect(wide).toEqual({
      timeouts: { tcp: 3600, tcpFin: 120, udp: 300 },
      daemons: { backup: { device: "eth1", syncId: 7, group: "224.0.0.81" } },
      settings: { conntrack: "1", sync_threshold: "3 50" },
    });
    expect(arp).toEqual(["-A INPUT -j DROP -d 192.0.2.80"]);
  });

  test("rules that mark packets, of nftables and of iptables; a table that is not there is not loaded", async () => {
    memoryHost().hasOwnNetwork = true;
    const restore = "-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff";
    const mark =
      "-A PREROUTING -d 192.0.2.80/32 -p tcp -m multiport --dports 80,443 -j MARK --set-xmark 0x63/0xffffffff";
    script(
      "/usr/local/sbin/nft",
      "#!/bin/sh\necho 'table ip lvs {'; echo '  ip daddr 192.0.2.80 meta mark set 0x00000063'; echo '}'\n",
    );
    script(
      "/usr/local/sbin/iptables",
      `#!/bin/sh\ncase $1 in -V) echo "iptables v1.8.9 (nf_tables)";; *) printf '%s\\n' '-P PREROUTING ACCEPT' '${mark}' '${restore}';; esac\n`,
    );
    for (const tool of ["ip6tables", "iptables-legacy", "ip6tables-legacy"])
      script(
        `/usr/local/sbin/${tool}`,
        `#!/bin/sh\ncase $1 in -V) echo "iptables v1.8.9 (legacy)";; *) echo ${tool} >>/srv/loaded;; esac\n`,
      );
    expect((await lookAround(host)).marks).toEqual(["  ip daddr 192.0.2.80 meta mark set 0x00000063", mark, restore]);
    expect(memoryHost().has("/srv/loaded")).toBe(false);
  });

  test("keepalived's files, those that links lead to as well", async () => {
    memoryHost().write("/etc/keepalived/keepalived.conf", "include sites/*.conf\n");
    memoryHost().write("/etc/keepalived/sites-available/web.conf", "virtual_server 192.0.2.80 80 { }\n");
    symlinkSync("sites-available", join(memoryHost().root, "/etc/keepalived/sites"));
    const { files } = await lookAround(host);
    expect(files["/etc/keepalived/sites/web.conf"]).toEqual({
      ...{ text: "virtual_server 192.0.2.80 80 { }\n", mode: "0644", user: "root", group: "root" },
    });
    expect(files["/etc/keepalived/keepalived.conf"]?.text).toBe("include sites/*.conf\n");
  });

  test("a file of keepalived that is too large, or one too many, is told by its path alone", async () => {
    memoryHost().write("/etc/keepalived/large.conf", "#".repeat(70_000));
    for (let i = 0; i <= 100; i++) memoryHost().write(`/etc/keepalived/${100 + i}.conf`, "# one\n");
    const { files, unread } = await lookAround(host);
    expect(unread).toEqual(["/etc/keepalived/200.conf", "/etc/keepalived/large.conf"]);
    expect(files["/etc/keepalived/199.conf"]?.text).toBe("# one\n");
    expect(files["/etc/keepalived/200.conf"]).toBeUndefined();
  });

  test.each([
    ["/run/ldirectord.ldirectord.pid", undefined],
    ["/run/ldirectord.ldirectord.cf.pid", undefined],
    ["/run/ldirectord.web.cf.pid", { ldirectord: "web.cf" }],
  ])("a ldirectord with the file %s of its process", async (path, told) => {
    memoryHost().write(path, `${process.pid}\n`);
    const seen = await lookAround(host);
    expect([seen.running, seen.told]).toEqual([["ldirectord"], told]);
  });
});
