import { HostError } from "../../../provider/host/errors";
import { provider } from "../../../provider/index";
import { onHosts } from "../on-host";
import { A, ADDRESSES, B, RolloutSite } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const handler = provider("Rollout");
const mockReach: { now: RolloutSite["reach"] } = {
  now: async (host) => {
    throw new HostError(`host ${host.name}: not reachable`, "unreachable", { host: host.name });
  },
};
const nobody = mockReach.now;
jest.mock("../../../provider/host/pool", () => ({
  withSession: (...args: Parameters<RolloutSite["reach"]>) => mockReach.now(...args),
}));
afterEach(() => {
  mockReach.now = nobody;
});

const inputs = (more: object = {}): Record<string, unknown> => ({
  ...{ site: "shop", root: "/srv/shop", release: A, user: "shop", ready: { path: "/readyz" } },
  servers: Object.entries(ADDRESSES).map(([name, address]) => ({ host: { name }, address })),
  directors: [{ host: { name: "director" }, vip: "172.17.111.111" }],
  ...more,
});
const checked = async (more: object = {}) => {
  const { inputs: normal, failures } = await handler.check({}, inputs(more));
  expect(failures).toEqual([]);
  return normal;
};

test("the normal form has defaults, and what is to run; it stays as it is", async () => {
  const normal = await checked();
  expect(normal).toMatchObject({
    ready: { path: "/readyz", status: 200, within: 120 },
    directors: [{ mark: 99, host: { name: "director", address: "director", port: 22 } }],
    drain: { timeout: 300, onTimeout: "fail" },
    ...{ prepareOn: "first", alone: "refuse", running: { rs1: A, rs2: A } },
  });
  expect((await handler.check({}, normal)).inputs).toEqual(normal);
  // The engine gets the inputs as JSON, so nothing may be undefined.
  expect(normal).toStrictEqual(JSON.parse(JSON.stringify(normal)));
});

test.each([
  [{ release: "latest" }, "release", "8 to 64 hexadecimal digits"],
  [{ servers: [] }, "servers", "one server at least"],
  [{ servers: [{ host: { name: "rs1" }, address: "rs1" }] }, "servers.0.address", "not an IPv4 or IPv6 address"],
  [{ directors: [{ host: { name: "d" }, vip: "10.0.0.9", mark: 0 }] }, "directors.0.mark", "1 to 4294967295"],
  [{ ready: { path: "readyz" } }, "ready.path", "write a path with a slash before it"],
  [{ ready: { path: "/", within: 0 } }, "ready.within", "give at least 1"],
  [{ prepare: [] }, "prepare", "a command, like"],
  [{ alone: "maybe" }, "alone", "refuse"],
  [{ batch: 0 }, "batch", 'a share like "25%"'],
  [{ batch: "0%" }, "batch", 'a share like "25%"'],
  [{ batch: "101%" }, "batch", 'a share like "25%"'],
  [{ maxFailures: -1 }, "maxFailures", "a number of servers"],
  [{ canary: 0 }, "canary", "true, or a number"],
  [{ onDirectorDown: "all" }, "onDirectorDown", "pass"],
])("%j is refused", async (more, property, reason) => {
  const { failures } = await handler.check({}, inputs(more));
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});

test("a canary is a number of servers, and what is not declared is not in the normal form", async () => {
  expect(await checked({ canary: true, batch: "25%" })).toMatchObject({ canary: 1, batch: "25%" });
  expect(Object.keys(await checked())).not.toEqual(expect.arrayContaining(["batch"]));
  expect(await checked()).toEqual(await checked({ batch: undefined, canary: undefined }));
});

test("a release that is not known yet passes", async () => {
  const running = { rs1: UNKNOWN, rs2: UNKNOWN };
  expect((await handler.check({}, inputs({ release: UNKNOWN, running }))).failures).toEqual([]);
});

const differences: [what: string, more: object, state: object, changes: boolean][] = [
  ["nothing", {}, {}, false],
  ["the release", { release: B }, {}, true],
  ["a machine", { machines: ["one", "three"] }, {}, true],
  ["the servers' order", { servers: [...(inputs().servers as unknown[])].reverse() }, {}, true],
  ["what a refresh saw", {}, { running: { rs1: `${A}, inactive`, rs2: A } }, true],
  ["a failure", {}, { incomplete: true }, true],
];
test.each(differences)("diff: %s", async (_, more, state, changes) => {
  const olds = await checked({ machines: ["one", "two"] });
  const news = await checked({ machines: ["one", "two"], ...more });
  expect(await handler.diff("rollout/shop", { ...olds, ...state }, news)).toEqual({ changes, replaces: [] });
});

