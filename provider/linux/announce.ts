import { quote } from "../host/shell";
import { familyOf, parseAddress } from "../model";

/**
 * Shell: tells the network that this host has the address now. Neighbours remember the hardware address of whoever had it before,
 * hosts for half a minute and routers for hours, and the kernel tells them nothing when an address is added. IPv4 has the
 * gratuitous ARP for this (RFC 5227, section 3), IPv6 the unsolicited neighbour advertisement (RFC 4861, section 7.2.6).
 *
 * The frame is sent by what every host has: perl where packages come by apt, Python where they come by dnf. On the loopback
 * interface, in tunnels and on interfaces that are down there is nobody to tell. The shell never fails, because the address is
 * there all the same.
 */
export function announce(address: string, device: string): string {
  const six = familyOf(address) === "ipv6";
  return `{ ( cd ${quote(`/sys/class/net/${device}`)} && [ "$(cat type)" = ${ETHERNET} ] && [ "$(cat operstate)" != down ] &&
  [ $(($(cat flags) & ${NO_ARP})) = 0 ] || exit 0
mac=$(tr -d : <address)
${six ? advertisement(address, device) : gratuitousArp(address)}
if command -v perl; then
  perl -e 'socket(S, 17, 3, 0) or exit; for (0, 0.1, 0.1) { select(undef, undef, undef, $_); send(S, pack("H*", $ARGV[1]), 0, pack("SnlSCCx8", 17, 0, $ARGV[0], 0, 0, 0)) }' \\
    "$(cat ifindex)" "$frame"
else
  python=$(command -v python3 || echo /usr/libexec/platform-python)
  "$python" -c 'import socket, sys, time
s = socket.socket(17, 3)
s.bind((sys.argv[1], 0))
for pause in 0, 0.1, 0.1:
  time.sleep(pause)
  s.send(bytes.fromhex(sys.argv[2]))' ${quote(device)} "$frame"
fi ) >/dev/null 2>&1 || :; }`;
}

// ARPHRD_ETHER (linux/if_arp.h) and IFF_NOARP (linux/if.h).
const ETHERNET = 1;
const NO_ARP = 0x80;

/** An ARP request, to everybody, by which the sender asks for the address that is its own. */
function gratuitousArp(address: string): string {
  const [everybody, nobody] = ["ff".repeat(6), "00".repeat(6)];
  const [ethernetAndIpv4, request] = ["000108000604", "0001"];
  const own = hex(address);
  return `frame=${everybody}"$mac"0806${ethernetAndIpv4}${request}"$mac"${own}${nobody}${own}`;
}

/**
 * To all nodes, with the flag "override", and "router" where the host is one. The checksum covers the addresses as well
 * (RFC 4443, section 2.3).
 */
function advertisement(address: string, device: string): string {
  const [own, allNodes] = [hex(address), hex("ff02::1")];
  const header = `6000000000203aff${own}${allNodes}`;
  const fixed = sum(`${own}${allNodes}0020003a8800${own}0201`);
  return `flags=20
[ "$(cat ${quote(`/proc/sys/net/ipv6/conf/${device}/forwarding`)})" != 1 ] || flags=a0
sum=$((${fixed} + (0x$flags << 8) + 0x\${mac%????????} + (0x\${mac#????} >> 16) + (0x\${mac#????} & 0xffff)))
sum=$(((sum & 0xffff) + (sum >> 16)))
sum=$(printf %04x $(((sum & 0xffff) + (sum >> 16) ^ 0xffff)))
frame="333300000001\${mac}86dd${header}8800\${sum}\${flags}000000${own}0201\${mac}"`;
}

function hex(address: string): string {
  const bytes = parseAddress(address)?.toByteArray() ?? [];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The sum of the 16-bit words. */
function sum(words: string): number {
  return (words.match(/.{4}/g) ?? []).reduce((total, word) => total + Number.parseInt(word, 16), 0);
}
