import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import type { ServerHostKeyAlgorithm } from "ssh2";
import type { DeclaredHost } from "./declared";
import type { HostError } from "./errors";
import { hostError, localFile } from "./naming";
import { quote } from "./shell";

/** An accepted key. The type is unknown if only the fingerprint was declared. */
interface TrustedKey {
  readonly type?: string;
  readonly fingerprint: string;
}

/** Which host keys are accepted, and where they were declared. */
export interface Trust {
  readonly checked: boolean;
  readonly keys: readonly TrustedKey[];
  readonly revoked: readonly string[];
  /** "hostKey", or the path of the known_hosts file: the one that has a key, or the first that has none. */
  readonly source: string;
}

/** The known_hosts files of `ssh` (ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile). */
const KNOWN_HOSTS = ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"];

export async function trustOf(host: DeclaredHost): Promise<Trust> {
  if (host.hostKeyChecking === "off") return { checked: false, keys: [], revoked: [], source: "" };
  if (host.hostKey !== undefined) return { checked: true, keys: declaredKeys(host), revoked: [], source: "hostKey" };
  const files = (host.knownHosts === undefined ? KNOWN_HOSTS : [host.knownHosts]).map(localFile);
  const all = await Promise.all(files.map(async (file) => ({ file, entries: await knownHosts(host, file) })));
  const entries = all.flatMap((one) => one.entries);
  const keys = entries.filter((entry) => entry.mark === undefined);
  const revoked = entries.filter((entry) => entry.mark === "@revoked").map((entry) => entry.fingerprint);
  const source = (all.find((one) => one.entries.length > 0) ?? all[0])?.file as string;
  return { checked: true, keys, revoked, source };
}

/** Why the key that a host presented is not accepted; undefined if the key is accepted. */
export function distrust(host: DeclaredHost, trust: Trust, blob: Buffer): HostError | undefined {
  if (!trust.checked) return undefined;
  const received = fingerprint(blob);
  const type = typeOf(blob);
  const isRevoked = trust.revoked.includes(received);
  if (!isRevoked && trust.keys.some((key) => key.fingerprint === received)) return undefined;
  const text = `${type} ${blob.toString("base64")}`;
  const name = knownAs(host);
  if (isRevoked)
    return hostError(host, `its host key ${type} ${received} is marked @revoked in ${trust.source}`, "untrusted");
  if (trust.keys.length === 0)
    return hostError(
      host,
      `its host key is not known: it presented ${type} ${received}, and ${trust.source} has no key for ${name}. ` +
        "Compare it with `ssh-keygen -lf` of /etc/ssh/ssh_host_*_key.pub on the host's console; if it is the same, " +
        `declare hostKey: "${text}", or run: echo ${quote(`${name} ${text}`)} >> ${trust.source === "hostKey" ? "~/.ssh/known_hosts" : quote(trust.source)}`,
      "untrusted",
    );
  const expected = trust.keys.map((key) => [key.type, key.fingerprint].filter(Boolean).join(" ")).join(" or ");
  const advice =
    trust.source === "hostKey"
      ? `declare hostKey: "${text}"`
      : `run: ssh-keygen -R ${quote(name)} -f ${quote(trust.source)}; echo ${quote(`${name} ${text}`)} >> ${quote(trust.source)}`;
  return hostError(
    host,
    `it presented the host key ${type} ${received}, expected is ${expected} (from ${trust.source}). ` +
      `Either the machine was replaced, or something else answers in its place. Only if it was replaced: ${advice}`,
    "untrusted",
  );
}

/** The types of the accepted keys come first. A host with several keys then presents a key that can be compared. */
export function hostKeyAlgorithms(trust: Trust): ServerHostKeyAlgorithm[] {
  const pinned = new Set(trust.keys.flatMap((key) => (key.type ? signatures(key.type) : [])));
  const rest = ALGORITHMS.filter((algorithm) => !pinned.has(algorithm));
  return [...ALGORITHMS.filter((algorithm) => pinned.has(algorithm)), ...rest];
}

const ALGORITHMS: ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
];

/** An RSA key signs with one of three hashes (RFC 8332). The signature of any other type has the name of the type. */
function signatures(type: string): string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];
}

export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The first field of an encoded key is the name of its type (RFC 4253, 6.6). */
function typeOf(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");
}

const KEY = /(?:^|\s)((?:ssh|ecdsa)-[\w@.-]+)\s+(AAAA[\w+/]+=*)/;
const FINGERPRINT = /^SHA256:[\w+/]{43}$/;

function declaredKeys(host: DeclaredHost): TrustedKey[] {
  const texts = [host.hostKey ?? []].flat();
  const why = whyNoHostKey(texts);
  if (why) throw hostError(host, `hostKey ${why}`, "untrusted");
  return linesOf(texts).map((line) => keyIn(line) ?? { fingerprint: line });
}

function linesOf(texts: readonly string[]): string[] {
  const lines = texts.flatMap((text) => text.split("\n"));
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** Why texts are no keys to trust; undefined if they are. */
export function whyNoHostKey(texts: readonly string[]): string | undefined {
  return linesOf(texts)
    .map((line) => {
      const mark = /^@\S*/.exec(line)?.[0];
      if (mark) return marked(mark);
      return keyIn(line) || FINGERPRINT.test(line)
        ? undefined
        : 'is neither a public key ("ssh-ed25519 AAAA…") nor a fingerprint ("SHA256:…"): give a line of `ssh-keyscan` of the host';
    })
    .find((why) => why !== undefined);
}

/** A line of known_hosts may begin with a mark (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Its key is not one to trust. */
function marked(mark: string): string {
  const what = mark === "@revoked" ? "a key that is never to be trusted" : "no key of a host";
  return `has a line with the mark ${mark}, which says that it is ${what}: declare the host's own public key, without marks`;
}

function keyIn(line: string): TrustedKey | undefined {
  const found = KEY.exec(line);
  if (!found) return undefined;
  return { type: found[1] as string, fingerprint: fingerprint(Buffer.from(found[2] as string, "base64")) };
}

/** Names are in small letters there, and a hashed one can be found by its own spelling alone. */
function knownAs({ address, port }: DeclaredHost): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * The entries for this host in a known_hosts file. `ssh-keygen -F` understands hashed names, wildcards and ports. The lines of
 * certificate authorities are left out, because ssh2 does not verify certificates.
 */
async function knownHosts(host: DeclaredHost, file: string): Promise<(TrustedKey & { mark?: string })[]> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const found = await new Promise<string>((resolve, reject) => {
    execFile("ssh-keygen", ["-F", knownAs(host), "-f", file], { timeout: 10_000 }, (error, stdout) => {
      // The exit status is 1 if the file has no entry for the host.
      if (!error || error.code === 1) resolve(stdout);
      else if (error.code === "ENOENT")
        reject(
          hostError(
            host,
            `ssh-keygen, which reads ${file}, is not installed here. Install openssh-client, or declare hostKey`,
            "untrusted",
          ),
        );
      else reject(hostError(host, `ssh-keygen -F cannot read ${file}: ${error.message}`, "untrusted"));
    });
  });
  return found.split("\n").flatMap((line) => {
    const mark = /^@\S+/.exec(line)?.[0];
    const key = line.startsWith("#") || mark === "@cert-authority" ? undefined : keyIn(line);
    return key ? [mark ? { ...key, mark } : key] : [];
  });
}
