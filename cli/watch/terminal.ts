import { emitKeypressEvents } from "node:readline";
import { MARKS } from "./trends";

/** The environment's part in what a terminal can do. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the screen can be drawn anew. A plain terminal, a file and CI get one text after the other. */
export function isScreen(isTerminal: boolean | undefined, { TERM, CI }: Environment): boolean {
  return isTerminal === true && TERM !== "dumb" && !CI;
}

/** The marks that the terminal's locale has. */
export function marksFor({ LC_ALL, LC_CTYPE, LANG }: Environment): string {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") ? MARKS.utf8 : MARKS.ascii;
}

interface Screen {
  readonly columns?: number;
  readonly rows?: number;
}

/** A terminal that does not know its size says 0. */
export function columnsOf({ columns }: Screen): number {
  return columns || 80;
}

/**
 * What draws the text over the one before, without a flicker. What does not fit is left out, since a screen that scrolls
 * shows nothing.
 */
export function drawing(text: string, screen: Screen): string {
  const columns = columnsOf(screen);
  const rows = screen.rows || 24;
  const lines = text.trimEnd().split("\n");
  const left = lines.length - (rows - 1);
  const shown = left > 0 ? [...lines.slice(0, rows - 2), `… ${left + 1} more lines`] : lines;
  // "Cursor home"; after each line "erase to its end"; "erase below".
  return `\x1b[H${shown.map((line) => `${line.slice(0, columns)}\x1b[K\n`).join("")}\x1b[J`;
}

/**
 * Hears the keys of an interactive terminal until the process ends. Ctrl-C is what it is elsewhere.
 *
 * @returns whether there are keys
 */
export function onKey(heard: (key: string) => void): boolean {
  const { stdin } = process;
  if (!stdin.isTTY) return false;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  process.once("exit", () => stdin.setRawMode(false));
  stdin.on("keypress", (_, { name = "", ctrl = false }: { name?: string; ctrl?: boolean }) => {
    if (ctrl && name === "c") {
      stdin.setRawMode(false);
      process.kill(process.pid, "SIGINT");
    } else if (!ctrl) heard(name);
  });
  // The keys alone keep no process.
  stdin.unref();
  return true;
}
