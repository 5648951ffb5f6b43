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

/**
 * Remembers what was made of objects, as long as they are there.
 *
 * @param make has no effects, and nobody changes the objects
 */
export function rememberedOf<Of extends object, T>(make: (of: Of) => T): (of: Of) => T {
  const known = new WeakMap<Of, { readonly value: T }>();
  return (of) => {
    const before = known.get(of);
    if (before) return before.value;
    const value = make(of);
    known.set(of, { value });
    return value;
  };
}
