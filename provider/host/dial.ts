import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { NodeSSH } from "node-ssh";
import type { AuthHandlerMiddleware, Client } from "ssh2";
import { type Credentials, credentialsOf, keysRefused } from "./authentication";
import type { DeclaredHost } from "./declared";
import { HostError } from "./errors";
import { distrust, hostKeyAlgorithms, type Trust, trustOf } from "./host-key";
import { hostError, reason } from "./naming";
import { poll } from "./poll";
import { statistics, trace } from "./statistics";
import { after } from "./timer";

/** An authenticated connection. `ssh` opens channels; `socket` carries the connection. */
export interface Dialled {
  readonly ssh: NodeSSH;
  readonly client: Client;
  readonly socket: Duplex;
}

interface Failed {
  readonly error: unknown;
}

/** Opens the transport of a connection, within so many milliseconds: a TCP socket, or a channel of the jump host. */
export type OpenTransport = (limit: number) => Promise<Duplex>;

/** Milliseconds for one attempt, from TCP to the end of authentication. */
const ATTEMPT = 30_000;
/** Milliseconds for the TCP connection alone. */
const TCP = 10_000;

/**
 * Tries to connect for `within` milliseconds. A host that is booting refuses the connection, does not answer, or closes the
 * connection during the handshake: such an attempt is repeated. A host that refuses our key or shows another host key than
 * expected will do the same at the next attempt: dial fails at once.
 */
export async function dial(host: DeclaredHost, within: number, transport?: OpenTransport): Promise<Dialled> {
  const start = performance.now();
  const [trust, credentials] = await Promise.all([trustOf(host), credentialsOf(host)]);
  if (credentials.methods.length === 0) throw keysRefused(host, credentials);
  let attempts = 0;
  const once = async (): Promise<Dialled | Failed> => {
    attempts++;
    const left = start + within - performance.now();
    try {
      return await attempt(host, trust, credentials, Math.min(ATTEMPT, Math.max(left, 1_000)), transport ?? tcp(host));
    } catch (error) {
      if (error instanceof HostError) throw error;
      return { error };
    }
  };
  const isDialled = (one: Dialled | Failed): one is Dialled => !("error" in one);
  const patience = { within: (start + within - performance.now()) / 1000, every: pause };
  const last = await poll(once, isDialled, patience);
  if (isDialled(last)) return last;
  throw unreachable(host, within, attempts, last.error);
}

/** Seconds until the next attempt. They grow from 0.5 to 2, because a boot may take a second or a minute. */
function pause(attempts: number): number {
  return Math.min(0.5 * 1.5 ** (attempts - 1), 2);
}

function unreachable(host: DeclaredHost, within: number, attempts: number, error: unknown): HostError {
  const code = (error as NodeJS.ErrnoException).code ?? (error as AggregateError).errors?.[0]?.code;
  const advice =
    code === "ENOTFOUND" || code === "EAI_AGAIN"
      ? "Is the address spelled right, and does it resolve here?"
      : code === "ECONNREFUSED"
        ? "Is sshd running there, on this port?"
        : "Is it up, is this its address, and does a firewall let this port through?";
  const times = attempts === 1 ? "once" : `${attempts} times`;
  return hostError(
    host,
    `not reachable as ${host.user} within ${Math.round(within / 1000)} s, tried ${times}: ${reason(error)}. ${advice}`,
    "unreachable",
    error,
  );
}

async function attempt(
  host: DeclaredHost,
  trust: Trust,
  credentials: Credentials,
  limit: number,
  open: OpenTransport,
): Promise<Dialled> {
  const start = performance.now();
  let connected = false;
  statistics.dials++;
  try {
    const socket = await open(limit);
    const dialled = await handshake(
      host,
      trust,
      credentials,
      Math.max(limit - (performance.now() - start), 1_000),
      socket,
    );
    connected = true;
    statistics.connections++;
    return dialled;
  } finally {
    trace("dial", {
      host: host.name,
      address: host.address,
      port: host.port,
      connected,
      ms: Math.round(performance.now() - start),
    });
  }
}

/** ssh2 itself does not set TCP_NODELAY. Without this option, each exec waits 40 ms for a delayed acknowledgement. */
function tcp(host: DeclaredHost): OpenTransport {
  return (limit) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: host.address, port: host.port, noDelay: true, keepAlive: true });
      const wait = Math.min(limit, TCP);
      const fail = (error: Error) => {
        clearTimeout(timer);
        socket.destroy();
        reject(error);
      };
      const timer = after(wait, () => fail(new Error(`no answer to TCP connect within ${wait / 1000} s`)));
      socket.on("error", fail);
      socket.once("connect", () => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
}

async function handshake(
  host: DeclaredHost,
  trust: Trust,
  credentials: Credentials,
  limit: number,
  socket: Duplex,
): Promise<Dialled> {
  let distrusted: HostError | undefined;
  const ssh = new NodeSSH();
  const connecting = ssh.connect({
    sock: socket,
    username: host.user,
    readyTimeout: limit,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    algorithms: {
      // diffie-hellman-group-exchange is left out: to find a group blocks the event loop for up to two seconds.
      kex: [
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521",
        "diffie-hellman-group14-sha256",
        "diffie-hellman-group16-sha512",
      ],
      serverHostKey: hostKeyAlgorithms(trust),
    },
    hostVerifier: (key: Buffer) => {
      distrusted = distrust(host, trust, key);
      return distrusted === undefined;
    },
    authHandler: inOrder(credentials),
  });
  const client = ssh.connection as Client;
  // node-ssh removes its own listener when the connection is ready. An "error" event without a listener ends the process.
  let lost: Error | undefined;
  client.on("error", (error) => {
    lost ??= error;
  });
  client.on("close", () => {
    lost ??= new Error("connection closed");
  });
  try {
    await connecting;
    if (lost) throw lost;
    return { ssh, client, socket };
  } catch (error) {
    // Client.destroy() of ssh2 does nothing if the socket was ended before.
    socket.destroy();
    if (distrusted) throw distrusted;
    throw judge(host, credentials, error as Error & { level?: string });
  }
}

/** The methods in order. ssh2's own handler begins with the method "none", which costs a round trip. */
function inOrder(credentials: Credentials): AuthHandlerMiddleware {
  const methods = [...credentials.methods];
  return (_left, _partial, next) => next((methods.shift() ?? false) as never);
}

/** An error that another attempt would repeat becomes a HostError. Any other error is returned unchanged. */
function judge(host: DeclaredHost, credentials: Credentials, error: Error & { level?: string }): Error {
  if (error.level === "client-authentication" || /authentication failures/i.test(error.message))
    return keysRefused(host, credentials);
  if (/no matching/i.test(error.message))
    return hostError(host, `SSH cannot be agreed on: ${reason(error)}. Is its sshd too old?`, "refused", error);
  return error;
}

/** Whether an open socket keeps the process alive. The socket of an idle connection must not. */
export function keepsProcess(socket: Duplex, keeps: boolean): void {
  if (!(socket instanceof Socket)) return;
  if (keeps) socket.ref();
  else socket.unref();
}
