import type { KernelHost } from "./kernel";
import { until } from "./site";

/**
 * Sends requests from a client as long as `work` goes on, like many clients behind one address. Each connection has the
 * lowest source port that the client's own kernel does not hold. These are the same few ports over and over. Returns
 * the requests that got no good answer. At least ten requests are made.
 */
export async function failuresUnder(
  client: Pick<KernelHost, "run">,
  url: string,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const stop = "/run/stop";
  const ten = `curl -s -o /dev/null --rate 10/s --local-port 40000-41999 --max-time 20 -H 'Connection: close' \\
    -w '%{http_code} %{errormsg}\\n' '${url}?[1-10]'`;
  const answers = client.run(`rm -f ${stop}; while :; do ${ten}; [ ! -e ${stop} ] || break; done`);
  const halt = () => client.run(`: >${stop}`);
  await work().catch(async (error) => {
    await halt();
    throw error;
  });
  await halt();
  const all = (await answers).trim().split("\n");
  expect(all.length).toBeGreaterThanOrEqual(10);
  return all.filter((line) => !line.startsWith("200"));
}

/** A download that the client holds in the middle. */
export interface Download {
  /** The server that sends the download. */
  readonly server: string;
  /** The client goes on reading. Returns the status of the answer, the number of bytes, and curl's exit status. */
  finish(): Promise<string>;
}

let downloads = 0;

export async function download(client: KernelHost, url: string): Promise<Download> {
  const at = `/run/download.${downloads++}`;
  // The kernel closes its window to the server while nobody reads the pipe.
  const reader = `{ head -c 1; : >${at}.begun; until [ -e ${at}.go ]; do sleep 0.1; done; cat; } >/dev/null`;
  const curl = `curl -gs --max-time 300 -D ${at}.head -w '%{stderr}%{http_code} %{size_download} %{exitcode}' '${url}'`;
  const ended = client.run(`mkfifo ${at}.pipe
    ${curl} 2>&1 >${at}.pipe & ${reader} <${at}.pipe; wait`);
  ended.catch(() => {});
  const begun = `for i in $(seq 300); do [ ! -e ${at}.begun ] || break; sleep 0.1; done; sed -n 's/\\r$//; s/^X-Backend: //p' ${at}.head`;
  const server = (await client.run(begun)).trim();
  return {
    server,
    async finish() {
      await client.run(`: >${at}.go`);
      return ended;
    },
  };
}

/** What the clients of a site noticed: see `guest/load`. */
export interface Noticed {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds that the slowest answer took. */
  readonly wait: number;
  /** Milliseconds for which nobody got an answer. */
  readonly gap: number;
  /** Connections that were open from the beginning and still are. */
  readonly kept: number;
}

/**
 * 20 new connections a second, and 20 that stay open and ask each 0.2 s, for as long as `work` goes on, and a while before and after.
 *
 * @param longest seconds after which the load ends in any case
 */
export async function noticedUnder(
  client: KernelHost,
  vip: string,
  work: () => Promise<unknown>,
  longest = 90,
): Promise<Noticed> {
  const left = "rm -f /run/load.stop /run/load.kept";
  await client.run(left);
  const load = client.run(`perl /run/scripts/load '${vip}' 80 ${longest} 20 20`);
  try {
    await client.run("for i in $(seq 100); do [ ! -s /run/load.kept ] || break; sleep 0.1; done; sleep 1");
    await work();
    // Each connection that is kept asks five times. The load waits for the answers by itself.
    await client.run("sleep 1");
  } finally {
    await client.run(": >/run/load.stop");
  }
  const said = (await load).trim();
  await client.run(left);
  const numbers = /^new (\d+) failed (\d+) wait (\d+) gap (\d+) kept (\d+) of 20$/.exec(said)?.slice(1).map(Number);
  if (!numbers) throw new Error(`the load said: ${said}`);
  const [requests, failed, wait, gap, kept] = numbers as [number, number, number, number, number];
  return { requests, failed, wait, gap, kept };
}

/** Waits until a director that stands by has heard of all the connections that a client's load keeps open. */
export async function hasHeardOf(client: KernelHost, standby: KernelHost): Promise<void> {
  const ports = (await until(client, "cat /run/load.kept || :", /\d/)).trim().split("\n");
  // One program, because it goes on while the load does.
  const missing = `awk -v ports='${ports.join(" ")}' '$8 == "ESTABLISHED" { heard[$3] }
    END { n = split(ports, port); for (i = 1; i <= n; i++) if (!(sprintf("%04X", port[i]) in heard)) print "not of " port[i] }
  ' /proc/net/ip_vs_conn`;
  await until(standby, missing, /^$/);
}
