import http from "node:http";
import https from "node:https";
import type { Session } from "../../../provider/host/command";
import { provider } from "../../../provider/index";
import { createCertificate } from "../../../provider/values/tls-certificate";
import { makeDirector } from "../ldirectord-host";
import { MemoryHost } from "../memory-host";
import { onHosts } from "../on-host";
import { closeSites, serve } from "./site";

const trafficCheck = provider("TrafficCheck");

let mockHost: MemoryHost;
jest.mock("../../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: Session) => unknown) => work(mockHost),
}));

afterEach(closeSites);

async function check(inputs: object) {
  const checked = await trafficCheck.check({}, { within: 0, ...inputs });
  expect(checked.failures).toEqual([]);
  return checked.inputs;
}
const run = async (inputs: object) => (await trafficCheck.create(await check(inputs))).outs;

test("counts who answers, over a new connection for each request", async () => {
  const site = await serve(["rs1", "rs2"]);
  const outs = await run({ url: site.url, expect: { servers: { rs1: 1, rs2: 1 }, tolerance: 0 } });
  expect(outs).toMatchObject({ distribution: { rs1: 10, rs2: 10 }, failed: 0 });
  expect(outs.table).toBe(
    [
      "server  requests  share  expected",
      "rs1           10   50 %      50 %",
      "rs2           10   50 %      50 %",
    ].join("\n"),
  );
  expect([site.requests, site.connections]).toEqual([20, 20]);
});

test("weights are shares; weight 0 gets nothing", async () => {
  const site = await serve(["rs1", "rs1", "rs2"]);
  const servers = { rs1: 2, rs2: 1, rs3: 0 };
  await run({ url: site.url, requests: 30, expect: { servers, tolerance: 0.01 } });
  const uneven = run({ url: site.url, requests: 30, expect: { servers: { rs1: 1, rs2: 1 }, tolerance: 0.1 } });
  await expect(uneven).rejects.toThrow("rs1 has 66.7 % of the answers, not 50 %");
});

test.each([
  ["a missing server", ["rs1"], { rs1: 1, rs2: 1 }, "rs2 did not answer"],
  ["a stranger", ["rs1", "rs9"], { rs1: 1 }, "rs9 answered and is not expected"],
  ["a drained server", ["rs1", "rs2"], { rs1: 1, rs2: 0 }, "rs2 answered and has weight 0"],
  ["an error page", ["rs1", 503], { rs1: 1 }, "10 of 20 requests failed, 0 may"],
  ["cut connections", ["rs1", ""], { rs1: 1 }, "failed: 10 × socket hang up"],
])("%s fails with a table", async (_, backends, servers, reason) => {
  const site = await serve(backends);
  const failing = run({ url: site.url, expect: { servers } });
  await expect(failing).rejects.toThrow(reason);
  await expect(failing).rejects.toThrow(/\nserver +requests +share +expected\nrs1 /);
});

test("a server that is down is told as such, without waiting for the whole round", async () => {
  const site = await serve(["rs1"]);
  const gone = site.url;
  await closeSites();
  await expect(run({ url: gone, requests: 10_000 })).rejects.toThrow(/failed: 5 × connect ECONNREFUSED 127.0.0.1/);
});

test("a server that does not answer in time", async () => {
  const site = await serve(["rs1"], http.createServer());
  site.server.removeAllListeners("request");
  await expect(run({ url: site.url, requests: 1, timeout: 0.2 })).rejects.toThrow("1 × no answer in 0.2 s");
  site.server.closeAllConnections();
});

test("failures that are allowed, and answers without the header", async () => {
  const site = await serve(["rs1", 503, "rs1", "rs1"]);
  const outs = await run({ url: site.url, expect: { failures: 5 } });
  expect(outs).toMatchObject({ distribution: { rs1: 15 }, failed: 5 });
  await expect(run({ url: site.url, requests: 1, header: "X-Other" })).rejects.toThrow("without the header X-Other");
});

