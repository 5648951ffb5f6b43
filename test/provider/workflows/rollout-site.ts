import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { LISTING } from "../../../provider/application/places";
import { HostError } from "../../../provider/host/errors";
import { inWords, STARTED } from "../../../provider/workflows/rollout/application-server";
import type { Reach } from "../../../provider/workflows/rollout/director";
import { rolloutInputs } from "../../../provider/workflows/rollout/inputs";
import { ReleaseRollout } from "../../../provider/workflows/rollout/release-rollout";
import { makeDirector } from "../ldirectord-host";
import { MemoryHost } from "../memory-host";

export const VIP = "172.17.111.111";
export const ADDRESSES: Readonly<Record<string, string>> = { rs1: "172.17.111.234", rs2: "172.17.111.222" };
export const FOUR = { rs1: "172.17.111.1", rs2: "172.17.111.2", rs3: "172.17.111.3", rs4: "172.17.111.4" };
export const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [string, string, string];
/** The site's service, and a service of somebody else on the same director. */
export const AT = `-t ${VIP}:80`;
export const OTHERS = "-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 172.17.111.234:80 -g -w 1\n";

// A curl that answers as the release whose unit runs. app/answer has the status and a text.
const curl = `
read -r active </run/units/shop.service/active
[ "$active" = active ] || { echo "curl: (7) Failed to connect" >&2; exit 7; }
read -r status text </srv/shop/current/app/answer
read -r name </run/name || :
printf 'HTTP/1.1 %s Said\\r\\nX-Backend: %s\\r\\n\\r\\n%s\\n' "$status" "$name" "$text"`;

function shell(script: string, ...args: string[]): string {
  return execFileSync("sh", ["-c", script, "sh", ...args], { encoding: "utf8" });
}

/** How a site serves: its servers' weights, and whether a second director stands by. */
interface Serving {
  readonly weights?: Readonly<Record<string, number>>;
  readonly standby?: boolean;
}

/** Directors and servers, by default one and two. IPVS, systemd and curl are fakes. */
export class RolloutSite {
  readonly director = new MemoryHost("director");
  readonly standby: MemoryHost | undefined;
  readonly servers: Readonly<Record<string, MemoryHost>>;
  /** Pulumi was killed, and no host is reached any more. */
  dead = false;
  /** The names of hosts that are not reached. */
  readonly down = new Set<string>();

  constructor(
    private readonly addresses = ADDRESSES,
    standby = false,
  ) {
    this.standby = standby ? new MemoryHost("standby") : undefined;
    this.servers = Object.fromEntries(Object.keys(addresses).map((name) => [name, new MemoryHost(name)]));
    for (const director of this.#directors) {
      makeDirector(director);
      director.write("/run/units/ldirectord.service/active", "inactive\n");
      // The VIPs that the host has are in a file.
      const ip = '[ -e /run/vips ] || exit 0; while read -r vip; do [ "$vip" != "$5" ] || echo "$vip"; done </run/vips';
      director.write("/usr/local/sbin/ip", `#!/bin/sh\n${ip}\n`);
      chmodSync(join(director.root, "/usr/local/sbin/ip"), 0o755);
    }
    this.director.write("/run/vips", `${VIP}\n`);
    for (const [name, server] of Object.entries(this.servers)) {
      server.write("/run/name", name);
      server.write("/etc/systemd/system/x", "");
      for (const [tool, body] of Object.entries({ curl, sleep: "" })) {
        server.write(`/usr/local/sbin/${tool}`, `#!/bin/sh\n${body}\n`);
        chmodSync(join(server.root, "/usr/local/sbin", tool), 0o755);
      }
    }
  }

  /** A site that serves release A, where release B lies ready. */
  static serving(addresses = ADDRESSES, { weights, standby }: Serving = {}): RolloutSite {
    const site = new RolloutSite(addresses, standby);
    site.put(A);
    site.runs(A);
    site.put(B);
    site.serve(weights);
    return site;
  }

