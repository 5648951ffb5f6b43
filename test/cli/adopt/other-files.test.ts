import { readKeepalivedFile } from "../../../cli/adopt/keepalived-file";
import { namesOf } from "../../../cli/adopt/names";
import { readSavedRules } from "../../../cli/adopt/saved-rules";

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
  expect(named).toMatchObject({
    "-t 192.0.2.112:80": {
      scheduler: "rr",
      persistence: { timeout: 600 },
      destinations: { "198.51.100.64:8080": { forwarding: "nat", weight: 2 } },
    },
    "-u 192.0.2.112:5060": { scheduler: "wlc", onePacket: true, destinations: {} },
    "-f 3 -6": { destinations: { "[2001:db8::1]:0": { forwarding: "dr" } } },
  });
});

test.each([
  ["-A -t 192.0.2.1:gopher -s rr\n", 'r:1: "192.0.2.1:gopher" is no address with a port'],
  ["\nipvsadm -C\n", 'r:2: "ipvsadm" is no command of saved rules'],
])("%j is refused with its line", (text, reason) => {
  expect(() => readSavedRules(text, names, "r")).toThrow(reason);
});
