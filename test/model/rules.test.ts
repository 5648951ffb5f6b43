import {
  isClientMask,
  isPostgresqlName,
  isWithin,
  MARK,
  normalNetwork,
  PORT,
  type PortOf,
  parseServedPort,
  schedulerFlags,
  schedulers,
  servedPort,
  whyNoFlag,
  whyNoNetwork,
  whyNoServedPort,
  whyNot,
} from "../../provider/model";

test("whole numbers of a range, and why a value is none", () => {
  expect([1, 65535].map((value) => isWithin(value, PORT))).toEqual([true, true]);
  expect([0, 65536, 80.5, "80", Number.NaN, null, undefined].some((value) => isWithin(value, PORT))).toBe(false);
  expect(whyNot(4294967295, MARK)).toBeUndefined();
  expect(whyNot("99", MARK)).toBe('"99" is not a mark: give a whole number from 1 to 4294967295, without quotes');
});

test.each([
  [443, 443],
  ["443/tcp", 443],
  ["53/udp", "53/udp"],
  ["65535/sctp", "65535/sctp"],
])("a port with its protocol: %j is %j", (given, normal) => {
  expect(whyNoServedPort(given)).toBeUndefined();
  expect(servedPort(parseServedPort(given) as PortOf)).toBe(normal);
});

test.each([0, 65536, 1.5, "53", "053/udp", "65536/udp", "53/UDP", "53/udp ", "/udp", "53/udp/ipv6", null])(
  "%j is no port that clients connect to",
  (given) => {
    expect(parseServedPort(given)).toBeUndefined();
    expect(whyNoServedPort(given)).toMatch(/^"?.*"? is no(t a)? port: give /);
  },
);

test.each([
  [
    "ipv4",
    ["255.255.255.255", "255.255.240.0", "128.0.0.0"],
    ["0.0.0.0", "255.0.255.0", "24", "255.255.0", "", "0377.0.0.0"],
  ],
  ["ipv6", ["1", "64", "128"], ["0", "129", "064", "255.255.255.0", "", "6 4"]],
] as const)("masks of %s", (family, good, bad) => {
  expect(good.filter((mask) => !isClientMask(family, mask))).toEqual([]);
  expect(bad.filter((mask) => isClientMask(family, mask))).toEqual([]);
});

test("a flag by name fits its own scheduler alone; by number any that has no names", () => {
  const fits = (flag: string) => schedulers.filter((scheduler) => !whyNoFlag(scheduler, flag));
  expect(fits("sh-port")).toEqual(["sh"]);
  expect(fits("mh-fallback")).toEqual(["mh"]);
  expect(fits("flag-1")).toEqual(schedulers.filter((scheduler) => scheduler !== "sh" && scheduler !== "mh"));
  expect(fits("flag-4")).toEqual([]);
  expect(schedulerFlags.every((flag) => fits(flag).length > 0)).toBe(true);
});

test.each([
  ["10.1.2.0/24", "10.1.2.0/24"],
  ["10.1.2.3/32", "10.1.2.3"],
  ["10.1.2.3", "10.1.2.3"],
  ["2001:DB8:0::/48", "2001:db8::/48"],
  ["fd00::1/128", "fd00::1"],
  ["0.0.0.0/0", "0.0.0.0/0"],
])("the network %s is spelled %s", (text, normal) => {
  expect([whyNoNetwork(text), normalNetwork(text)]).toEqual([undefined, normal]);
});

test.each([
  ["10.1.2.3/24", "is an address in a network: write the network itself, 10.1.2.0/24"],
  ["fd00::1/64", "is an address in a network: write the network itself, fd00::/64"],
  ["10.1.2.0/33", "has no valid prefix length (0 to 32): give one"],
  ["10.1.2.0/24/8", "is not a network. Write it like 10.0.0.0/24"],
  ["rs1/24", "is not a network. Write it like 10.0.0.0/24"],
])("%s %s", (text, why) => {
  expect(whyNoNetwork(text)).toBe(why);
});

test("names in PostgreSQL that need no quotes", () => {
  expect(["shop", "_a1", "a".repeat(63)].filter((name) => !isPostgresqlName(name))).toEqual([]);
  expect(["", "1a", "Shop", "shop-2", "a b", 'a"', "a".repeat(64), "shop\n"].filter(isPostgresqlName)).toEqual([]);
});
