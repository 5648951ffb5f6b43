import { hostPort, isAddress, type Match, matchKey, normalAddress, parseHostPort } from "pulumi-lvs-provider/model";
import { parseSpelled, parseTable, type Table } from "pulumi-lvs-provider/operations";
import { type Names, Refused } from "./refused";

/** What saved rules bring back at boot. */
export interface SavedRules {
  readonly table: Table;
  /** The line of each service, by its key in the table. */
  readonly lines: Readonly<Record<string, number>>;
  /** The lines that ipvsadm does not restore. It passes over them, and goes on. */
  readonly refused: readonly Refused[];
}

/**
 * Reads rules that `ipvsadm -S` saved, or that somebody wrote for `ipvsadm -R`: with names or with numbers, short options or long
 * ones. They say what a reboot brings back; what runs now, the kernel says.
 */
export function readSavedRules(text: string, names: Names, file = "ipvsadm.rules"): SavedRules {
  const reading = new Reading(names, file);
  for (const [at, line] of text.split("\n").entries()) reading.line(line, at + 1);
  const { rules, lines, refused } = reading;
  return { table: parseTable({ saved: rules.join("\n"), listing: "", thresholds: "" }), lines, refused };
}

/** The long options of ipvsadm(8) that have a letter. */
const LETTERS: Readonly<Record<string, string>> = {
  "--add-service": "-A",
  "--add-server": "-a",
  "--clear": "-C",
  "--tcp-service": "-t",
  "--udp-service": "-u",
  "--fwmark-service": "-f",
  "--ipv6": "-6",
  "--real-server": "-r",
  "--scheduler": "-s",
  "--sched-flags": "-b",
  "--persistent": "-p",
  "--netmask": "-M",
  "--ops": "-o",
  "--gatewaying": "-g",
  "--ipip": "-i",
  "--masquerading": "-m",
  "--weight": "-w",
  "--u-threshold": "-x",
  "--l-threshold": "-y",
};

/** Those without one. */
const WORDS = "--sctp-service --pe --tun-type --tun-port --tun-nocsum --tun-csum --tun-remcsum --tun-info".split(" ");

const OPTIONS = new Set([...Object.values(LETTERS), ...WORDS]);

class Reading {
  rules: string[] = [];
  lines: Record<string, number> = {};
  readonly refused: Refused[] = [];
  /** The servers of each service until now. */
  #servers = new Map<string, Set<string>>();

  constructor(
    private readonly names: Names,
    private readonly file: string,
  ) {}

  line(line: string, at: number): void {
    const words = line
      .replace(/(^|\s)#.*/, "")
      .split(/\s+/)
      .filter(Boolean)
      .flatMap((word) => {
        const [, long = "", value] = /^(--[a-z0-9-]+)(?:=(.*))?$/.exec(word) ?? [];
        return long ? [LETTERS[long] ?? long, ...(value === undefined ? [] : [value])] : [word];
      });
    const why = words.length > 0 && this.#take(words, at);
    if (why) this.refused.push(new Refused(this.file, at, `${why}. ipvsadm passes over the line`));
  }

  /** Takes a rule in; or says why ipvsadm does not. */
  #take(words: readonly string[], at: number): string | undefined {
    const [command = ""] = words;
    if (!/^-[AaC]$/.test(command)) return `"${command}" is no command of saved rules`;
    if (command === "-C") {
      [this.rules, this.lines] = [[], {}];
      this.#servers.clear();
      return undefined;
    }
    const unknown = words.find((word) => /^-\D/.test(word) && !OPTIONS.has(word));
    if (unknown) return `"${unknown}" is no option of ipvsadm`;
    const resolved = resolvedPairs(words, this.names);
    if (typeof resolved === "string") return resolved;
    const ordered = serviceFirst(resolved);
    if (!ordered) return `"${words.join(" ")}" names no service by -t, -u, -f or --sctp-service`;
    const { words: name, match } = serviceOf(ordered);
    if (!match) return `"${name}" is no service`;
    const why = command === "-A" ? this.#service(matchKey(match)) : this.#server(matchKey(match), name, ordered);
    if (why) return why;
    if (command === "-A") this.lines[name] = at;
    this.rules.push(withDefaults(ordered).join(" "));
    return undefined;
  }

  #service(key: string): string | undefined {
    if (this.#servers.has(key)) return `the service ${key} is there already`;
    this.#servers.set(key, new Set());
    return undefined;
  }

  #server(key: string, name: string, words: readonly string[]): string | undefined {
    const server = words[words.indexOf("-r") + 1];
    if (!words.includes("-r") || server === undefined) return "it names no server by -r";
    const servers = this.#servers.get(key);
    if (!servers) return `the server ${server} has no service: no line before it adds ${name} by -A`;
    if (servers.has(server)) return `the server ${server} of ${name} is there already`;
    servers.add(server);
    return undefined;
  }
}

/** The service of a rule, in ipvsadm's own words. */
function serviceOf(words: readonly string[]): { words: string; match: Match | undefined } {
  const name = words.slice(1, words[3] === "-6" ? 4 : 3).join(" ");
  return { words: name, match: parseSpelled(name) };
}

/** The words with numbers in the place of names; or why that cannot be. */
function resolvedPairs(words: readonly string[], names: Names): string[] | string {
  const protocol = words.includes("-u") ? "udp" : words.includes("--sctp-service") ? "sctp" : "tcp";
  const plain: string[] = [];
  for (const [i, word] of words.entries()) {
    const pair = /^(-t|-u|-r|--sctp-service)$/.test(words[i - 1] ?? "") ? pairOf(word, protocol, names) : word;
    if (pair === undefined) return `"${word}" is no address with a port that the host knows`;
    plain.push(pair);
  }
  return plain;
}

/** The words with the service after the command, as `ipvsadm -S` has them; an administrator may have another order. */
function serviceFirst([command = "", ...words]: readonly string[]): string[] | undefined {
  const at = words.findIndex((word) => /^(-t|-u|-f|--sctp-service)$/.test(word));
  if (at < 0) return undefined;
  const family = words.filter((word) => word === "-6");
  const rest = words.filter((word, i) => i !== at && i !== at + 1 && word !== "-6");
  return [command, ...words.slice(at, at + 2), ...family, ...rest];
}

/** What ipvsadm(8) takes where a rule leaves it out. `ipvsadm -S` leaves nothing out. */
function withDefaults(words: readonly string[]): string[] {
  const persistent = words.flatMap((word, i) =>
    word === "-p" && !/^\d+$/.test(words[i + 1] ?? "") ? [word, "360"] : [word],
  );
  const lacks = (...options: string[]) => !options.some((option) => words.includes(option));
  if (words[0] === "-A") return [...persistent, ...(lacks("-s") ? ["-s", "wlc"] : [])];
  return [...persistent, ...(lacks("-g", "-i", "-m") ? ["-g"] : []), ...(lacks("-w") ? ["-w", "1"] : [])];
}

function pairOf(word: string, protocol: string, names: Names): string | undefined {
  const plain = parseHostPort(word);
  if (plain) return hostPort(plain.address, plain.port);
  const [, six, name = "", port = "0"] = /^(?:\[([^\]]+)\]|([^:]+))(?::([\w-]+))?$/.exec(word) ?? [];
  const number = /^\d+$/.test(port) ? Number(port) : names.port(port, protocol);
  const address = six ?? (isAddress(name) ? name : names.address(name, "ipv4"));
  return address !== undefined && isAddress(address) && number !== undefined
    ? hostPort(normalAddress(address), number)
    : undefined;
}