  get #directors(): MemoryHost[] {
    return this.standby ? [this.director, this.standby] : [this.director];
  }

  get rs1(): MemoryHost {
    return this.servers.rs1 as MemoryHost;
  }

  get rs2(): MemoryHost {
    return this.servers.rs2 as MemoryHost;
  }

  /** Puts a release on the servers, ready to run. It answers with this text. */
  put(release: string, answer = "200 ready", servers = Object.values(this.servers)): void {
    for (const server of servers) {
      const folder = `/srv/shop/releases/${release}`;
      const prepare = 'echo "$(id -un) $NAME" >>/srv/shop/shared/prepared; echo "migrated $NAME"; exit "$STATUS"\n';
      const files = { "app/answer": `${answer}\n`, "app/prepare.sh": prepare };
      const unit = `[Service]\nDescription=${release}\n`;
      const all = { ...files, unit, environment: 'NAME="the $HOP"\nSTATUS="0"\n'.replace("$", "\\$") };
      for (const [name, text] of Object.entries(all)) server.write(`${folder}/${name}`, text);
      server.write(`${folder}/manifest`, shell(`${LISTING}; listing "$1"`, join(server.root, folder, "app")));
      server.write("/srv/shop/shared/prepared", "");
      chmodSync(join(server.root, "/srv/shop/shared/prepared"), 0o666);
    }
  }

  /** Makes a release run on the servers, as a rollout leaves them. */
  runs(release: string, servers = Object.values(this.servers)): void {
    for (const server of servers) {
      const current = join(server.root, "/srv/shop/current");
      rmSync(current, { force: true });
      symlinkSync(`releases/${release}`, current);
      server.write(
        "/srv/shop/running",
        shell(`${STARTED}; started "$1" "$2"`, join(server.root, "/srv/shop"), release),
      );
      server.write("/etc/systemd/system/shop.service", server.text("/srv/shop/current/unit"));
      server.write("/run/units/shop.service/enabled", "enabled\n");
      server.write("/run/units/shop.service/active", "active\n");
    }
  }

  /** Puts the servers into the tables, with these weights. */
  serve(weights: Readonly<Record<string, number>> = { rs1: 2, rs2: 1 }): void {
    const of = (name: string) => this.addresses[name];
    const lines = Object.entries(weights).map(([name, weight]) => `-a ${AT} -r ${of(name)}:80 -g -w ${weight}`);
    for (const director of this.#directors)
      director.write("/run/table", `${OTHERS}-A ${AT} -s wrr\n${lines.join("\n")}\n`);
  }

  table(): string {
    return this.director.text("/run/table");
  }

  weight(name: string, table = this.table()): number | undefined {
    const [, weight] = new RegExp(`^-a ${AT} -r ${this.addresses[name]}:80 .*-w (\\d+)`, "m").exec(table) ?? [];
    return weight === undefined ? undefined : Number(weight);
  }

  /** The names of the servers that got clients, after each change of the table. */
  served(): string[] {
    const now: Record<string, boolean> = Object.fromEntries(Object.keys(this.addresses).map((name) => [name, true]));
    const edits = this.director.calls().flatMap((line) => {
      const [, address, weight] = new RegExp(`^-e ${AT} -r ([\\d.]+):80 -g -w (\\d+)`).exec(line) ?? [];
      const name = Object.keys(this.addresses).find((key) => this.addresses[key] === address);
      return name ? [{ name, serves: weight !== "0" }] : [];
    });
    return edits.map(({ name, serves }) => {
      now[name] = serves;
      const names = Object.keys(now).filter((each) => now[each]);
      return names.join(" ");
    });
  }

  /** How often the unit was started on a server. */
  starts(name: string): number {
    const loads = "/run/units/shop.service/loads";
    const server = this.servers[name] as MemoryHost;
    return server.has(loads) ? server.text(loads).split("\n").length - 1 : 0;
  }

  /** The inputs as a user's program has them. */
  inputs(more: object = {}) {
    return {
      ...{ site: "shop", root: "/srv/shop", release: A, user: "www-data", ready: { path: "/readyz", within: 5 } },
      servers: Object.entries(this.addresses).map(([name, address]) => ({ host: { name }, address })),
      directors: this.#directors.map(({ name }) => ({ host: { name }, vip: VIP })),
      drain: { timeout: 5 },
      ...more,
    };
  }

  readonly reach: Reach = async (host, work) => {
    if (this.dead) throw new HostError(`host ${host.name}: the connection was lost`, "cut");
    if (this.down.has(host.name)) throw new HostError(`host ${host.name}: not reachable`, "unreachable");
    return work(this.#directors.find(({ name }) => name === host.name) ?? (this.servers[host.name] as MemoryHost));
  };

  /** What runs on each server, in the words of the state. */
  async look(more: object = {}): Promise<Record<string, string>> {
    const running = await this.rolling(more).look();
    return Object.fromEntries([...running].map(([server, runs]) => [server, inWords(runs)]));
  }

  rolling(more: object = {}): ReleaseRollout {
    return new ReleaseRollout(rolloutInputs.parse(this.inputs(more)), this.reach);
  }

  [Symbol.dispose](): void {
    for (const host of [...this.#directors, ...Object.values(this.servers)]) host[Symbol.dispose]();
  }
}
