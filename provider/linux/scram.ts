import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

// A SCRAM verifier (RFC 5802, RFC 7677) in PostgreSQL's spelling. The server can check a password by the verifier, so the
// password itself reaches neither the server nor its logs. https://www.postgresql.org/docs/current/catalog-pg-authid.html

/** PostgreSQL's default (scram_iterations). */
const ITERATIONS = 4096;

/** The largest number of iterations that is computed. A verifier on the host with a larger one would keep this process busy. */
const MOST = 1_000_000;

export function scramVerifier(password: string): string {
  return render(password, randomBytes(16), ITERATIONS);
}

/** Whether a verifier was made from this password. */
export function verifies(verifier: string | null, password: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d{1,9}):([^$:]+)\$/.exec(verifier ?? "") ?? [];
  if (!verifier || !salt || Number(iterations) < 1 || Number(iterations) > MOST) return false;
  const own = render(password, Buffer.from(salt, "base64"), Number(iterations));
  return own.length === verifier.length && timingSafeEqual(Buffer.from(own), Buffer.from(verifier));
}

function render(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const stored = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const server = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${server}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
