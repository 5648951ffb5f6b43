import type { KernelHost } from "./kernel";

/**
 * A client that asks all the while `work` goes on, as many clients behind one address do: by the lowest source port that its own
 * kernel does not hold, which is the same few over and over. The answers that were none; answers there are, ten at least.
 */
export async function failuresUnder(client: KernelHost, url: string, work: () => Promise<unknown>): Promise<string[]> {
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

/** A download in the middle of which its client waits. */
export interface Download {
  /** The server that it comes from. */
  readonly server: string;
  /** The client goes on; the answer's status, how many bytes came, and how curl ended. */
  finish(): Promise<string>;
}

let downloads = 0;

export async function download(client: KernelHost, url: string): Promise<Download> {
  const at = `/run/download.${downloads++}`;
  // A pipe that nobody reads makes the kernel close its window to the server.
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
