import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";
import { command } from "../namespaces/command";
import type { KernelHost } from "./kernel";

/** Debian's Prometheus, and the exporter's files: see tools/prometheus.ts. */
const programs = process.env.LVS_PROMETHEUS as string;

const folder = join(__dirname, "../../sdk/prometheus");

/** What the package has for Prometheus and Grafana. */
export const rules = readFileSync(join(folder, "rules.yml"), "utf8");
export const dashboard = JSON.parse(readFileSync(join(folder, "dashboard.json"), "utf8"));

export function promtool(...words: string[]): Promise<string> {
  return command([join(programs, "promtool"), ...words]);
}

/** Makes a host one that has Debian's package of the exporter: its files, its user, and dpkg's record. Nothing runs yet. */
export async function installExporter(host: KernelHost): Promise<void> {
  await host.run(`mkdir -p /mnt/exporter && LIBMOUNT_FORCE_MOUNT2=always mount -t hostfs -o ${programs}/exporter none /mnt/exporter && cd /mnt/exporter
    ln -s "$PWD"/usr/bin/* /usr/bin && cp lib/systemd/system/* /usr/lib/systemd/system && cp etc/default/* /etc/default
    mkdir -p /var/lib/prometheus/node-exporter && { echo; cat control; } >>/var/lib/dpkg/status
    echo prometheus:x:499: >>/etc/group; echo prometheus:x:499:499::/var/lib/prometheus:/bin/false >>/etc/passwd`);
}

/** Debian's Prometheus in the network namespace of the run, with the rules of the package. */
export class Prometheus {
  readonly #url = `http://127.0.0.1:${9090 + Number(process.env.JEST_WORKER_ID ?? 1)}`;
  readonly #process: ChildProcess;

  /** @param sooner what the rules wait for in the test */
  constructor(targets: readonly string[], sooner: (rules: string) => string) {
    const at = mkdtempSync(join(tmpdir(), "lvs-prometheus-"));
    writeFileSync(join(at, "rules.yml"), sooner(rules));
    const job = { job_name: "lvs", static_configs: [{ targets }], params: { "collect[]": ["ipvs", "textfile"] } };
    const global = { scrape_interval: "3s", scrape_timeout: "3s", evaluation_interval: "1s" };
    // JSON is YAML, too.
    writeFileSync(
      join(at, "prometheus.yml"),
      JSON.stringify({ global, rule_files: ["rules.yml"], scrape_configs: [job] }),
    );
    const files = [`--config.file=${join(at, "prometheus.yml")}`, `--storage.tsdb.path=${join(at, "data")}`];
    const listen = `--web.listen-address=${this.#url.slice("http://".length)}`;
    this.#process = spawn(join(programs, "prometheus"), [...files, listen, "--log.level=warn"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  async ask(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }

  /** The value of each series, by the labels that are asked for. */
  async query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const { result } = (await this.ask(`query?query=${encodeURIComponent(expression)}`)) as { result: [] };
    return result;
  }

  /** Waits until the expression has so many series. */
  async untilSeries(expression: string, count: number): Promise<void> {
    const ask = () =>
      this.query(expression).then(
        ({ length }) => length,
        (error: Error) => error.message,
      );
    expect(await poll(ask, (now) => now === count, { within: 60, every: 0.3 })).toBe(count);
  }

  /** The alerts that fire, or soon will. */
  async alerts(state?: "firing"): Promise<string[]> {
    const { alerts } = (await this.ask("alerts")) as { alerts: { state: string; labels: { alertname: string } }[] };
    const names = alerts.filter((one) => !state || one.state === state).map(({ labels }) => labels.alertname);
    return [...new Set(names)].sort();
  }

  /** Waits until these alerts and no others fire. */
  async untilAlerts(...names: string[]): Promise<void> {
    const wanted = [...names].sort().join();
    const last = await poll(
      () => this.alerts().catch((error: Error) => [error.message]),
      (now) => now.join() === wanted,
      { within: 100, every: 0.3 },
    );
    expect(last).toEqual([...names].sort());
    // What is pending fires a moment later.
    await poll(
      () => this.alerts("firing"),
      (now) => now.join() === wanted,
      { within: 20, every: 0.3 },
    );
    expect(await this.alerts("firing")).toEqual([...names].sort());
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
