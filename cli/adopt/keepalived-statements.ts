import { posix } from "node:path";
import { Refused } from "./refused";

// The lines of keepalived.conf: comments, definitions, blocks and included files, as keepalived.conf(5) has them.

const FOLDER = "/etc/keepalived";

/** A line with its words, and the lines of its block. */
export interface Statement {
  readonly words: readonly string[];
  readonly line: number;
  /** The included file in which the line stands; undefined in the main one. */
  readonly file?: string;
  readonly block: readonly Statement[];
}

/**
 * @param others the texts of the files below /etc/keepalived, by path; undefined for one that was not read
 * @throws Refused for braces that do not pair, and for an included file elsewhere
 */
export function parseKeepalived(
  text: string,
  file: string,
  others: Readonly<Record<string, string | undefined>>,
): Statement[] {
  const reading = new Reading(file, others);
  reading.read(text, file);
  return reading.statements();
}

interface Open {
  readonly block: Statement[];
  readonly line: number;
  readonly file: string;
}

class Reading {
  readonly #open: Open[];
  /** `$NAME=VALUE` of the lines until now. */
  readonly #defined = new Map<string, string>();
  readonly #reading: string[] = [];

  constructor(
    private readonly main: string,
    private readonly others: Readonly<Record<string, string | undefined>>,
  ) {
    this.#open = [{ block: [], line: 0, file: main }];
  }

  statements(): Statement[] {
    const { block, line, file } = this.#open.at(-1) as Open;
    if (this.#open.length > 1) throw new Refused(file, line, "a brace is not closed");
    return block;
  }

  read(text: string, file: string): void {
    this.#reading.push(file);
    const lines = text.split("\n");
    for (let at = 0; at < lines.length; at++) {
      const from = at + 1;
      const [, name, first = ""] = /^\s*\$(\w+)\s*=\s*(.*)$/.exec(lines[at] as string) ?? [];
      if (name === undefined) {
        for (const part of this.#replaced(lines[at] as string).split("\n")) this.#line(part, file, from);
        continue;
      }
      // A definition goes on in the next line after a backslash.
      let value = first;
      while (/\\\s*$/.test(value) && at + 1 < lines.length) value = `${value.replace(/\\\s*$/, "")}\n${lines[++at]}`;
      this.#defined.set(name, this.#replaced(value.trim()));
    }
    this.#reading.pop();
  }

  /** A line with the values of its definitions. The braces of a name without one, as of keepalived's own ${_RANDOM 1 9}, are no block. */
  #replaced(line: string): string {
    return line.replace(/\$(?:\{(\w+)[^{}]*\}|(\w+))/g, (_, braced, plain) => {
      const name = braced ?? plain;
      return this.#defined.get(name) ?? `$${name}`;
    });
  }

  #line(raw: string, file: string, line: number): void {
    // Comments begin with ! or #, not within quotes, and not after a backslash. The command of a script may have quotes after one.
    const plain = raw.replace(/("(?:[^"\\]|\\.)*")|\\([!#])|[!#].*/g, (_, quoted, sign) => quoted ?? sign ?? "");
    const tokens = plain.match(/"(?:[^"\\]|\\.)*"|[{}]|[^\s{}"]+/g) ?? [];
    // A line may be for some hosts alone: "@lb1 priority 100". What is kept on any of them counts.
    if (/^@/.test(tokens[0] ?? "")) tokens.shift();
    const [, pattern] = /^\s*(?:@\^?\S+\s+)?include[a-z]?\s+(\S*[[{~].*)$/.exec(plain) ?? [];
    if (pattern !== undefined)
      throw new Refused(
        file,
        line,
        `the pattern ${pattern.trim()} is not followed: name the files, or write it with * and ?`,
      );
    let words: string[] = [];
    const place = { line, ...(file !== this.main && { file }) };
    const end = (block: Statement[] = []) => {
      if (words.length > 0) this.#open.at(-1)?.block.push({ words, ...place, block });
      words = [];
    };
    for (const token of tokens) {
      if (token === "{") {
        const block: Statement[] = [];
        const last = this.#open.at(-1)?.block;
        // The brace may stand in a line of its own.
        if (words.length > 0) end(block);
        else if (last && last.length > 0) last.push({ ...(last.pop() as Statement), block });
        else throw new Refused(file, line, "a block without a name");
        this.#open.push({ block, line, file });
      } else if (token === "}") {
        end();
        if (this.#open.length === 1) throw new Refused(file, line, "a brace is closed that was not opened");
        this.#open.pop();
      } else words.push(token.replace(/^"|"$/g, "").replaceAll('\\"', '"'));
    }
    if (/^~(SEQ|LST)\(/.test(tokens[0] ?? ""))
      throw new Refused(
        file,
        line,
        `${(tokens[0] as string).slice(0, 4)} repeats a line, and is not followed: write the lines out`,
      );
    if (/^include[a-z]?$/.test(words[0] ?? "") && words[1] !== undefined) this.#include(words[1], file, line);
    else end();
  }

  /** Reads the files of an `include` in its place. A relative name is one in the folder of the file that includes it. */
  #include(pattern: string, file: string, line: number): void {
    if (pattern.includes("$"))
      throw new Refused(file, line, `${pattern} has a name that is not defined before it: write the path out`);
    const whole = posix.resolve(FOLDER, posix.dirname(file), pattern);
    if (!whole.startsWith(`${FOLDER}/`))
      throw new Refused(file, line, `${whole} is not below ${FOLDER}, and nothing else is read: move it there`);
    const names = whole.split(/([*?])/).map((part) => {
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    });
    const fits = new RegExp(`^${names.join("")}$`);
    const found = Object.keys(this.others)
      .filter((path) => fits.test(path))
      .sort();
    const again = found.find((path) => path === this.main || this.#reading.includes(path));
    if (again !== undefined) throw new Refused(file, line, `${again} includes itself`);
    // keepalived itself goes on without a file that is not there.
    for (const path of found) {
      const text = this.others[path];
      if (text === undefined)
        throw new Refused(
          file,
          line,
          `${path} was not read: it has more than 64 KiB, or ${FOLDER} has more than 100 files. Make it smaller, or move away what is not in use`,
        );
      this.read(text, path);
    }
  }
}
