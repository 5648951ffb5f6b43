import {
  familyOfMatch,
  hostPort,
  isAddress,
  isClientMask,
  isWithin,
  MARK,
  type Match,
  matchName,
  normalAddress,
  PERSISTENCE,
  PORT,
  type Protocol,
  WEIGHT,
} from "pulumi-lvs-provider/model";
import { COMMANDS, FLAGS, FORWARDING, LETTERS, SERVICES, WITH_VALUE, WITHOUT } from "./ipvsadm-options";
import type { Names } from "./refused";

// A line of rules as ipvsadm 1.31 reads it (ipvsadm.c, parse_options and process_options): option by option, and then as a whole.

/** A line that ipvsadm takes. */
export interface IpvsadmLine {
  /** By its letter: "-A". */
  readonly command: string;
  /** The options by letter, or by name where they have none; "" of those without a value. */
  readonly options: ReadonlyMap<string, string>;
  readonly match?: Match;
  /** The real server, with the port that it gets where the line says none. */
  readonly server?: string;
}

/** Why ipvsadm does not take a line, and whether it ends there: nothing after such a line is restored. */
export class Unfit {
  constructor(
    readonly why: string,
    readonly ends: boolean,
  ) {}
}

const ends = (why: string) => new Unfit(why, true);

/** Reads the words of one line; undefined of none. */
export function readIpvsadmLine(line: readonly string[], names: Names): IpvsadmLine | Unfit | undefined {
  if (line.length === 0) return undefined;
  const reading = new Reading(names);
  const left = [...line];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const unfit = /^-./.test(word) ? reading.option(word, left) : reading.plain(word);
    if (unfit) return unfit;
  }
  return reading.whole();
}

class Reading {
  #command: string | undefined;
  readonly #options = new Map<string, string>();
  readonly #plain: string[] = [];
  #match: Match | undefined;
  #server: readonly [address: string, port: number] | undefined;

  constructor(private readonly names: Names) {}

  plain(word: string): undefined {
    this.#plain.push(word);
  }

  /** Takes an option, or several letters in one word: "-w3", "-At". */
  option(word: string, left: string[]): Unfit | undefined {
    const [, long, given] = /^(--[^=]+)(?:=(.*))?$/.exec(word) ?? [];
    if (long !== undefined) return this.#take(LETTERS[long] ?? long, given, left);
    for (let i = 1; i < word.length; i++) {
      const name = `-${word[i]}`;
      const rest = word.slice(i + 1);
      const hasValue = WITH_VALUE.has(name) || name === "-p";
      const unfit = this.#take(name, hasValue && rest !== "" ? rest.replace(/^=/, "") : undefined, left);
      if (unfit || hasValue) return unfit;
    }
    return undefined;
  }

  #take(name: string, given: string | undefined, left: string[]): Unfit | undefined {
    const isCommand = name in COMMANDS;
    if (!isCommand && this.#command === undefined) return ends(`"${name}" is no command of saved rules`);
    if (!isCommand && !WITH_VALUE.has(name) && !WITHOUT.has(name) && name !== "-p")
      return new Unfit(`"${name}" is no option of ipvsadm`, false);
    const value = given ?? nextValue(name, left);
    if (value === undefined) return new Unfit(`${name} has no value`, this.#command === undefined);
    if (isCommand && this.#command !== undefined) return ends(`a line has one command, and not ${name} as well`);
    if (isCommand) this.#command = name;
    else if (name !== "-6" && this.#has(name)) return ends(`a line has one option of a kind, and not ${name} as well`);
    if (!isCommand) this.#options.set(name, value);
    return this.#judge(name, value);
  }

  #has(name: string): boolean {
    const alike = [SERVICES, FORWARDING].find((kind) => kind.has(name)) ?? [name];
    return [...alike].some((one) => this.#options.has(one));
  }

  #judge(name: string, value: string): Unfit | undefined {
    if (name === "-f") return this.#mark(value);
    if (SERVICES.has(name)) return this.#service(name, value);
    if (name === "-r") return this.#real(value);
    if (name === "-6") return this.#six();
    const family = this.#match && familyOfMatch(this.#match);
    const fits: Readonly<Record<string, () => boolean>> = {
      "-p": () => value === "" || isWithin(whole(value), PERSISTENCE),
      "-M": () => (family === "ipv6" ? isClientMask(family, value) : isAddress(value) && !value.includes(":")),
      "-w": () => isWithin(whole(value), WEIGHT),
      "-x": () => whole(value) >= 0,
      "-y": () => whole(value) >= 0,
      "-b": () => value.split(",").every((flag) => FLAGS.has(flag)),
      "--start-daemon": () => /^(master|backup)$/.test(value),
      "--stop-daemon": () => /^(master|backup)$/.test(value),
    };
    return fits[name]?.() === false ? ends(`"${value}" is no value of ${name}`) : undefined;
  }

  #mark(value: string): Unfit | undefined {
    if (!isWithin(whole(value), MARK)) return ends(`"${value}" is no mark`);
    this.#match = { mark: Number(value), family: "ipv4" };
    return undefined;
  }

  #six(): Unfit | undefined {
    if (!this.#match || !("mark" in this.#match)) return ends("-6 stands before the mark that it is for");
    this.#match = { ...this.#match, family: "ipv6" };
    return undefined;
  }

  #service(name: string, value: string): Unfit | undefined {
    const protocol: Protocol = name === "-t" ? "tcp" : name === "-u" ? "udp" : "sctp";
    const pair = pairOf(value, protocol, this.names);
    if (!pair) return ends(`"${value}" is no address with a port that the host knows`);
    this.#match = { protocol, address: pair.address, port: pair.port ?? 0 };
    return undefined;
  }

