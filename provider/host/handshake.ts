import type { Duplex } from "node:stream";
import type { NodeSSH } from "node-ssh";
import type { AuthHandlerMiddleware, Client, KexAlgorithm } from "ssh2";
import { type Credentials, keysRefused, type Refusal } from "./authentication";
import type { DeclaredHost } from "./declared";
import type { HostError } from "./errors";
import { distrust, hostKeyAlgorithms, type Trust } from "./host-key";
import { hostError, reason } from "./naming";
import { newSsh } from "./ssh-library";

/** An authenticated connection. `ssh` opens channels; `socket` carries the connection. */
export interface Dialled {
  readonly ssh: NodeSSH;
  readonly client: Client;
  readonly socket: Duplex;
}

/**
 * Milliseconds from TCP to the exchange of SSH's keys. A host that says nothing until then may say more to another attempt. The
 * login after that may take as long as `ready`: PAM asks directories and writes logs.
 */
export const EXCHANGE = 30_000;

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

/** SSH on an open transport, up to the end of the login. */
export async function handshake(
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
    throw whyNotConnected(host, credentials, refusal, error as Error & { level?: string });
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
function whyNotConnected(
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