test("as many failures in a row as are allowed do not end the round", async () => {
  const site = await serve((request) => (request < 8 ? 503 : "rs1"));
  const outs = await run({ url: site.url, expect: { failures: 8 } });
  expect(outs).toMatchObject({ distribution: { rs1: 12 }, failed: 8 });
});

test("repeats the round until it is as expected", async () => {
  const site = await serve([...Array(20).fill("rs1"), ...Array(20).fill("rs2")]);
  const outs = await run({ url: site.url, within: 10, expect: { servers: { rs2: 1 } } });
  expect(outs.distribution).toEqual({ rs2: 20 });
});

test("goes on until a server that failed gets nothing any more", async () => {
  // rs2 answers until the middle of the second round, when health checks would take it out.
  const site = await serve((request) => (request < 30 && request % 2 ? "rs2" : "rs1"));
  const servers = { rs1: 1, rs2: 0 };
  const outs = await run({ url: site.url, within: 20, expect: { servers } });
  expect([outs.distribution, site.requests]).toEqual([{ rs1: 20 }, 60]);
});

test("https, with a certificate that nobody signed", async () => {
  const { certificate, privateKey } = await createCertificate({ names: ["127.0.0.1"], commonName: "x", days: 1 });
  const site = await serve(["rs1"], https.createServer({ cert: certificate, key: privateKey }));
  const at = site.url.replace("http:", "https:");
  await expect(run({ url: at, requests: 2 })).rejects.toThrow(/self-signed certificate/);
  expect(await run({ url: at, requests: 2, insecure: true })).toMatchObject({ distribution: { rs1: 2 } });
});

test("runs again for what is declared, not for how the sending host is reached", async () => {
  const site = await serve(["rs1"]);
  const inputs = await check({ url: site.url, requests: 1, triggers: [1] });
  const { id, outs } = await trafficCheck.create(inputs);
  expect(await trafficCheck.diff(id, outs, inputs)).toMatchObject({ changes: false });
  expect(await trafficCheck.diff(id, outs, { ...inputs, triggers: [2] })).toMatchObject({ changes: true });
  await trafficCheck.update?.(id, outs, { ...inputs, triggers: [2] });
  expect(site.requests).toBe(2);
  const host = (await check({ url: site.url, host: { name: "client", port: 2222 } })).host;
  const stored = { ...outs, host: { ...(host as object), port: 22 } };
  expect(await trafficCheck.diff(id, stored, { ...inputs, host })).toMatchObject({ changes: true });
  const moved = await trafficCheck.update?.(id, stored, { ...inputs, host });
  expect([moved?.outs.host, moved?.outs.distribution, site.requests]).toEqual([host, { rs1: 1 }, 2]);
  expect(await trafficCheck.read?.(id, outs)).toEqual({ id, props: outs, inputs });
});

test.each([
  [{ url: "not a url" }, "url", "is not a URL"],
  [{ url: "ftp://a/" }, "url", "is not a URL"],
  [{ url: "http://u:p@a/" }, "url.password", "password"],
  [{ url: "http://a/", requests: 0 }, "requests", "1 to 10000"],
  [{ url: "http://a/", requests: 10_001 }, "requests", "1 to 10000"],
  [{ url: "http://a/", header: "X Backend" }, "header", "like"],
  [{ url: "http://a/", expect: { tolerance: 0.1 } }, "expect.tolerance", "say which servers"],
  [{ url: "http://a/", expect: { servers: { a: 1 }, tolerance: 2 } }, "expect.tolerance", "from 0 to 1"],
])("%j is refused", async (inputs, property, reason) => {
  const { failures } = await trafficCheck.check({}, inputs);
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});

