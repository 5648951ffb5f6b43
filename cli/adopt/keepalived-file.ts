import { isAddress, type Match, normalAddress, schedulers } from "pulumi-lvs-provider/model";
import { Refused } from "./refused";

// Reads keepalived.conf as far as it says whose a service or an address is. keepalived has hundreds of words; those that
// say nothing about that are kept and not judged.

/** A line with its words, and the lines of its block. */
export interface Statement {
  readonly words: readonly string[];
  readonly line: number;
  readonly block: readonly Statement[];
}

export interface KeepalivedFile {
  readonly statements: readonly Statement[];
  /** The services that keepalived keeps in the kernel's table. */
  readonly services: readonly { readonly match: Match; readonly line: number }[];
  /** The addresses that move with an instance of VRRP. */
  readonly addresses: readonly { readonly address: string; readonly instance: string; readonly line: number }[];
}

/** @throws Refused for braces that do not pair, and for what keepalived 2 refuses in a virtual server */
export function readKeepalivedFile(text: string, file = "keepalived.conf"): KeepalivedFile {
  const statements = parse(text, file);
  const servers = statements.filter(({ words }) => words[0] === "virtual_server");
  const groups = new Map(
    statements.filter(({ words }) => words[0] === "virtual_server_group").map((group) => [group.words[1], group]),
  );
  return {
    statements,
    services: servers.flatMap((server) => servicesOf(server, groups, file)),
    addresses: statements
      .filter(({ words }) => words[0] === "vrrp_instance")
      .flatMap(({ words, block }) =>
        block
          .filter((one) => /^virtual_ipaddress(_excluded)?$/.test(one.words[0] as string))
          .flatMap((list) => list.block)
          .flatMap(({ words: [first = ""], line }) => {
            const address = first.split("/")[0] as string;
            return isAddress(address) ? [{ address: normalAddress(address), instance: words[1] ?? "", line }] : [];
          }),
      ),
  };
}

function parse(text: string, file: string): Statement[] {
  const top: Statement[] = [];
  const open: { block: Statement[]; line: number }[] = [{ block: top, line: 0 }];
  for (const [at, raw] of text.split("\n").entries()) {
    // Comments begin with ! or #, not within quotes.
    const plain = raw.replace(/("[^"]*")|[!#].*/g, (_, quoted) => quoted ?? "");
    const tokens = plain.match(/"[^"]*"|[{}]|[^\s{}"]+/g) ?? [];
    let words: string[] = [];
    const end = (block: Statement[] = []) => {
      if (words.length > 0) open.at(-1)?.block.push({ words, line: at + 1, block });
      words = [];
    };
    for (const token of tokens) {
      if (token === "{") {
        const block: Statement[] = [];
        const last = open.at(-1)?.block;
        // The brace may stand in a line of its own.
        if (words.length > 0) end(block);
        else if (last && last.length > 0) last.push({ ...(last.pop() as Statement), block });
        else throw new Refused(file, at + 1, "a block without a name");
        open.push({ block, line: at + 1 });
      } else if (token === "}") {
        end();
        if (open.length === 1) throw new Refused(file, at + 1, "a brace is closed that was not opened");
        open.pop();
      } else words.push(token.replace(/^"|"$/g, ""));
    }
    end();
  }
  if (open.length > 1) throw new Refused(file, open.at(-1)?.line ?? 1, "a brace is not closed");
  return top;
}

function servicesOf(server: Statement, groups: ReadonlyMap<string | undefined, Statement>, file: string) {
  const { words, line, block } = server;
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
  const protocol = (word("protocol")?.words[1] ?? "TCP").toLowerCase() as "tcp" | "udp" | "sctp";
  const family = word("ip_family")?.words[1] === "inet6" ? "ipv6" : "ipv4";
  return matches(words.slice(1)).map((match) => ({ match, line }));

  function matches([first = "", second = ""]: readonly string[]): Match[] {
    if (first === "fwmark") return [{ mark: Number(second), family }];
    if (first === "group") {
      const group = groups.get(second);
      if (!group) throw new Refused(file, line, `there is no virtual_server_group ${second}`);
      return group.block.flatMap((one) => matches(one.words));
    }
    if (!isAddress(first)) throw new Refused(file, line, `"${first}" is no address`);
    return [{ protocol, address: normalAddress(first), port: Number(second || 0) }];
  }
}
