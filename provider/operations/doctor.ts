import { sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { find, printed } from "../host/fact";
import { withSession } from "../host/pool";
import type { Props } from "../pulumi/handler";
import { byHost, isTable, type Resource } from "./resource";
import { thingsOf } from "./things";

/** What is found on one host. */
export interface Checkup {
  readonly host: string;
  readonly address: string;
  /** Why the host could not be asked, with the cure. */
  readonly error?: string;
  readonly system?: string;
  readonly kernel?: string;
  /** "1.31"; undefined without ipvsadm. */
  readonly ipvsadm?: string;
  /** What keeps the host's firewall: "nftables", "firewalld", "ufw". */
  readonly firewall?: readonly string[];
  /** The MTU of each interface but the loopback. */
  readonly mtu?: Readonly<Record<string, number>>;
  /** Seconds that the host's clock is ahead of ours. */
  readonly clock?: number;
  /** What is known to fail there. Each says what is so, why that fails, and what to do. */
  readonly advice: readonly string[];
}

const SYSTEM = printed(
  sh(`(. /etc/os-release 2>/dev/null; echo "system=$PRETTY_NAME"); echo "kernel=$(uname -r)"
    for link in /sys/class/net/*; do
      name=\${link##*/}; [ "$name" = lo ] || [ ! -r "$link/mtu" ] || { read -r mtu <"$link/mtu" && echo "mtu=$name $mtu"; }; done
    [ -e /proc/net/ip_vs ] || modprobe -qn ip_vs 2>/dev/null || grep -qs '/ip_vs\\.ko' "/lib/modules/$(uname -r)/modules.builtin" || echo ipvs=none
    echo "ipvsadm=$(ipvsadm --version 2>/dev/null | sed -n 's/^ipvsadm v\\{0,1\\}\\([0-9.]*\\).*/\\1/p')"; echo "clock=$(date +%s)"
    for unit in nftables firewalld ufw iptables; do
      systemctl -q is-active "$unit" 2>/dev/null && echo "firewall=$unit"; done; :`),
  (text) => {
    const lines = text.split("\n").map((line) => /^(\w+)=(.+)$/.exec(line)?.slice(1) ?? []);
    const of = (name: string) => lines.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []));
    const [now] = of("clock");
    return {
      system: of("system")[0] ?? "unknown",
      kernel: of("kernel")[0] ?? "unknown",
      ...(of("ipvsadm")[0] && { ipvsadm: of("ipvsadm")[0] as string }),
      firewall: of("firewall"),
      mtu: Object.fromEntries(of("mtu").map((one) => [one.split(" ")[0], Number(one.split(" ")[1])])),
      hasIpvs: of("ipvs").length === 0,
      ...(now !== undefined && /^\d+$/.test(now) && { clock: Number(now) - Math.round(Date.now() / 1000) }),
    };
  },
);

/** Seconds by which clocks may differ before certificates and logs suffer. */
const ASKEW = 30;

/** Reaches every host of the stack, and looks for what is known to fail there. Nothing is changed. */
export async function checkup(resources: readonly Resource[]): Promise<Checkup[]> {
  return Promise.all(byHost(resources).map(({ host, own }) => checkupOf(host, own)));
}

/** What a director cannot be without. */
function lacking(ipvsadm: string | undefined, hasIpvs: boolean, kernel: string): string[] {
  return [
    ...(hasIpvs
      ? []
      : [
          `its kernel ${kernel} has no IPVS (the module ip_vs): it keeps no table. Install the distribution's own kernel, and boot that`,
        ]),
    ...(ipvsadm
      ? []
      : [
          "it has no ipvsadm: its table can be neither read nor changed. Run `pulumi up --refresh`, or install the package ipvsadm",
        ]),
  ];
}

function askew(clock: number | undefined): string[] {
  if (clock === undefined || Math.abs(clock) <= ASKEW) return [];
  const how = clock > 0 ? "ahead of" : "behind";
  return [
    `its clock is ${Math.abs(clock)} s ${how} this machine's: certificates are judged by it. Let it keep time by NTP (the package chrony)`,
  ];
}

async function checkupOf(host: DeclaredHost, own: readonly Resource[]): Promise<Checkup> {
  const { name, address } = host;
  try {
    return await withSession(host, async (session) => {
      const { clock, hasIpvs, ...system } = await find(session, SYSTEM);
      // What is declared does not excuse what is there.
      const context = { hints: {}, declared: () => [] };
      const asked = own.flatMap(({ kind, inputs }) =>
        thingsOf(kind, inputs as Props).flatMap(({ of, want }) => of.advice?.(want, context) ?? []),
      );
      const found = (await Promise.all(asked.map((fact) => find(session, fact)))).flat();
      const told = found.filter((finding) => !host.advice?.ignore?.includes(finding.name));
      const advice = told.map(({ property, reason }) => `${property ? `${property}: ` : ""}${reason}`);
      const lacks = own.some(isTable) ? lacking(system.ipvsadm, hasIpvs, system.kernel) : [];
      const all = [...advice, ...lacks, ...askew(clock)];
      return { host: name, address, ...system, ...(clock !== undefined && { clock }), advice: [...new Set(all)] };
    });
  } catch (error) {
    return { host: name, address, error: (error as Error).message, advice: [] };
  }
}
