import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { poll } from "../../provider/host/poll";
import { ShopClient } from "../lab/shop-client";

const run = promisify(execFile);
const python = "/usr/bin/python3";

/**
 * Servers of the shop on this machine's loopback. Each has a database of its own. All have the same key, and begin with
 * the same content.
 */
export class LocalShops {
  readonly #servers: { readonly url: string; readonly process: ChildProcess }[] = [];

  #folder = "";

  async start(count: number): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "lvs-shops-"));
    // The same artefact that is installed on servers.
    await run("tar", ["-C", this.#folder, "-xzf", process.env.LVS_SHOP as string]);
    await run(python, ["manage.py", "prepare"], this.#in("seeded"));
    for (let i = 0; i < count; i++) await this.#serve(`own${i}`);
  }

  get urls(): string[] {
    return this.#servers.map(({ url }) => url);
  }

  async close(): Promise<void> {
    for (const { process } of this.#servers) {
      const gone = once(process, "exit");
      if (process.kill()) await gone;
    }
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #serve(database: string): Promise<void> {
    const port = await freePort();
    await copyFile(join(this.#folder, "seeded"), join(this.#folder, database));
    const process = spawn(python, ["-m", "shop"], { ...this.#in(database, port), stdio: "ignore" });
    const url = `http://127.0.0.1:${port}`;
    this.#servers.push({ url, process });
    const isReady = async () => {
      const answer = await new ShopClient(url).page("/readyz").catch(() => undefined);
      if (process.exitCode !== null) throw new Error(`the shop ended by itself: exit ${process.exitCode}`);
      return answer?.status === 200;
    };
    if (!(await poll(isReady, Boolean, { within: 120, every: 0.2 }))) throw new Error(`the shop is not ready: ${url}`);
  }

  /** The folder and the environment in which Python runs a command of the shop. */
  #in(database: string, port?: number) {
    const DATABASE_URL = `sqlite:///${join(this.#folder, database)}`;
    const own = { DATABASE_URL, SECRET_KEY: "one for all", WEB_CONCURRENCY: "1", ...(port && { PORT: String(port) }) };
    return { cwd: this.#folder, env: { ...process.env, ...own } };
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
