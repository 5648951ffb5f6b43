import { declared, normalAddress } from "../model";
import { type DirectorSeen, judgeHolders } from "../workflows/failover/holder";
import { type FailoverInputs, failoverInputs } from "../workflows/failover/inputs";
import type { InstanceStatus } from "./drawing";
import type { Resource } from "./resource";

/** Which director has the addresses that float in an instance of VRRP. */
export interface FailoverStatus {
  readonly instance: string;
  readonly addresses: readonly string[];
  /** The director's name; undefined where none has them, or several. */
  readonly holder?: string;
  /** What is wrong, with the most likely cause. */
  readonly wrong?: string;
}

/** What a host has said of itself. */
interface Said {
  readonly host: string;
  /** Why it could not be asked. */
  readonly error?: string;
  readonly instances: readonly InstanceStatus[];
  /** Its own addresses; undefined where they could not be read. */
  readonly addresses?: readonly string[];
}

/** What a stack has declared of directors that stand in for each other. */
export function declaredFailovers(resources: readonly Resource[]): FailoverInputs[] {
  return resources.flatMap(({ kind, inputs }) =>
    kind === "Failover" ? (declared(failoverInputs, inputs).want ?? []) : [],
  );
}

/** Judges what the hosts have said, as `up` does. A director that not everything could be read of is left out. */
export function failoversOn(resources: readonly Resource[], hosts: readonly Said[]): FailoverStatus[] {
  return declaredFailovers(resources).flatMap(({ instance, addresses, directors }) => {
    const said = directors.map(({ name }) => seen(name, instance, addresses, hosts));
    const known = said.filter((one) => one !== undefined);
    if (known.length < directors.length) return [];
    const { holder, wrong } = judgeHolders(addresses, known);
    const sole = holder && { holder: holder.name };
    return [{ instance, addresses, ...sole, ...(wrong !== undefined && { wrong }) }];
  });
}

function seen(
  name: string,
  instance: string,
  addresses: readonly string[],
  hosts: readonly Said[],
): DirectorSeen | undefined {
  const status = hosts.find(({ host }) => host === name);
  if (status?.error !== undefined) return { name, unreachable: status.error, has: [], state: "UNREACHABLE" };
  const vrrp = status?.instances.find((one) => one.instance === instance);
  if (!vrrp || !status?.addresses) return undefined;
  const there = status.addresses.map(normalAddress);
  return { ...vrrp, name, has: addresses.filter((one) => there.includes(normalAddress(one))) };
}
