import { access, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { poll } from "../../provider/host/poll";
import { type LabStack, root } from "./stack";

/** How a site is visited: by http and by https in turn, from several addresses. Each address is one client. */
export interface Visits {
  readonly vip: string;
  /** The number of the client host of these addresses. */
  readonly host: number;
  readonly path: string;
  readonly sources: readonly string[];
  /** New connections a second, with one request each. */
  readonly rate: number;
  /** Connections that stay open. */
  readonly kept: number;
  /** Seconds between two requests of a connection that stays open. */
  readonly pause: number;
  /** The visits end by themselves after this many seconds. */
  readonly within: number;
}

/** What the visitors noticed. */
export interface Noticed {
  /** How many new connections there were. */
  readonly requests: number;
  /** Why, of each that got no good answer. */
  readonly failed: readonly string[];
  /** Milliseconds that the slowest answer took. */
  readonly wait: number;
  /** Milliseconds for which nobody got an answer. */
  readonly gap: number;
  /** How many connections were open from the beginning and still are. */
  readonly kept: number;
  /** The servers that answered each client, each once: "http 172.17.111.11". */
  readonly servers: Readonly<Record<string, readonly string[]>>;
}

/** The files by which the visitors and the test know of each other. */
export const filesOf = (base: string) => ({ begun: `${base}.begun`, stop: `${base}.stop`, noticed: `${base}.json` });

/**
 * Has a site visited as long as `work` goes on, and a while before and after.
 *
 * @param work gets the own ports of the connections that stay open
 */
export async function noticedUnder(
  lab: LabStack,
  visits: Omit<Visits, "vip">,
  work: (ports: readonly number[]) => Promise<unknown>,
): Promise<Noticed> {
  const base = join(root, ".lab", lab.name, "visits");
  const files = filesOf(base);
  for (const file of Object.values(files)) await rm(file, { force: true });
  const how: Visits = { vip: lab.vip, ...visits };
  let ended = false;
  const environment = { LVS_VISITS: base, LVS_VISITS_HOW: JSON.stringify(how) };
  const visiting = lab.inside("visits", environment, how.host).finally(() => {
    ended = true;
  });
  visiting.catch(() => {});
  try {
    const isThere = () =>
      access(files.begun).then(
        () => true,
        () => false,
      );
    await poll(isThere, (there) => there || ended, { within: 120, every: 0.5 });
    if (ended) await visiting;
    await work(JSON.parse(await readFile(files.begun, "utf8")));
    await sleep(4000);
  } finally {
    await writeFile(files.stop, "");
  }
  await visiting;
  return JSON.parse(await readFile(files.noticed, "utf8"));
}
