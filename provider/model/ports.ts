import { PORT } from "./ranges";

// A port, or a range of ports like "8000-8010". The normal spelling stands here once, for all code that declares or compares
// them.

/** The first and the last port of a port or a range; undefined if the text is neither. */
export function parsePorts(given: number | string): [number, number] | undefined {
  const [, first, last = first] = /^(0|[1-9]\d{0,4})(?:-(0|[1-9]\d{0,4}))?$/.exec(String(given)) ?? [];
  return first === undefined ? undefined : [Number(first), Number(last)];
}

/** Why a declared value is neither a port nor a range; undefined if the value is one of them. */
export function whyNoPorts(given: number | string): string | undefined {
  const range = parsePorts(given);
  if (!range) return `"${given}" is neither a port nor a range: write it like 443 or "8000-8010"`;
  if (range[0] < PORT.least || range[1] > PORT.most) return `give a port from ${PORT.least} to ${PORT.most}`;
  return range[0] > range[1] ? `"${given}" ends before it begins: write the lower port first` : undefined;
}

/** A port as a number, a range as a text. */
export function normalPorts([first, last]: readonly [number, number]): number | string {
  return first === last ? first : `${first}-${last}`;
}
