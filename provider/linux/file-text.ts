import { sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { digest } from "../reconcile/equality";
import { WALK } from "./walk";

// The text of a file, as state and previews show it.

/** Bytes. State and previews show the digest of a larger content. */
const READABLE = 64 * 1024;

/** The content of a file that is not too large to be shown, in base64; otherwise nothing. */
export function textAt(path: string): Fact<string> {
  return printed(
    sh(
      `${WALK}
      walk "\${1%/*}" && set -- "./\${1##*/}" && [ ! -L "$1" ] && [ -f "$1" ] &&
        [ "$(stat -c %s -- "$1")" -le ${READABLE} ] && content "$1" | base64 || :`,
      path,
    ),
    (base64) => base64,
  );
}

/** The text that was read, or the digest if the content is no text, is too large, or was changed while it was read. */
export function readable(sha256: string, base64: string): string {
  try {
    const bytes = Buffer.from(base64, "base64");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (digest(text) === sha256 && !text.includes("\0")) return text;
  } catch {
    // The content is not UTF-8.
  }
  return `sha256:${sha256}`;
}
