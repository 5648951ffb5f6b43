/** The text without what a terminal would obey: a host may have said a part of it. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n]|\p{Cs}|\p{Bidi_Control}/gu, "\uFFFD");
}

/** Lines with columns that stand under each other. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, i) => Math.max(...all.map((row) => (row[i] ?? "").length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
