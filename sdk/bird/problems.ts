import {
  ASN,
  familyOf,
  isAddress,
  normalAddress,
  type Problem,
  parseMatchKey,
  whyNoAnnouncementName,
  whyNot,
} from "pulumi-lvs-provider/model";
import { SERVICE_NAME } from "../arguments/checked-services";
import { problem, reachedAddressProblem, repeated } from "../arguments/problem";
import type { BirdConfiguration } from "./config";

/** Everything that BIRD cannot express, or that would announce nothing. */
export function birdProblems({ name, asn, addresses, neighbours, routerId, services }: BirdConfiguration): Problem[] {
  const named = whyNoAnnouncementName(name);
  const wrong = [
    ...problem("announcement", named && `"${name}" ${named}`),
    ...problem("asn", whyNot(asn, ASN)),
    ...problem("addresses", addresses.length === 0 && "is empty: give at least one address"),
    ...problem(
      "neighbours",
      neighbours.length === 0 && "is empty: give at least one router, or nobody learns the addresses",
    ),
    ...problem(
      "routerId",
      routerId !== undefined &&
        (!isIpv4(routerId) || normalAddress(routerId) === "0.0.0.0") &&
        `"${routerId}" is no number of a router. Write it like 10.0.0.2`,
    ),
    ...problem("services", services?.length === 0 && "is empty: leave it out, or name a virtual service"),
    ...(services ?? []).flatMap((key, at) => problem(`services[${at}]`, !isService(key) && SERVICE_NAME)),
    ...addresses.flatMap((address, at) => reachedAddressProblem(`addresses[${at}]`, address)),
    ...neighbours.flatMap((one, at) => [
      ...reachedAddressProblem(`neighbours[${at}].address`, one.address),
      ...problem(`neighbours[${at}].asn`, whyNot(one.asn, ASN)),
      ...problem(
        `neighbours[${at}].asn`,
        one.asn === asn &&
          `${asn} is the host's own: a session inside one autonomous system does not tell routers apart. Give the router another one`,
      ),
      ...problem(`neighbours[${at}].password`, one.password !== undefined && whyNoPassword(one.password)),
    ]),
  ];
  return wrong.length > 0 ? wrong : together(addresses, neighbours);
}

function isService(key: string): boolean {
  const match = parseMatchKey(key);
  return match !== undefined && ("mark" in match || match.protocol !== "sctp");
}

function isIpv4(text: string): boolean {
  return isAddress(text) && familyOf(text) === "ipv4";
}

/** The password is not repeated, because it is a secret. */
function whyNoPassword(password: string): string | undefined {
  if (!/^[\x20-\x7e]{1,80}$/.test(password)) return "has 1 to 80 signs of ASCII: give such a one";
  return password.includes('"') ? 'has no ": bird.conf has no way to write it' : undefined;
}

/** What is wrong between values that are each right. */
function together(addresses: BirdConfiguration["addresses"], neighbours: BirdConfiguration["neighbours"]): Problem[] {
  const family = familyOf(addresses[0] as string);
  const all = [
    ...addresses.map((address, at) => ({ property: `addresses[${at}]`, address })),
    ...neighbours.map(({ address }, at) => ({ property: `neighbours[${at}].address`, address })),
  ];
  const again = repeated(all.map(({ address }) => normalAddress(address))).map(([at]) => all[at] as (typeof all)[0]);
  return [
    ...all
      .filter(({ address }) => familyOf(address) !== family)
      .map(({ property, address }) => ({
        property,
        reason: `${address} is of another address family than ${addresses[0]}: an announcement has one. Declare one for each family`,
      })),
    ...again.map(({ property, address }) => ({ property, reason: `${address} is declared twice: leave one out` })),
  ];
}
