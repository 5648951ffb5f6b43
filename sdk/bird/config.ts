import type * as pulumi from "@pulumi/pulumi";
import { BIRD_PROTOCOL, bitsOf, familyOf, normalAddress, unfitFile, withdrawnFile } from "pulumi-lvs-provider/model";
import type { BgpNeighbourArgs, BirdArgs } from "./args";

/** Everything that the files of an announcement are made from. */
export type BirdConfiguration = pulumi.Unwrap<
  Pick<BirdArgs, "asn" | "addresses" | "neighbours" | "routerId" | "services">
> & {
  readonly name: string;
};

type Neighbour = pulumi.Unwrap<BgpNeighbourArgs>;

const WRITTEN = "# Written by pulumi-lvs: changes by hand are put back.";

/** Where addresses wait for the sessions. A host's own protocols neither see these tables nor fill them. */
const TABLES = { ipv4: "lvs4", ipv6: "lvs6" };

export const TABLES_TEXT = `${WRITTEN}
ipv4 table ${TABLES.ipv4};
ipv6 table ${TABLES.ipv6};
`;

/** The name of what belongs to one router. */
export function sessionOf(address: string): string {
  return `session_${normalAddress(address).replace(/[^0-9a-f]/g, "_")}`;
}

/** The text of the session with a router. It takes nothing that the router tells. */
export function renderSession(asn: number, { address, asn: theirs, password, bfd = true }: Neighbour): string {
  const family = familyOf(address);
  return [
    WRITTEN,
    ...block(`protocol bgp ${BIRD_PROTOCOL}${sessionOf(address)}`, [
      `local as ${asn};`,
      `neighbor ${normalAddress(address)} as ${theirs};`,
      // BIRD's own are 5 s, and 60 s to 300 s after an error: a machine that stood still for a moment would be out for minutes.
      "connect delay time 1;",
      "error wait time 1, 30;",
      ...(password === undefined ? [] : [`password "${password}";`]),
      ...(bfd ? block("bfd", ["interval 200 ms;", "multiplier 3;"]) : []),
      ...block(`${family}`, [`table ${TABLES[family]};`, "import none;", "export all;"]),
    ]),
    "",
  ].join("\n");
}

/** What BIRD calls an announcement of this name: BIRD takes letters, digits and "_" alone. */
export function announcementName(name: string): string {
  return name.replace(/\W/g, "_").slice(0, 48);
}

/** BIRD includes a file where there is one: a pattern may match nothing, and this one matches no file beside it. */
function ifThere(file: string): string {
  return `include "${file.slice(0, -1)}[${file.slice(-1)}]";`;
}

/** The text of an announcement. An operator may withdraw it, and the host itself where services have to serve. */
export function renderAnnouncement({ name, addresses, services }: BirdConfiguration): string {
  const family = familyOf(addresses[0] as string);
  return [
    WRITTEN,
    ...block(`protocol static ${BIRD_PROTOCOL}${name}`, [
      `${family} { table ${TABLES[family]}; };`,
      ifThere(withdrawnFile(name)),
      ...(services ? [ifThere(unfitFile(name))] : []),
      ...addresses.map((address) => `route ${normalAddress(address)}/${bitsOf(family)} unreachable;`),
    ]),
    "",
  ].join("\n");
}

/** The text of bird.conf. */
export function renderMain(parts: string, routerId: string | undefined): string {
  return [
    WRITTEN,
    "log syslog all;",
    'timeformat protocol "%s";',
    ...(routerId === undefined ? [] : [`router id ${routerId};`]),
    "protocol device { }",
    "protocol bfd { }",
    `include "${parts}";`,
    "",
  ].join("\n");
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `    ${line}`), `}${/^(bfd|ipv[46])$/.test(head) ? ";" : ""}`];
}