onHosts("from a host", () => {
  beforeEach(() => {
    mockHost = new MemoryHost();
  });
  afterEach(() => mockHost[Symbol.dispose]());
  const host = { name: "client" };

  test("counts who answers", async () => {
    const site = await serve(["rs1", "rs2"]);
    const outs = await run({ url: site.url, host, expect: { servers: { rs1: 1, rs2: 1 }, tolerance: 0 } });
    expect(outs).toMatchObject({ distribution: { rs1: 10, rs2: 10 }, failed: 0 });
    expect([site.connections, mockHost.scripts.length]).toEqual([20, 1]);
  });

  test("tells why requests failed", async () => {
    const site = await serve(["rs1", 503, "", "rs1"]);
    const failing = run({ url: site.url, requests: 4, host });
    await expect(failing).rejects.toThrow(/ from host client: .*2 of 4 requests failed/);
    await expect(failing).rejects.toThrow(/1 × HTTP status 503\nfailed: 1 × \(52\) Empty reply from server/);
  });

  test("gives up on a site that is down", async () => {
    const failing = run({ url: "http://127.0.0.1:1/", requests: 1000, host });
    await expect(failing).rejects.toThrow(/5 of 5 requests failed.*5 × \(7\) Failed to connect/s);
  });
});

onHosts("servers that an operator may have drained", () => {
  const AT = "-t 10.0.0.9:80";
  const servers = { rs1: "10.0.0.11", rs2: "10.0.0.12" };
  const drains = { directors: [{ name: "director", address: "192.0.2.1" }], servers };
  const table = (weight: number) =>
    mockHost.write(
      "/run/table",
      `-A ${AT} -s rr\n-a ${AT} -r 10.0.0.11:80 -g -w 1\n-a ${AT} -r 10.0.0.12:80 -g -w ${weight}\n`,
    );
  beforeEach(() => {
    mockHost = new MemoryHost("director");
    makeDirector(mockHost);
    mockHost.write("/run/units/ldirectord.service/active", "inactive\n");
    table(1);
  });
  afterEach(() => mockHost[Symbol.dispose]());
  const drain = () => {
    table(0);
    mockHost.write("/var/lib/lvs/maintenance/10.0.0.12", `${AT}|10.0.0.12:80|1\n`);
    mockHost.write("/var/lib/lvs/maintenance/.10.0.0.12.why", '{"reason":"a disk","by":"me","since":"2026"}\n');
  };

  test("are left out of the shares and of the spread, and named", async () => {
    const site = await serve(["rs1"]);
    const wanted = { servers: { rs1: 1, rs2: 3 }, tolerance: 0.1, spread: 2 };
    await expect(run({ url: site.url, expect: wanted, drains })).rejects.toThrow("rs2 did not answer");
    drain();
    const { table: seen } = await run({ url: site.url, expect: wanted, drains });
    expect(String(seen).split("\n").slice(1)).toEqual([
      expect.stringMatching(/^rs1 +20 +100 % +100 %$/),
      expect.stringMatching(/^rs2 +0 +0 % +0 %$/),
      "rs2 is not expected: drained by me: a disk",
    ]);
    await run({ url: site.url, expect: { spread: 2 }, drains });
  });

  test("do not count as spread where nobody expects them anyway", async () => {
    const site = await serve(["rs1"]);
    drain();
    const expected = { servers: { rs1: 1, rs2: 1, rs3: 0 }, spread: 2 };
    await run({ url: site.url, expect: expected, drains: { ...drains, servers: { ...servers, rs3: "10.0.0.13" } } });
  });

  test("must get nothing", async () => {
    drain();
    const site = await serve(["rs1", "rs2"]);
    const failing = run({ url: site.url, expect: { servers: { rs1: 1, rs2: 1 } }, drains });
    await expect(failing).rejects.toThrow(
      /rs2 answered and has weight 0\n.*rs2 is not expected: drained by me: a disk$/s,
    );
  });

  test("another way to reach a director asks nobody; another director does", async () => {
    const site = await serve(["rs1", "rs2"]);
    const olds = await run({ url: site.url, drains });
    const asked = async (director: object) => {
      const before = site.requests;
      const news = await check({ url: site.url, drains: { ...drains, directors: [director] } });
      await trafficCheck.update?.("id", olds, news);
      return site.requests - before;
    };
    expect(await asked({ name: "director", address: "192.0.2.7" })).toBe(0);
    expect(await asked({ name: "another", address: "192.0.2.1" })).toBe(20);
  });
});
