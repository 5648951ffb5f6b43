import { shown } from "./shown";

/** A piece of HTML. What is put into it is text, and becomes nothing else; only a piece of HTML stays one. */
export class Html {
  constructor(readonly source: string) {}
}

type Part = string | number | Html | undefined | readonly Part[];

/** Writes HTML: a template whose values are escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((own, i) => (i === 0 ? own : sourceOf(parts[i - 1]) + own)).join(""));
}

function sourceOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.source;
  if (typeof part === "object") return part.map(sourceOf).join("");
  return shown(String(part)).replace(/[&<>"'`]/g, (one) => `&#${one.codePointAt(0)};`);
}
