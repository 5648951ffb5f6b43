jest.mock("../../tools/node_modules/execa/index.js", () => ({ execa: jest.fn() }));
jest.mock("../../tools/lab/namespace.js", () => ({}), { virtual: true });
jest.mock("../../tools/lab/place.js", () => ({}), { virtual: true });
jest.mock("../../tools/lab/topology.js", () => jest.requireActual("../../tools/lab/topology"), { virtual: true });

const { clientCount, clientNumber } =
  jest.requireActual<typeof import("../../tools/lab/clients.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/clients",
  );

test.each([
  ["asked for", 5, 3, 5],
  ["none asked for", 0, 3, 0],
  ["not asked: the lab keeps what it has", undefined, 3, 3],
  ["not asked: even none", undefined, 0, 0],
  ["not asked, no lab yet", undefined, undefined, 2],
  ["as many as there are addresses for", 50, 2, 50],
])("%s", (_, asked, has, count) => {
  expect(clientCount(asked, has)).toBe(count);
});

test.each([-1, 51, 1.5, Number.NaN])("%d client hosts are refused", (asked) => {
  expect(() => clientCount(asked, 2)).toThrow(`lab: clients ${asked}: a lab has 0 to 50 client hosts`);
});

test.each([
  ["0", 0],
  ["07", 7],
  ["50", 50],
])("--clients %s", (text, count) => {
  expect(clientNumber(text)).toBe(count);
});

test.each(["", "many", "-1", "1e1", "2.0", " 3"])("--clients %j is refused", (text) => {
  expect(() => clientNumber(text)).toThrow(`lab: --clients "${text}": say a number from 0 to 50`);
});

test("--clients 51 is refused", () => {
  expect(() => clientNumber("51")).toThrow("lab: clients 51: a lab has 0 to 50 client hosts");
});
