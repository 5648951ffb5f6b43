import { UNKNOWN } from "pulumi-lvs-provider/model";

/** The text in one line, with a mark in the place of what XML cannot have, or what nobody would see, and words for what comes later. */
export function shown(text: string): string {
  return text
    .replaceAll(UNKNOWN, "(known later)")
    .replace(/\s+/g, " ")
    .replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\uFFFE\uFFFF]/gu, "\uFFFD");
}
