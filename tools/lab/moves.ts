import type { Place } from "./place.js";

/** A folder, and the folder that takes its place elsewhere. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Returns the moves of a lab's own folders. Another checkout has other folders. */
export function movesBetween(from: Pick<Place, "system" | "folder">, to: Pick<Place, "system" | "folder">): Move[] {
  return [
    { from: from.system, to: to.system },
    { from: from.folder, to: to.folder },
  ].filter((move) => move.from !== move.to);
}

/** Returns the text with the paths of the folders, and of all that lies in them, replaced. */
export function movedText(text: string, moves: readonly Move[]): string {
  if (moves.length === 0) return text;
  const quoted = moves.map(({ from }) => from.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  // "…/lvs-1-dr" is the beginning of "…/lvs-1-dr-2", which is another folder.
  const pattern = new RegExp(`(?<![\\w./-])(?:${quoted.join("|")})(?![\\w.-])`, "g");
  return text.replace(pattern, (from) => moves.find((move) => move.from === from)?.to ?? from);
}

/** The same for XML. */
export function movedXml(xml: string, moves: readonly Move[]): string {
  const inXml = moves.map(({ from, to }) => ({ from: entities(from), to: entities(to) }));
  return movedText(xml, inXml);
}

/** The same for every text in a JSON value. */
export function movedJson<T>(value: T, moves: readonly Move[]): T {
  const walk = (one: unknown): unknown => {
    if (typeof one === "string") return movedText(one, moves);
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one === "object" && one !== null)
      return Object.fromEntries(Object.entries(one).map(([key, part]) => [key, walk(part)]));
    return one;
  };
  return walk(value) as T;
}

function entities(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/'/g, "&apos;");
}
