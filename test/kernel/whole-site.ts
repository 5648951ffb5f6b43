import { DrCluster, File, FirewallMark, Host, IpvsTimeouts, Masquerade, Route, VirtualService } from "pulumi-lvs";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type Fault, Faults, Relay } from "./faults";
import type { KernelHost } from "./kernel";
import { table } from "./site";

interface Declared {
  readonly weight: number;
  readonly ports: number[];
  readonly timeout: number;
  readonly gateway: string;
  readonly text: string;
}

const first: Declared = { weight: 1, ports: [80, 443], timeout: 700, gateway: "10.0.0.2", text: "one\n" };
const second: Declared = { weight: 3, ports: [80, 8080], timeout: 800, gateway: "10.0.0.3", text: "two\n" };

/** The networks of the two hosts. */
export const links = {
  director: { eth0: ["lan", "10.0.0.2/24"], eth1: ["back", "10.0.1.2/24"] },
  rs1: { eth0: ["lan", "10.0.0.11/24"] },
} as const;

/** Declares something for a director and a real server. */
type Program = (hosts: { readonly director: Host; readonly rs1: Host }, declared: Declared) => void;

/** What is brought up, changed and destroyed. */
export interface Whole {
  readonly program: Program;
  /** The director's table while the real server has this weight. */
  table(weight: number): string[];
}

/** Most kinds. */
export const SITE: Whole = {
  program({ director, rs1 }, { weight, timeout, gateway, text }) {
    const realServers = [{ host: rs1, address: "10.0.0.11", weight }];
    new DrCluster("dr", { director, vip: "10.0.0.9", realServers });
    new IpvsTimeouts("timeouts", { host: director, tcp: timeout });
    new Route("back", { host: rs1, to: "10.0.1.0/24", via: gateway });
    new File("motd", { host: rs1, path: "/etc/motd", content: text });
    new File("made", { host: rs1, path: "/srv/made/for/it", content: text });
  },
  table: (weight) => ["-A -t 10.0.0.9:80 -s wrr", `-a -t 10.0.0.9:80 -r 10.0.0.11:80 -g -w ${weight}`],
};

/** The kinds that need a packet filter. */
export const RULES: Whole = {
  program({ director }, { weight, ports }) {
    const mark = new FirewallMark("mark", { host: director, mark: 99, address: "10.0.0.9", ports });
    const how = { scheduler: "wrr", persistence: { timeout: 300 }, forwarding: "dr" } as const;
    const destinations = { "10.0.0.11": { weight } };
    new VirtualService("both", { host: director, mark: 99, ...how, destinations }, { dependsOn: mark });
    new Masquerade("back", { host: director, source: "10.0.1.0/24", outInterface: "eth0" });
  },
  table: (weight) => ["-A -f 99 -s wrr -p 300", `-a -f 99 -r 10.0.0.11:0 -g -w ${weight}`],
};

/** The provider reaches both hosts through relays that can be cut. */
function through(hosts: Hosts, ways: Ways, { program }: Whole, declared: Declared): () => void {
  return () => {
    const [director, rs1] = (["director", "rs1"] as const).map(
      (name) => new Host(name, { ...hosts[name].connection, address: "127.0.0.1", port: ways[name].port }),
    ) as [Host, Host];
    program({ director, rs1 }, declared);
  };
}

type Hosts = Readonly<Record<keyof typeof links, KernelHost>>;
type Ways = Readonly<Record<keyof typeof links, Relay>>;

/** Settings that a kernel computes anew at each boot, from the size of its memory. */
export const OF_EACH_BOOT =
  /^.*\/(inet_peer_threshold|sync_qlen_max|tcp_(ehash_entries|max_orphans|max_tw_buckets)|(tcp|udp)_r?w?mem):.*\n/gm;

/** What the whole test took. */
export interface Tally {
  /** How many runs each of up, update and destroy took. */
  readonly runs: Readonly<Record<string, number>>;
  readonly struck: Readonly<Record<string, number>>;
}

/**
 * Brings the site up, changes it and destroys it, while these faults happen in its trips to hosts. After each phase
 * everything must be as declared. In the end both hosts must be as they were.
 *
 * @param strike what a fault does besides, after the connections were cut
 */
export async function throughFaults(
  whole: Whole,
  hosts: Hosts,
  kinds: readonly Fault[],
  chance: number,
  every: "trip" | "kind",
  strike: (host: KernelHost) => Promise<void> = async () => {},
): Promise<Tally> {
  const ways = { director: await Relay.to(hosts.director.address), rs1: await Relay.to(hosts.rs1.address) };
  try {
    const lasting = async (host: KernelHost) => (await snapshot(host)).replaceAll(OF_EACH_BOOT, "");
    const snapshots = async () => ({ director: await lasting(hosts.director), rs1: await lasting(hosts.rs1) });
    const before = await snapshots();
    const cut = () => {
      for (const way of Object.values(ways)) way.cut();
    };
    const faults = new Faults(kinds, chance, every, async (host) => {
      cut();
      await strike(hosts[host as keyof Hosts]);
      // A client that reconnected at once may have reached the host on its way down.
      cut();
    });
    const stack = new Stack("faults", faults.start);
    const untilDone = (phase: string, run: () => Promise<unknown>) => throughAll(faults, phase, run);
    const program = (declared: Declared) => through(hosts, ways, whole, declared);
    const upTo = async (phase: string, declared: Declared) => {
      const runs = await untilDone(phase, () => stack.up(program(declared)));
      expect(await stack.drift(program(declared))).toEqual([]);
      expect(await table(hosts.director)).toEqual(whole.table(declared.weight));
      return runs;
    };
    const up = await upTo("up", first);
    const update = await upTo("update", second);
    const destroy = await untilDone("destroy", () => stack.destroy());
    expect(stack.made).toEqual([]);
    expect(await snapshots()).toEqual(before);
    return { runs: { up, update, destroy }, struck: faults.struck };
  } finally {
    for (const way of Object.values(ways)) way.close();
  }
}

/** Runs again after each fault, and only then. Returns how many runs the phase took. */
async function throughAll(faults: Faults, phase: string, run: () => Promise<unknown>): Promise<number> {
  for (let runs = 1; ; runs++) {
    const before = faults.count;
    try {
      await faults.during(phase, run);
      return runs;
    } catch (error) {
      if (faults.count === before) throw new Error(`after ${faults.last}: ${(error as Error).message}`);
    }
  }
}
