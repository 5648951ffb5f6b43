/** How many texts are remembered: a large table has ten thousand destinations. */
const MANY = 50_000;

/**
 * Remembers what texts were read as. Each name of a large table is read a dozen times on its way from the declaration to the
 * host and back.
 *
 * @param read has no effects, and nobody changes what it returns
 */
export function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const before = known.get(text);
    if (before) return before.value;
    if (known.size >= MANY) known.clear();
    const value = read(text);
    known.set(text, { value });
    return value;
  };
}
