import { sources } from "./shop-site";

/** Clients that request the pages in turn, again and again. Each client makes one request at a time. */
export interface Load {
  readonly paths: readonly string[];
  /** The number of a client host. 0 means the lab's namespace. */
  readonly host: number;
  /** The host's addresses to send from. Each is one client. Default: one client, with the host's own address */
  readonly sources?: readonly string[];
  /** How many requests a client makes at most, as curl's --rate has it: "10/s". Emulated servers have other work as well. */
  readonly rate: string;
  /** The longest time for an answer, in seconds. */
  readonly patience: number;
  /** The load ends by itself after this many seconds. */
  readonly within: number;
}

/** One client that requests nginx's own page ten times a second. */
export const pageLoad: Load = {
  paths: Array(10).fill("/index.html"),
  ...{ host: 1, rate: "10/s", patience: 20, within: 400 },
};

/** Customers who look around: on pages that need the database, and in a file. */
export const shopLoad: Load = {
  paths: ["/", "/catalogue/enamel-mug_3/", "/static/shop/shop.css", "/index.html"],
  ...{ host: 0, sources, rate: "10/m", patience: 90, within: 1200 },
};

export interface Answer {
  /** The HTTP status. "000" means that there was no answer. */
  readonly status: string;
  /** The server, from the header X-Backend. */
  readonly server: string;
  readonly url: string;
  /** Why there was no answer. */
  readonly problem: string;
}

/**
 * The shell script of a load. Each connection has the lowest source port that the client's own kernel does not hold, so
 * these are the same few over and over, like those of many clients behind one address. One curl asks for all paths: to start one for each
 * would take the processor from the machines that are emulated.
 *
 * @param stop the file that ends the load
 */
export function loadScript(vip: string, { paths, sources = [""], rate, patience, within }: Load, stop: string): string {
  return `end=$(( $(date +%s) + ${within} ))
    ask() { while [ ! -e ${stop} ] && [ $(date +%s) -lt $end ]; do
      curl -s -o /dev/null -w "%{http_code}\\t%header{x-backend}\\t%{url}\\t%{errormsg}\\n" -H 'Connection: close' "$@" \\
        --rate ${rate} --local-port 40000-41999 --max-time ${patience} 'http://${vip}{${paths.join(",")}}'; done; }
    ${sources.map((source) => `ask ${source && `--interface ${source}`} &`).join(" ")} wait; rm -f ${stop}`;
}

/**
 * The script of a watch on a director, for 900 looks at most: each look prints the number of the mark's real servers with a weight
 * above 0.
 *
 * @param stop the file that ends the watch
 * @param every seconds between two looks
 */
export function servingScript(stop: string, every: number): string {
  const look = "ipvsadm -Sn | grep -c -- '-a -f 99 .* -w [1-9]'";
  return `n=0; while [ ! -e ${stop} ] && [ $n -lt 900 ]; do ${look}; n=$((n + 1)); sleep ${every}; done; rm -f ${stop}`;
}

/** Reads the output of the script of a load. */
export function answersOf(printed: string): Answer[] {
  const lines = printed.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) => {
    const [status = "", server = "", url = "", problem = ""] = line.split("\t");
    return { status, server, url, problem: problem.trim() };
  });
}
