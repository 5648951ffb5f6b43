import { createHash } from "node:crypto";
import type { Session } from "./command";
import { Connection } from "./connection";
import type { DeclaredHost } from "./declared";
import { dial, type Way } from "./dial";
import { HostError } from "./errors";
import { HostSession, type Line } from "./session";

export { statistics } from "./statistics";

/** How long a connection is kept for the next resource of the same host. */
const IDLE = 5_000;
/** A reconnect proves that a change did not cut us off, while the host counts down to taking it back. */
const RECONNECT = 15_000;
/** A host that was waited for in vain is not waited for again at full length by each resource on it. */
const ONCE_UNREACHABLE = 5_000;

/** One pooled connection a host. */
export async function withSession<T>(host: DeclaredHost, work: (session: Session) => Promise<T>): Promise<T> {
  const line = lineTo(host);
  line.hold();
  try {
    return await work(new HostSession(host, line));
  } finally {
    line.release();
  }
}

/** Closes what nobody uses at the moment; otherwise that happens by itself after a few seconds. */
export function closeIdle(): void {
  for (const line of lines.values()) line.closeIfIdle();
}

const lines = new Map<string, PooledLine>();

function lineTo(host: DeclaredHost): PooledLine {
  const identity = identityOf(host);
  let line = lines.get(identity);
  if (!line) {
    line = new PooledLine(host, host.jump && lineTo(host.jump));
    lines.set(identity, line);
  }
  return line;
}

/** All that decides which connection this is: other credentials must not ride on a connection that they could not open. */
function identityOf(host: DeclaredHost): string {
  const { name, address, port, user, hostKey, knownHosts, hostKeyChecking } = host;
  const { privateKey, privateKeyFile, passphrase, agent } = host;
  const trust = [hostKey ?? null, knownHosts ?? null, hostKeyChecking];
  const credentials = [privateKey ?? null, privateKeyFile ?? null, passphrase ?? null, agent ?? null];
  const all = [name, address, port, user, trust, credentials, host.jump ? identityOf(host.jump) : null];
  return createHash("sha256").update(JSON.stringify(all)).digest("base64");
}

/** The connection of one identity: dialled when it is first needed, shared, and dialled again when it was lost. */
class PooledLine implements Line {
  #connection: Promise<Connection> | undefined;
  #holders = 0;
  #idle: NodeJS.Timeout | undefined;
  #wasUnreachable = false;
  readonly #host: DeclaredHost;
  readonly #jump: PooledLine | undefined;

  constructor(host: DeclaredHost, jump: PooledLine | undefined) {
    this.#host = host;
    this.#jump = jump;
  }

  /** Within so many milliseconds; by default as long as the host was declared to need. */
  connect(within?: number): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connecting = this.#dial(within);
    this.#connection = connecting;
    const forget = () => {
      if (this.#connection === connecting) this.#connection = undefined;
    };
    connecting.then((connection) => connection.onLost(forget), forget);
    return connecting;
  }

  async reconnect(): Promise<void> {
    const old = this.#connection;
    this.#connection = undefined;
    old?.then(
      (connection) => connection.retire(),
      () => {},
    );
    await this.connect(RECONNECT);
  }

  hold(): void {
    this.#jump?.hold();
    this.#holders++;
    clearTimeout(this.#idle);
    this.#keepProcess(true);
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) {
      this.#keepProcess(false);
      this.#idle = setTimeout(() => this.closeIfIdle(), IDLE).unref();
    }
    this.#jump?.release();
  }

  closeIfIdle(): void {
    if (this.#holders > 0) return;
    clearTimeout(this.#idle);
    this.#connection?.then(
      (connection) => connection.close(),
      () => {},
    );
    this.#connection = undefined;
  }

  #keepProcess(keeps: boolean): void {
    this.#connection?.then(
      (connection) => connection.keepsProcess(keeps),
      () => {},
    );
  }

  #patience(): number {
    const ready = this.#host.ready * 1000;
    return this.#wasUnreachable ? Math.min(ready, ONCE_UNREACHABLE) : ready;
  }

  async #dial(within: number | undefined): Promise<Connection> {
    try {
      const way = this.#jump && (await this.#through(this.#jump, within));
      const dialled = await dial(this.#host, within ?? this.#patience(), way);
      this.#wasUnreachable = false;
      return new Connection(this.#host, dialled);
    } catch (error) {
      if (error instanceof HostError && error.what === "unreachable") this.#wasUnreachable = true;
      throw error;
    }
  }

  /** The jump host has its own time to get ready; what follows has the whole of ours. */
  async #through(jump: PooledLine, within: number | undefined): Promise<Way> {
    await jump.connect(within);
    return async (limit) => {
      const connection = await jump.connect(within);
      return connection.forward(this.#host.address, this.#host.port, limit);
    };
  }
}
