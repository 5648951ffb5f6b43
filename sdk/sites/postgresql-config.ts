import { hostNetwork, isAddress, isPostgresqlName, isWithin, PORT } from "pulumi-lvs-provider/model";
import { ArgumentError } from "../arguments/argument-error";

// The texts of PostgreSQL's configuration and of the drop-in for its unit. Addresses, ports and names need no quotes in any of
// these languages, and nothing else gets into the texts.

function fit<T extends string | number>(holds: boolean, value: T, what: string): T {
  if (!holds)
    throw new ArgumentError("PostgreSQL's configuration", [{ property: JSON.stringify(value), reason: what }]);
  return value;
}

const addressOf = (text: string) => fit(isAddress(text), text, "is not an address");
const nameOf = (text: string) => fit(isPostgresqlName(text), text, "is not a name of small letters, digits and _");

export interface Listening {
  readonly address: string;
  readonly port: number;
}

/** Parameters that override those of postgresql.conf. Debian's postgresql.conf includes the folder conf.d. */
export function serverConfiguration({ address, port }: Listening): string {
  return [
    `listen_addresses = 'localhost,${addressOf(address)}'`,
    `port = ${fit(isWithin(port, PORT), port, "is not a port")}`,
    "password_encryption = 'scram-sha-256'",
    "",
  ].join("\n");
}

export interface Admission {
  readonly database: string;
  readonly role: string;
  readonly clients: readonly string[];
}

/**
 * The whole of pg_hba.conf. The first line that matches decides. Where no line matches, PostgreSQL refuses the
 * connection. A name in quotes is never a keyword.
 */
export function clientAuthentication({ database, role, clients }: Admission): string {
  const lines = [
    ["local", "all", "postgres", "", "peer"],
    ["host", "all", "all", "127.0.0.1/32", "scram-sha-256"],
    ["host", "all", "all", "::1/128", "scram-sha-256"],
    ...clients.map((client) => [
      "host",
      `"${nameOf(database)}"`,
      `"${nameOf(role)}"`,
      hostNetwork(addressOf(client)),
      "scram-sha-256",
    ]),
  ];
  return `${lines.map((line) => line.filter((word) => word !== "").join(" ")).join("\n")}\n`;
}

/**
 * A shell command: whether the host has the address, and a server can listen on it. Prints a reason where that is not
 * so.
 */
export function hasAddress(address: string): string {
  return `${look(address)} || { ${complain(address)}; }`;
}

function look(address: string): string {
  return `ip -o address show -tentative | grep -q " ${addressOf(address).replaceAll(".", "[.]")}[/ ]"`;
}

function complain(address: string): string {
  return `echo "${address} is not an address of this host" >&2; exit 1`;
}

/**
 * The drop-in for the unit. PostgreSQL starts even where the host does not have the address yet, and then never listens
 * on that address. Debian's unit waits for no network.
 */
export function unitDropIn(address: string): string {
  const wait = `n=0; until ${look(address)}; do n=$$((n + 1)); [ $$n -lt 60 ] || { ${complain(address)}; }; sleep 1; done`;
  return [
    "[Unit]",
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    `ExecStartPre=/bin/sh -c '${wait}'`,
    "",
  ].join("\n");
}
