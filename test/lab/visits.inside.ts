import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { Agent as HttpAgent, request as overHttp } from "node:http";
import { Agent as HttpsAgent, request as overHttps } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { filesOf, type Noticed, type Visits } from "./visits";

// Visitors of a site: see visits.ts, which starts this test in the lab's namespace and reads what the test wrote.
jest.setTimeout(60 * 60_000);

const how = JSON.parse(process.env.LVS_VISITS_HOW ?? "{}") as Visits;
const files = filesOf(process.env.LVS_VISITS as string);

/** Seconds after which an answer counts as missing. */
const PATIENCE = 20;

interface Answer {
  readonly problem?: string;
  /** The own port of the connection. */
  readonly port?: number | undefined;
}

const begin = performance.now();
const servers = new Map<string, Set<string>>();
const failed: string[] = [];
let [requests, wait, gap, last, kept] = [0, 0, 0, begin, 0];

const isOver = () => existsSync(files.stop) || performance.now() - begin > how.within * 1000;

test("visits", async () => {
  const ports: number[] = [];
  const staying = Array.from({ length: how.kept }, (_, n) => stay(n, (port) => ports.push(port)));
  while (ports.length < how.kept && !isOver()) await sleep(100);
  await writeFile(`${files.begun}.new`, JSON.stringify(ports));
  await rename(`${files.begun}.new`, files.begun);
  const coming: Promise<void>[] = [];
  const first = performance.now();
  // That all began at the same time is no fault of the site's.
  [wait, gap, last] = [0, 0, first];
  for (; !isOver(); await sleep(5))
    while (performance.now() - first >= (requests * 1000) / how.rate) coming.push(come(requests++));
  await Promise.all([...coming, ...staying]);
  const noticed: Noticed = {
    ...{ requests, failed, wait: Math.round(wait), gap: Math.round(gap), kept },
    servers: Object.fromEntries([...servers].map(([client, them]) => [client, [...them].sort()])),
  };
  await writeFile(files.noticed, JSON.stringify(noticed));
});

/** The nth visitor comes with a connection of their own. */
async function come(n: number): Promise<void> {
  const { problem } = await ask(n, false);
  if (problem !== undefined) failed.push(`${Math.round(performance.now() - begin)} ms: ${problem}`);
}

/** The nth visitor asks again and again over one connection. */
async function stay(n: number, opened: (port: number) => void): Promise<void> {
  const options = { keepAlive: true, maxSockets: 1 };
  const agent = n % 2 === 0 ? new HttpAgent(options) : new HttpsAgent(options);
  let own: number | undefined;
  for (;;) {
    const { problem, port } = await ask(n, agent);
    if (problem !== undefined || port === undefined || (own !== undefined && port !== own)) break;
    if (own === undefined) opened(port);
    own = port;
    if (isOver()) {
      kept++;
      break;
    }
    await sleep(how.pause * 1000);
  }
  agent.destroy();
}

/** By http and https in turn, from each source both. */
function ask(n: number, agent: HttpAgent | HttpsAgent | false): Promise<Answer> {
  const source = how.sources[Math.floor(n / 2) % how.sources.length] as string;
  const [scheme, over] = n % 2 === 0 ? ["http", overHttp] : ["https", overHttps];
  const client = `${scheme} ${source}`;
  const asked = performance.now();
  return new Promise((done) => {
    const options = { agent, localAddress: source, rejectUnauthorized: false };
    const request = over(`${scheme}://${how.vip}${how.path}`, options, (response) => {
      const port = response.socket.localPort;
      response.resume();
      response.once("error", (error) => done({ problem: `${client}: ${error.message}` }));
      response.once("end", () => {
        const now = performance.now();
        [wait, gap, last] = [Math.max(wait, now - asked), Math.max(gap, now - last), now];
        const server = String(response.headers["x-backend"]);
        servers.set(client, (servers.get(client) ?? new Set()).add(server));
        done(response.statusCode === 200 ? { port } : { problem: `${client}: ${response.statusCode}` });
      });
    });
    request.setTimeout(PATIENCE * 1000, () => request.destroy(new Error(`no answer in ${PATIENCE} s`)));
    request.once("error", (error) => done({ problem: `${client}: ${error.message}` }));
    request.end();
  });
}