  /** The port of a real server that has none is that of the service, where the service stands before it. */
  #real(value: string): Unfit | undefined {
    const protocol = this.#match && "protocol" in this.#match ? this.#match.protocol : "tcp";
    const pair = pairOf(value, protocol, this.names);
    if (!pair) return ends(`"${value}" is no address with a port that the host knows`);
    this.#server = [pair.address, pair.port ?? (this.#match && "port" in this.#match ? this.#match.port : 0)];
    return undefined;
  }

  whole(): IpvsadmLine | Unfit {
    const command = this.#command;
    const [first] = this.#plain;
    if (command === undefined) return ends(`"${first}" is no word of saved rules`);
    if (first !== undefined && command !== "--set") return ends(`"${first}" is no word of saved rules`);
    const match = this.#match;
    if (/^-[AEDaed]$/.test(command) && !match) return ends("it names no service by -t, -u, -f or --sctp-service");
    if (/^-[aed]$/.test(command) && !this.#server) return ends("it names no server by -r");
    const foreign = [...this.#options.keys()].find((name) => !COMMANDS[command]?.has(name));
    if (foreign !== undefined) return ends(`${foreign} is no option of ${command}`);
    if (/^-[AE]$/.test(command) && match) {
      if ("port" in match && match.port === 0 && !this.#options.has("-p"))
        return ends("a service of every port (port 0) needs persistence (-p)");
      if (this.#options.has("-o") && "protocol" in match && match.protocol !== "udp")
        return ends(`one-packet scheduling (-o) is for UDP, and this is ${matchName(match)}`);
    }
    const read = { command, options: this.#options, ...(match && { match }) };
    return this.#server ? { ...read, server: this.#serverOf(match) } : read;
  }

  /** With direct routing and tunnels a packet keeps its port, whatever the line says. */
  #serverOf(match: Match | undefined): string {
    const [address, port] = this.#server as readonly [string, number];
    return hostPort(address, match && "port" in match && !this.#options.has("-m") ? match.port : port);
  }
}

function nextValue(name: string, left: string[]): string | undefined {
  if (name === "-p") return left[0] === undefined || left[0].startsWith("-") ? "" : left.shift();
  return WITH_VALUE.has(name) ? left.shift() : "";
}

/** NaN of what is no whole number in decimal. */
function whole(value: string): number {
  return /^\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** An address with its port, by numbers or by names of the host; an IPv6 address without a port has no brackets. */
function pairOf(
  text: string,
  protocol: Protocol,
  names: Names,
): { address: string; port: number | undefined } | undefined {
  if (isAddress(text)) return { address: normalAddress(text), port: undefined };
  const [, six, name = "", given] = /^(?:\[([^\]]+)\](?=:)|([^:[\]]+))(?::(.+))?$/.exec(text) ?? [];
  const address = six ?? (isAddress(name) ? name : names.address(name, "ipv4"));
  if (address === undefined || !isAddress(address)) return undefined;
  const port = given === undefined ? undefined : /^\d+$/.test(given) ? Number(given) : names.port(given, protocol);
  if (given !== undefined && (port === undefined || port > PORT.most)) return undefined;
  return { address: normalAddress(address), port };
}
