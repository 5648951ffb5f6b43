import { isIP, SocketAddress } from "node:net";
import { isObject, type Path, places, put } from "./places";

// Other inputs, made from valid ones by changing one place: another type, another spelling, a boundary, a property that does
// not exist.

export interface Mutation {
  readonly inputs: Record<string, unknown>;
  /** The place that was changed. */
  readonly path: Path;
  /** The value there now; undefined if the property was left out. */
  readonly value: unknown;
  /** The text that is new there, as a value or as a key. */
  readonly text?: string | undefined;
  /** A property was added, beside those that were there. */
  readonly added?: boolean;
  readonly what: string;
}

type Other = readonly [what: string, value: unknown];

/** Every mutation of the inputs. `draw` gives numbers from 0 to 1. */
export function mutations(inputs: Record<string, unknown>, draw: () => number): Mutation[] {
  return places(inputs).flatMap(([path, value]) => [
    ...(path.length > 0 ? others(value, draw).map(([what, other]) => changed(inputs, path, what, other)) : []),
    ...(typeof path.at(-1) === "string" ? [changed(inputs, path, "left out", undefined)] : []),
    ...(isObject(value) ? [...unknowns(inputs, path, value), ...otherKeys(inputs, path, value, draw)] : []),
  ]);
}

function changed(inputs: Record<string, unknown>, path: Path, what: string, value: unknown): Mutation {
  return { inputs: put(inputs, path, value), path, what, value, text: typeof value === "string" ? value : undefined };
}

function unknowns(inputs: Record<string, unknown>, path: Path, value: Record<string, unknown>): Mutation[] {
  const names = Object.keys(value);
  const alike = names.flatMap((name) => [name.toUpperCase(), `${name} `, name.slice(0, -1)]);
  return ["unknown", "__proto__", "constructor", ...alike]
    .filter((name) => name !== "" && !names.includes(name))
    .flatMap((name) => [1, {}].map((given) => [name, given] as const))
    .map(([name, given]) => ({ ...changed(inputs, [...path, name], "unknown property", given), added: true }));
}

/** The keys of records are data as well: an address with a port, a variable's name. */
function otherKeys(
  inputs: Record<string, unknown>,
  path: Path,
  value: Record<string, unknown>,
  draw: () => number,
): Mutation[] {
  const [key, first] = Object.entries(value)[0] ?? [];
  if (key === undefined || /^[a-z]+[A-Za-z]*$/.test(key)) return [];
  const { [key]: _, ...without } = value;
  const instead = path.length > 0 ? put(inputs, path, without) : without;
  return texts(key, draw)
    .filter(([, text]) => !Object.hasOwn(value, text))
    .flatMap(([what, text]) => [
      { ...changed(instead, [...path, text], `key, ${what}`, first), text },
      { ...changed(inputs, [...path, text], `key beside, ${what}`, first), text, added: true },
    ]);
}

function others(value: unknown, draw: () => number): Other[] {
  const types: Other[] = [null, true, 5, "text", [], {}, [value], { value }]
    .filter((other) => typeof other !== typeof value || Array.isArray(other) !== Array.isArray(value) || other === null)
    .map((other) => ["other type", other] as const);
  if (typeof value === "string") return [...types, ...texts(value, draw)];
  if (typeof value === "number") return [...types, ...numbers(value, draw)];
  if (typeof value === "boolean")
    return [...types, ["opposite", !value], ["as text", String(value)], ["as number", Number(value)]];
  if (!Array.isArray(value) || value.length === 0) return types;
  return [...types, ["one twice", [...value, value[0]]], ["turned round", value.toReversed()], ["emptied", []]];
}

