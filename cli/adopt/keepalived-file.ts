import { isAddress, isWithin, type Match, normalAddress, PORT, schedulers } from "pulumi-lvs-provider/model";
import { parseKeepalived, type Statement } from "./keepalived-statements";
import { Refused } from "./refused";

// Reads keepalived.conf as far as it says whose a service or an address is. keepalived has hundreds of words; those that
// say nothing about that are kept and not judged.

export interface KeepalivedFile {
  readonly statements: readonly Statement[];
  /** The services that keepalived keeps in the kernel's table. `file` is an included file. */
  readonly services: readonly (Placed & { readonly match: Match })[];
  /** The addresses that move with an instance of VRRP, and those that keepalived sets while it runs: without an instance. */
  readonly addresses: readonly (Placed & { readonly address: string; readonly instance?: string })[];
}

interface Placed {
  readonly line: number;
  readonly file?: string;
}

/**
 * @param others the texts of the files below /etc/keepalived, by path; undefined for one that was not read
 * @throws Refused for braces that do not pair, for an included file elsewhere, and for what keepalived 2 refuses in a
 * virtual server
 */
export function readKeepalivedFile(
  text: string,
  file = "keepalived.conf",
  others: Readonly<Record<string, string | undefined>> = {},
): KeepalivedFile {
  const statements = parseKeepalived(text, file, others);
  const servers = statements.filter(({ words }) => words[0] === "virtual_server");
  const groups = new Map(
    statements.filter(({ words }) => words[0] === "virtual_server_group").map((group) => [group.words[1], group]),
  );
  return {
    statements,
    services: servers.flatMap((server) => servicesOf(server, groups, file)),
    addresses: [
      ...statements
        .filter(({ words }) => words[0] === "vrrp_instance")
        .flatMap(({ words, block }) =>
          block
            .filter((one) => /^virtual_ipaddress(_excluded)?$/.test(one.words[0] as string))
            .flatMap((one) => addressesIn(one, file))
            .map((one) => ({ instance: words[1] ?? "", ...one })),
        ),
      ...statements.filter(({ words }) => words[0] === "static_ipaddress").flatMap((one) => addressesIn(one, file)),
    ],
  };
}

/** The address of each line: "192.0.2.80/24 dev eth0", and its options may stand before it. */
function addressesIn({ block }: Statement, main: string): (Placed & { address: string })[] {
  return block.map(({ words, ...at }) => {
    const address = words
      .filter((_, i) => !/^(brd|broadcast|peer|via|src)$/.test(words[i - 1] ?? ""))
      .map((word) => word.split("/")[0] as string)
      .find(isAddress);
    if (address === undefined)
      throw new Refused(
        at.file ?? main,
        at.line,
        `"${words.join(" ")}" has no address: write one, as in 192.0.2.80/32`,
      );
    return { address: normalAddress(address), ...placeOf(at) };
  });
}

function placeOf({ line, file }: Placed): Placed {
  return { line, ...(file !== undefined && { file }) };
}

function servicesOf(server: Statement, groups: ReadonlyMap<string | undefined, Statement>, main: string) {
  const { words, block, file = main } = server;
  const word = (name: string) => block.find((one) => one.words[0] === name);
  const scheduler = word("lb_algo") ?? word("lvs_sched");
  if (scheduler && !(schedulers as readonly string[]).includes(scheduler.words[1] ?? ""))
    throw new Refused(
      file,
      scheduler.line,
      `IPVS has no scheduler "${scheduler.words[1]}": keepalived leaves out the service`,
    );
  const mask = word("net_mask") ?? word("nat_mask");
  if (mask) throw new Refused(file, mask.line, `keepalived 2 knows no ${mask.words[0]}: delete the line`);
  const by = word("protocol");
  const protocol = (by?.words[1] ?? "TCP").toLowerCase();
  if (!/^(tcp|udp|sctp)$/.test(protocol))
    throw new Refused(file, by?.line ?? server.line, `"${by?.words[1]}" is no protocol: write TCP, UDP or SCTP`);
  const family = word("ip_family")?.words[1] === "inet6" ? "ipv6" : "ipv4";
  return matches(words.slice(1), server).map((match) => ({ match, ...placeOf(server) }));

  function matches([first = "", second = "0"]: readonly string[], at: Statement): Match[] {
    const refuse = (reason: string) => new Refused(at.file ?? main, at.line, reason);
    if (first === "fwmark") {
      if (!/^\d+$/.test(second)) throw refuse(`"${second}" is no mark`);
      return [{ mark: Number(second), family }];
    }
    if (first === "group") {
      const group = groups.get(second);
      if (!group) throw refuse(`there is no virtual_server_group ${second}`);
      return group.block.flatMap((one) => matches(one.words, one));
    }
    const addresses = isAddress(first) ? [first] : rangeOf(first);
    if (addresses.length === 0) throw refuse(`"${first}" is no address`);
    const port = Number(second);
    if (!/^\d+$/.test(second) || !(port === 0 || isWithin(port, PORT))) throw refuse(`"${second}" is no port`);
    return addresses.map((address) => ({
      ...{ protocol: protocol as "tcp" | "udp" | "sctp", address: normalAddress(address), port },
    }));
  }
}

/** "192.0.2.1-5" in a group: the addresses from the first one to this last number, in hexadecimal for IPv6. */
function rangeOf(text: string): string[] {
  const [, begin = "", first = "", last = ""] = /^(.*[.:])([0-9a-fA-F]+)-([0-9a-fA-F]+)$/.exec(text) ?? [];
  const base = begin.endsWith(":") ? 16 : 10;
  const [from, to] = [Number.parseInt(first, base), Number.parseInt(last, base)];
  if (!isAddress(begin + first) || !(to >= from) || to > (base === 16 ? 0xffff : 255)) return [];
  return Array.from({ length: to - from + 1 }, (_, i) => begin + (from + i).toString(base));
}
