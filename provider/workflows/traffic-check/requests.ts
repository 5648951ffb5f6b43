import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { type Session, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import type { TrafficInputs } from "./inputs";
import type { Result, Timed } from "./traffic";

/** The number of failures in a row after which a round ends early, because the site is down. */
const ENOUGH = 5;

/** The name of the client that sends from the address that the route gives. */
const THE_CLIENT = "the client";

/** The requests of one client to one URL. */
interface Series {
  readonly source: string | undefined;
  readonly url: string;
}

/** All series, client after client. So new clients come one directly after the other, and the scheduler takes turns with them. */
function allSeries({ sources, url }: TrafficInputs): Series[] {
  return (sources ?? [undefined]).flatMap((source) => [url].flat().map((one) => ({ source, url: one })));
}

/**
 * Sends the requests from this machine, one after the other. Each has a connection of its own, because the director chooses a
 * server for each connection.
 */
export async function requestHere(want: TrafficInputs): Promise<Timed[]> {
  const now = () => performance.now() / 1000;
  const results: Timed[] = [];
  for (const series of allSeries(want)) {
    let inARow = 0;
    for (let left = want.requests; left > 0; left--) {
      const asked = now();
      const result = await request(series, want);
      results.push({ ...result, asked, had: now() });
      inARow = "failure" in result ? inARow + 1 : 0;
      if (inARow >= ENOUGH + want.expect.failures) return results;
    }
  }
  return results;
}

function request({ source, url }: Series, { header, timeout, insecure }: TrafficInputs): Promise<Result> {
  const client = source ?? THE_CLIENT;
  return new Promise((resolve, reject) => {
    const { get } = url.startsWith("https:") ? https : http;
    const signal = AbortSignal.timeout(timeout * 1000);
    const fail = (error: NodeJS.ErrnoException) => {
      if (source && error.syscall === "bind" && error.code === "EADDRNOTAVAIL") reject(noSuchSource(source));
      else
        resolve({
          client,
          failure: signal.aborted ? `no answer in ${timeout} s` : error.message || String(error.code),
        });
    };
    const from = source ? { localAddress: source, family: isIP(source) } : {};
    get(url, { agent: false, signal, rejectUnauthorized: !insecure, ...from }, (response) => {
      response.on("error", fail);
      response.on("end", () =>
        resolve({ client, ...outcome(response.statusCode ?? 0, response.headers[header.toLowerCase()], header) }),
      );
      response.resume();
    }).on("error", fail);
  });
}

function outcome(status: number, server: string | string[] | undefined, header: string) {
  if (status < 200 || status >= 400) return { failure: `HTTP status ${status}${server ? ` from ${server}` : ""}` };
  if (!server) return { failure: `HTTP status ${status} without the header ${header}` };
  return { server: String(server) };
}

function noSuchSource(source: string, host?: string): LvsError {
  return new LvsError(
    `${host ? `host ${host}` : "the machine where Pulumi runs"}: it has no address ${source} to send requests from: ` +
      `add it to one of its interfaces (ip address add), or take it out of \`sources\``,
  );
}

/** curl's exit status if it cannot use the address of `--interface` (CURLE_INTERFACE_FAILED). */
const NO_SUCH_SOURCE = 45;

/** Sends the requests from a host, in one script. */
export async function requestFrom(session: Session, want: TrafficInputs): Promise<Timed[]> {
  const { requests, header, timeout, insecure, expect } = want;
  const script = `command -v curl >/dev/null || exit 127
    requests=$1 limit=$2 header=$3 enough=$4 insecure=$5; shift 5; leg=0 row=0
    while [ $# -gt 0 ] && [ $row -lt "$enough" ]; do
      source=$1 url=$2 left=$requests row=0; shift 2
      while [ "$left" -gt 0 ] && [ $row -lt "$enough" ]; do
        left=$((left - 1))
        read -r asked _ </proc/uptime
        said=$(curl -q -sS -g --noproxy '*' -o /dev/null -D - --max-time "$limit" -H "Connection: close" \\
          \${insecure:+-k} \${source:+--interface "host!$source"} -- "$url" 2>&1)
        r=$?; printf '%s\\n' "$said" | grep -i -e '^HTTP/' -e '^curl:' -e "^$header:"
        read -r had _ </proc/uptime; echo "= $leg $r $asked $had"
        [ $r != ${NO_SUCH_SOURCE} ] || exit 0
        case $r,$said in 0,*" "[23][0-9][0-9]*) row=0;; *) row=$((row + 1));; esac
      done
      leg=$((leg + 1))
    done`;
  const all = allSeries(want);
  const each = [requests, timeout, header, ENOUGH + expect.failures].map(String);
  const look = sh(script, ...each, insecure ? "yes" : "", ...all.flatMap(({ source, url }) => [source ?? "", url]));
  const limit = Math.ceil(all.length * requests * (timeout + 1)) + 60;
  const [reply] = (await session.run({ looks: [look], limit })).looks;
  if (reply?.exit === 127)
    throw new LvsError(
      `host ${session.name}: it has no curl to send requests with: install it, with a Package for instance`,
    );
  return [...(reply?.stdout ?? "").matchAll(BLOCK)].map(([, block = "", series, exit, asked, had]) => {
    const source = all[Number(series)]?.source;
    if (source && Number(exit) === NO_SUCH_SOURCE) throw noSuchSource(source, session.name);
    const result = { client: source ?? THE_CLIENT, ...answer(block, Number(exit), header) };
    return { ...result, asked: Number(asked), had: Number(had) };
  });
}

/** What curl has said of one request, and "= SERIES EXIT ASKED HAD". */
const BLOCK = /([\s\S]*?)^= (\d+) (\d+) ([\d.]+) ([\d.]+)$/gm;

/** The result of one request, from curl's output. */
function answer(block: string, exit: number, header: string) {
  if (exit !== 0) {
    const message = /^curl: (.*)$/m.exec(block)?.[1] ?? `curl: exit ${exit}`;
    // Failures that differ only in their milliseconds are counted as one failure.
    return { failure: message.replace(/ after \d+ ms/, "") };
  }
  const statuses = [...block.matchAll(/^HTTP\/\S+ (\d+)/gm)];
  const server = new RegExp(`^${header}:\\s*(.*?)\\s*$`, "im").exec(block)?.[1];
  return outcome(Number(statuses.at(-1)?.[1] ?? 0), server, header);
}