const wayAlone: [what: string, more: object][] = [
  ["a host's port", { directors: [{ host: { name: "director", port: 2222 }, vip: "172.17.111.111" }] }],
  [
    "a host's key",
    { servers: Object.entries(ADDRESSES).map(([name, address]) => ({ host: { name, privateKey: "K" }, address })) },
  ],
  ["how the servers take turns", { batch: 2, maxFailures: 1, canary: true, onDirectorDown: "fail" }],
  ["how long is waited", { drain: { timeout: 7 }, ready: { path: "/readyz", within: 7 } }],
];
test.each(wayAlone)("%s alone is stored, and nobody is asked", async (_, more) => {
  const [olds, news] = [await checked(), await checked(more)];
  expect((await handler.diff("rollout/shop", olds, news)).changes).toBe(true);
  expect((await handler.update?.("rollout/shop", olds, news))?.outs).toEqual(news);
});

test("after a failure, or with another address, somebody is asked", async () => {
  const [olds, news] = [
    await checked(),
    await checked({ directors: [{ host: { name: "d" }, vip: "172.17.111.112" }] }),
  ];
  await expect(handler.update?.("rollout/shop", { ...olds, incomplete: true }, olds)).rejects.toThrow("not reachable");
  await expect(handler.update?.("rollout/shop", olds, news)).rejects.toThrow("not reachable");
});

test("deleting asks the directors, and passes one that may be forgotten", async () => {
  const olds = await checked();
  await expect(handler.delete?.("rollout/shop", olds)).rejects.toThrow("host director: not reachable");
  await handler.delete?.("rollout/shop", await checked({ directors: [] }));
  const host = { name: "director", onUnreachable: "forget" };
  await handler.delete?.("rollout/shop", await checked({ directors: [{ host, vip: "172.17.111.111" }] }));
});

test("a refresh goes on without a server only where that was asked for, and keeps what ran", async () => {
  const olds = { ...(await checked()), running: { rs1: "A" } };
  await expect(handler.read?.("rollout/shop", olds)).rejects.toThrow("not reachable");
  jest.spyOn(console, "log").mockImplementation(() => {});
  process.env.PULUMI_LVS_FORGET = "another,rs1,rs2";
  try {
    expect(await handler.read?.("rollout/shop", olds)).toMatchObject({ props: { running: { rs1: "A" } } });
  } finally {
    delete process.env.PULUMI_LVS_FORGET;
    jest.restoreAllMocks();
  }
});

onHosts("a rollout, as the engine asks for it", () => {
  let site: RolloutSite;
  beforeEach(() => {
    jest.spyOn(console, "log").mockImplementation(() => {});
    site = new RolloutSite();
    mockReach.now = site.reach;
    site.put(A);
  });
  afterEach(() => {
    site[Symbol.dispose]();
    jest.restoreAllMocks();
  });

  test("create, refresh, a failure that carries what runs, and an update that goes on", async () => {
    const normal = (more: object = {}) => checked({ user: "www-data", ready: { path: "/readyz", within: 1 }, ...more });
    const { id, outs } = await handler.create(await normal());
    expect([id, outs]).toEqual(["rollout/shop", await normal()]);
    expect(await handler.read?.(id, outs)).toEqual({ id, props: outs, inputs: outs });

    site.serve();
    site.rs1.write("/run/units/shop.service/active", "failed\n");
    const refreshed = await handler.read?.(id, outs);
    expect(refreshed?.props?.running).toEqual({ rs1: `${A}, failed`, rs2: A });

    site.put(B, "503 not yet");
    const news = await normal({ release: B });
    const failure = await handler.update?.(id, refreshed?.props ?? {}, news).catch((error) => error);
    expect(failure.message).toMatch(/^release b{12}: host rs1: waiting until rs1 is ready: .*not yet/);
    expect(failure).toMatchObject({
      ...{ id, reasons: [failure.message] },
      properties: { ...news, running: { rs1: A, rs2: A }, incomplete: true },
    });
    expect((await handler.diff(id, failure.properties, news)).changes).toBe(true);

    site.put(B);
    expect((await handler.update?.(id, failure.properties, news))?.outs).toEqual(news);
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
  });
});
