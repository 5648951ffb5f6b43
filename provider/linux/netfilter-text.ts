import { LvsError } from "../host/errors";

/**
 * A text in quotes, as nft(8) and iptables-restore(8) read it alike. nft has no escape for quotes, and both read some signs at
 * the end of an interface's name as "every name that begins so". Such a text is refused.
 */
export function netfilterText(text: string): string {
  if (/^[\w.:/@, -]+$/.test(text)) return `"${text}"`;
  throw new LvsError(
    `${JSON.stringify(text)} cannot stand in a netfilter rule: use letters, digits, blanks and the signs . : / @ , - _`,
  );
}
