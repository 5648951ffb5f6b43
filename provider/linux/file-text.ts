import { digest } from "../reconcile/equality";

// The text of a file, as state and previews show it.

/** The text that was read, or the digest if the content is no text, or is too large to be read. */
export function readable(sha256: string, base64 = ""): string {
  try {
    const bytes = Buffer.from(base64, "base64");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (digest(text) === sha256 && !text.includes("\0")) return text;
  } catch {
    // The content is not UTF-8.
  }
  return `sha256:${sha256}`;
}
