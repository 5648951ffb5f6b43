import { createHash } from "node:crypto";
import type { Session } from "./command";
import { Connection } from "./connection";
import type { DeclaredHost } from "./declared";
import { dial, type OpenTransport } from "./dial";
import { HostError } from "./errors";
import { Looks } from "./looks";
import { type Connector, HostSession } from "./session";
import { after } from "./timer";

export { statistics } from "./statistics";

/**
 * Milliseconds for which an unused connection is kept for the next resource of the same host. An `up` of many hosts comes back
 * to a host late. The process does not wait for them.
 */
const IDLE = 60_000;
/** Milliseconds for a reconnect after a risky step. The host undoes the step after 60 s (see reconcile/risky.ts). */
const RECONNECT = 15_000;
/** Milliseconds for a host that was unreachable before, so that not every resource of the host waits for the full time. */
const ONCE_UNREACHABLE = 5_000;

/** Runs some work with a session of the host. All sessions of a host share one connection. */
export async function withSession<T>(host: DeclaredHost, work: (session: Session) => Promise<T>): Promise<T> {
  const connector = connectorOf(host);
  connector.hold();
  try {
    return await work(new HostSession(host, connector));
  } finally {
    connector.release();
  }
}

/** Closes the unused connections at once. Without this call they close after a minute. */
export function closeIdle(): void {
  for (const connector of connectors.values()) connector.closeIfIdle();
}

/**
 * The same of a process that comes to its end: what is in use now is closed when it is not any more. A look that is still on its
 * way, where another one has failed, would keep the process for a minute.
 */
export function closeAtOnce(): void {
  idle = 0;
  closeIdle();
}

let idle = IDLE;

const connectors = new Map<string, PooledConnector>();

function connectorOf(host: DeclaredHost): PooledConnector {
  const identity = identityOf(host);
  let connector = connectors.get(identity);
  if (!connector) {
    connector = new PooledConnector(host, host.jump && connectorOf(host.jump));
    connectors.set(identity, connector);
  }
  return connector;
}

/** The key of a connection in the pool. It covers the credentials: no host may use a connection that its own could not open. */
function identityOf(host: DeclaredHost): string {
  const { name, address, port, user, hostKey, knownHosts, hostKeyChecking } = host;
  const { privateKey, privateKeyFile, passphrase, agent } = host;
  const trust = [hostKey ?? null, knownHosts ?? null, hostKeyChecking];
  const credentials = [privateKey ?? null, privateKeyFile ?? null, passphrase ?? null, agent ?? null];
  const all = [name, address, port, user, trust, credentials, host.jump ? identityOf(host.jump) : null];
  return createHash("sha256").update(JSON.stringify(all)).digest("base64");
}

/** The shared connection of one identity. It is dialled when it is first needed, and dialled again after it was lost. */
class PooledConnector implements Connector {
  #connection: Promise<Connection> | undefined;
  #holders = 0;
  #idle: NodeJS.Timeout | undefined;
  #wasUnreachable = false;
  readonly looks = new Looks();
  readonly #host: DeclaredHost;
  readonly #jump: PooledConnector | undefined;

  constructor(host: DeclaredHost, jump: PooledConnector | undefined) {
    this.#host = host;
    this.#jump = jump;
  }

  /**
   * The present connection, or a new one.
   *
   * @param within milliseconds; by default the host's `ready`
   */
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
      this.#idle = after(idle, () => this.closeIfIdle()).unref();
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
      const transport = this.#jump && (await this.#through(this.#jump, within));
      const dialled = await dial(this.#host, within ?? this.#patience(), transport);
      this.#wasUnreachable = false;
      return new Connection(this.#host, dialled);
    } catch (error) {
      if (error instanceof HostError && error.what === "unreachable") this.#wasUnreachable = true;
      throw error;
    }
  }

  /** Waits for the jump host first. The time for this host's own connection begins after that. */
  async #through(jump: PooledConnector, within: number | undefined): Promise<OpenTransport> {
    await jump.connect(within);
    return async (limit) => {
      const connection = await jump.connect(within);
      return connection.forward(this.#host.address, this.#host.port, limit);
    };
  }
}
