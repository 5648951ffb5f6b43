import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askingWhy, outOf, reasonsIn } from "../../provider/ipvs/check-reasons";
import type { Checked } from "../../provider/ipvs/health-table";

// The script runs as it does on a director, by Perl and LWP, against servers on the loopback.

const hasLwp = (() => {
  try {
    execFileSync("perl", ["-MLWP::UserAgent", "-e", "1"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const folder = mkdtempSync(join(tmpdir(), "lvs-reasons-"));
let server: Server;
let port: number;
let closed: number;
beforeAll(async () => {
  server = createServer((request, answer) => {
    answer.statusCode = request.url === "/gone" ? 404 : 200;
    answer.end(`${request.headers.host}: all is\nwell`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  port = (server.address() as AddressInfo).port;
  const once = createTcp();
  await new Promise<void>((listening) => once.listen(0, "127.0.0.1", listening));
  closed = (once.address() as AddressInfo).port;
  await new Promise((done) => once.close(done));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const match = { protocol: "tcp", address: "10.0.0.9", port: 80 } as const;
const destination = { forwarding: "dr", weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
const service = { scheduler: "wrr", flags: [], persistence: undefined, onePacket: false, quiescent: false } as const;
const withServers = (...keys: string[]) =>
  ({ ...service, destinations: Object.fromEntries(keys.map((key) => [key, destination])) }) as unknown as Checked;

/** What is told of a service with one server, which is out, under these lines of ldirectord.cf. */
async function told(at: number, ...settings: string[]): Promise<string> {
  const file = join(folder, "ldirectord.cf");
  const key = `127.0.0.1:${at}`;
  const lines = [`real=${key} gate 1`, ...settings].map((line) => `    ${line}\n`).join("");
  writeFileSync(
    file,
    `checktimeout=5\n\nvirtual=10.0.0.8:80\n    real=127.0.0.1:1 gate 1\n\nvirtual=10.0.0.9:80\n${lines}`,
  );
  const out = [outOf(match, withServers(key), withServers())];
  const { argv, stdin } = askingWhy(file, out) ?? { argv: [] };
  const [program, ...words] = argv as [string, ...string[]];
  const stdout = await new Promise<string>((done) => {
    const child = execFile(program, words, (_, text) => done(text));
    child.stdin?.end(stdin);
  });
  return reasonsIn(stdout, out).join().replace(key, "SERVER");
}

const NOBODY = "virtual service -t 10.0.0.9:80: no server passes its check, so nobody is answered: SERVER";

(hasLwp ? describe : describe.skip)("why a real server is out", () => {
  test.each([
    ["another status than 200", ['request="gone"'], ": the check is answered by 404 Not Found"],
    [
      "another answer than `receive`",
      ['request="/"', 'receive="OK"', 'virtualhost="shop"'],
      `: the check is answered by 200 OK, and 'receive' does not match what begins with "shop: all is well"`,
    ],
    ["nothing any more", ['receive="well$"'], ": it passes when it is asked now"],
    ["no TLS", ["service=https"], ": the check is answered by 500 Can't connect"],
    ["a check of its own, which is not asked", ["checktype=external"], ""],
    ["a service that is not HTTP, whose port answers", ["service=imap"], ""],
  ])("%s", async (_, settings, words) => {
    expect(await told(port, ...settings)).toMatch(
      new RegExp(`^${NOBODY}${words}${words.endsWith("connect") ? "" : "$"}`),
    );
  });

  test.each(["checktype=connect", "service=smtp"])("nobody listens: %s", async (setting) => {
    expect(await told(closed, setting)).toMatch(`${NOBODY}: no connection to port ${closed}: Connection refused`);
  });
});

test("a server that is in the table or declared with weight 0 is not out, and a fallback answers", () => {
  const want = withServers("10.0.0.11:80", "10.0.0.12:80", "10.0.0.13:80");
  const declared = { ...want, destinations: { ...want.destinations, "10.0.0.13:80": { ...destination, weight: 0 } } };
  expect(outOf(match, declared, withServers("10.0.0.11:80"))).toMatchObject({
    servers: ["10.0.0.12:80"],
    nobody: false,
  });
  expect(outOf(match, declared, withServers())).toMatchObject({ nobody: true });
  expect(outOf(match, { ...declared, fallback: "10.0.0.9" }, withServers())).toMatchObject({ nobody: false });
  const inTable = outOf(match, want, want);
  expect([askingWhy("file", [inTable]), reasonsIn("", [inTable])]).toEqual([undefined, []]);
});
