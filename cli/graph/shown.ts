/** The text in one line, with a mark in the place of what XML cannot have, or what nobody would see. */
export function shown(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\uFFFE\uFFFF]/gu, "\uFFFD");
}
