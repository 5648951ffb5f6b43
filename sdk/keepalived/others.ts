import { familyOf, isAddress, normalAddress, type Problem, ROUTER_ID } from "pulumi-lvs-provider/model";
import { plain } from "../arguments/plain";
import type { Host } from "../host/host";
import type { KeepalivedArgs } from "./args";
import { ROUTER } from "./config";

/** The instances that have a virtual router of a host, or an address that floats there. They go with the program's hosts. */
const taken = new WeakMap<Host, Map<string, string>>();

/**
 * What an instance cannot have because another one of its host has it: keepalived refuses the same virtual router, and each of two
 * instances could have the same address on another director. A value that comes later breaks no rule.
 */
export function othersHave(instance: string, args: KeepalivedArgs): Problem[] {
  const { host } = args;
  const known = taken.get(host) ?? new Map<string, string>();
  taken.set(host, known);
  const other = (what: string) => (known.get(what) === instance ? undefined : known.get(what));
  const problems = [...sameRouter(args, other), ...sameAddresses(args, other)];
  const mine = [...routerOf(args), ...addressesOf(args).map(({ address }) => address)];
  if (problems.length === 0) for (const what of mine) known.set(what, instance);
  return problems;
}

type Other = (what: string) => string | undefined;

function sameRouter(args: KeepalivedArgs, other: Other): Problem[] {
  const { host, device, routerId = ROUTER } = args;
  const [router] = routerOf(args);
  const holder = router && other(router);
  if (!holder) return [];
  const id = plain(routerId) as number;
  const all = Array.from({ length: ROUTER_ID.most }, (_, n) => ((id + n) % ROUTER_ID.most) + 1);
  const free = all.find((number) => !routerOf({ ...args, routerId: number }).some(other));
  const reason =
    `${id} is the number of ${holder} on ${device} of host ${host.name} already. Give this one another, ` +
    `as failover.routerId of its cluster${free === undefined ? "" : `: ${free} is free here`}`;
  return [{ property: "routerId", reason }];
}

function sameAddresses(args: KeepalivedArgs, other: Other): Problem[] {
  return addressesOf(args).flatMap(({ address, at }) => {
    const holder = other(address);
    const reason =
      `${address} floats in ${holder} on host ${args.host.name} already, and the two may be on different directors. Give this one an ` +
      "address of its own, or declare one cluster with all ports";
    return holder ? [{ property: `addresses[${at}].address`, reason }] : [];
  });
}

/** A virtual router of a host, where it is known now. */
function routerOf({ device, source, routerId = ROUTER }: KeepalivedArgs): string[] {
  const [speaks, id] = [plain(source), plain(routerId)];
  return speaks !== undefined && id !== undefined && isAddress(speaks) ? [`${device} ${familyOf(speaks)} ${id}`] : [];
}

function addressesOf({ addresses }: KeepalivedArgs): { readonly address: string; readonly at: number }[] {
  return addresses.flatMap(({ address }, at) => {
    const known = plain(address);
    return known !== undefined && isAddress(known) ? [{ address: normalAddress(known), at }] : [];
  });
}
