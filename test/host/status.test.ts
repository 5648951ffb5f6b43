import { networkInterfaces } from "node:os";
import { statusOf } from "../../provider/operations/status";
import { server } from "./open-servers";

// What `status` asks of every host beside its drift, on a real shell.

jest.mock("../../provider/operations/differences", () => ({ differencesOf: async () => [] }));

test("what is announced is shown, where the stack announces something", async () => {
  const there = await server();
  const inputs = { host: there.declared(), name: "nobody_announces_it", configuration: {} };
  const announcement = {
    kind: "BgpAnnouncement",
    name: "bird",
    id: "rs1/BgpAnnouncement/it",
    parents: [],
    inputs,
    state: {},
  };
  const { hosts } = await statusOf([announcement]);
  expect(hosts[0]?.error).toBeUndefined();
  // BIRD does not run here.
  expect(hosts[0]?.announcements).toEqual([{ announcement: "nobody_announces_it", sessions: {} }]);
});

test("a director that others stand in for says what its instances of VRRP are, and each host its own addresses", async () => {
  const there = await server();
  const inputs = { host: there.declared(), name: "nobody-has-it", configuration: {} };
  const instance = {
    kind: "VrrpInstance",
    name: "vrrp",
    id: "rs1/VrrpInstance/web",
    parents: [],
    inputs,
    state: inputs,
  };

  const { hosts } = await statusOf([instance]);
  expect(hosts[0]?.error).toBeUndefined();
  const state = expect.stringMatching(/^(STOPPED|UNKNOWN)$/);
  expect(hosts).toMatchObject([{ host: "rs1", services: [], instances: [{ instance: "nobody-has-it", state }] }]);
  const own = Object.values(networkInterfaces()).flatMap((all = []) => all.filter(({ internal }) => !internal));
  const lasting = own.filter((one) => one.family === "IPv4" || one.scopeid === 0);
  expect(hosts[0]?.addresses).toEqual(expect.arrayContaining(lasting.map(({ address }) => address)));
});
