import { givenUpFile } from "../../provider/model";
import type { KernelHost } from "./kernel";
import { until } from "./site";

/** When a host had an address: the beginning and the end of each time. */
type Times = readonly (readonly [from: number, to: number])[];

export interface Held {
  /** The longest time, in milliseconds, for which two hosts had the address. */
  readonly two: number;
  /** The longest time, in milliseconds, for which none had it. */
  readonly none: number;
}

/**
 * Notes which hosts have an address, and when. All hosts are of one kernel, so that they have one clock, and it is the
 * one that nobody sets.
 */
export class Holding {
  readonly #watched = new Map<KernelHost, string>();
  readonly #times: Times[] = [];
  #from = 0;

  constructor(private readonly address: string) {}

  async begin(hosts: readonly KernelHost[]): Promise<void> {
    for (const host of hosts) await this.join(host);
    this.#from = await clock(hosts[0] as KernelHost);
  }

  /** A host is watched from now on. */
  async join(host: KernelHost): Promise<void> {
    const file = `/run/holding.${this.address}.${this.#times.length}.${this.#watched.size}`;
    await host.run(`setsid perl /run/scripts/holding '${this.address}' >${file} 2>&1 </dev/null & echo $! >${file}.pid
      until [ -s ${file} ]; do sleep 0.05; done`);
    this.#watched.set(host, file);
  }

  /** A host is about to lose power: with it goes what it has noted. */
  async leave(host: KernelHost): Promise<void> {
    const file = this.#watched.get(host);
    if (!file) return;
    const until = await clock(host);
    // The listener that it has started goes with it.
    const notes = await host.run(`kill -- "-$(cat ${file}.pid)"; cat ${file}; rm ${file} ${file}.pid`);
    this.#times.push(parse(notes, until));
    this.#watched.delete(host);
  }

  async end(): Promise<Held> {
    const to = await clock([...this.#watched.keys()][0] as KernelHost);
    for (const host of [...this.#watched.keys()]) await this.leave(host);
    return judge(this.#from, to, this.#times);
  }
}

/** An operator has an instance of VRRP go to another director. It stays there. */
export async function move(instance: string, from: KernelHost, to: KernelHost): Promise<void> {
  await from.run(`echo 1 >${givenUpFile(instance)}`);
  await until(to, `cat /run/lvs/vrrp/${instance}`, /^MASTER /);
  await from.run(`rm ${givenUpFile(instance)}`);
  await until(from, `cat /run/lvs/vrrp/${instance}`, /^BACKUP /);
}

async function clock(host: KernelHost): Promise<number> {
  return Number(
    await host.run("perl -MTime::HiRes=clock_gettime,CLOCK_MONOTONIC -e 'print clock_gettime(CLOCK_MONOTONIC)'"),
  );
}

function parse(notes: string, until: number): Times {
  const times: [number, number][] = [];
  let since: number | undefined;
  for (const [, at, what] of notes.matchAll(/^([\d.]+) (has|lost)$/gm)) {
    if (what === "has") since ??= Number(at);
    else if (since !== undefined) {
      times.push([since, Number(at)]);
      since = undefined;
    }
  }
  return since === undefined ? times : [...times, [since, until]];
}

function judge(from: number, to: number, hosts: readonly Times[]): Held {
  const edges = [from, to, ...hosts.flat(2)].filter((at) => at >= from && at <= to).sort((one, other) => one - other);
  let [two, none, several, nobody] = [0, 0, 0, 0];
  edges.slice(1).forEach((end, at) => {
    const begin = edges[at] as number;
    const holders = hosts.filter((times) => times.some(([since, until]) => since <= begin && until >= end)).length;
    several = holders > 1 ? several + end - begin : 0;
    nobody = holders === 0 ? nobody + end - begin : 0;
    [two, none] = [Math.max(two, several), Math.max(none, nobody)];
  });
  return { two: Math.round(two * 1000), none: Math.round(none * 1000) };
}
