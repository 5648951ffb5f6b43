import fc from "fast-check";
import {
  isAddress,
  type Match,
  matchKey,
  matchName,
  normalAddress,
  parseHostPort,
  parseMatchKey,
} from "../../provider/model";

const addresses = fc.oneof(fc.ipV4(), fc.ipV6().filter(isAddress)).map(normalAddress);
const matches: fc.Arbitrary<Match> = fc.oneof(
  fc.record({
    protocol: fc.constantFrom("tcp" as const, "udp" as const, "sctp" as const),
    address: addresses,
    port: fc.integer({ min: 1, max: 65535 }),
  }),
  fc.record({
    mark: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    family: fc.constantFrom("ipv4" as const, "ipv6" as const),
  }),
);

test("a key is read as what it was written for, and two matches never share a key or a name", () => {
  fc.assert(
    fc.property(matches, matches, (one, other) => {
      const key = matchKey(one);
      expect(matchKey(parseMatchKey(key) as Match)).toBe(key);
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect([matchKey(one) === matchKey(other), matchName(one) === matchName(other)]).toEqual([same, same]);
    }),
  );
});

test.each([
  ["[2001:DB8:0::9]:80", { protocol: "tcp", address: "2001:db8::9", port: 80 }],
  ["10.0.0.9:53/udp", { protocol: "udp", address: "10.0.0.9", port: 53 }],
  ["4294967295", { mark: 4294967295, family: "ipv4" }],
  ["99/ipv6", { mark: 99, family: "ipv6" }],
])("%s", (key, match) => {
  expect(parseMatchKey(key)).toEqual(match);
});

test.each(["", "0", "4294967296", "99/ipv4", "99/tcp", "10.0.0.9", "10.0.0.9:0", "10.0.0.9:80/udp/ipv6", "rs1:80"])(
  "%j is no match",
  (key) => {
    expect(parseMatchKey(key)).toBeUndefined();
  },
);

test.each([
  ["10.0.0.1:80", undefined, { address: "10.0.0.1", port: 80 }],
  ["[fd00:0::1]:80", undefined, { address: "fd00::1", port: 80 }],
  ["10.0.0.1", 8080, { address: "10.0.0.1", port: 8080 }],
  ["fd00::1", 8080, { address: "fd00::1", port: 8080 }],
  ["[fd00::1]", 8080, { address: "fd00::1", port: 8080 }],
])("%s with %s", (text, port, expected) => {
  expect(parseHostPort(text, port)).toEqual(expected);
});

test.each(["10.0.0.1", "fd00::1", "fd00::1:80:", "10.0.0.1:65536", "10.0.0.1:-1", "[10.0.0.1", "[rs1]:80", ":80"])(
  "%j is no address with a port",
  (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  },
);
