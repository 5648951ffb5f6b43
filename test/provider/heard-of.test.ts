import type { Reply } from "../../provider/host/command";
import { untilEnded } from "../../provider/ipvs/drain";
import { areHeardOf, clientsOf, listingOf } from "../../provider/ipvs/open-connections";
import type { Destination } from "../../provider/ipvs/table";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

// A standby has entries of the other director's connections. No packet of theirs comes by, so they do not end.

const SIX = "2001:0db8:0000:0000:0000:0000:0000";

onHosts("a director that waits for connections", () => {
  let host: MemoryHost;
  beforeEach(async () => {
    host = new MemoryHost();
    host.write("/usr/local/sbin/ipvsadm", "#!/bin/sh\n");
    host.write("/usr/local/sbin/ip", '#!/bin/sh\necho "2: eth0    inet $(cat /run/own)/24 brd 10.0.0.255"\n');
    await host.run({ steps: [{ argv: ["chmod", "+x", "/usr/local/sbin/ip", "/usr/local/sbin/ipvsadm"] }] });
  });
  afterEach(() => host[Symbol.dispose]());

  const entry = (to: string, state: string, origin: string) =>
    `TCP 0A000015 9C40 ${to} 0050 0A00000B 0050 ${state.padEnd(11)} ${origin.padEnd(6)}     899\n`;

  test.each<[string, string, string, string, boolean]>([
    ["stands by", "10.0.0.3", "10.0.0.9", entry("0A000009", "ESTABLISHED", "SYNC"), false],
    ["has the VIP", "10.0.0.9", "10.0.0.9", entry("0A000009", "ESTABLISHED", "SYNC"), true],
    ["had the VIP", "10.0.0.3", "10.0.0.9", entry("0A000009", "ESTABLISHED", "LOCAL"), true],
    [
      "stands by, with other services of its own",
      "10.0.0.3",
      "10.0.0.9",
      entry("0A000008", "ESTABLISHED", "LOCAL") + entry("0A000009", "ESTABLISHED", "SYNC"),
      false,
    ],
    [
      "directs some itself",
      "10.0.0.3",
      "10.0.0.9",
      entry("0A000009", "SYN_RECV", "LOCAL") + entry("0A000009", "ESTABLISHED", "SYNC"),
      true,
    ],
    ["stands by for IPv6", "10.0.0.3", "2001:db8::9", entry(`${SIX}:0009`, "ESTABLISHED", "SYNC"), false],
    ["has an IPv6 VIP", "10.0.0.3", "2001:db8::1", entry(`${SIX}:0001`, "ESTABLISHED", "SYNC"), true],
  ])("and %s", async (_, own, vip, entries, waits) => {
    host.write("/run/own", own);
    host.write("/srv/if_inet6", `${SIX.replaceAll(":", "")}0001 02 40 00 80     eth0\n`);
    host.write("/srv/ip_vs_conn_sync", `Pro FromIP FPrt ToIP TPrt DestIP DPrt State Origin Expires\n${entries}`);
    const match = { protocol: "tcp", address: vip, port: 80 } as const;
    const argv = listingOf(match, []).argv.map((word) => word.replaceAll("/proc/net/", "/srv/"));
    const [listing] = (await host.run({ looks: [{ argv }] })).looks as [Reply];
    expect(areHeardOf(listing.stdout)).toBe(!waits);
    const key = vip.includes(":") ? "[2001:db8::11]:80" : "10.0.0.11:80";
    const at = vip.includes(":") ? `[${vip}]:80` : `${vip}:80`;
    const open = `TCP  ${at} rr\n  -> ${key}  Route  0  1  0\n`;
    const { missing } = untilEnded(match, [[key, {} as Destination]], { timeout: 5, onTimeout: "cut" });
    expect(missing({ ...listing, stdout: open + listing.stdout }, 0)).toBe(waits ? "1 connection is open" : undefined);
  });
});

test.each<[string, string[], string]>([
  [
    "each client once",
    ["TCP 0A000015 9C40 0A000009 0050 0A00000B 0050", "TCP 0A000015 9C41 0A000009 0050 0A00000B 0050"],
    "10.0.0.21",
  ],
  [
    "clients of both families",
    [`TCP ${SIX}:0015 9C40 ${SIX}:0009 0050 ${SIX}:000b 0050`, "TCP C0000201 9C41 0A000009 0050 0A00000B 0050"],
    "2001:db8::15, 192.0.2.1",
  ],
  [
    "how many, where they are many",
    ["01", "02", "03", "04", "05", "06"].map((last) => `TCP 0A0000${last} 9C40 0A000009 0050 0A00000B 0050`),
    "6 clients",
  ],
])("whose connections are open is told: %s", (_, connections, said) => {
  expect(clientsOf(connections)).toBe(said);
});
