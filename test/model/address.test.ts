import { contains, hostNetwork, hostPort, parseAddress, parseNetwork } from "../../provider/model";

test.each(["10.0.0.1", "255.255.255.255", "::1", "2001:db8::1"])("%s is an address", (text) => {
  expect(parseAddress(text)).toBeDefined();
});

test.each([
  "",
  "10.0.0",
  "10.0.0.256",
  "010.0.0.1",
  "0x0a.0.0.1",
  "1",
  "10.0.0.1/32",
  "fe80::1%eth0",
  "rs1",
  " 10.0.0.1",
  "::ffff:10.0.0.1",
])("%j is none", (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each(["10.0.0.0/8", "0.0.0.0/0", "10.0.0.1", "2001:db8::/32", "::/0"])("%s is a network", (text) => {
  expect(parseNetwork(text)).toBeDefined();
});

test.each(["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "default"])(
  "%j is none",
  (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  },
);

const containment: [network: string, address: string, expected: boolean][] = [
  ["10.0.0.0/8", "10.255.255.255", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["0.0.0.0/0", "192.0.2.1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/32", "2001:db8:ffff::1", true],
  ["192.0.2.1", "192.0.2.1", true],
  ["nonsense", "192.0.2.1", false],
];
test.each(containment)("%s contains %s: %s", (network, address, expected) => {
  expect(contains(network, address)).toBe(expected);
});

test("names of destinations and networks of one address", () => {
  expect([hostPort("10.0.0.1", 80), hostPort("fd00::1", 80)]).toEqual(["10.0.0.1:80", "[fd00::1]:80"]);
  expect([hostNetwork("10.0.0.1"), hostNetwork("fd00::1")]).toEqual(["10.0.0.1/32", "fd00::1/128"]);
});