function texts(text: string, draw: () => number): [what: string, text: string][] {
  const middle = Math.floor(draw() * text.length);
  const drawn = String.fromCharCode(33 + Math.floor(draw() * 94));
  const all = {
    empty: "",
    blank: " ",
    "blank after": `${text} `,
    "blank before": ` ${text}`,
    "tab inside": `${text.slice(0, middle)}\t${text.slice(middle)}`,
    "line end": `${text}\n`,
    NUL: `${text}\0`,
    "half a surrogate pair": `${text}\ud800`,
    "upper case": text.toUpperCase(),
    "lower case": text.toLowerCase(),
    "wide digits": text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    accent: `${text}é`,
    quote: `${text}'`,
    command: "`id`",
    option: `-${text}`,
    dots: `../${text}`,
    "dots inside": text.replace("/", "/../"),
    prototype: "__proto__",
    "very long": text.repeat(Math.ceil(5000 / (text.length || 1))),
    "drawn character": `${text.slice(0, middle)}${drawn}${text.slice(middle)}`,
    "drawn cut": text.slice(0, middle),
    ...addresses(text),
    ...endings(text),
  };
  return Object.entries(all).filter(([, other]) => other !== text);
}

/** Other spellings of the address in a text, and texts that only look like addresses. */
function addresses(text: string): Record<string, string> {
  const four = /\d+\.\d+\.\d+\.\d+/.exec(text)?.[0];
  const six = /[0-9a-f:]*::[0-9a-f:]*|([0-9a-f]+:){7}[0-9a-f]+/i.exec(text)?.[0];
  if (four && isIP(four) === 4) {
    const parts = four.split(".");
    const spelled = {
      "zeros before": parts.map((part) => part.padStart(3, "0")).join("."),
      octal: `0${four}`,
      hexadecimal: parts.map((part) => `0x${Number(part).toString(16)}`).join("."),
      "two parts": `${parts[0]}.${parts[3]}`,
      "one number": String(parts.reduce((sum, part) => sum * 256 + Number(part), 0)),
      "form of IPv6": `::ffff:${four}`,
      "in brackets": `[${four}]`,
      "with a prefix": `${four}/32`,
      "dot after": `${four}.`,
      "part too large": `${parts.slice(0, 3).join(".")}.256`,
      "no host's": "0.0.0.0",
      "a group's": "224.0.0.1",
      "every host's": "255.255.255.255",
    };
    return instead(text, four, spelled);
  }
  if (!six || isIP(six) !== 6) return {};
  const parts = expanded(six);
  return instead(text, six, {
    "upper case of IPv6": six.toUpperCase(),
    expanded: parts.join(":"),
    "zeros before": parts.map((part) => part.padStart(4, "0")).join(":"),
    "with a zone": `${six}%eth0`,
    "IPv4 inside": "::ffff:10.0.0.9",
    "in brackets": `[${six}]`,
    "with a prefix": `${six}/128`,
    "two gaps": "2001::db8::1",
    "no host's": "::",
    "a group's": "ff02::1",
  });
}

function instead(text: string, part: string, by: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(by).map(([what, other]) => [what, text.replace(part, other)]));
}

function expanded(six: string): string[] {
  const [head = "", tail] = six.split("::");
  const parts = (some: string | undefined) => (some ? some.split(":") : []);
  const gap = Array.from({ length: 8 - parts(head).length - parts(tail).length }, () => "0");
  return tail === undefined ? six.split(":") : [...parts(head), ...gap, ...parts(tail)];
}

/** Other spellings of the number at the end of a text: of a port, a mark, a mode, a range. */
function endings(text: string): Record<string, string> {
  const last = /\d+$/.exec(text)?.[0];
  if (last === undefined) return {};
  const by = ["1e3", "65536", "0", "4294967296", `0${last}`, `+${last}`, `0x${Number(last).toString(16)}`, `${last}.0`];
  const ranges = [`${text}-${last}`, `${text}-0`];
  const all = [...by.map((other) => text.slice(0, text.length - last.length) + other), ...ranges];
  return Object.fromEntries(all.map((other) => [`number ${other.slice(-12)}`, other]));
}

function numbers(value: number, draw: () => number): Other[] {
  const drawn = Math.floor(draw() * 2 ** (1 + Math.floor(draw() * 40)));
  const bounds = [-1, 0, 1, 0.5, 1e21, 1e-7, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 + 2];
  const all = [...bounds, value + 0.5, drawn, -0];
  return [...all.map((other): Other => [`number ${other}`, other]), ["as text", String(value)]];
}

/** One spelling of an address, by another parser than the product's; undefined if the text is no address. */
export function canonicalAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes("%")) return undefined;
  return new SocketAddress({ address: text, family: family === 6 ? "ipv6" : "ipv4" }).address;
}
