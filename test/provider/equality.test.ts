import fc from "fast-check";
import { Secret } from "../../provider/host/command";
import { digest, same } from "../../provider/reconcile/equality";

/** What JSON carries, and what a program of JavaScript has besides. */
const leaf = fc.oneof(
  fc.constantFrom(undefined, Number.NaN, -0, 0, "", "0", () => 1, Symbol("x"), new Secret("x"), new Date(0)),
  fc.constantFrom(null, true, "a", 1),
);
const key = fc.constantFrom("a", "b", "c", "1");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: false }),
  ),
}));
const other = (one: unknown): unknown => {
  if (Array.isArray(one)) return one.map(other);
  if (one === null || typeof one !== "object" || Object.getPrototypeOf(one) !== Object.prototype) return one;
  return Object.fromEntries(
    Object.entries(one)
      .reverse()
      .map(([key, inner]) => [key, other(inner)]),
  );
};

test("two values are the same where their JSON with sorted keys is", () => {
  const equal = (a: unknown, b: unknown) => expect(same({ a }, { a: b })).toBe(digest({ a }) === digest({ a: b }));
  fc.assert(
    fc.property(value, value, (a, b) => {
      equal(a, b);
      equal(a, other(a));
      equal([a, b], [b, a]);
      equal({ a, b }, { b });
    }),
    { numRuns: 2000 },
  );
});

test.each<[unknown, unknown, boolean]>([
  [{ a: undefined }, {}, true],
  [{}, { a: undefined }, true],
  [{ a: null }, {}, false],
  [[undefined], [null], true],
  [[1, 2], [2, 1], false],
  [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, true],
  [[], {}, false],
  ["1", 1, false],
  [0, -0, true],
])("%j and %j: %s", (a, b, are) => {
  expect(same(a, b)).toBe(are);
  expect(same(b, a)).toBe(are);
});
