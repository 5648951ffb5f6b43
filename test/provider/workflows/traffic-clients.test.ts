import http from "node:http";
import https from "node:https";
import type { Session } from "../../../provider/host/command";
import { provider } from "../../../provider/index";
import { createCertificate } from "../../../provider/values/tls-certificate";
import { hostsArePossible, MemoryHost } from "../memory-host";
import { closeSites, serve } from "./site";

const trafficCheck = provider("TrafficCheck");

let mockHost: MemoryHost | undefined;
jest.mock("../../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: unknown) => unknown) => work(mockHost as Session | undefined),
}));

afterEach(closeSites);

async function run(inputs: object) {
  const checked = await trafficCheck.check({}, { within: 0, requests: 3, ...inputs });
  expect(checked.failures).toEqual([]);
  return (await trafficCheck.create(checked.inputs)).outs;
}

/** Every address of 127.0.0.0/8 belongs to this machine. */
const sources = ["127.0.0.11", "127.0.0.12"];

/** Chooses as persistence does: one server for each client. */
const perClient = (_: number, client: string) => (client === "127.0.0.11" ? "rs1" : "rs2");

const senders: [string, object][] = [["where Pulumi runs", {}]];
if (hostsArePossible) senders.push(["from a host", { host: { name: "client" } }]);

describe.each(senders)("several clients, %s", (_, from) => {
  beforeAll(() => {
    mockHost = "host" in from ? new MemoryHost() : undefined;
  });
  afterAll(() => mockHost?.[Symbol.dispose]());

  test("each source sends to each URL, and keeps to its server over http and https", async () => {
    const { certificate, privateKey } = await createCertificate({ names: ["a"], commonName: "a", days: 1 });
    const plain = await serve(perClient);
    const safe = await serve(perClient, https.createServer({ cert: certificate, key: privateKey }));
    const url = [plain.url, safe.url.replace("http:", "https:")];
    const expects = { persistence: true, spread: 2, servers: { rs1: 1, rs2: 1 }, tolerance: 0 };
    const outs = await run({ ...from, url, sources, insecure: true, expect: expects });
    expect(outs).toMatchObject({ url, sources, distribution: { rs1: 6, rs2: 6 }, failed: 0 });
    expect([plain.requests, safe.requests]).toEqual([6, 6]);
    expect(outs.table).toContain("client      rs1  rs2\n127.0.0.11    6    0\n127.0.0.12    0    6");
  });

  test("a client that changes its server between the URLs is named", async () => {
    const [plain, safe] = [await serve(["rs1"]), await serve(perClient)];
    const failing = run({ ...from, url: [plain.url, safe.url], sources, expect: { persistence: true } });
    await expect(failing).rejects.toThrow(
      /127\.0\.0\.12 was answered by rs1 \(3\) and rs2 \(3\): persistence .*\n[\s\S]*\n127\.0\.0\.11 +6 +0\n127\.0\.0\.12 +3 +3$/,
    );
    await expect(failing).rejects.not.toThrow(/127\.0\.0\.11 was answered/);
  });

  test("clients that all get the same server do not spread", async () => {
    const site = await serve(["rs1"]);
    const failing = run({ ...from, url: site.url, sources, expect: { persistence: true, spread: 2 } });
    await expect(failing).rejects.toThrow(
      "1 different server answered, not at least 2: 127.0.0.11 by rs1, 127.0.0.12 by rs1",
    );
  });

  test("the one client without sources keeps to its server, too", async () => {
    const site = await serve(["rs1", "rs2"]);
    const failing = run({ ...from, url: site.url, expect: { persistence: true } });
    await expect(failing).rejects.toThrow("the client was answered by rs1 (2) and rs2 (1): persistence");
  });

  test("an address that is not there is named at once", async () => {
    const site = await serve(["rs1"]);
    const failing = run({ ...from, url: site.url, within: 60, sources: ["127.0.0.11", "192.0.2.77"] });
    const who = "host" in from ? "host memory" : "the machine where Pulumi runs";
    await expect(failing).rejects.toThrow(
      `${who}: it has no address 192.0.2.77 to send requests from: add it to one of its interfaces`,
    );
  });

  test("a site that is down is not asked by every client in turn", async () => {
    const site = await serve(["rs1"], http.createServer());
    const { url } = site;
    await closeSites();
    await expect(run({ ...from, url, requests: 100, sources })).rejects.toThrow("5 of 5 requests failed");
  });

  test("failures that are allowed end neither the client's turn nor the others'", async () => {
    const site = await serve((_, client) => (client === "127.0.0.11" ? 503 : "rs1"));
    const outs = await run({ ...from, url: site.url, sources, expect: { failures: 3 } });
    expect(outs).toMatchObject({ distribution: { rs1: 3 }, failed: 3 });
  });
});

test("a single URL stays a string: no difference from states that were written when there could be only one", async () => {
  const site = await serve(["rs1"]);
  const { inputs } = await trafficCheck.check({}, { url: site.url, requests: 1, expect: { servers: { rs1: 1 } } });
  const stored = {
    ...{ url: site.url, requests: 1, header: "X-Backend", timeout: 10, within: 120, insecure: false },
    ...{ expect: { servers: { rs1: 1 }, failures: 0 } },
    ...{ distribution: { rs1: 1 }, failed: 0, table: "server  requests", __provider: "exports.handler = …" },
  };
  expect((await trafficCheck.diff("id", stored, inputs)).changes).toBe(false);
  const more = await trafficCheck.check({}, { ...inputs, url: [site.url, `${site.url}ok.html`] });
  expect((await trafficCheck.diff("id", stored, more.inputs)).changes).toBe(true);
  expect((await trafficCheck.update?.("id", stored, more.inputs))?.outs.distribution).toEqual({ rs1: 2 });
});

test.each([
  [{ url: [] }, "url", "is empty: give at least one URL"],
  [{ url: ["http://a/", "b"] }, "url", '"b" is not a URL'],
  [{ url: ["http://a/", "http://a/"] }, "url", "given twice"],
  [{}, "url", "is missing"],
  [{ url: "http://a/", sources: [] }, "sources", "leave the property out"],
  [{ url: "http://a/", sources: ["eth0"] }, "sources", '"eth0" is not an IP address'],
  [{ url: "http://a/", sources: ["10.0.0.1", "10.0.0.1"] }, "sources", "given twice"],
  [{ url: "http://a/", expect: { spread: 1.5 } }, "expect.spread", "number of servers"],
  [
    { url: "http://a/", expect: { persistence: true, spread: 2 } },
    "expect.spread",
    "1 client with persistence cannot see 2 servers",
  ],
])("%j is refused", async (inputs, property, reason) => {
  const { failures } = await trafficCheck.check({}, inputs);
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});
