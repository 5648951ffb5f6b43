import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { NodeSSH } from "node-ssh";
import type { AuthHandlerMiddleware, Client, KexAlgorithm } from "ssh2";
import { type Credentials, credentialsOf, keysRefused, noKeys, type Refusal } from "./authentication";
import type { DeclaredHost } from "./declared";
import { HostError } from "./errors";
import { FORGET } from "./forgotten";
import { distrust, hostKeyAlgorithms, type Trust, trustOf } from "./host-key";
import { hostError, reason } from "./naming";
import { poll } from "./poll";
import { newSsh } from "./ssh-library";
import { statistics, trace } from "./statistics";
import { after } from "./timer";
import { Waiting } from "./waiting";

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

/**
 * Milliseconds from TCP to the exchange of SSH's keys. A host that says nothing until then may say more to another attempt. The
 * login after that may take as long as `ready`: PAM asks directories and writes logs.
 */
const EXCHANGE = 30_000;
/** Milliseconds for the TCP connection alone. */
const TCP = 10_000;
/**
 * Milliseconds for each address of a host's name, where there are several. Node's own 250 ms would give up a host that is far
 * away, and then try an address of a family that this machine has not (net.setDefaultAutoSelectFamilyAttemptTimeout).
 */
const ADDRESS = 3_000;

/** Seconds for which a host may boot before a line tells of it. */
const UNTOLD = 15;

/**
 * Tries to connect for `within` milliseconds. A host that is booting refuses the connection, does not answer, or closes the
 * connection during the handshake: such an attempt is repeated. A host that refuses our key or shows another host key than
 * expected will do the same at the next attempt: dial fails at once.
 */
export async function dial(host: DeclaredHost, within: number, transport?: OpenTransport): Promise<Dialled> {
  const start = performance.now();
  const [trust, credentials] = await Promise.all([trustOf(host), credentialsOf(host)]);
  if (credentials.methods.length === 0) throw noKeys(host, credentials);
  let attempts = 0;
  const waiting = new Waiting(`host ${host.name}: waiting until it can be reached`, UNTOLD);
  const once = async (): Promise<Dialled | Failed> => {
    attempts++;
    const left = start + within - performance.now();
    try {
      return await attempt(host, trust, credentials, Math.max(left, 1_000), transport ?? tcp(host));
    } catch (error) {
      if (error instanceof HostError) throw error;
      waiting.tell(reason(error), (performance.now() - start) / 1000);
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
  const gone =
    `If it is gone for good, run the command with ${FORGET}=${host.name} in its environment: a refresh then leaves out what is ` +
    'on it, and a delete forgets it. onUnreachable: "forget" says the same for good, of resources that are still declared and ' +
    "have been through `pulumi up`. Or take each resource out of the state: pulumi state delete URN";
  const times = attempts === 1 ? "once" : `${attempts} times`;
  return hostError(
    host,
    `not reachable as ${host.user} within ${Math.round(within / 1000)} s, tried ${times}: ${reason(error)}. ${advice} ${gone}`,
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
    const socket = await open(Math.min(limit, EXCHANGE));
    const left = Math.max(limit - (performance.now() - start), 1_000);
    const dialled = await handshake(host, trust, credentials, left, socket);
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
      const socket = connect({
        host: host.address,
        port: host.port,
        noDelay: true,
        keepAlive: true,
        autoSelectFamilyAttemptTimeout: ADDRESS,
      });
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

/** diffie-hellman-group-exchange is left out: to find a group blocks the event loop for up to two seconds. */
const KEX: KexAlgorithm[] = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group14-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
];

async function handshake(
  host: DeclaredHost,
  trust: Trust,
  credentials: Credentials,
  limit: number,
  socket: Duplex,
): Promise<Dialled> {
  let distrusted: HostError | undefined;
  const refusal: Refusal = { left: [], partial: false };
  const ssh = newSsh();
  const connecting = ssh.connect({
    sock: socket,
    username: host.user,
    readyTimeout: limit,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    algorithms: {
      kex: KEX,
      serverHostKey: hostKeyAlgorithms(trust),
    },
    hostVerifier: (key: Buffer) => {
      distrusted = distrust(host, trust, key);
      return distrusted === undefined;
    },
    authHandler: inOrder(credentials, refusal),
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
  const exchange = setTimeout(() => socket.destroy(new Error("no answer from SSH")), EXCHANGE);
  client.once("handshake", () => clearTimeout(exchange));
  try {
    await connecting;
    if (lost) throw lost;
    return { ssh, client, socket };
  } catch (error) {
    // Client.destroy() of ssh2 does nothing if the socket was ended before.
    socket.destroy();
    if (distrusted) throw distrusted;
    throw judge(host, credentials, refusal, error as Error & { level?: string });
  } finally {
    clearTimeout(exchange);
  }
}

/**
 * The methods in order. ssh2's own handler begins with the method "none", which costs a round trip. What the host says of an
 * attempt goes into the refusal.
 */
function inOrder(credentials: Credentials, refusal: Refusal): AuthHandlerMiddleware {
  const methods = [...credentials.methods];
  return (left, partial, next) => {
    Object.assign(refusal, { left: left ?? [], partial: refusal.partial || Boolean(partial) });
    next((methods.shift() ?? false) as never);
  };
}

/** An error that another attempt would repeat becomes a HostError. Any other error is returned unchanged. */
function judge(
  host: DeclaredHost,
  credentials: Credentials,
  refusal: Refusal,
  error: Error & { level?: string },
): Error {
  const tooMany = /authentication failures/i.test(error.message);
  if (error.level === "client-authentication" || tooMany)
    return keysRefused(host, credentials, { ...refusal, tooMany });
  if (/no matching/i.test(error.message))
    return hostError(
      host,
      `SSH cannot be agreed on: ${reason(error)}. ${host.name} is either too old, or hardened: its sshd_config (KexAlgorithms, ` +
        `Ciphers, MACs, HostKeyAlgorithms) has to allow one of what is offered here: ${KEX.join(", ")}; aes128-gcm@openssh.com, ` +
        "aes256-gcm@openssh.com, aes128-ctr, aes192-ctr, aes256-ctr; hmac-sha2-256-etm@openssh.com, " +
        "hmac-sha2-512-etm@openssh.com, hmac-sha2-256, hmac-sha2-512",
      "refused",
      error,
    );
  return error;
}

/** Whether an open socket keeps the process alive. The socket of an idle connection must not. */
export function keepsProcess(socket: Duplex, keeps: boolean): void {
  if (!(socket instanceof Socket)) return;
  if (keeps) socket.ref();
  else socket.unref();
}
