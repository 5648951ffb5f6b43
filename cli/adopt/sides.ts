import { bitsOf, type Forwarding, familyOf, isLabel } from "pulumi-lvs-provider/model";
import { addressOn, type Found, gatewayOf, KEEPALIVED_FOLDER, movedBy } from "./found";
import { type Args, leftOut, on, type Part, part, word } from "./part";

// What hosts have for a service, beside the service itself: the director, and each real server.

/** The interfaces of a real server that are silent about its VIP. Where all are that a cluster makes silent, there is nothing to say. */
export function quiet({ around: { settings } }: Found, device: string): Args {
  const all = ["all", "lo", device];
  const silent = all.filter(
    (at) => setting(settings, at, "arp_ignore") === "1" && setting(settings, at, "arp_announce") === "2",
  );
  return silent.length === all.length ? {} : { arpOn: silent };
}

function key(device: string, name: string): string {
  return device.includes(".") ? `net/ipv4/conf/${device}/${name}` : `net.ipv4.conf.${device}.${name}`;
}

function setting(settings: Readonly<Record<string, string>>, device: string, name: string): string | undefined {
  return settings[key(device, name)];
}

export function directorPart(name: string, director: Found, vip: string | undefined, forwarding: Forwarding): Part {
  const alias = vip === undefined ? undefined : addressOn(director, vip);
  const isOurs = alias && vip !== undefined && isAlone(alias) && !movedBy(director, vip);
  const family = vip?.includes(":") ? { family: "ipv6" } : {};
  const how: Args = { host: on(director), forwarding, ...family };
  const whole: Args = isOurs ? { ...how, vip: { address: vip, device: alias.device } } : how;
  const forward = vip?.includes(":") ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
  return {
    host: director.name,
    what: "the director's own settings",
    candidates: [[{ class: "Director", name, args: whole }]],
    otherwise: [
      part(director, "the package ipvsadm", {
        class: "Package",
        name: `${name}-ipvsadm`,
        args: { host: on(director), package: "ipvsadm" },
      }),
      part(director, "the kernel module ip_vs", {
        class: "KernelModule",
        name: `${name}-ip-vs`,
        args: { host: on(director), module: "ip_vs" },
      }),
      ...(forwarding === "nat"
        ? [
            part(director, forward, {
              class: "Sysctl",
              name: `${name}-forwarding`,
              args: { host: on(director), key: forward, value: 1 },
            }),
          ]
        : []),
      ...(isOurs ? [aliasPart(`${name}-vip`, director, vip, alias)] : []),
    ],
  };
}

/** A VIP of the director that is no address by itself: it stays whose it is, and that is told. */
export function vipLeftOut(director: Found, vip: string | undefined, forwarding: Forwarding): Part[] {
  if (vip === undefined) return [];
  const moved = movedBy(director, vip);
  const alias = addressOn(director, vip);
  if (moved !== undefined && !moved.startsWith(KEEPALIVED_FOLDER))
    return [
      leftOut(director, `the VIP ${vip}`, `something else moves it between hosts (${moved}), and goes on doing so`),
    ];
  if (moved !== undefined) return [];
  if (!alias) return [withoutVip(director, vip, "director")];
  if (forwarding === "nat" || isAlone(alias)) return [];
  return [
    leftOut(
      director,
      `the VIP ${vip}/${alias.prefix} on ${alias.device}`,
      "with this prefix it is the host's own address: what sets it at boot goes on doing so",
    ),
  ];
}

function aliasPart(
  name: string,
  found: Found,
  vip: string,
  { device, label }: { device: string; label?: string | undefined },
): Part {
  const labelled = label !== undefined && label !== device && isLabel(label, device) ? { label } : {};
  return part(found, `the address ${vip} on ${device}`, {
    class: "VipAlias",
    name,
    args: { host: on(found), address: vip, device, ...labelled },
  });
}

/** What a real server of NAT has: its way back leads through the director. */
export function routedServerPart(name: string, found: Found, director: Found, address: string): Part {
  const gateway = gatewayOf(found, address.includes(":"));
  const leads = gateway !== undefined && addressOn(director, gateway) !== undefined;
  const args: Args = { host: on(found), address, forwarding: "nat", gateway };
  if (!leads)
    return leftOut(
      found,
      "the way of its answers",
      `${gateway === undefined ? "there is no default route" : `the default route leads to ${gateway}, which is no address of ${director.name}`}: ` +
        "what brings answers back through the director (a rule, another route, source NAT) stays its owner's",
    );
  return {
    host: found.name,
    what: "the default route through the director",
    candidates: [[{ class: "RealServer", name, args }]],
    otherwise: [
      part(found, "the default route", {
        class: "Route",
        name: `${name}-default`,
        args: { host: on(found), to: "default", via: gateway },
      }),
    ],
  };
}

/** What a real server has that answers clients itself: the VIP, and its silence about the VIP. */
export function silentServerPart(
  name: string,
  found: Found,
  address: string,
  vip: string | undefined,
  forwarding: "dr" | "tun",
): Part {
  const device = addressOn(found, address)?.device ?? "eth0";
  const alias = vip === undefined ? undefined : addressOn(found, vip);
  const args: Args = { host: on(found), address, forwarding, vip, device, ...quiet(found, device) };
  const settings = ["all", "lo", device].flatMap((at) =>
    ["arp_ignore", "arp_announce"].flatMap((name) => {
      const value = setting(found.around.settings, at, name);
      return value === undefined || value === "0" ? [] : [{ at, name, value }];
    }),
  );
  return {
    host: found.name,
    what: vip === undefined ? "what the real server has for a marked service" : `the VIP ${vip} of the real server`,
    candidates: alias ? [[{ class: "RealServer", name, args }]] : [],
    otherwise: [
      ...settings.map(({ at, name: of, value }) =>
        part(found, key(at, of), {
          class: "Sysctl",
          name: `${name}-${of}-${word(at)}`,
          args: { host: on(found), key: key(at, of), value },
        }),
      ),
      ...(alias && vip !== undefined ? [aliasPart(`${name}-vip`, found, vip, alias)] : []),
      ...(!alias && vip !== undefined ? [withoutVip(found, vip, "real server")] : []),
    ],
  };
}

function withoutVip(found: Found, vip: string, role: "director" | "real server"): Part {
  return leftOut(
    found,
    `the VIP ${vip}`,
    `no interface of the ${role} has this address. Where a local route or a rule of netfilter stands for it, that stays its owner's`,
  );
}

/** Whether an address is one by itself: it has no network. */
function isAlone({ address, prefix }: { readonly address: string; readonly prefix: number }): boolean {
  return prefix === bitsOf(familyOf(address));
}
