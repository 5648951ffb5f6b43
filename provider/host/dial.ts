import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Credentials, credentialsOf, noKeys } from "./authentication";
import type { DeclaredHost } from "./declared";
import { HostError } from "./errors";
import { FORGET } from "./forgotten";
import { type Dialled, EXCHANGE, handshake } from "./handshake";
import { type Trust, trustOf } from "./host-key";
import { hostError, reason } from "./naming";
import { poll } from "./poll";
import { statistics, trace } from "./statistics";
import { after } from "./timer";
import { Waiting } from "./waiting";

interface Failed {
  readonly error: unknown;
}

/** Opens the transport of a connection, within so many milliseconds: a TCP socket, or a channel of the jump host. */
export type OpenTransport = (limit: number) => Promise<Duplex>;

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
    `If it stays away, run Pulumi with ${FORGET}=${host.name} in its environment: a refresh and an update then leave out what ` +
    'is on it, and a delete forgets it. onUnreachable: "forget" says the same for good, of resources that are still declared and ' +
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
      const timer = after(wait, () =>
        fail(new Error(`no answer to TCP connect within ${Number((wait / 1000).toFixed(1))} s`)),
      );
      socket.on("error", fail);
      socket.once("connect", () => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
}

/** Whether an open socket keeps the process alive. The socket of an idle connection must not. */
export function keepsProcess(socket: Duplex, keeps: boolean): void {
  if (!(socket instanceof Socket)) return;
  if (keeps) socket.ref();
  else socket.unref();
}
