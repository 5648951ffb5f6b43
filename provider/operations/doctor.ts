import { sh } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { find, printed } from "../host/fact";
import { withSession } from "../host/pool";
import type { Props } from "../pulumi/handler";
import { byHost, type Resource } from "./resource";
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
  /** Seconds that the host's clock is ahead of ours. */
  readonly clock?: number;
  /** What is known to fail there. Each says what is so, why that fails, and what to do. */
  readonly advice: readonly string[];
}

const SYSTEM = printed(
  sh(`(. /etc/os-release 2>/dev/null; echo "system=$PRETTY_NAME"); echo "kernel=$(uname -r)"
    echo "ipvsadm=$(ipvsadm --version 2>/dev/null | sed -n 's/^ipvsadm v\\{0,1\\}\\([0-9.]*\\).*/\\1/p')"; echo "clock=$(date +%s)"
    for unit in nftables firewalld ufw iptables; do
      systemctl -q is-active "$unit" 2>/dev/null && echo "firewall=$unit"; done; :`),
  (text) => {
    const lines = text.split("\n").map((line) => line.split("=") as [string, string]);
    const of = (name: string) => lines.filter(([key, value]) => key === name && value).map(([, value]) => value);
    return {
      system: of("system")[0] ?? "unknown",
      kernel: of("kernel")[0] ?? "unknown",
      ...(of("ipvsadm")[0] && { ipvsadm: of("ipvsadm")[0] as string }),
      firewall: of("firewall"),
      clock: Number(of("clock")[0]) - Math.round(Date.now() / 1000),
    };
  },
);

/** Seconds by which clocks may differ before certificates and logs suffer. */
const ASKEW = 30;

/** Reaches every host of the stack, and looks for what is known to fail there. Nothing is changed. */
export async function checkup(resources: readonly Resource[]): Promise<Checkup[]> {
  return Promise.all(byHost(resources).map(({ host, own }) => checkupOf(host, own)));
}

async function checkupOf(host: DeclaredHost, own: readonly Resource[]): Promise<Checkup> {
  const { name, address } = host;
  try {
    return await withSession(host, async (session) => {
      const { clock, ...system } = await find(session, SYSTEM);
      // What is declared does not excuse what is there.
      const context = { hints: {}, declared: () => [] };
      const asked = own.flatMap(({ kind, inputs }) =>
        thingsOf(kind, inputs as Props).flatMap(({ of, want }) => of.advice?.(want, context) ?? []),
      );
      const found = (await Promise.all(asked.map((fact) => find(session, fact)))).flat();
      const told = found.filter((finding) => !host.advice?.ignore?.includes(finding.name));
      const advice = told.map(({ property, reason }) => `${property ? `${property}: ` : ""}${reason}`);
      const askew = `its clock is ${Math.abs(clock)} s ${clock > 0 ? "ahead of" : "behind"} this machine's: certificates are judged by it. Let it keep time by NTP`;
      const all = Math.abs(clock) > ASKEW ? [...advice, askew] : advice;
      return { host: name, address, ...system, clock, advice: [...new Set(all)] };
    });
  } catch (error) {
    return { host: name, address, error: (error as Error).message, advice: [] };
  }
}
