import { sources } from "./shop-site";

/** Clients that request the pages in turn, again and again. Each client makes one request at a time. */
export interface Load {
  readonly paths: readonly string[];
  /** The number of a client host. 0 means the lab's namespace. */
  readonly host: number;
  /** The host's addresses to send from. Each is one client. Default: one client, with the host's own address */
  readonly sources?: readonly string[];
  /** How many seconds a client waits between two requests. */
  readonly pause: number;
  /** The longest time for an answer, in seconds. */
  readonly patience: number;
  /** The load ends by itself after this many seconds. */
  readonly within: number;
}

/** One client that requests nginx's own page as fast as it can. */
export const pageLoad: Load = { paths: ["/index.html"], host: 1, pause: 0, patience: 20, within: 400 };

/** Customers who look around: on pages that need the database, and in a file. */
export const shopLoad: Load = {
  paths: ["/", "/catalogue/enamel-mug_3/", "/static/shop/shop.css", "/index.html"],
  ...{ host: 0, sources, pause: 1, patience: 90, within: 1200 },
};

export interface Answer {
  /** The HTTP status. "000" means that there was no answer. */
  readonly status: string;
  /** The server, from the header X-Backend. */
  readonly server: string;
  readonly path: string;
  /** Why there was no answer. */
  readonly problem: string;
}

/**
 * The shell script of a load. The connections of a client come from a few source ports in turn, like those of many
 * clients behind one address. Where the client's own kernel holds a port, the next one is taken.
 *
 * @param stop the file that ends the load
 */
export function loadScript(
  vip: string,
  { paths, sources = [""], pause, patience, within }: Load,
  stop: string,
): string {
  return `end=$(( $(date +%s) + ${within} ))
    ask() { port=0; while :; do for path in ${paths.join(" ")}; do
      [ ! -e ${stop} ] && [ $(date +%s) -lt $end ] || return 0
      port=$(( (port + 1) % 40 ))
      curl -s -o /dev/null -w "%{http_code}\\t%header{x-backend}\\t$path\\t%{errormsg}\\n" -H 'Connection: close' "$@" \\
        --local-port $((40000 + port))-40079 --max-time ${patience} http://${vip}$path; sleep ${pause}; done; done; }
    ${sources.map((source) => `ask ${source && `--interface ${source}`} &`).join(" ")} wait; rm -f ${stop}`;
}

/** Reads the output of the script. */
export function answersOf(printed: string): Answer[] {
  const lines = printed.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) => {
    const [status = "", server = "", path = "", problem = ""] = line.split("\t");
    return { status, server, path, problem: problem.trim() };
  });
}
