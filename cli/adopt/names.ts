import { isAddress, PORT } from "pulumi-lvs-provider/model";
import type { Names } from "./refused";

/**
 * Names as a host's own files spell them out: `getent services` prints "http  80/tcp www", `getent ahosts NAME` lines
 * that begin with an address and end with the name that was asked for.
 */
export function namesOf(services: string, hosts: string): Names {
  const ports = new Map<string, number>();
  for (const line of services.split("\n")) {
    const [name, where, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const [port, protocol] = where?.split("/") ?? [];
    for (const one of [name, ...aliases])
      for (const key of [`${one}/${protocol}`, `${one}/`]) if (port && !ports.has(key)) ports.set(key, Number(port));
  }
  const addresses = hosts.split("\n").map((line) => line.trim().split(/\s+/));
  return {
    port: (name, protocol = "") =>
      /^\d+$/.test(name) ? numbered(name) : (ports.get(`${name}/${protocol}`) ?? ports.get(`${name}/`)),
    address: (name, family) =>
      addresses.find(
        ([address = "", ...names]) =>
          names.includes(name) && isAddress(address) && address.includes(":") === (family === "ipv6"),
      )?.[0],
  };
}

/** A port by its number, as ldirectord and ipvsadm take it: 0 is every port of a service with persistence. */
function numbered(name: string): number | undefined {
  return Number(name) <= PORT.most ? Number(name) : undefined;
}
