import { digest } from "./equality";

// The names that things have on a host: of an entry in the ledger, a lock, a kept file, a boot fragment, a switch's holder.

/** Endings of files that lie beside an entry: the file that was found, and the entry that is being written. */
const BESIDE = /\.(found|new)$/;

/** A long name: its beginning, and 24 hexadecimal digits of a digest. */
const LONG = { most: 150, kept: 120, form: /^.{120}\.[0-9a-f]{24}$/ };

/**
 * The name of a thing on its host. Two identities never have one name: whatever is no letter, digit or one of `-_.!~*'()` is
 * escaped, and so is the dot of a name that would end like a file beside an entry. A name that is too long for a file system, or
 * looks like a shortened one, is shortened, with a digest of the identity at its end.
 */
export function entryName(kind: string, identity: string): string {
  const plain = `${kind}.${escaped(identity)}`.replace(BESIDE, "%2E$1");
  return plain.length <= LONG.most && !LONG.form.test(plain) ? plain : shortened(plain, identity);
}

/** The name that an entry with this identity had before endings were escaped. */
export function formerEntryName(kind: string, identity: string): string {
  const plain = `${kind}.${escaped(identity)}`;
  return plain.length <= LONG.most ? plain : shortened(plain, identity);
}

function shortened(plain: string, identity: string): string {
  // UTF-8 has one form for all halves of surrogate pairs.
  const whole = HALF.test(identity) ? Buffer.from(identity, "utf16le").toString("hex") : identity;
  return `${plain.slice(0, LONG.kept)}.${digest(whole).slice(0, 24)}`;
}

/** A half of a surrogate pair. encodeURIComponent throws where one stands. */
const HALF = /\p{Surrogate}/u;

/** A text as a part of a file's name: whatever is no letter, digit or one of `-_.!~*'()` is escaped. */
export function escaped(text: string): string {
  const parts = [...text].map((one) =>
    HALF.test(one) ? `%u${one.charCodeAt(0).toString(16)}` : encodeURIComponent(one),
  );
  return parts.join("");
}
