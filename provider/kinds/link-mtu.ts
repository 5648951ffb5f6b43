import { z } from "zod";
import type { Reply } from "../host/command";
import { LvsError } from "../host/errors";
import { facts, map } from "../host/fact";
import { quote } from "../host/shell";
import { listed, noSuchLink, shownLink } from "../linux/ip";
import { fragment } from "../reconcile/boot";
import { boot, device, within } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

// With less than 1280 bytes (RFC 8200, section 5) the kernel ends IPv6 on the interface (addrconf_notify in
// net/ipv6/addrconf.c). lo has 65536.
const MTU = { what: "an MTU", least: 1280, most: 65536 };
const BOUNDS = "give a number from 1280 to 65536: with less, the interface would lose its IPv6 addresses";

interface Want {
  device: string;
  mtu: number;
  boot: boolean;
}

interface Seen {
  /** Undefined where there is no such interface. */
  readonly mtu?: number;
  /** The MTU of each interface that lies on this one. */
  readonly above?: Readonly<Record<string, number>>;
}

/** How many bytes a packet may have on an interface. A delete gives the interface the MTU that was found. */
export const linkMtu: Kind<Want, Seen> = {
  name: "LinkMtu",
  inputs: z.object({ device, mtu: within(MTU, BOUNDS), boot }),
  identity,

  look(change) {
    const { device } = about(change);
    const all = listed({ argv: ["ip", "-d", "-o", "link", "show"] }, "the interfaces");
    return map(facts({ own: shownLink(device), all }), ({ own, all }) => {
      const above = all
        .split("\n")
        .filter((line) => liesOn(device, line))
        .map((line) => [nameOf(line), mtuOf(line)]);
      return {
        ...(own !== "" && { mtu: mtuOf(own) }),
        ...(above.length > 0 && { above: Object.fromEntries(above) }),
      };
    });
  },
  plan({ had, want, found }, seen) {
    // An interface that has gone has no MTU to put back.
    const target = want ? want.mtu : seen.mtu && found?.mtu;
    if (target === undefined || target === seen.mtu) return [];
    const why = had && want && narrowed(want, seen);
    if (why) throw new LvsError(why);
    return [setting((want ?? had) as Want, target, seen)];
  },
  irreplaceable: (want, seen) => (seen.mtu === undefined ? missing(want) : narrowed(want, seen)),
  report: (_, { mtu }) => ({ mtu }),
  // The order 10 is that of interfaces.
  boot: (want) => [fragment(10, "LinkMtu", identity(want), `ip link set dev ${quote(want.device)} mtu ${want.mtu}`)],
};

function identity({ device }: Want): string {
  return device;
}

function nameOf(line: string): string {
  return /^\d+: ([^\s:@]+)/.exec(line)?.[1] ?? "";
}

function mtuOf(line: string): number {
  return Number(/ mtu (\d+)/.exec(line)?.[1]);
}

/** The two ends of a cable (veth) name each other in the same way, and have an MTU each. */
function liesOn(device: string, line: string): boolean {
  return (
    /^\d+: [^\s:@]+@([^\s:]+):/.exec(line)?.[1] === device && /\\ +(vlan|mac(vlan|vtap|sec)|ipv(lan|tap)) /.test(line)
  );
}

/** Of an interface that comes later, nobody would know what to put back. */
function missing({ device }: Want): string {
  return `the host has no interface ${device}: \`ip link\` lists those that it has, and a KernelModule may bring one`;
}

/** Of interfaces that lie on one, none has more than it: the kernel takes it from them, and never gives it back. */
function narrowed({ device, mtu }: Want, { above = {} }: Seen): string | undefined {
  const [name, more] = Object.entries(above).find(([, more]) => more > mtu) ?? [];
  return (
    name &&
    `${name} lies on ${device} and has ${more}: the kernel would give it ${mtu} as well, and ${more} could not be put back. ` +
      `Declare its own LinkMtu of at most ${mtu}, and let this depend on it`
  );
}

// Another MTU comes to light with the next connection: ours may have agreed on longer packets.
function setting({ device }: Want, mtu: number, seen: Seen): Step {
  const set = (bytes: number) => ({ argv: ["ip", "link", "set", "dev", device, "mtu", String(bytes)] });
  const question = `Does everything between ${device} and Pulumi carry packets of ${mtu} bytes?`;
  return {
    run: set(mtu),
    purpose: `setting the MTU of ${device} to ${mtu}`,
    advice: (reply) => noSuchLink(reply) ?? tooMuch(device, reply),
    ...(seen.mtu !== undefined && { risky: { undo: set(seen.mtu), touches: "logins", advice: question } }),
  };
}

// EINVAL where the interface itself takes no more, or what it lies on (macvlan); ERANGE the same of a VLAN.
function tooMuch(device: string, { stderr }: Reply): string | undefined {
  return /greater than device maximum|Invalid argument|out of range/.test(stderr)
    ? `The interface takes no more (\`ip -d link show ${device}\` on the host: maxmtu), or the one that it lies on has less: raise that one first`
    : undefined;
}
