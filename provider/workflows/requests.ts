import http from "node:http";
import https from "node:https";
import { type Session, sh } from "../command";
import { LvsError } from "../errors";
import type { Result } from "./traffic";
import type { TrafficInputs } from "./traffic-inputs";

/** So many failures in a row are not waited out to the end of the round: the site is down. */
const ENOUGH = 5;

/** One request after the other, each over a connection of its own: the director chooses a server for each connection. */
export async function requestHere(want: TrafficInputs): Promise<Result[]> {
  const results: Result[] = [];
  for (let inARow = 0; results.length < want.requests && inARow < ENOUGH + want.expect.failures; ) {
    const result = await request(want);
    results.push(result);
    inARow = "failure" in result ? inARow + 1 : 0;
  }
  return results;
}

function request({ url, header, timeout, insecure }: TrafficInputs): Promise<Result> {
  return new Promise((resolve) => {
    const { get } = url.startsWith("https:") ? https : http;
    const signal = AbortSignal.timeout(timeout * 1000);
    const fail = (error: Error & { code?: string }) =>
      resolve({ failure: signal.aborted ? `no answer in ${timeout} s` : error.message || String(error.code) });
    get(url, { agent: false, signal, rejectUnauthorized: !insecure }, (response) => {
      response.on("error", fail);
      response.on("end", () =>
        resolve(result(response.statusCode ?? 0, response.headers[header.toLowerCase()], header)),
      );
      response.resume();
    }).on("error", fail);
  });
}

function result(status: number, server: string | string[] | undefined, header: string): Result {
  if (status < 200 || status >= 400) return { failure: `HTTP status ${status}${server ? ` from ${server}` : ""}` };
  if (!server) return { failure: `HTTP status ${status} without the header ${header}` };
  return { server: String(server) };
}

/** The same from a host, in one script. */
export async function requestFrom(session: Session, want: TrafficInputs): Promise<Result[]> {
  const { url, requests, header, timeout, insecure, expect } = want;
  const script = `command -v curl >/dev/null || exit 127
    url=$1 left=$2 limit=$3 header=$4 enough=$5; shift 5; row=0
    while [ $left -gt 0 ] && [ $row -lt $enough ]; do
      left=$((left - 1))
      said=$(curl -q -sS -g --noproxy '*' -o /dev/null -D - --max-time "$limit" -H "Connection: close" "$@" -- "$url" 2>&1)
      r=$?; printf '%s\\n' "$said" | grep -i -e '^HTTP/' -e '^curl:' -e "^$header:"; echo "= $r"
      case $r,$said in 0,*" "[23][0-9][0-9]*) row=0;; *) row=$((row + 1));; esac
    done`;
  const enough = ENOUGH + expect.failures;
  const look = sh(script, url, ...[requests, timeout, header, enough].map(String), ...(insecure ? ["-k"] : []));
  const [reply] = (await session.run({ looks: [look], limit: Math.ceil(requests * (timeout + 1)) + 60 })).looks;
  if (reply?.exit === 127)
    throw new LvsError(
      `host ${session.name}: it has no curl to send requests with: install it, with a Package for instance`,
    );
  return (reply?.stdout ?? "")
    .split(/^= /m)
    .flatMap((block, i, blocks) => (i === 0 ? [] : [answer(blocks[i - 1] ?? "", Number.parseInt(block, 10), header)]));
}

/** A block is what curl said of one request, after the exit status of the one before. */
function answer(block: string, exit: number, header: string): Result {
  if (exit !== 0) {
    const said = /^curl: (.*)$/m.exec(block)?.[1] ?? `curl: exit ${exit}`;
    // Failures that differ in their milliseconds alone are one and the same.
    return { failure: said.replace(/ after \d+ ms/, "") };
  }
  const statuses = [...block.matchAll(/^HTTP\/\S+ (\d+)/gm)];
  const server = new RegExp(`^${header}:\\s*(.*?)\\s*$`, "im").exec(block)?.[1];
  return result(Number(statuses.at(-1)?.[1] ?? 0), server, header);
}
