import { type Problem, parseAddress, parseNetwork } from "pulumi-lvs-provider/model";
import type { LabArgs, LabKeyPairArgs, LabMachineArgs, LabNetworkArgs } from "./args";
import { bare, type Interface, interfacesOf } from "./interfaces";

/** An interface, and the property that declares it. */
interface Declared extends Interface {
  readonly at: string;
  readonly machine: string;
}

/** Returns all that is wrong with a lab's arguments. */
export function problems(stack: string, args: LabArgs<string>): Problem[] {
  const machines = Object.entries(args.machines);
  const declared = machines.flatMap(([machine, wanted]): Declared[] =>
    interfacesOf(stack, machine, wanted).map((one, index) => ({
      ...one,
      at: `machines.${machine}.interfaces[${index}]`,
      machine,
    })),
  );
  return [
    ...Object.entries(args.networks).flatMap(([key, network]) => networkProblems(`networks.${key}`, network)),
    ...machines.flatMap(([machine, wanted]) => [
      ...machineProblems(machine, wanted, own(args.hostKeys, machine)),
      ...declared.filter((one) => one.machine === machine).flatMap((one) => interfaceProblems(one, args.networks)),
    ]),
    ...clashes(declared, "name", ({ name }) => name, sameMachine),
    ...clashes(declared, "mac", ({ mac }) => mac.toLowerCase(), nearby),
    ...clashes(declared, "address", ({ address }) => bare(address), nearby),
  ];
}

function networkProblems(at: string, network: LabNetworkArgs): Problem[] {
  const found = gatewayProblems(at, network);
  if (!("range" in network)) return found;
  const { range } = network;
  const [base, prefix] = (range.includes("/") && parseNetwork(range)) || [];
  if (base?.kind() !== "ipv4")
    found.push({
      property: `${at}.range`,
      reason: `"${range}" is no IPv4 range with a prefix; write for instance 192.168.199.0/24`,
    });
  else if (Number(prefix) > 30)
    found.push({
      property: `${at}.range`,
      reason: `"${range}" has no room for libvirt and a machine: use a prefix of at most 30`,
    });
  return found;
}

function machineProblems(machine: string, wanted: LabMachineArgs, key: LabKeyPairArgs | undefined): Problem[] {
  const at = `machines.${machine}`;
  const found: Problem[] = [];
  if (!/^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/i.test(machine))
    found.push({ property: at, reason: "the name becomes a hostname: use letters, digits and -" });
  if (!key)
    found.push({
      property: `hostKeys.${machine}`,
      reason: "missing: every machine needs a host key to be recognised by",
    });
  else if (!key.privateKey && !key.privateKeyFile)
    found.push({
      property: `hostKeys.${machine}`,
      reason: "give privateKeyFile or privateKey: the machine gets it on its first boot",
    });
  if (wanted.interfaces.length === 0)
    found.push({ property: `${at}.interfaces`, reason: "empty: the machine could not be reached" });
  return [...found, ...gatewayProblems(at, wanted)];
}

function interfaceProblems(
  { at, network, address, mac }: Declared,
  networks: Record<string, LabNetworkArgs>,
): Problem[] {
  const found: Problem[] = [];
  if (!own(networks, network))
    found.push({
      property: `${at}.network`,
      reason: `"${network}" is not among networks: ${Object.keys(networks).join(", ")}`,
    });
  const [parsed] = (address.includes("/") && parseNetwork(address)) || [];
  if (!parsed)
    found.push({
      property: `${at}.address`,
      reason: `"${address}" is no address with a prefix; write for instance 192.168.199.146/24`,
    });
  // The seed has no other default route than that of IPv4.
  else if (parsed.kind() !== "ipv4")
    found.push({ property: `${at}.address`, reason: `"${address}" is IPv6: machines are managed and routed by IPv4` });
  // libvirt refuses group addresses, whose first octet is odd.
  if (!/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(mac))
    found.push({
      property: `${at}.mac`,
      reason: `"${mac}" is no MAC address of one interface; write for instance 52:54:00:12:34:56`,
    });
  return found;
}

function gatewayProblems(at: string, { gateway }: { gateway?: string }): Problem[] {
  if (gateway === undefined || parseAddress(gateway)?.kind() === "ipv4") return [];
  return [
    {
      property: `${at}.gateway`,
      reason: `"${gateway}" is no IPv4 address; write for instance 192.168.199.1, no prefix`,
    },
  ];
}

/** Returns a problem for each interface whose name, MAC address or address is that of an earlier interface near by. */
function clashes(
  declared: readonly Declared[],
  property: "name" | "mac" | "address",
  value: (one: Declared) => string,
  near: (one: Declared, other: Declared) => boolean,
): Problem[] {
  return declared.flatMap((one, index) => {
    const first = declared.slice(0, index).find((other) => value(other) === value(one) && near(one, other));
    return first
      ? [{ property: `${one.at}.${property}`, reason: `"${value(one)}" is that of ${first.at} already: use another` }]
      : [];
  });
}

function sameMachine(one: Declared, other: Declared): boolean {
  return one.machine === other.machine;
}

/**
 * Separate networks may repeat one another's addresses, but not on one machine: it could not distinguish its own
 * interfaces.
 */
function nearby(one: Declared, other: Declared): boolean {
  return sameMachine(one, other) || one.network === other.network;
}

/** What every object inherits does not count: a network may be called "constructor". */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
