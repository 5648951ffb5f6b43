import { type Family, type Forwarding, isAddress, type Match, normalAddress } from "pulumi-lvs-provider/model";
import { type Names, Refused } from "./refused";

// Reads the lines of ldirectord.cf that name servers: real servers, with their ranges, and fallbacks.

export interface LdirectordReal {
  readonly address: string;
  readonly port: number;
  readonly forwarding: Forwarding;
  readonly weight: number;
  readonly lowerThreshold: number;
  readonly upperThreshold: number;
  /** What a check of this server asks for and expects, where the line says it. */
  readonly request?: string | undefined;
  readonly receive?: string | undefined;
  readonly line: number;
}

const METHODS: Readonly<Record<string, Forwarding>> = { masq: "nat", gate: "dr", ipip: "tun" };

export interface Fallback {
  readonly address: string;
  readonly port: number | undefined;
  readonly forwarding: Forwarding;
}

/** Where a line stands, and how its words are meant there. */
export interface Place {
  readonly file: string;
  readonly names: Names;
  readonly family: Family;
  readonly line: number;
}

export function addressOf({ file, line, names, family }: Place, text: string, of: string): string {
  const plain = text.replace(/^\[|\]$/g, "");
  if (isAddress(plain) && plain.includes(":") === (family === "ipv6")) return normalAddress(plain);
  const found = isAddress(plain) ? undefined : names.address(plain, family);
  if (found === undefined)
    throw new Refused(
      file,
      line,
      `"${text}" of the ${of} is no address of ${family === "ipv6" ? "IPv6" : "IPv4"}, and the host knows no such name`,
    );
  return normalAddress(found);
}

const SERVER =
  /(\d+\.\d+\.\d+\.\d+|[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?:->(\d+\.\d+\.\d+\.\d+|[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]))?(?::(\d+|[A-Za-z0-9_-]+))?\s+(.*)/;

/**
 * What may follow the forwarding, in this order. ldirectord looks for each anywhere in what is left, and passes over what stands
 * before it: many guides write "gate -w 1".
 */
const OPTIONS = [/\s+(\d+)/, /\s+"(.*)"[, ]\s*"(.*)"/, /\s+l:(\d+)/, /\s+u:(\d+)/];

export function realServers(place: Place, text: string): LdirectordReal[] {
  const { file, line, names } = place;
  const [, first, last, port = "0", rest = ""] = SERVER.exec(`${text} `) ?? [];
  const [, method = "", options = ""] = /(\w+)(.*)/.exec(rest) ?? [];
  if (first === undefined) throw new Refused(file, line, "ldirectord refuses it: invalid address for real server");
  const forwarding = METHODS[method];
  if (!forwarding) throw new Refused(file, line, "ldirectord refuses it: forward method must be gate, masq or ipip");
  const number = port === "0" ? 0 : names.port(port);
  if (number === undefined) throw new Refused(file, line, `the host knows no port named "${port}"`);
  let left = options;
  const [[weight = "1"] = [], [request, receive] = [], [lower = "0"] = [], [upper = "0"] = []] = OPTIONS.map(
    (option) => {
      const found = option.exec(left);
      if (found) left = left.slice(found.index + found[0].length);
      return found?.slice(1) ?? [];
    },
  );
  if (/\S/.test(left))
    throw new Refused(file, line, `ldirectord refuses it: invalid real server line, around "${left.trim()}"`);
  const how = {
    ...{ port: number, forwarding, weight: Number(weight), line },
    ...{ lowerThreshold: Number(lower), upperThreshold: Number(upper) },
    ...(request !== undefined && { request, receive }),
  };
  const from = addressOf(place, first, "real server");
  const addresses = last === undefined ? [from] : range(place, from, addressOf(place, last, "real server"));
  return addresses.map((address) => ({ address, ...how }));
}

/** The addresses of a range. The kernel takes 65535 destinations at most; a range of more is a slip. */
function range({ file, line, family }: Place, first: string, last: string): string[] {
  if (family === "ipv6") throw new Refused(file, line, "ldirectord refuses a range of IPv6 addresses");
  const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const [from, to] = [number(first), number(last)];
  if (to < from)
    throw new Refused(file, line, `ldirectord refuses the range ${first}->${last}: it ends before it begins`);
  if (to - from > 65_535) throw new Refused(file, line, `the range ${first}->${last} has ${to - from + 1} addresses`);
  return Array.from({ length: to - from + 1 }, (_, i) =>
    [24, 16, 8, 0].map((bits) => Math.floor((from + i) / 2 ** bits) % 256).join("."),
  );
}

export function fallbackOf(place: Place, text: string, match: Match | undefined): Fallback {
  const { file, line, names } = place;
  const [, server = "", method] = /(\S+)(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  const [, host = "", port] = /^(.*?)(?::([0-9A-Za-z_-]+))?$/.exec(server) ?? [];
  const forwarding = METHODS[method ?? "gate"];
  if (!forwarding) throw new Refused(file, line, "ldirectord refuses it: forward method must be gate, masq or ipip");
  const own = match && "port" in match ? match.port : undefined;
  const number = port === undefined ? own : names.port(port, match && "protocol" in match ? match.protocol : undefined);
  if (port !== undefined && number === undefined)
    throw new Refused(file, line, `the host knows no port named "${port}"`);
  return { address: addressOf(place, host, "fallback"), port: number, forwarding };
}
