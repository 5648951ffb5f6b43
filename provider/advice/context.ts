import type { DeclaredThing } from "../reconcile/kind";
import type { HostFacts } from "./host-facts";

/** A host with what the program declares on it. */
export interface Host extends HostFacts {
  readonly declared: readonly DeclaredThing[];
}

/** The setting's value, which a declared Sysctl decides. Without either it is not known. */
export function setting({ settings, declared }: Host, path: string): string | undefined {
  const sysctl = declared.find(({ kind, want }) => kind === "Sysctl" && pathOf(String(want.key)) === `net/${path}`);
  return sysctl ? String(sysctl.want.value) : settings[path];
}

// As in sysctl(8), the first separator of a key decides whether "." or "/" separates its parts.
function pathOf(key: string): string {
  return /^[^./]*\//.test(key) ? key : key.replace(/[./]/g, (one) => (one === "." ? "/" : "."));
}

/** The bytes that a packet may have on the interface, which a declared LinkMtu decides. Without either it is not known. */
export function mtuOf({ mtu, declared }: Host, device: string): number | undefined {
  const linkMtu = declared.find(({ kind, want }) => kind === "LinkMtu" && want.device === device);
  return linkMtu ? Number(linkMtu.want.mtu) : mtu[device];
}

/** The higher of the values of "all" and of the interface, as the kernel takes it for ARP and the reverse path filter. */
export function higher(host: Host, device: string, name: string): number | undefined {
  const values = ["all", device].map((on) => setting(host, `ipv4/conf/${on}/${name}`));
  return values.includes(undefined) ? undefined : Math.max(...values.map(Number));
}
