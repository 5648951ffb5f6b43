import { sources } from "./shop-site";

/** Clients that ask for pages in turn, over and over, each for one at a time. */
export interface Load {
  readonly paths: readonly string[];
  /** A client host; 0: the lab's namespace. */
  readonly host: number;
  /** The addresses of the host to send from: a client each. Default: one client, with the host's own */
  readonly sources?: readonly string[];
  /** How many seconds each waits before it asks again. */
  readonly pause: number;
  /** How long an answer may take, in seconds. */
  readonly patience: number;
  /** When it ends by itself, in seconds. */
  readonly within: number;
}

/** One client that asks nginx's own page as fast as it can. */
export const pageLoad: Load = { paths: ["/index.html"], host: 1, pause: 0, patience: 20, within: 400 };

/** Customers who look around: pages that need the database, and a file. */
export const shopLoad: Load = {
  paths: ["/", "/catalogue/enamel-mug_3/", "/static/shop/shop.css", "/index.html"],
  ...{ host: 0, sources, pause: 1, patience: 90, within: 1200 },
};

export interface Answer {
  /** "000": there was none. */
  readonly status: string;
  /** What it said in X-Backend. */
  readonly server: string;
  readonly path: string;
  /** Why there was none. */
  readonly problem: string;
}

/**
 * A client's connections come from a few source ports in turn, as those of many clients behind one address do (the next one where
 * the client's own kernel holds one).
 *
 * @param stop the file that ends it
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

/** What the script printed. */
export function answersOf(printed: string): Answer[] {
  const lines = printed.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) => {
    const [status = "", server = "", path = "", problem = ""] = line.split("\t");
    return { status, server, path, problem: problem.trim() };
  });
}
