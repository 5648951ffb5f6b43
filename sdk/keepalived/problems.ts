import {
  bitsOf,
  familyOf,
  isSameAddress,
  isWithin,
  normalAddress,
  type Problem,
  ROUTER_ID,
  whyNoAddress,
  whyNot,
  whyNoVrrpName,
} from "pulumi-lvs-provider/model";
import { problem, reachedAddressProblem, repeated } from "../arguments/problem";
import type { VrrpConfiguration } from "./config";
import { commandProblems, unwritable, WORD } from "./words";

/** Why a number of seconds is none between two adverts: keepalived takes hundredths (VRRP 3). */
export const NO_ADVERT = "is no time between adverts: give 0.01 to 40.95 seconds, in hundredths";

/** Everything that keepalived cannot express, or would leave out and go on. */
export function vrrpProblems(it: VrrpConfiguration): Problem[] {
  const { name, routerId = ROUTER_ID.least, priority = 100, advertInterval = 0.25, garpRefresh = 1 } = it;
  const named = whyNoVrrpName(name);
  const wrong = [
    ...problem("instance", named && `"${name}" ${named}`),
    ...problem("routerId", whyNot(routerId, ROUTER_ID)),
    ...problem(
      "priority",
      !isWithin(priority, PRIORITY) && "is no priority that a host may have: give a whole number from 1 to 254",
    ),
    ...problem(
      "preemptDelay",
      !isWithin(it.preemptDelay ?? 0, PREEMPT_DELAY) && "a whole number of seconds, 0 to 1000",
    ),
    ...problem(
      "preemptDelay",
      it.preemptDelay !== undefined && !it.preempt && "is for preempt: true: say so, or leave it out",
    ),
    ...problem("advertInterval", !hundredths(advertInterval) && NO_ADVERT),
    ...problem("garpRefresh", !isWithin(garpRefresh, SECONDS) && "a whole number of seconds; 0: never"),
    ...problem(
      "peers",
      it.peers.length === 0 &&
        "without a peer each host takes the addresses for itself: give the others' own addresses",
    ),
    ...problem("addresses", it.addresses.length === 0 && "is empty: give at least one address"),
    ...devices(it).flatMap(([property, device]) => problem(property, !WORD.test(device) && unwritable(device))),
    ...addresses(it).flatMap(([property, address]) => addressProblem(property, address)),
    ...scripts(it),
  ];
  return wrong.length > 0 ? wrong : together(it);
}

const PRIORITY = { least: 1, most: 254 };
export const PREEMPT_DELAY = { least: 0, most: 1000 };
const SECONDS = { least: 0, most: 86400 };

function hundredths(seconds: number): boolean {
  return isWithin(Number((seconds * 100).toFixed(6)), { least: 1, most: 4095 });
}

function devices({ device, addresses: floating, trackDevices = [] }: VrrpConfiguration): [string, string][] {
  return [
    ["device", device],
    ...floating.flatMap((one, at): [string, string][] =>
      one.device === undefined ? [] : [[`addresses[${at}].device`, one.device]],
    ),
    ...trackDevices.map((one, at): [string, string] => [`trackDevices[${at}]`, one]),
  ];
}

function addresses(it: VrrpConfiguration): [string, string][] {
  return [
    ["source", it.source],
    ...it.peers.map((one, at): [string, string] => [`peers[${at}]`, one]),
    ...it.addresses.map(({ address }, at): [string, string] => [`addresses[${at}].address`, address]),
    ...(it.reach ?? []).flatMap((group, at) => group.map((one, n): [string, string] => [`reach[${at}][${n}]`, one])),
  ];
}

function addressProblem(property: string, address: string): Problem[] {
  // Hosts on one link may know each other by link-local addresses.
  if (!/^fe80:/i.test(address)) return reachedAddressProblem(property, address);
  const why = whyNoAddress(address);
  return problem(property, why && `"${address}" ${why}`);
}

function scripts({ trackScripts = {} }: VrrpConfiguration): Problem[] {
  return Object.entries(trackScripts).flatMap(([name, { command, weight }]) => {
    const at = `trackScripts.${name}`;
    return [
      ...(/^\w{1,60}$/.test(name)
        ? []
        : [{ property: at, reason: "a name has letters, digits and _: give such a one" }]),
      ...problem(at, /^reach_\d+$/.test(name) && "is the name of what `reach` asks: choose another one"),
      ...commandProblems(`${at}.command`, command, problem),
      ...(weight === undefined || (weight !== 0 && isWithin(weight, { least: -253, most: 253 }))
        ? []
        : [{ property: `${at}.weight`, reason: "give -253 to -1, or 1 to 253" }]),
    ];
  });
}

/** What is wrong between values that are each right. */
function together({ source, peers, addresses: floating, reach = [] }: VrrpConfiguration): Problem[] {
  const family = familyOf(source);
  const all = [
    ...peers.map((address, at) => ({ property: `peers[${at}]`, address })),
    ...floating.map(({ address }, at) => ({ property: `addresses[${at}].address`, address })),
  ];
  return [
    ...all
      .filter(({ address }) => familyOf(address) !== family)
      .map(({ property, address }) => ({
        property,
        reason: `${address} is of another address family than ${source}: an instance has one. Declare one for each family`,
      })),
    ...all
      .filter(({ address }) => isSameAddress(address, source))
      .map(({ property }) => ({ property, reason: `${source} is the host's own address (source): leave it out` })),
    ...repeated(all.map(({ address }) => normalAddress(address)))
      .map(([at]) => all[at] as (typeof all)[0])
      .map(({ property, address }) => ({
        property,
        reason: `${address} is there twice, among the peers or what floats: leave one out`,
      })),
    ...floating.flatMap(({ address, prefix }, at) =>
      problem(
        `addresses[${at}].prefix`,
        prefix !== undefined &&
          prefix > bitsOf(familyOf(address)) &&
          `${address} has ${bitsOf(familyOf(address))} bits: give less`,
      ),
    ),
    ...reach.flatMap((group, at) => {
      const reason = whyUnreachable(group, [source, ...floating.map(({ address }) => address)]);
      return reason ? [{ property: `reach[${at}]`, reason }] : [];
    }),
  ];
}

/** An address of the host itself says nothing of who can be reached. */
function whyUnreachable(group: readonly string[], own: readonly string[]): string | undefined {
  if (group.length === 0) return "is empty: nobody could answer. Leave it out";
  const its = own.map(normalAddress);
  if (group.some((address) => !its.includes(normalAddress(address)))) return undefined;
  return `${group.join(", ")} says nothing: the host has that itself, or may have it. Name an address of another host`;
}
